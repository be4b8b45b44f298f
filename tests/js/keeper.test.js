// Pixel shift, sounds, wake lock: what keeps a wall up for weeks, within its bounds.
import assert from "node:assert/strict";
import { test } from "node:test";

import { keepAwake } from "../../static/js/awake.js";
import { LONGEST_S, TONES } from "../../static/js/bell.js";
import { GAP_S, MOST_REMINDERS, REMIND_S, Ringer, WORSE_GAP_S } from "../../static/js/ringer.js";
import { REACH_PX, STEP_S, move, shiftAt } from "../../static/js/shift.js";

test("the page goes everywhere within its reach, one pixel a step, for ever", () => {
  const seen = new Set();
  let before = shiftAt(0);
  for (let step = 1; step < 1000; step += 1) {
    const at = shiftAt(step * STEP_S);
    assert.equal(Math.abs(at.x - before.x) + Math.abs(at.y - before.y), 1, String(step));
    assert.ok(Math.abs(at.x) <= REACH_PX && Math.abs(at.y) <= REACH_PX);
    seen.add(`${at.x} ${at.y}`);
    before = at;
  }
  assert.equal(seen.size, (2 * REACH_PX + 1) ** 2);
  assert.deepEqual(shiftAt(STEP_S * 7), shiftAt(STEP_S * 8 - 0.01), "between two steps it stands still");
});

test("the shift is one style, written when it changes, and taken back where it is off", () => {
  const root = { on: null, written: [], style: {} };
  root.toggleAttribute = (name, on) => (root.on = on);
  root.style.getPropertyValue = () => root.written.at(-1) ?? "";
  root.style.setProperty = (name, value) => root.written.push(value);
  for (let i = 0; i < 50; i += 1) move(root, 1000 * STEP_S + i, true);
  assert.equal(root.written.length, 1);
  move(root, 0, false);
  assert.deepEqual([root.on, root.written.at(-1)], [false, "0px 0px"]);
});

const alert = (id, severity, more = {}) => ({ id, severity, state: "unacknowledged", episode: 1, ...more });

test("what stood when the page was loaded is no news; what comes after is heard once", () => {
  const ringer = new Ringer();
  const old = alert("old", "severe");
  assert.equal(ringer.next([old], 0), null);
  assert.equal(ringer.next([old, alert("a", "caution")], 1), "caution");
  for (let at = 2; at < 300; at += 1) assert.equal(ringer.next([old, alert("a", "caution")], at), null);
  assert.equal(ringer.next([old, alert("a", "caution", { episode: 2 })], 300), "caution", "it has come back");
  assert.equal(ringer.next([old, alert("a", "severe", { episode: 2 })], 330), "severe", "it got worse");
});

test("a flood is a sound now and then, the worst of what came; danger waits for nobody", () => {
  const ringer = new Ringer();
  ringer.next([], 0);
  const all = [];
  const heard = [];
  for (let at = 1; at <= 60; at += 0.5) {
    all.push(alert(`c${at}`, "caution"), alert(`s${at}`, at > 20 ? "severe" : "caution"));
    const sound = ringer.next(all, at);
    if (sound) heard.push([at, sound]);
  }
  assert.ok(heard.length <= Math.ceil(60 / GAP_S) + 2, JSON.stringify(heard));
  all.push(alert("d", "danger"));
  const at = heard.at(-1)[0] + WORSE_GAP_S;
  assert.equal(ringer.next(all, Math.max(at, 60)), "danger");
});

test("what was seen, set aside or has ended while it waited is not heard any more", () => {
  const ringer = new Ringer();
  ringer.next([], 0);
  assert.equal(ringer.next([alert("a", "severe")], 1), "severe");
  assert.equal(ringer.next([alert("b", "severe")], 2), null);
  assert.equal(ringer.next([alert("b", "severe", { state: "acknowledged" })], 100), null);
  assert.equal(ringer.next([alert("c", "danger", { flags: ["shelved"] })], 101), null);
  assert.equal(ringer.next([alert("d", "info")], 200), null);
});

test("danger that nobody has seen is reminded of, a bounded number of times", () => {
  const ringer = new Ringer();
  const one = alert("a", "danger");
  let heard = 0;
  for (let at = 0; at < 3 * REMIND_S * MOST_REMINDERS; at += 1) heard += ringer.next([one], at) === "danger";
  assert.equal(heard, MOST_REMINDERS);
  let again = 0;
  for (let at = 10_000; at < 10_000 + 2 * REMIND_S; at += 1) again += ringer.next([one, alert("b", "danger")], at) !== null;
  assert.ok(again >= 2, "another one begins anew");
});

test("every sound is short", () => {
  assert.deepEqual(Object.keys(TONES).sort(), ["caution", "danger", "severe"]);
  for (const tones of Object.values(TONES))
    for (const [hertz, begin, length] of tones) {
      assert.ok(begin + length <= LONGEST_S);
      assert.ok(hertz >= 300 && hertz <= 2000, "a small loudspeaker can, and an old ear");
    }
});

test("the wake lock is asked for again when it was taken or the page is seen again", async () => {
  const world = { asked: 0, hidden: false, refuse: false, listeners: [], release: null };
  const page = {
    document: {
      get hidden() {
        return world.hidden;
      },
      addEventListener: (name, fn) => world.listeners.push(fn),
    },
    navigator: {
      wakeLock: {
        async request() {
          world.asked += 1;
          if (world.refuse) throw new Error("low battery");
          const lock = { released: false, addEventListener: (name, fn) => (world.release = () => ((lock.released = true), fn())) };
          return lock;
        },
      },
    },
  };
  const settle = () => new Promise((done) => setTimeout(done, 0));
  keepAwake(page);
  await settle();
  world.listeners[0]();
  await settle();
  assert.equal(world.asked, 1, "it is held");
  world.hidden = true;
  world.release();
  await settle();
  assert.equal(world.asked, 1, "a hidden page may not hold it");
  world.hidden = false;
  world.listeners[0]();
  await settle();
  assert.equal(world.asked, 2);
  keepAwake({ document: page.document, navigator: {} }); // plain http
});
