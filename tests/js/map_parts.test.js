import assert from "node:assert/strict";
import { test } from "node:test";

import { quietCorner } from "../../static/js/map/corner.js";
import { Director, GAP_S, LOOK_S, graveThings } from "../../static/js/map/director.js";
import { Nearest } from "../../static/js/map/nearest.js";
import { outlineOf } from "../../static/js/map/outline.js";
import { away, nowhereOf, outsideOf, windOf } from "../../static/js/map/outside.js";
import { districtFigures } from "../../static/js/map/shade.js";
import { atLeast, fitView, pixels, shownExtent } from "../../static/js/map/view.js";

const DISTRICTS = [
  { id: "1", name: "A", level: 0, counts: { open: 4, overdue: 1, calls: 2 }, worst: "danger", hazards: ["h1", "h2"] },
  { id: "2", name: "B", level: 0, counts: {}, worst: "severe" },
  { id: "3", name: "C", level: 1, counts: { open: 9 } },
];
const HAZARDS = [{ id: "h1", level: "caution" }, { id: "h2", level: "severe" }, { id: "h3", level: "danger" }];

test("districts of one level by what the layout asks, and no tint where there is nothing", () => {
  const figures = (shade) => [...districtFigures(DISTRICTS, 0, shade, HAZARDS).values()];
  const nothing = { name: "B", count: 0, figure: 0, worst: null, share: 0 };
  assert.deepEqual(figures("open"), [{ name: "A", count: 4, figure: 4, worst: "danger", share: 1 }, nothing]);
  assert.deepEqual(figures("overdue"), [{ name: "A", count: 1, figure: 1, worst: "severe", share: 1 }, nothing]);
  assert.deepEqual(figures("calls"), [{ name: "A", count: 2, figure: 2, worst: null, share: 1 }, nothing]);
  assert.deepEqual(figures("hazard"), [{ name: "A", count: 2, figure: 2, worst: "severe", share: 1 }, nothing]);
});

test("the share is that of the fullest district, in steps that can be told apart", () => {
  const many = Array.from({ length: 100 }, (_, i) => ({ id: `${i}`, name: "x", level: 0, counts: { open: i } }));
  const shares = new Set([...districtFigures(many, 0).values()].map(({ share }) => share));
  assert.ok(shares.size <= 7 && shares.has(0) && shares.has(1));
});

const alert = (id, more) => ({ id, severity: "danger", state: "unacknowledged", subject: "gauge:g", since: 5, ...more });

test("grave is an unseen alert and an open incident of the highest level", () => {
  const alerts = [alert("a"), alert("b", { severity: "severe" }), alert("c", { state: "acknowledged" })];
  const incidents = [
    { id: "i", severity: "danger", at: 7 },
    { id: "j", severity: "danger", over_at: 3 },
    { id: "k" },
  ];
  const isOpen = ({ over_at: over }) => over == null;
  assert.deepEqual(graveThings(alerts, incidents, isOpen), [
    { key: "alert:a 0", subject: "gauge:g", since: 5 },
    { key: "incident:i", subject: "incident:i", since: 7 },
  ]);
});

const thing = (id, since = 0) => ({ key: id, subject: `incident:${id}`, since });
const anywhere = () => true;

test("the map moves to what is new and grave, and comes back after a while", () => {
  const director = new Director();
  assert.equal(director.subject(0, "", [thing("old")], anywhere), "");
  assert.equal(director.subject(1, "", [thing("old"), thing("a", 1), thing("b", 2)], anywhere), "incident:b");
  assert.equal(director.subject(LOOK_S, "", [thing("old"), thing("a"), thing("b")], anywhere), "incident:b");
  assert.equal(director.subject(1 + LOOK_S, "", [thing("old"), thing("a"), thing("b")], anywhere), "");
});

test("it moves by itself no oftener than it may, however much happens", () => {
  const director = new Director();
  director.subject(0, "", [], anywhere);
  const moves = [];
  let last = "";
  for (let second = 1; second <= 600; second += 1) {
    const grave = Array.from({ length: second }, (_, i) => thing(`t${i}`, i));
    const now = director.subject(second, "", grave, anywhere);
    if (now && now !== last) moves.push(second);
    last = now;
  }
  assert.ok(moves.length >= 9);
  moves.slice(1).forEach((at, i) => assert.ok(at - moves[i] >= GAP_S));
});

test("where somebody sends it goes before, and what is nowhere or not to be followed moves nothing", () => {
  const director = new Director();
  director.subject(0, "", [], anywhere);
  assert.equal(director.subject(1, "district:1", [thing("a")], anywhere), "district:1");
  assert.equal(director.subject(2, "", [thing("a")], anywhere), "");
  assert.equal(director.subject(3, "", [thing("a"), thing("b")], () => false), "");
  const calm = new Director(false);
  calm.subject(0, "", [], anywhere);
  assert.equal(calm.subject(1, "", [thing("a")], anywhere), "");
});

