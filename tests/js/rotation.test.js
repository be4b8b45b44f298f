import assert from "node:assert/strict";
import { test } from "node:test";

import { HOLD_S, obeyed, pageAt } from "../../static/js/rotation.js";
import { sentWords } from "../../static/js/sent.js";
import { translator } from "../../static/js/words.js";

const layout = (...panels) => ({ panels: panels.map((panel) => ({ panel, area: panel })) });
const pages = [
  { layout: "calls", show_s: 10 },
  { layout: "operations", show_s: 20 },
];
const layouts = {
  calls: layout("calls"),
  operations: layout("alerts", "map"),
  market: layout("prices"),
  emergency: layout("alerts"),
};
const base = { pages, layouts, emergency: "emergency", now: 0, city: {}, sent: null, alerts: [] };
const page = (now, more = {}) => pageAt({ ...base, now, ...more });
const at = (now, more = {}) => page(now, more).layout;
const danger = { id: "a", severity: "danger", state: "unacknowledged" };

test("pages turn by the server's time, and begin again", () => {
  assert.deepEqual([0, 9.9, 10, 29, 30, 41].map((now) => at(now)), [
    "calls", "calls", "operations", "operations", "calls", "operations",
  ]);
});

test("an unseen alert of the highest level stops the turn at the page that shows it", () => {
  assert.equal(at(0, { alerts: [danger] }), "operations");
  assert.equal(at(0, { alerts: [{ ...danger, state: "acknowledged" }] }), "calls");
  assert.equal(at(0, { alerts: [{ ...danger, shelved: { by: "x" } }] }), "calls");
  assert.equal(at(0, { alerts: [{ ...danger, severity: "severe" }] }), "calls");
});

test("an alert that nobody sees holds its page for a while, then the pages turn on", () => {
  const alerts = [{ ...danger, since: 1000 }];
  assert.equal(at(1000 + HOLD_S - 1, { alerts }), "operations");
  const turned = Array.from({ length: 30 }, (_, s) => at(1000 + HOLD_S + s, { alerts }));
  assert.deepEqual([...new Set(turned)].sort(), ["calls", "operations"]);
});

test("a page may be bound to a district, and so may all of a wall", () => {
  const own = [{ layout: "calls", show_s: 10, district: "A" }, { layout: "calls", show_s: 10, district: "B" }];
  assert.deepEqual(page(0, { pages: own }), { layout: "calls", district: "A" });
  assert.deepEqual(page(10, { pages: own }), { layout: "calls", district: "B" });
  assert.equal(page(0, { city: { level: { emergency: true } }, district: "A" }).district, "A");
});

test("who sends a wall to a layout and a district shows that district alone; without a layout the map goes there", () => {
  const sent = { layout: "market", subject: "district:99.1", until: 6 };
  assert.deepEqual(page(5, { sent }), { layout: "market", district: "99.1" });
  assert.deepEqual(page(5, { sent: { ...sent, layout: "" } }), { layout: "operations", district: "" });
  assert.deepEqual(page(5, { sent: { ...sent, subject: "camera:1" } }), { layout: "market", district: "" });
});

test("who sends a wall to a camera sees its picture: large, else in any panel, else where it stands", () => {
  const sent = { subject: "camera:1", until: 6 };
  const many = { ...layouts, post: layout("map", "cctv"), cameras: layout("cctv", "map") };
  assert.equal(at(5, { sent, layouts: many }), "cameras");
  assert.equal(at(5, { sent, layouts: { ...many, cameras: layout("map") } }), "post");
  assert.equal(at(5, { sent }), "operations");
  assert.equal(at(6, { sent, layouts: many }), "calls");
});

test("what somebody sent is obeyed until its time is over, and not in an emergency", () => {
  const sent = { layout: "market", until: 6 };
  assert.equal(obeyed({ ...base, sent, now: 5 }), sent);
  assert.equal(obeyed({ ...base, sent, now: 6 }), null);
  assert.equal(obeyed({ ...base, sent, city: { level: { emergency: true } } }), null);
  assert.equal(obeyed(base), null);
});

test("the glass says which role sent it and when it comes back, and names no person", () => {
  const ctx = {
    t: translator("id"), time: { moment: (at) => `pukul ${at}` }, now: () => 1,
  };
  assert.deepEqual(sentWords({ role: "supervisor", until: 9, by: "siti" }, ctx), ["Dikirim supervisor", "kembali pukul 9"]);
  assert.deepEqual(sentWords({ until: 9, by: "siti" }, ctx), ["Dikirim dari konsol", "kembali pukul 9"]);
});

test("somebody may send a wall to a layout for a time; an emergency goes before all", () => {
  assert.equal(at(5, { sent: { layout: "operations", until: 6 } }), "operations");
  assert.equal(at(7, { sent: { layout: "operations", until: 6 } }), "calls");
  assert.equal(at(5, { sent: { layout: "unknown" } }), "calls");
  assert.equal(at(5, { sent: { layout: "market", until: 6 } }), "market");
  assert.equal(at(5, { sent: { subject: "incident:a", until: 6 } }), "operations");
  assert.equal(at(5, { sent: { layout: "calls" }, city: { level: { emergency: true } } }), "emergency");
});

test("one page alone stands", () => {
  assert.equal(at(99, { pages: pages.slice(0, 1), alerts: [danger] }), "calls");
});
