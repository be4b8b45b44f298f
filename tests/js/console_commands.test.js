// A command from the press of a button to the proof that it is on disk, whatever breaks on the way.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { ANSWER_LIMIT_S, Commands } from "../../static/js/console/commands.js";

let world;
let commands;

beforeEach(() => {
  world = { now: 0, online: true, sent: [], timers: [], ids: 0 };
  commands = new Commands({
    send: (frame) => (world.online ? Boolean(world.sent.push(frame)) : false),
    online: () => world.online,
    pos: () => 7,
    now: () => world.now,
    uuid: () => `c${(world.ids += 1)}`,
    later: (fn, seconds) => world.timers.push({ fn, at: world.now + seconds }),
    cancel: () => {},
  });
});

const ALERT = { alert: "r|gauge:g", episode: 1, version: 2 };
const state = () => commands.about("alert:r|gauge:g")?.state ?? null;
const done = (n, id = "c1") => commands.result({ type: "result", command_id: id, status: "done", n });
const safe = (safeN, epoch = "e") => commands.frame({ epoch, safeN });

/** Let the time pass, and what is due happen. */
function pass(seconds) {
  world.now += seconds;
  for (const timer of world.timers.filter(({ at }) => at <= world.now)) {
    world.timers.splice(world.timers.indexOf(timer), 1);
    timer.fn();
  }
}

test("it carries its id, its arguments and the position that was seen", () => {
  commands.send("alert.ack", ALERT);
  assert.deepEqual(world.sent, [{ type: "command", command_id: "c1", action: "alert.ack", args: ALERT, pos: 7 }]);
});

test("it is amber until its commit is on disk, and only then green", async () => {
  const answer = commands.send("alert.ack", ALERT);
  commands.result({ type: "result", command_id: "c1", status: "pending" });
  assert.equal(state(), "pending");
  safe(40);
  done(41);
  assert.equal(state(), "pending");
  assert.equal((await answer).status, "done");
  safe(41);
  assert.equal(state(), "green");
});

test("where nothing proves the disk, it stays amber", () => {
  commands.send("alert.ack", ALERT);
  done(41);
  for (let i = 0; i < 500; i += 1) safe(null);
  pass(3600);
  assert.equal(state(), "pending");
});

test("refused is red, with the reason and who was first", async () => {
  const answer = commands.send("alert.ack", ALERT);
  commands.result({
    type: "result",
    command_id: "c1",
    status: "refused",
    reason: "already_acknowledged",
    by: "budi",
    at: 5,
  });
  assert.equal(state(), "red");
  assert.deepEqual(await answer, { status: "refused", reason: "already_acknowledged", by: "budi", at: 5 });
});

test("offline nothing is kept for later: it says so at once", async () => {
  world.online = false;
  const answer = commands.send("alert.ack", ALERT);
  assert.equal(state(), "red");
  assert.equal((await answer).reason, "offline");
  world.online = true;
  commands.connected();
  assert.deepEqual(world.sent, []);
});

test("what was sent and not answered is sent again under the same id, as often as it takes", () => {
  commands.send("alert.ack", ALERT);
  commands.connected();
  commands.connected();
  assert.deepEqual(
    world.sent.map(({ command_id }) => command_id),
    ["c1", "c1", "c1"],
  );
  done(41);
  commands.connected();
  assert.equal(world.sent.length, 3);
});

test("a store that is away is asked again, not given up", () => {
  commands.send("alert.ack", ALERT);
  commands.result({ type: "result", command_id: "c1", status: "refused", reason: "try_again" });
  assert.equal(state(), "pending");
  pass(2);
  assert.equal(world.sent.length, 2);
  done(41);
  safe(41);
  assert.equal(state(), "green");
});

test("done but not proved when the store begins anew: the same id asks again", () => {
  commands.send("alert.ack", ALERT);
  safe(40);
  done(41);
  safe(0, "another");
  assert.equal(world.sent.length, 2);
  assert.equal(state(), "pending");
  done(12);
  safe(12, "another");
  assert.equal(state(), "green");
});

test("a bound: no answer for two minutes is red and says so; a late answer still counts", async () => {
  const answer = commands.send("alert.ack", ALERT);
  pass(ANSWER_LIMIT_S);
  assert.equal(state(), "red");
  assert.equal((await answer).reason, "no_answer");
  safe(41);
  done(41);
  assert.equal(state(), "green");
});

test("a second answer to what is green changes nothing", () => {
  commands.send("alert.ack", ALERT);
  safe(41);
  done(41);
  done(55);
  assert.equal(state(), "green");
});

test("what has settled goes after a while, a refusal later than a success; it can be closed before", () => {
  commands.send("alert.ack", ALERT);
  safe(41);
  done(41);
  pass(9);
  assert.equal(state(), null);
  commands.send("alert.ack", ALERT);
  commands.result({ type: "result", command_id: "c2", status: "refused", reason: "changed" });
  pass(9);
  assert.equal(state(), "red");
  commands.dismiss("c2");
  assert.equal(state(), null);
});

test("what is pending cannot be closed", () => {
  commands.send("alert.ack", ALERT);
  commands.dismiss("c1");
  assert.equal(state(), "pending");
});

test("an answer to somebody else's command is nothing to us", () => {
  commands.result({ type: "result", command_id: "other", status: "done", n: 3 });
  assert.deepEqual(commands.shown, []);
});

test("readers are told of every change, and no longer after their end", () => {
  let told = 0;
  const end = commands.subscribe(() => (told += 1));
  commands.send("alert.ack", ALERT);
  safe(41);
  done(41);
  assert.equal(told, 2);
  end();
  commands.send("alert.ack", ALERT);
  assert.equal(told, 2);
});
