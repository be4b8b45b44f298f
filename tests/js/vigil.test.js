// static/js/vigil.js and renewal.js: a wall loads itself anew once, at a quiet moment, and never into nothing.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Renewal } from "../../static/js/renewal.js";
import { EDITION_AGAIN_S, UPGRADE_SPREAD_S, YOUNG_S, hash, heavy, nightDue, quiet, upgradeDue } from "../../static/js/vigil.js";

const WINDOW = "03:00-05:00";
const DAY_MIN = 1440;

/** Plays nights minute by minute: at which minutes (since the first midnight) one screen would load. */
function play({ name, window = WINDOW, days = 3, begun = -1000, still = () => true }) {
  const loads = [];
  let since = begun;
  for (let minute = 0; minute < days * DAY_MIN; minute += 1) {
    const dayAgo = (ago) => `day ${Math.floor((minute - ago) / DAY_MIN)}`;
    const due = nightDue({ window, name, minute: minute % DAY_MIN, dayAgo, uptime: (minute - since) * 60 });
    if (due && still(minute)) {
      loads.push(minute);
      since = minute;
    }
  }
  return loads;
}

test("each night brings one load, inside the window", () => {
  const loads = play({ name: "operations/1", days: 30 });
  assert.equal(loads.length, 30);
  for (const minute of loads) assert.ok(minute % DAY_MIN >= 180 && minute % DAY_MIN < 300, String(minute));
  assert.ok(new Set(loads.map((minute) => minute % DAY_MIN)).size > 10, "at another minute each night");
});

test("screens are staggered, and each knows its minute without the others", () => {
  const minutes = Array.from({ length: 40 }, (_, i) => play({ name: `operations/${i}`, days: 1 })[0]);
  assert.ok(new Set(minutes).size > 25);
  assert.deepEqual(minutes.slice(0, 3), [0, 1, 2].map((i) => play({ name: `operations/${i}`, days: 1 })[0]));
});

test("a window over midnight is one night", () => {
  const loads = play({ name: "a", window: "22:30-02:30", days: 20, begun: -2000 });
  // The first night has begun before the first day, and the last goes on after the last.
  assert.ok([20, 21].includes(loads.length), String(loads.length));
  loads.slice(1).forEach((minute, i) => assert.ok(minute - loads[i] > DAY_MIN - 241));
});

test("a moment that is not quiet is waited out, within the window only", () => {
  const [due] = play({ name: "a", days: 1 });
  assert.deepEqual(play({ name: "a", days: 1, still: (minute) => minute >= due + 3 }), [due + 3]);
  assert.deepEqual(play({ name: "a", days: 1, still: (minute) => minute >= 300 }), []);
});

test("who was loaded lately, and who is told never, is left alone", () => {
  assert.deepEqual(play({ name: "a", days: 1, begun: 60 }), []);
  assert.deepEqual(play({ name: "a", window: "" }), []);
  assert.ok(YOUNG_S > 5 * 3600);
});

test("an upgrade is fetched once, spread over the screens", () => {
  const base = { mine: "a", wanted: "b", name: "w/1", tried: {}, now: 1e6 };
  const waits = Array.from({ length: 50 }, (_, i) => hash(`w/${i} b`) % UPGRADE_SPREAD_S);
  assert.ok(new Set(waits).size > 30);
  assert.equal(upgradeDue({ ...base, seen: UPGRADE_SPREAD_S }), true);
  assert.equal(upgradeDue({ ...base, seen: (hash("w/1 b") % UPGRADE_SPREAD_S) - 1 }), false);
  assert.equal(upgradeDue({ ...base, seen: 999, wanted: "a" }), false);
  assert.equal(upgradeDue({ ...base, seen: 999, wanted: "" }), false, "an older server names none");
  assert.equal(upgradeDue({ ...base, seen: 999, tried: { b: 1e6 - 5 } }), false);
  assert.equal(upgradeDue({ ...base, seen: 999, tried: { b: 1e6 + 5 } }), false, "a clock that was put back");
  assert.equal(upgradeDue({ ...base, seen: 9999, tried: { b: 1e6 - EDITION_AGAIN_S } }), true);
});

test("a page that fills its memory is due, one that was loaded lately is not", () => {
  assert.equal(heavy({ memory: { used: 90, limit: 100 }, uptime: 4000 }), true);
  assert.equal(heavy({ memory: { used: 90, limit: 100 }, uptime: 400 }), false);
  assert.equal(heavy({ memory: { used: 70, limit: 100 }, uptime: 4000 }), false);
  assert.equal(heavy({ memory: null, uptime: 4000 }), false);
});

test("quiet is live, without emergency, unseen danger or a guest", () => {
  const still = { live: true, city: { level: { emergency: false } }, alarmed: false, sent: null };
  assert.equal(quiet(still), true);
  assert.equal(quiet({ ...still, city: undefined }), true);
  for (const loud of [{ live: false }, { city: { level: { emergency: true } } }, { alarmed: true }, { sent: {} }])
    assert.equal(quiet({ ...still, ...loud }), false);
});

