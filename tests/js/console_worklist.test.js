import assert from "node:assert/strict";
import { test } from "node:test";

import { scrolledTo, span } from "../../static/js/console/rows.js";
import * as work from "../../static/js/console/worklist.js";

const incident = (id, more = {}) => ({
  id,
  severity: more.severity,
  category: more.category ?? "",
  agency: more.agency ?? "",
  channel: more.channel ?? "",
  clocks: more.clocks,
  overdue: more.overdue,
  over_at: more.over_at,
  scope: more.scope ?? (more.agency ? ["d:1", `a:${more.agency}`] : ["d:1"]),
  source: { title: id, opened_at: more.opened ?? 1, ...more.source },
  ours: more.ours ?? {},
  place: more.place ?? {},
});
const ids = (list) => list.map(({ id }) => id).join("");
const filter = (more = {}) => ({ ...work.NO_FILTER, ...more });

test("overdue first, then worst, then the one that waited longest", () => {
  const list = [
    incident("n", { opened: 1 }),
    incident("d", { severity: "danger", opened: 9 }),
    incident("e", { severity: "danger", opened: 2 }),
    incident("o", { opened: 50, overdue: ["accept"] }),
    incident("p", { severity: "caution", opened: 60, overdue: ["verify"] }),
  ];
  assert.equal(ids(work.chosen(list, filter())), "poedn");
});

test("what is over in either sense is no work, and not late any more", () => {
  const list = [
    incident("a"),
    incident("b", { source: { status: "closed" }, over_at: 5, overdue: ["resolve"] }),
    incident("c", { ours: { status: "prank" }, over_at: 5 }),
    incident("d", { ours: { status: "resolved" } }),
  ];
  assert.equal(ids(work.chosen(list, filter())), "ad");
  assert.equal(ids(work.chosen(list, filter({ status: "" }))), "abcd");
  assert.equal(ids(work.chosen(list, filter({ status: "prank" }))), "c");
  assert.equal(ids(work.chosen(list, filter({ status: "source_closed" }))), "b");
  assert.equal(work.isOverdue(list[1]), false);
});

test("every filter cuts, and they cut together", () => {
  const list = [
    incident("a", { agency: "DPU", category: "flood", channel: "112", severity: "danger", overdue: ["x"] }),
    incident("b", { agency: "DPU", category: "tree", channel: "jaki" }),
    incident("c", { scope: ["d:1", "a:DPU"], agency: "PLN" }),
    incident("d"),
  ];
  const found = (more) => ids(work.chosen(list, filter(more)));
  assert.equal(found({ agency: "DPU" }), "abc");
  assert.equal(found({ agency: "PLN" }), "");
  assert.equal(found({ agency: "none" }), "d");
  assert.equal(found({ category: "flood" }), "a");
  assert.equal(found({ channel: "jaki" }), "b");
  assert.equal(found({ severity: "danger" }), "a");
  assert.equal(found({ severity: "none" }), "bcd");
  assert.equal(found({ overdue: true }), "a");
  assert.equal(found({ agency: "DPU", overdue: true, channel: "jaki" }), "");
});

test("a district is found by any level and by its other candidates", () => {
  const list = [
    incident("a", { place: { district: "1.1", parents: [{ code: "1", name: "Pesisir", level: 0 }] } }),
    incident("b", { place: { district: "2.1", candidates: ["1.1"] } }),
    incident("c"),
  ];
  assert.equal(ids(work.chosen(list, filter({ district: "1.1" }))), "ab");
  assert.equal(ids(work.chosen(list, filter({ district: "1" }))), "a");
  assert.equal(ids(work.chosen(list, filter({ district: "none" }))), "c");
});

