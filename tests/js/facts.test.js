import assert from "node:assert/strict";
import { test } from "node:test";

import * as facts from "../../static/js/facts.js";

const ids = (list) => list.map(({ id }) => id).join("");
const incident = (id, severity, opened_at, status) => ({
  id,
  severity,
  source: { title: id, opened_at, status },
  place: {},
});

test("incidents: worst first, then newest, what has no severity last", () => {
  const list = [
    incident("n", undefined, 9),
    incident("c", "caution", 5),
    incident("o", "danger", 1),
    incident("y", "danger", 3),
    incident("s", "severe", 4),
  ];
  assert.equal(ids(list.sort(facts.incidentOrder)), "yoscn");
});

test("incidents that are equal keep one order", () => {
  const list = [incident("b", "severe", 1), incident("a", "severe", 1)];
  assert.equal(ids(list.sort(facts.incidentOrder)), "ab");
});

test("an incident whose status is left out is open: that is its default", () => {
  assert.equal(facts.isOpen({ source: { title: "x" } }), true);
  assert.equal(facts.isOpen(incident("a", null, 1, "closed")), false);
});

test("an incident that people here have ended is over, though its source has it open", () => {
  assert.equal(facts.isOpen({ ...incident("a", null, 1, "open"), over_at: 5 }), false);
});

test("an incident without an opening time counts from what it says last", () => {
  assert.equal(facts.openedAt({ at: 7, source: {} }), 7);
});

const alert = (id, severity, state, since = 0, more = {}) => ({ id, severity, state, since, ...more });

test("alerts: unseen before seen, worst first, newest first; what is over after all that is active", () => {
  const list = [
    alert("k", "danger", "acknowledged", 99),
    alert("c", "caution", "unacknowledged", 1),
    alert("r", "danger", "returned_unacknowledged", 9),
    alert("s", "severe", "unacknowledged", 2),
    alert("o", "danger", "unacknowledged", 1),
    alert("n", "danger", "unacknowledged", 2),
    alert("h", "danger", "unacknowledged", 99, { flags: ["shelved"] }),
  ];
  assert.equal(ids(list.sort(facts.alertOrder)), "nosckhr");
});

test("the headline counts what stands, not what is set aside, over or normal again", () => {
  const list = [
    alert("a", "severe", "acknowledged"),
    alert("b", "danger", "normal"),
    alert("c", "danger", "unacknowledged", 0, { suppressed: { by: "x" } }),
    alert("d", "caution", "unacknowledged"),
    alert("e", "danger", "returned_unacknowledged"),
  ];
  assert.deepEqual(facts.headline({ alerts: list }), {
    severity: "severe",
    counts: { incident: 0, hazard: 0, gauge: 0 },
    unseen: 1,
    open: 2,
  });
  assert.deepEqual(facts.headline({}), {
    severity: null,
    counts: { incident: 0, hazard: 0, gauge: 0 },
    unseen: 0,
    open: 0,
  });
});

test("the worst alert on a subject, not on another", () => {
  const list = [
    alert("a", "caution", "unacknowledged", 0, { subject: "queue:112" }),
    alert("b", "severe", "acknowledged", 0, { subject: "queue:112" }),
    alert("c", "danger", "normal", 0, { subject: "queue:112" }),
    alert("d", "danger", "unacknowledged", 0, { subject: "queue:113" }),
    alert("e", "danger", "returned_unacknowledged", 0, { subject: "queue:112" }),
  ];
  assert.equal(facts.worstOn(list, "queue:112"), "severe");
  assert.equal(facts.worstOn(list, "gauge:1"), null);
});