// -- renewal ---------------------------------------------------------------------------------------------

const STILL = { now: 1e6, minute: 720, dayAgo: () => "d", live: true, city: null, alarmed: false, sent: null };

/** A browser whose reloads are counted; its storage outlives them. */
function browser() {
  const world = { mono: 0, loads: 0, page: "", answers: true, kept: {}, storage: true, later: [], probes: 0 };
  world.open = (edition) =>
    new Renewal({
      edition,
      name: "w",
      window: "",
      env: {
        mono: () => world.mono,
        random: () => 0.5,
        later: (fn, seconds) => world.later.push([fn, seconds]),
        memory: () => null,
        reload: () => (world.loads += 1),
        probe: async () => {
          world.probes += 1;
          if (!world.answers) throw new Error("refused");
          return world.page;
        },
        storage: {
          getItem: (key) => world.kept[key] ?? null,
          setItem(key, value) {
            if (!world.storage) throw new Error("denied");
            world.kept[key] = value;
          },
        },
      },
    });
  return world;
}

/** Ticks for so many seconds. */
async function pass(world, renewal, seconds, state = STILL) {
  for (let i = 0; i < seconds; i += 1) {
    world.mono += 1;
    await renewal.tick({ ...state, now: 1e6 + world.mono });
  }
}

test("an upgrade is loaded once the server has the new page", async () => {
  const world = browser();
  world.page = 'boot "old"';
  const renewal = world.open("old");
  renewal.hello("new");
  await pass(world, renewal, 300);
  assert.equal(world.loads, 0, "the node that answered still has the old page");
  assert.ok(world.probes <= 5);
  world.page = 'boot "new"';
  await pass(world, renewal, 70);
  assert.equal(world.loads, 1);
  await pass(world, renewal, 300);
  assert.equal(world.loads, 1, "a page that goes asks no more");
});

test("two nodes that disagree for a day cost two loads an hour at most", async () => {
  const world = browser();
  world.page = "old new";
  for (let hour = 0; hour < 24; hour += 1) {
    // The page comes from one node, the socket from the other; whatever is loaded, hello names the other one.
    for (const [mine, other] of [["old", "new"], ["new", "old"], ["old", "new"], ["new", "old"]]) {
      const renewal = world.open(mine);
      renewal.hello(other);
      await pass(world, renewal, 900);
    }
  }
  assert.ok(world.loads <= 48, String(world.loads));
  assert.ok(world.loads >= 2);
});

test("a browser that remembers nothing is not loaded for an upgrade: it could go round for ever", async () => {
  const world = browser();
  world.page = "new";
  world.storage = false;
  const renewal = world.open("old");
  renewal.hello("new");
  await pass(world, renewal, 600);
  assert.equal(world.loads, 0);
});

test("broken memory of an older page is no hindrance", async () => {
  const world = browser();
  world.page = "new";
  world.kept["wallboard.renewal"] = "{half";
  const renewal = world.open("old");
  renewal.hello("new");
  await pass(world, renewal, 200);
  assert.equal(world.loads, 1);
});

test("nothing is loaded while the server does not answer, or the moment is not quiet", async () => {
  const world = browser();
  world.page = "new";
  world.answers = false;
  const renewal = world.open("old");
  renewal.hello("new");
  await pass(world, renewal, 600);
  assert.equal(world.loads, 0);
  world.answers = true;
  await pass(world, renewal, 600, { ...STILL, alarmed: true });
  assert.equal(world.loads, 0);
  await pass(world, renewal, 120);
  assert.equal(world.loads, 1);
});

test("a screen whose right has ended loads when the server answers, and asks until then", async () => {
  const world = browser();
  world.answers = false;
  const renewal = world.open("a");
  await renewal.now();
  assert.equal(world.loads, 0);
  const [again, seconds] = world.later[0];
  assert.ok(seconds > 0 && seconds <= 6);
  world.page = "pair";
  world.answers = true;
  await again();
  assert.equal(world.loads, 1);
});

test("the error of a proxy is no page: a screen whose right has ended does not load it, it would stay for ever", async () => {
  const world = browser();
  world.page = "";
  const renewal = world.open("a");
  await renewal.now();
  await renewal.now();
  assert.equal(world.loads, 0);
  assert.equal(world.later.length, 1, "who asks twice waits once");
  world.page = "pair";
  await world.later[0][0]();
  assert.equal(world.loads, 1);
});

test("a right that ends while an upgrade is asked for is not forgotten", async () => {
  const world = browser();
  world.page = "pair";
  const renewal = world.open("old");
  renewal.hello("new");
  world.mono += 300;
  const asking = renewal.tick({ ...STILL, now: 1000 + world.mono });
  await renewal.now();
  await asking;
  assert.equal(world.loads, 1);
});