test("search finds words in title, text, address, district and id, in any order, case or accent", () => {
  const list = [
    incident("laporan/17", {
      source: { title: "Pohon tumbang", text: "menutup jalan", address: "Jl. Mawar 3" },
    }),
    incident("laporan/18", { source: { title: "Lampu padam" }, place: { name: "Café Sari" } }),
  ];
  const found = (text) => work.chosen(list, filter({ text })).map(({ id }) => id);
  assert.deepEqual(found("TUMBANG pohon"), ["laporan/17"]);
  assert.deepEqual(found("mawar jalan"), ["laporan/17"]);
  assert.deepEqual(found("cafe"), ["laporan/18"]);
  assert.deepEqual(found("laporan/18"), ["laporan/18"]);
  assert.deepEqual(found("laporan"), ["laporan/17", "laporan/18"]);
  assert.deepEqual(found("nothing"), []);
  assert.equal(found("   ").length, 2);
});

test("an incident's record is made once, and anew for what replaces it", () => {
  const one = incident("a");
  assert.equal(work.record(one), work.record(one));
  assert.notEqual(work.record(one), work.record({ ...one }));
});

test("mine is what I wrote or moved; for an agency what it has", () => {
  const list = [
    incident("a", { ours: { notes: [{ at: 1, by: "rini", text: "x" }] } }),
    incident("b", { ours: { steps: [{ at: 1, by: "rini", was: "received", now: "verified" }] } }),
    incident("c", { agency: "DPU" }),
  ];
  assert.equal(ids(work.chosen(list, filter({ mine: true }), { id: "rini" })), "ab");
  assert.equal(ids(work.chosen(list, filter({ mine: true }), { id: "x", agency: "DPU" })), "c");
});

test("the running clock that is due first counts, at risk from 80 per cent, over at the very second", () => {
  const one = incident("a", {
    clocks: [
      { name: "verify", started_at: 0, due_at: 10, done_at: 5 },
      { name: "resolve", started_at: 0, due_at: 1000 },
      { name: "accept", started_at: 0, due_at: 100, risk_at: 80 },
    ],
  });
  assert.deepEqual(work.clockOf(one, 79), { name: "accept", left: 21, state: "ok" });
  assert.equal(work.clockOf(one, 80).state, "risk");
  assert.deepEqual(work.clockOf(one, 100), { name: "accept", left: 0, state: "over" });
  assert.equal(work.clockOf(incident("b"), 5), null);
  assert.equal(work.clockOf({ ...one, over_at: 3 }, 5), null);
  assert.equal(work.clockState({ started_at: 0, due_at: 10, done_at: 11 }, 50), "over");
  assert.equal(work.clockState({ started_at: 0, due_at: 10, done_at: 9 }, 50), "ok");
});

test("a clock that stands still asks for nothing while another runs", () => {
  const still = { name: "resolve", started_at: 0, due_at: 10, paused: true };
  const runs = { name: "accept", started_at: 0, due_at: 100 };
  assert.equal(work.clockOf(incident("a", { clocks: [still, runs] }), 5).name, "accept");
  assert.equal(work.clockOf(incident("a", { clocks: [still] }), 50).state, "paused");
});

test("values are counted, the most frequent first", () => {
  const list = [
    incident("a", { channel: "112" }),
    incident("b", { channel: "x" }),
    incident("c", { channel: "112" }),
  ];
  assert.deepEqual(
    work.counted(list, ({ channel }) => channel),
    [
      ["112", 2],
      ["x", 1],
    ],
  );
});

test("only rows in sight exist, and a few more", () => {
  assert.deepEqual(span({ top: 0, view: 600, height: 60, n: 10000, spare: 2 }), [0, 12]);
  assert.deepEqual(span({ top: 6000, view: 600, height: 60, n: 10000, spare: 2 }), [98, 112]);
  assert.deepEqual(span({ top: 6000, view: 600, height: 60, n: 3 }), [3, 3]);
  assert.deepEqual(span({ top: 0, view: 0, height: 60, n: 0 }), [0, 0]);
});

test("a row comes into sight by the least movement", () => {
  const at = (top, index) => scrolledTo({ top, view: 100, height: 20, index });
  assert.equal(at(0, 4), 0);
  assert.equal(at(0, 5), 20);
  assert.equal(at(200, 3), 60);
});