test("way and distance to what is outside, by wind, the worst first", () => {
  const near = away([106.8, -6.2], [106.8, -5.2]);
  assert.ok(Math.abs(near.km - 111.2) < 0.1 && near.bearing === 0);
  assert.equal(windOf(away([106.8, -6.2], [105.8, -7.2]).bearing), "sw");
  assert.equal(windOf(350), "n");
  const outside = (lon, lat, severity) => ({ place: { lon, lat, confidence: "outside" }, severity });
  const found = outsideOf(
    [
      outside(107.8, -6.2),
      outside(107.3, -6.2, "severe"),
      outside(106.8, -5.2),
      { ...outside(106.8, -5.2), over_at: 4 },
      { place: { lon: 106.8, lat: -6.2, confidence: "inside" } },
      { place: { confidence: "outside" } },
    ],
    [
      { type: "quake", lon: 105.8, lat: -7.2, magnitude: 5.2, where: "outside" },
      { type: "quake", lon: 105.8, lat: -7.2, magnitude: 6, where: "outside", status: "Test" },
    ],
    [106.8, -6.2],
  );
  assert.deepEqual(
    found.map(({ kind, wind, count, severity }) => [kind, wind, count, severity]),
    [
      ["incident", "e", 2, "severe"],
      ["incident", "n", 1, null],
      ["quake", "sw", 1, null],
    ],
  );
  assert.ok(Math.abs(found[0].km - 55.3) < 1);
  assert.equal(nowhereOf([{ place: {} }, {}, { over_at: 3 }, outside(1, 1)]), 2);
});

test("numbers that were exchanged lie in no direction, and are counted", () => {
  const at = (lon, lat, flags = []) => ({ place: { lon, lat, flags, confidence: "outside" } });
  const found = outsideOf([at(-6.2, 106.8), at(110, -7, ["swapped_suspected"]), at(106.8, -7.2)], [], [106.8, -6.2]);
  assert.deepEqual(
    found.map(({ wind, count }) => [wind, count]),
    [
      ["s", 1],
      ["", 2],
    ],
  );
});

test("a view shows its extent in the free part, and px go back and forth", () => {
  const size = [800, 600];
  const padding = [50, 10, 90, 30];
  const view = fitView([0, 0, 100, 100], size, padding);
  const [west, south, east, north] = shownExtent(view, size, padding);
  assert.ok(west <= 1e-9 && south <= 1e-9 && east >= 100 - 1e-9 && north >= 100 - 1e-9);
  assert.ok(Math.abs(north - south - 100) < 1e-9);
  const { toPixel, toMap } = pixels(view, size);
  toMap(toPixel([12, 34])).forEach((value, i) => assert.ok(Math.abs(value - [12, 34][i]) < 1e-9));
  assert.deepEqual(atLeast([10, 10, 12, 30], 10), [6, 10, 16, 30]);
});

test("the inset stands where it covers least, and does not change its corner for little", () => {
  const frame = { left: 0, top: 0, right: 400, bottom: 300 };
  const size = { width: 100, height: 100 };
  const here = (x, y, n) => Array.from({ length: n }, () => ({ x, y }));
  assert.equal(quietCorner(frame, size, 10, []).name, "bottom-right");
  const full = [...here(350, 250, 4), ...here(50, 250, 3), ...here(350, 50, 3), ...here(50, 50, 1)];
  assert.equal(quietCorner(frame, size, 10, full).name, "top-left");
  assert.equal(quietCorner(frame, size, 10, full, "bottom-left").name, "top-left");
  assert.equal(quietCorner(frame, size, 10, [...full, ...here(50, 50, 1)], "bottom-left").name, "bottom-left");
});

test("the outline is that of the highest level, with few points and without rocks", () => {
  const circle = (radius) => Array.from({ length: 500 }, (_, i) => [radius * Math.cos(i / 80), radius * Math.sin(i / 80)]);
  const feature = (level, coordinates, type = "Polygon") => ({ properties: { level }, geometry: { type, coordinates } });
  const rings = outlineOf([
    feature(0, [circle(10), circle(1)]),
    feature(0, [[circle(5)], [circle(0.1)]], "MultiPolygon"),
    feature(1, [circle(20)]),
  ]);
  assert.equal(rings.length, 2);
  assert.ok(rings.every((ring) => ring.length <= 60));
});

test("nearest cameras are asked once an incident, a late answer is nobody's", async () => {
  const asked = [];
  let told = 0;
  const answers = new Map();
  const ask = (id) => {
    asked.push(id);
    return new Promise((give) => answers.set(id, give));
  };
  const nearest = new Nearest(ask, () => (told += 1));
  assert.deepEqual(nearest.of("incident:a"), []);
  nearest.of("incident:a");
  nearest.of("incident:b");
  answers.get("a")({ cameras: [{ id: "x" }] });
  answers.get("b")({ cameras: Array.from({ length: 9 }, (_, i) => ({ id: `${i}` })) });
  await new Promise((done) => setTimeout(done));
  assert.deepEqual(asked, ["a", "b"]);
  assert.equal(told, 1);
  assert.equal(nearest.of("incident:b").length, 4);
  assert.deepEqual(nearest.of("gauge:g"), []);
});
