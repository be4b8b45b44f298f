// Alerts on the console: where each stands, its story, what may be done; and the figures of the alarm load.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ACTIONS, alertActions } from "../../static/js/console/alert_actions.js";
import { flagsOf, held, mine, ownerOf, parts, seen, shelveTimes, story } from "../../static/js/console/alert_facts.js";
import { judged } from "../../static/js/console/load_facts.js";

const alert = (id, more = {}) => ({ id, severity: "caution", state: "unacknowledged", since: 100, ...more });
const ids = (list) => list.map(({ id }) => id);
const flag = { by: "budi", at: 120, reason: "works" };

test("each standing alert stands in one part, worst first, then newest", () => {
  const found = parts([
    alert("a"),
    alert("b", { severity: "danger" }),
    alert("c", { since: 200 }),
    alert("d", { state: "acknowledged" }),
    alert("e", { state: "returned_unacknowledged" }),
    alert("f", { shelved: flag }),
    alert("g", { state: "acknowledged", out_of_service: flag }),
    alert("h", { state: "normal" }),
    alert("i", { state: "normal", out_of_service: flag }),
  ]);
  assert.deepEqual(Object.fromEntries(Object.entries(found).map(([part, list]) => [part, ids(list)])), {
    unseen: ["b", "c", "a"],
    over: ["e"],
    seen: ["d"],
    aside: ["f", "g", "i"],
  });
});

test("who has an alert: to whom it was given, else who acknowledged it", () => {
  assert.equal(ownerOf(alert("a")), "");
  assert.equal(ownerOf(alert("a", { acked_by: "budi" })), "budi");
  assert.equal(ownerOf(alert("a", { acked_by: "budi", assigned: "rina" })), "rina");
  const all = [alert("a", { acked_by: "budi", state: "acknowledged" }), alert("b", { assigned: "rina" }), alert("c", { assigned: "budi", state: "normal" })];
  assert.deepEqual(ids(mine(all, "budi")), ["a"]);
});

test("the story is newest first and leaves nothing out", () => {
  const told = story(
    alert("a", {
      state: "acknowledged",
      ended_at: 500,
      acked_at: 200,
      acked_by: "budi",
      acked_on: "wall/2",
      confirmed_at: 300,
      confirmed_by: "budi",
      confirmed: "pumps run",
      assigned: "rina",
      assigned_by: "budi",
      assigned_at: 400,
      shelved: flag,
      notes: [{ at: 150, by: "siti", text: "seen on camera" }],
    }),
  );
  assert.deepEqual(
    told.map(({ what, at, who, text }) => [what, at, who, text]),
    [
      ["ended", 500, "", ""],
      ["assigned", 400, "rina", "budi"],
      ["confirmed", 300, "budi", "pumps run"],
      ["acked", 200, "budi", "wall/2"],
      ["note", 150, "siti", "seen on camera"],
      ["shelved", 120, "budi", "works"],
      ["raised", 100, "", ""],
    ],
  );
  assert.equal(new Set(told.map(({ key }) => key)).size, told.length);
  assert.deepEqual(flagsOf(alert("a", { suppressed: flag })), [{ name: "suppressed", ...flag }]);
});

test("a command names what was seen, defaults included", () => {
  assert.deepEqual(seen(alert("a")), { alert: "a", episode: 1, version: 1 });
  assert.deepEqual(seen(alert("a", { episode: 3, version: 9 })), { alert: "a", episode: 3, version: 9 });
});

test("shelving goes up to the longest time allowed", () => {
  assert.deepEqual(shelveTimes(3600), [900, 1800, 3600]);
  assert.equal(shelveTimes(12 * 3600).at(-1), 12 * 3600);
  assert.deepEqual(shelveTimes(600), [600]);
});

test("while a pointer is on the list, rows keep their places, and what is new comes after", () => {
  const now = [alert("new"), alert("b"), alert("a")];
  assert.deepEqual(ids(held(now, ["a", "gone", "b"])), ["a", "b", "new"]);
});

function person(role, may) {
  const sent = [];
  const ctx = {
    t: (key) => key,
    pick: () => "words",
    may: (action) => may.includes(action),
    person: { id: role },
    boot: { alarms: { shelve_most: 3600 } },
    figures: { duration: String },
    store: { all: () => [] },
    commands: { send: (...all) => sent.push(all) },
  };
  return { actions: alertActions(ctx), sent };
}

test("only what the role may and the state allows is offered", () => {
  const { actions } = person("rina", Object.values(ACTIONS).map(({ command }) => command));
  const offered = (one) => Object.keys(ACTIONS).filter((name) => actions.allowed(name, one));
  assert.ok(offered(alert("a")).includes("ack"));
  assert.ok(offered(alert("a", { state: "returned_unacknowledged" })).includes("ack"));
  assert.ok(!offered(alert("a", { state: "acknowledged" })).includes("ack"));
  assert.ok(offered(alert("a", { shelved: flag })).includes("unshelve"));
  assert.ok(!offered(alert("a", { shelved: flag })).includes("shelve"));
  assert.deepEqual(
    Object.keys(ACTIONS).filter((name) => person("siti", ["alert.note"]).actions.allowed(name, alert("a"))),
    ["note"],
  );
});

test("an acknowledgement carries alert, episode and version; keys are those of the role", () => {
  const { actions, sent } = person("rina", ["alert.ack", "alert.shelve", "alert.unshelve"]);
  actions.ack(alert("a", { episode: 2, version: 5 }));
  assert.deepEqual(sent, [["alert.ack", { alert: "a", episode: 2, version: 5 }]]);
  const pressed = [];
  const keys = actions.keys((name) => pressed.push(name));
  assert.deepEqual(Object.keys(keys).sort(), ["a", "s"]);
  keys.s.act();
  // One key for both: the alert's state lets only one of them happen.
  assert.deepEqual(pressed, ["shelve", "unshelve"]);
});

test("the alarm load is judged by ISA-18.2", () => {
  const state = (load) => Object.fromEntries(judged(load).map((one) => [one.name, one.state]));
  assert.ok(Object.values(state({})).every((one) => one === "normal"));
  const heavy = state({ last_10min: 2, last_hour: 13, last_day: 200, peak_10min: 11, flood_share: 0.02, stale: 6, chattering: 1 });
  assert.deepEqual(
    [heavy.last_10min, heavy.last_hour, heavy.last_day, heavy.peak_10min, heavy.flood_share, heavy.stale, heavy.chattering],
    ["caution", "severe", "caution", "severe", "severe", "severe", "caution"],
  );
});