test("calls: queues together, the service level weighted by the calls that count", () => {
  const queues = [
    {
      waiting: 2,
      oldest_joined_at: 50,
      target_s: 15,
      windows: {
        day: { answered: 1, service_level: 0 },
        "15m": { answered: 25, abandoned: 6, short_abandoned: 1, service_level: 0.5 },
      },
    },
    { oldest_joined_at: 40, target_s: 10, windows: { "15m": { answered: 10, service_level: 1 } } },
  ];
  const figures = facts.callFigures(queues, [
    { state: "free" },
    { state: "busy" },
    { state: "unavailable" },
    {},
  ]);
  assert.equal(figures.waiting, 2);
  assert.equal(figures.oldest, 40);
  assert.equal(figures.target, 10);
  assert.equal(figures.window, "15m");
  assert.equal(figures.level, 0.625);
  assert.equal(figures.free, 1);
  assert.equal(figures.total, 3);
  assert.equal(figures.live, true);
});

test("calls: nobody called is no service level, not nought; a lost exchange is said", () => {
  const figures = facts.callFigures(
    [{ windows: { "15m": {} }, agents: { free: 2, paused: 1, unavailable: 4 }, live: false }],
    [],
  );
  assert.equal(figures.level, null);
  assert.equal(figures.oldest, null);
  assert.deepEqual([figures.free, figures.total, figures.live], [2, 3, false]);
});

test("calls: the shortest window stands on the wall, or the one asked for", () => {
  const queues = [{ windows: { day: {}, hour: {}, "15m": {}, strange: {} } }];
  assert.equal(facts.callFigures(queues, []).window, "15m");
  assert.equal(facts.callFigures(queues, [], "day").window, "day");
  assert.equal(facts.callFigures([{}], [], "day").window, "");
});

test("cameras: what does not live, frozen first for it looks alive, newest change first", () => {
  const figures = facts.cameraFigures([
    { id: "a", state: "online" },
    { id: "b", state: "offline", since: 5 },
    { id: "c", state: "frozen", since: 1 },
    { id: "d", state: "frozen", since: 3 },
    { id: "e" },
    { id: "f", state: "unknown", reason: "not checked for a while" },
    { id: "g", state: "unknown", checked_at: 5 },
  ]);
  assert.equal(ids(figures.down), "dcbfge");
  assert.deepEqual(figures.counts, { online: 1, frozen: 2, offline: 1, unknown: 2, checking: 1 });
  assert.equal(figures.total, 7);
});

const price = (id, commodity, more) => ({ id, commodity, name: commodity, price: 1, ...more });

test("prices: the city's own price stands before a market's, consumer before wholesale", () => {
  const rows = facts.priceRows([
    price("m", "rice", { market: "m1", disparity: 0.5 }),
    price("c", "rice", { disparity: 0.1 }),
    price("w", "chili", { level: "wholesale", disparity: 0.9 }),
    price("x", "chili", { market: "m1", disparity: 0.1 }),
    price("y", "chili", { market: "m2", disparity: 0.2 }),
  ]);
  assert.equal(ids(rows), "yc");
});

test("prices: furthest over the ceiling first, then what moved most, then by name", () => {
  const rows = facts.priceRows([
    price("a", "z", { disparity: -0.5 }),
    price("b", "b", { change: -900, disparity: -0.1 }),
    price("c", "c", { disparity: 0.02 }),
    price("d", "d", { disparity: 0.2 }),
    price("e", "a"),
  ]);
  assert.equal(ids(rows), "dcbea");
});

test("a gauge in metres is shown to the centimetre", () => {
  assert.deepEqual([undefined, "cm", "CM", "mm", "m"].map(facts.gaugeDigits), [0, 0, 0, 0, 2]);
});

test("gauges: worst level first, then the fastest rising", () => {
  const list = [
    { id: "n", name: "n" },
    { id: "r", name: "z", rate_per_h: 5 },
    { id: "f", name: "a", rate_per_h: -50 },
    { id: "s", name: "s", severity: "severe" },
  ];
  assert.equal(ids(list.sort(facts.gaugeOrder)), "srfn");
});

