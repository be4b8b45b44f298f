// static/js/console/drive.js and drive_map.js: which walls and screens can be sent, to what, and what lies at a point.
import assert from "node:assert/strict";
import { test } from "node:test";

import { drive, senderWords, sentOf, subjectWords, targets, things, whereWords } from "../../static/js/console/drive.js";
import { metres, subjectsAt, within } from "../../static/js/console/drive_map.js";
import { consoleTranslator } from "../../static/js/console/words.js";
import { Store } from "../../static/js/store.js";

const t = consoleTranslator("en");

function city() {
  const store = new Store((flush) => flush());
  store.replace({
    district: { "99.01": { id: "99.01", name: "Muara" }, 99.02: { id: "99.02", name: "Hulu" } },
    camera: {
      a: { id: "a", name: "Simpang", place: { lon: 110.01, lat: -5.01 } },
      b: { id: "b", name: "Simpang", place: { lon: 110.9, lat: -5.9 } },
    },
    incident: { "f/1": { id: "f/1", source: { title: "Banjir" }, place: { lon: 110.012, lat: -5.01 } } },
  });
  return store;
}

const BOOT = {
  walls: [
    ["utama", "Ruang utama"],
    ["lobi", "Lobi"],
  ],
  screens: { utama: ["1", "2"] },
  layouts: ["operations", "cerita"],
};

test("a wall can be sent, its screens, those that are paired, and those that are open now", () => {
  const paired = [
    { id: "abc", wall: "lobi", name: "Kiri" },
    { id: "old", wall: "lobi", name: "Rusak", state: "revoked" },
  ];
  const boards = [
    { id: "lobi/abc", name: "lobi/Kiri", state: "painting" },
    { id: "lobi/x", name: "lobi/x", state: "behind" },
    { id: "lobi/y", name: "lobi/y", state: "gone" },
    { id: "utama", name: "utama", state: "painting" },
  ];
  assert.deepEqual(targets(BOOT, paired, boards), [
    { value: "utama", label: "Ruang utama" },
    { value: "utama/1", label: "Ruang utama · 1" },
    { value: "utama/2", label: "Ruang utama · 2" },
    { value: "lobi", label: "Lobi" },
    { value: "lobi/abc", label: "Lobi · Kiri" },
    { value: "lobi/x", label: "Lobi · x" },
  ]);
});

test("everything that can be named has words of its own", () => {
  const found = things(city(), t);
  assert.equal(found.get("Camera Simpang"), "camera:a");
  assert.equal(found.get("Camera Simpang (b)"), "camera:b");
  assert.equal(found.get("Report Banjir"), "incident:f/1");
  assert.equal(found.size, 5);
  assert.equal(subjectWords("incident:f/1", city(), t), "Report Banjir");
  assert.equal(subjectWords("camera:gone:2", city(), t), "gone:2");
});

test("where a wall is sent is said by the thing and the layout, until its time is over", () => {
  assert.equal(whereWords({ subject: "camera:a", layout: "operations" }, city(), t), "Camera Simpang · Operations");
  assert.equal(whereWords({ layout: "cerita" }, city(), t), "cerita");
  assert.equal(sentOf({ sent: { until: 10 } }, 11), null);
  assert.equal(sentOf(undefined, 1), null);
});

/** Asks with these answers; gives the commands that left and what was wrong. */
async function asked(values, preset) {
  const sent = [];
  let wrong;
  const ctx = {
    store: city(),
    t,
    boot: BOOT,
    figures: { duration: (s) => `${s} s` },
    commands: { send: (...command) => sent.push(command) },
    async ask(spec) {
      wrong = spec.check(values);
      return wrong ? null : values;
    },
  };
  await drive(ctx, preset);
  return { sent, wrong };
}

test("a thing, a layout or both are sent, for a time", async () => {
  const both = await asked({ wall: "utama/1", thing: "Camera Simpang", layout: "operations", minutes: "5" });
  assert.deepEqual(both.sent, [
    ["wall.drive", { wall: "utama/1", for_s: 300, layout: "operations", subject: "camera:a" }, "wall:utama/1"],
  ]);
  const alone = await asked({ wall: "lobi", thing: "", layout: "operations", minutes: "30" });
  assert.deepEqual(alone.sent[0][1], { wall: "lobi", for_s: 1800, layout: "operations" });
  const story = await asked({ wall: "lobi", layout: "", minutes: "30" }, { subject: "incident:f/1" });
  assert.deepEqual(story.sent[0], ["wall.drive", { wall: "lobi", for_s: 1800, subject: "incident:f/1" }, "incident:f/1"]);
});

test("nothing leaves without a where, or for a thing that is not there", async () => {
  assert.equal((await asked({ wall: "lobi", thing: "", layout: "", minutes: "30" })).wrong, t("drive.nowhere"));
  const unknown = await asked({ wall: "lobi", thing: "Camera X", layout: "", minutes: "30" });
  assert.deepEqual([unknown.sent, unknown.wrong], [[], t("drive.unknown", { what: "Camera X" })]);
});

// -- the map ---------------------------------------------------------------------------------------------

const square = (west, south, east, north) => [
  [west, south],
  [east, south],
  [east, north],
  [west, north],
  [west, south],
];

test("a point is inside a polygon, not in its hole, and in any part of several", () => {
  const ring = { type: "Polygon", coordinates: [square(0, 0, 10, 10), square(4, 4, 6, 6)] };
  assert.deepEqual([within(ring, [1, 1]), within(ring, [5, 5]), within(ring, [11, 1])], [true, false, false]);
  const parts = { type: "MultiPolygon", coordinates: [[square(0, 0, 1, 1)], [square(5, 5, 6, 6)]] };
  assert.deepEqual([within(parts, [5.5, 5.5]), within(parts, [3, 3])], [true, false]);
});

test("what lies at a point: its districts, the lowest first, then what is near, nearest first", () => {
  const geo = {
    features: [
      { properties: { code: "99.01", level: 0 }, geometry: { type: "Polygon", coordinates: [square(110, -6, 111, -5)] } },
      { properties: { code: "99.02", level: 1 }, geometry: { type: "Polygon", coordinates: [square(110, -6, 110.5, -5)] } },
      { properties: { code: "none", level: 1 }, geometry: null },
    ],
  };
  assert.deepEqual(subjectsAt([110.0101, -5.01], geo, city()), [
    "district:99.02",
    "district:99.01",
    "camera:a",
    "incident:f/1",
  ]);
  assert.deepEqual(subjectsAt([0, 0], geo, city()), []);
  assert.ok(Math.abs(metres([110, 0], [110, 1]) - 111_320) < 1);
});

test("who sent a wall is a person for who may see people, and a role for the others", () => {
  const ctx = { t, nameOf: (id) => `<${id}>` };
  assert.equal(senderWords({ by: "rina", role: "supervisor" }, ctx), "<rina>");
  assert.equal(senderWords({ role: "helpdesk" }, ctx), "help desk");
  assert.equal(senderWords({}, ctx), "–");
});
