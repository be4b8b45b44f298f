import assert from "node:assert/strict";
import { test } from "node:test";

import { ServerClock } from "../../static/js/clock.js";
import { Connection } from "../../static/js/connection.js";
import { Store } from "../../static/js/store.js";

/** A connection over sockets, time and chance that the test holds in its hand. */
function set(options = {}) {
  const world = { mono: 0, sockets: [], timers: [], statuses: [], measured: [], hellos: [] };
  const clock = new ServerClock(() => world.mono, 1000);
  const store = new Store((flush) => flush());
  const env = {
    open(url, subprotocol) {
      const socket = { url, subprotocol, readyState: 1, sent: [], closed: false };
      socket.send = (text) => socket.sent.push(JSON.parse(text));
      socket.close = () => (socket.closed = true);
      world.sockets.push(socket);
      return socket;
    },
    later: (fn, seconds) => world.timers.push({ fn, seconds }),
    cancel: () => {},
    random: () => 0.5,
    glass: {
      afterPaint(before) {
        before()?.();
        return true;
      },
      measure: (frame, arrived) => world.measured.push([frame.pos, arrived]),
      report: () => ({ fps: 60 }),
      paints: { ranges: (bounds) => (world.bounds = bounds) },
    },
    ...options.env,
  };
  const connection = new Connection({
    url: "ws://x/ws",
    subscribe: { layout: "operations" },
    store,
    clock,
    env,
    edition: "abc",
    onStatus: (status) => world.statuses.push(status.phase),
    onHello: (frame) => world.hellos.push(frame.edition),
  });
  const say = (frame) =>
    world.sockets.at(-1).onmessage({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  const hello = (time = 5000) => say({ type: "hello", epoch: "e", server_time: time });
  const snapshot = (state = {}) =>
    say({ type: "snapshot", epoch: "e", pos: 1, at: 5000, view_id: "v", part: 1, parts: 1, state });
  const tick = (pos, at) => say({ type: "tick", epoch: "e", prev: pos - 1, pos, at, safe_n: pos });
  const sent = () => world.sockets.at(-1).sent;
  return { world, clock, store, connection, say, hello, snapshot, tick, sent };
}

test("hello sets the clock and is answered by subscribe", () => {
  const { connection, hello, sent, clock, world } = set();
  connection.start();
  assert.equal(world.sockets[0].subprotocol, "wallboard.v1");
  hello(5000);
  assert.equal(clock.now(), 5000);
  assert.deepEqual(sent(), [{ type: "subscribe", layout: "operations" }]);
});

test("a lost connection comes back with full jitter and resumes where it was", () => {
  const { connection, hello, snapshot, sent, world } = set();
  connection.start();
  hello();
  snapshot();
  world.sockets[0].onclose({ code: 1006, reason: "" });
  assert.equal(world.timers[0].seconds, 0.25);
  world.timers[0].fn();
  hello();
  assert.deepEqual(sent()[0], {
    type: "subscribe",
    layout: "operations",
    view_id: "v",
    epoch: "e",
    since: 1,
  });
});

test("tries that bring no data wait longer and longer", () => {
  const { connection, world } = set();
  connection.start();
  for (let i = 0; i < 8; i += 1) {
    world.sockets.at(-1).onclose({ code: 4002, reason: "" });
    world.timers.at(-1).fn();
  }
  assert.deepEqual(
    world.timers.map(({ seconds }) => seconds),
    [0.25, 0.5, 1, 2, 3, 3, 3, 3],
  );
});

test("the server's retry_after is the least to wait", () => {
  const { connection, hello, say, world } = set();
  connection.start();
  hello();
  say({ type: "bye", code: 4000, reason: "restart", retry_after: 3 });
  world.sockets[0].onclose({ code: 4000, reason: "" });
  assert.equal(world.timers[0].seconds, 3.25);
});

test("a refusal is final, says its reason, and a lost right takes the data off the glass", () => {
  for (const [code, left] of [
    [4503, 1],
    [4502, 0],
  ]) {
    const { connection, hello, snapshot, world, store } = set();
    connection.start();
    hello();
    snapshot({ camera: { a: { id: "a" } } });
    world.sockets[0].onclose({ code, reason: "no" });
    assert.equal(connection.status.phase, "refused");
    assert.equal(connection.status.code, code);
    assert.equal(connection.status.reason, "no");
    assert.equal(world.timers.length, 0);
    assert.equal(store.all("camera").length, left);
  }
});

test("a gap is asked for without `since`", () => {
  const { connection, hello, snapshot, tick, sent } = set();
  connection.start();
  hello();
  snapshot();
  tick(9, 5001);
  assert.deepEqual(sent().at(-1), { type: "subscribe", layout: "operations" });
});

test("what is painted is told at once after a snapshot or an alert, then every 5 s", () => {
  const { connection, hello, snapshot, tick, say, sent, world } = set();
  connection.start();
  hello();
  snapshot();
  assert.deepEqual(sent().at(-1), { type: "painted", pos: 1, at: 5000, age: 0, edition: "abc", fps: 60 });
  tick(2, 5001);
  connection.tick();
  assert.equal(sent().length, 2);
  say({
    type: "delta",
    epoch: "e",
    prev: 2,
    pos: 3,
    at: 5002,
    safe_n: 3,
    changes: [["alert", "a", { id: "a" }]],
  });
  assert.deepEqual(sent().at(-1), { type: "painted", pos: 3, at: 5002, age: 0, edition: "abc", fps: 60 });
  world.mono = 5;
  tick(4, 5005);
  connection.tick();
  const { age, ...told } = sent().at(-1);
  assert.deepEqual(told, { type: "painted", pos: 4, at: 5005, edition: "abc", fps: 60 });
  assert.ok(Math.abs(age - 2) < 0.01);
});

test("a change is measured from its arrival; a snapshot, which is as old as it is, is not", () => {
  const { connection, hello, snapshot, say, world } = set();
  connection.start();
  hello();
  world.mono = 2;
  snapshot();
  assert.deepEqual(world.measured, []);
  world.mono = 3;
  say({ type: "delta", epoch: "e", prev: 1, pos: 2, at: 5001, safe_n: 2, changes: [["camera", "c", { id: "c" }]] });
  assert.deepEqual(world.measured, [[2, 3]]);
});

test("what hello says of ranges and of the pages' version is passed on", () => {
  const { connection, say, world } = set();
  connection.start();
  say({ type: "hello", epoch: "e", server_time: 5000, edition: "def", limits: { paint_bounds_s: [1, 2] } });
  assert.deepEqual([world.bounds, world.hellos], [[1, 2], ["def"]]);
});

test("what is wrong with the server is known from hello or from its own frame, until it says that all is well", () => {
  const { connection, say, hello, snapshot } = set();
  connection.start();
  const trouble = { reason: "memory_full", since: 4990 };
  say({ type: "hello", epoch: "e", server_time: 5000, trouble });
  assert.deepEqual(connection.trouble, trouble);
  snapshot();
  say({ type: "trouble", reason: "", since: 0 });
  assert.equal(connection.trouble, null);
  say({ type: "trouble", ...trouble });
  assert.deepEqual(connection.trouble, trouble);
  hello(5001);
  assert.equal(connection.trouble, null);
});

test("a page that is hidden asks once for the paint that it owes", () => {
  const { connection, hello, snapshot, sent, world } = set();
  const waiting = [];
  connection.start();
  hello();
  snapshot();
  connection.env.glass.afterPaint = (before) => waiting.push(before);
  for (let i = 1; i <= 50; i += 1) {
    world.mono = i * 5;
    connection.painted();
  }
  assert.equal(waiting.length, 1);
  waiting[0]()();
  assert.equal(sent().at(-1).type, "painted");
  connection.painted();
  assert.equal(waiting.length, 2);
});

test("5 s without a newer frame is stale, 15 s is dead and connects anew", () => {
  const { connection, hello, snapshot, world } = set();
  connection.start();
  hello();
  snapshot();
  const at = (mono) => {
    world.mono = mono;
    connection.tick();
    return connection.freshness();
  };
  assert.deepEqual([at(4.9), at(5), at(14.9)], ["live", "stale", "stale"]);
  assert.equal(world.sockets[0].closed, false);
  assert.equal(at(15), "dead");
  assert.equal(world.sockets[0].closed, true);
  assert.equal(world.timers.length, 1);
});

for (const off of [-3600, 3600])
  test(`a machine whose clock is ${off} s off waits for its first snapshot as long as any other`, () => {
    const { connection, hello, world } = set();
    connection.start();
    world.mono = 2;
    hello(1002 - off);
    const at = (mono) => ((world.mono = mono), connection.freshness());
    assert.deepEqual([at(2), at(4.9), at(5), at(15)], ["waiting", "waiting", "stale", "dead"]);
  });

test("an engine that stands still is not taken for a lost socket every second", () => {
  const { connection, hello, snapshot, world } = set();
  connection.start();
  hello();
  snapshot();
  world.mono = 20;
  connection.tick();
  world.timers[0].fn();
  hello(5020);
  for (world.mono = 21; world.mono < 34; world.mono += 1) connection.tick();
  assert.equal(world.sockets[1].closed, false);
});

test("frames of a connection that was given up are not heard any more", () => {
  const { connection, hello, snapshot, world, store } = set();
  connection.start();
  hello();
  snapshot();
  const old = world.sockets[0];
  world.mono = 15;
  connection.tick();
  old.onmessage({
    data: JSON.stringify({
      type: "delta",
      epoch: "e",
      prev: 1,
      pos: 2,
      at: 5001,
      changes: [["camera", "a", { id: "a" }]],
    }),
  });
  assert.equal(store.all("camera").length, 0);
});

test("half a frame ends the connection: more may be missing", () => {
  const { connection, hello, say, world } = set();
  connection.start();
  hello();
  say('{"type":"delta"');
  assert.equal(world.sockets[0].closed, true);
  assert.equal(world.timers.length, 1);
});

test("an address that throws is tried again", () => {
  const { connection, world } = set({
    env: {
      open: () => {
        throw new Error("refused");
      },
    },
  });
  connection.start();
  assert.equal(world.timers.length, 1);
  assert.equal(connection.status.phase, "waiting");
});

test("the moment at which the wall must speak is known before it comes", () => {
  const { connection, hello, snapshot, world } = set();
  assert.equal(connection.untilWorse(), 5);
  connection.start();
  hello();
  snapshot();
  world.mono = 2;
  assert.equal(connection.untilWorse(), 3);
  world.mono = 6;
  assert.equal(connection.untilWorse(), 9);
  world.mono = 20;
  assert.equal(connection.untilWorse(), null);
});

/** A page of a person: each connection proves by a ticket of its own who it is. */
function personal(ticket) {
  const { connection, ...rest } = set();
  connection.ticket = ticket;
  return { connection, ...rest };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("a ticket is asked for each connection, and goes with the subscribe", async () => {
  let n = 0;
  const { connection, hello, snapshot, sent, world } = personal(async () => `t${(n += 1)}`);
  connection.start();
  hello();
  assert.deepEqual(sent(), []);
  await settled();
  assert.equal(sent()[0].ticket, "t1");
  snapshot();
  world.sockets[0].onclose({ code: 1006, reason: "" });
  world.timers[0].fn();
  hello();
  await settled();
  assert.deepEqual([sent()[0].ticket, sent()[0].since], ["t2", 1]);
});

test("a ticket that cannot be had is a lost connection, and one that comes too late is nobody's", async () => {
  let refuse;
  const { connection, hello, sent, world } = personal(() => new Promise((_, reject) => (refuse = reject)));
  connection.start();
  hello();
  refuse(new TypeError("no network"));
  await settled();
  assert.equal(world.statuses.at(-1), "waiting");
  let give;
  connection.ticket = () => new Promise((resolve) => (give = resolve));
  world.timers.at(-1).fn();
  hello();
  world.sockets.at(-1).onclose({ code: 1006, reason: "" });
  give("late");
  await settled();
  assert.deepEqual(sent(), []);
});

test("the first frame is the subscribe, whoever sends at the word that the connection is open", () => {
  const { connection, hello, sent } = set();
  connection.onStatus = ({ phase }) => phase === "open" && connection.send({ type: "command", command_id: "c" });
  assert.equal(connection.send({ type: "command" }), false);
  connection.start();
  assert.equal(connection.send({ type: "command" }), false);
  hello();
  assert.deepEqual(
    sent().map(({ type }) => type),
    ["subscribe", "command"],
  );
});

test("every frame that was taken is told of, with what is safe on disk", () => {
  const { connection, hello, snapshot, tick } = set();
  const told = [];
  connection.onFrame = ({ pos, safeN }) => told.push([pos, safeN]);
  connection.start();
  hello();
  snapshot();
  tick(2, 5001);
  assert.deepEqual(told, [
    [1, null],
    [2, 2],
  ]);
});

test("a page that can unpack says so, and takes its state from a packed message", async () => {
  const text = { type: "snapshot", epoch: "e", pos: 1, at: 5000, view_id: "v", part: 1, parts: 1 };
  const frame = JSON.stringify({ ...text, state: { incident: { a: { id: "a" } } } });
  const bytes = new ArrayBuffer(8);
  const { connection, hello, sent, store, tick, world } = set({ env: { unpack: async () => frame } });
  connection.start();
  hello();
  assert.equal(sent()[0].packed, true);
  world.sockets[0].onmessage({ data: bytes });
  tick(2, 5001); // comes before the state is unpacked, and counts after it
  assert.deepEqual(store.all("incident"), []);
  await settled();
  await settled();
  assert.equal(store.all("incident").length, 1);
  assert.equal(connection.protocol.pos, 2);
});

test("what cannot be unpacked proves that more may be missing", async () => {
  const unpack = () => Promise.reject(new Error("broken"));
  const { connection, hello, sent, world } = set({ env: { unpack } });
  connection.start();
  hello();
  world.sockets[0].onmessage({ data: new ArrayBuffer(8) });
  await settled();
  await settled();
  assert.equal(world.statuses.at(-1), "waiting");
  world.timers[0].fn();
  hello();
  assert.deepEqual(sent()[0], { type: "subscribe", layout: "operations" }, "the next time it asks for plain frames");
});

test("after a gap a personal page asks on the same connection: it is known who that is", async () => {
  const { connection, hello, snapshot, tick, sent, world } = personal(async () => "t");
  connection.start();
  hello();
  await settled();
  snapshot();
  tick(9, 5001); // its prev is 8, and 1 is on the glass
  assert.deepEqual(
    sent().map(({ type }) => type),
    ["subscribe", "painted", "subscribe"],
  );
  assert.equal(world.statuses.at(-1), "open");
});