test("a rate below 3 % of the levels' span an hour is noise; without levels, below 5 cm", () => {
  const levels = [{ from_value: 150 }, { from_value: 350 }, { from_value: 250 }];
  const rate = (rate_per_h, more = {}) => facts.gaugeRate({ rate_per_h, ...more });
  assert.deepEqual([rate(5.9, { levels }), rate(-6, { levels })], [0, -6]);
  assert.deepEqual([rate(4.9), rate(-5)], [0, -5]);
  assert.deepEqual([rate(0.04, { unit: "m" }), rate(0.06, { unit: "M" })], [0, 0.06]);
  assert.deepEqual([rate(4, { levels: [{ from_value: 9 }] }), rate(null), rate(undefined)], [0, 0, 0]);
});

test("a gauge without levels is not well: nothing is known of what its value means", () => {
  const state = (more) => facts.gaugeState({ value: 10, observed_at: 100, ...more }, 100);
  assert.equal(state({}), "unknown");
  assert.equal(state({ levels: [] }), "unknown");
  assert.equal(state({ levels: [{ name: "Siaga 3", from_value: 50 }] }), "normal");
  assert.equal(state({ severity: "danger" }), "danger");
  assert.equal(state({ value: null, severity: "danger" }), "unknown");
  assert.equal(state({ observed_at: 100 - 901, severity: "danger" }), "unknown");
});

test("a gauge is old after three of its usual gaps, a quarter of an hour at least", () => {
  const hourly = {
    observed_at: 7200,
    history: [
      [0, 1],
      [3600, 1],
      [7200, 1],
    ],
  };
  assert.equal(facts.gaugeIsOld(hourly, 7200 + 3 * 3600), false);
  assert.equal(facts.gaugeIsOld(hourly, 7200 + 3 * 3600 + 1), true);
  assert.equal(facts.gaugeIsOld({ observed_at: 100 }, 1000), false);
  assert.equal(facts.gaugeIsOld({ observed_at: 100 }, 1001), true);
  assert.equal(facts.gaugeIsOld({ at: 100, history: [] }, 1001), true);
});

test("hazards: real before exercises, here before elsewhere, worst first", () => {
  const list = [
    { id: "t", status: "Test", level: "danger", where: "city" },
    { id: "o", level: "danger", where: "outside" },
    { id: "u", level: "danger" },
    { id: "q", type: "quake", level: "severe", where: "city", at: 9 },
    { id: "s", type: "cap", level: "severe", where: "city", sent: 1 },
    { id: "d", type: "cap", level: "danger", where: "city" },
  ];
  assert.equal(ids(list.sort(facts.hazardOrder)), "dsquot");
});

test("feeds: what is broken first, the longest first", () => {
  const list = [
    { id: "o", state: "ok" },
    { id: "w", state: "waiting" },
    { id: "s", state: "silent", since: 1 },
    { id: "g", state: "failing", since: 9 },
    { id: "f", state: "failing", since: 2 },
    { id: "a", state: "ok" },
  ];
  assert.equal(ids(list.sort(facts.feedOrder)), "fgswao");
});

test("the headline is the worst of everything that stands: a wall may not say caution over a disaster", () => {
  const shown = facts.headline({
    alerts: [alert("a", "caution", "unacknowledged")],
    incidents: [incident("x", "danger", 1), incident("y", "danger", 1, "closed"), incident("z", "severe", 1)],
    hazards: [
      { level: "danger", where: "city" },
      { level: "danger", where: "city", status: "Exercise" },
      { level: "danger", where: "outside" },
    ],
    gauges: [{ severity: "danger", observed_at: 100 }],
    now: 99999,
  });
  assert.deepEqual(shown, {
    severity: "danger",
    counts: { incident: 1, hazard: 1, gauge: 0 },
    unseen: 1,
    open: 1,
  });
});

test("queues stand by their callers of the day, then by name", () => {
  const queue = (id, offered) => ({ id, windows: { day: { offered } } });
  const order = facts.byCallers([queue("b", 2), queue("a", 2), queue("c", 9), { id: "d" }]);
  assert.deepEqual(
    order.map(({ id }) => id),
    ["c", "a", "b", "d"],
  );
});
