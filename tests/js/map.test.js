import assert from "node:assert/strict";
import { test } from "node:test";

import { Boxes } from "../../static/js/map/boxes.js";
import { beside, cluster, clusterToFew, stepAside } from "../../static/js/map/clusters.js";
import { placeLabels } from "../../static/js/map/labels.js";
import * as scene from "../../static/js/map/scene.js";
import { Places } from "../../static/js/places.js";
import { translator } from "../../static/js/words.js";

const t = translator("en");

test("a cluster stands where its worst member is, keeps its state, and counts all", () => {
  const made = cluster(
    [
      { id: "a", x: 0, y: 0 },
      { id: "b", x: 5, y: 0, severity: "danger" },
      { id: "c", x: 9, y: 0, severity: "caution" },
      { id: "d", x: 90, y: 0 },
    ],
    10,
  );
  assert.deepEqual(made, [
    { x: 5, y: 0, severity: "danger", count: 3, ids: ["b", "c", "a"] },
    { x: 90, y: 0, severity: null, count: 1, ids: ["d"] },
  ]);
});

test("clusters do not depend on the order of the points", () => {
  const points = Array.from({ length: 200 }, (_, i) => ({
    id: `p${i}`,
    x: (i * 37) % 211,
    y: (i * 53) % 197,
    severity: [null, "caution", "danger"][i % 3],
  }));
  assert.deepEqual(cluster(points.toReversed(), 12), cluster(points, 12));
});

test("no incident is lost however few symbols there may be", () => {
  const points = Array.from({ length: 500 }, (_, i) => ({
    id: `p${i}`,
    x: (i * 37) % 1000,
    y: (i * 91) % 800,
  }));
  const few = clusterToFew(points, 20, 12);
  assert.ok(few.length <= 12);
  assert.equal(
    few.reduce((sum, { count }) => sum + count, 0),
    500,
  );
});

test("points without a place do not keep the map busy for ever", () => {
  const nowhere = Array.from({ length: 40 }, (_, i) => ({ id: `n${i}`, x: 5, y: NaN }));
  assert.deepEqual(clusterToFew([...nowhere, { id: "a", x: 1, y: 2 }], 20, 28), [
    { x: 1, y: 2, severity: null, count: 1, ids: ["a"] },
  ]);
});

test("what has no location is not on the map, whatever numbers its source wrote", () => {
  const places = [
    { lon: 11_890_000, lat: -690_000, flags: ["out_of_range"] },
    { lon: 0, lat: 0, confidence: "no_location" },
    { lon: 106.8, lat: -6.2, confidence: "near_edge" },
  ];
  const list = places.map((place, i) => ({ id: `${i}`, place }));
  assert.deepEqual(
    scene.incidentPoints(list).map(({ id }) => id),
    ["2"],
  );
});

test("a symbol steps aside from what it would cover, also from the very same place", () => {
  assert.deepEqual(beside({ x: 3, y: 0, id: 1 }, [{ x: 0, y: 0 }], 10), { x: 10, y: 0, id: 1 });
  assert.deepEqual(beside({ x: 0, y: 0 }, [{ x: 0, y: 0 }], 10), { x: 10, y: 0 });
  const far = { x: 20, y: 0 };
  assert.equal(beside(far, [{ x: 0, y: 0 }], 10), far);
});

const FRAME = { left: 0, top: 0, right: 400, bottom: 300 };
const label = (id, x, y, more = {}) => ({ id, x, y, width: 80, height: 20, priority: 0, ...more });
const boxes = (labels, places) =>
  labels.filter(({ id }) => places.has(id)).map((one) => ({ ...one, ...places.get(one.id) }));
const apart = (a, b) =>
  Math.abs(a.x - b.x) * 2 >= a.width + b.width || Math.abs(a.y - b.y) * 2 >= a.height + b.height;

test("labels never stand on each other nor outside the frame", () => {
  const labels = Array.from({ length: 40 }, (_, i) =>
    label(`l${i}`, (i * 61) % 400, (i * 47) % 300, { priority: i }),
  );
  const placed = boxes(labels, placeLabels(labels, [], FRAME));
  assert.ok(placed.length > 15);
  for (const [i, a] of placed.entries()) {
    assert.ok(a.x - 40 >= 0 && a.x + 40 <= 400 && a.y - 10 >= 0 && a.y + 10 <= 300);
    for (const b of placed.slice(i + 1)) assert.ok(apart(a, b), `${a.id} on ${b.id}`);
  }
});

test("where there is room for one of two, the one with the lower number stays", () => {
  const tight = { left: 0, top: 0, right: 80, bottom: 20 };
  const places = placeLabels(
    [label("a", 40, 10, { priority: 2 }), label("b", 40, 10, { priority: 1 })],
    [],
    tight,
  );
  assert.deepEqual([...places.keys()], ["b"]);
});

test("a label steps beside a symbol, and a fixed one gives way", () => {
  const symbol = { x: 200, y: 150, width: 20, height: 20 };
  const place = placeLabels([label("a", 200, 150)], [symbol], FRAME).get("a");
  assert.ok(apart({ ...place, width: 80, height: 20 }, symbol));
  assert.equal(placeLabels([label("a", 200, 150, { fixed: true })], [symbol], FRAME).size, 0);
});

test("only what is written counts, not the corners beside a short line", () => {
  const two = label("a", 200, 150, {
    height: 40,
    lines: [
      { dy: -10, width: 80, height: 20 },
      { dy: 10, width: 20, height: 20 },
    ],
  });
  const corner = { x: 230, y: 160, width: 10, height: 10 };
  const { dx, dy } = placeLabels([two], [corner], FRAME).get("a");
  assert.deepEqual([dx, dy], [0, 0]);
});

test("a label stays where it was while that is nearly as good", () => {
  const symbol = { x: 200, y: 150, width: 20, height: 20 };
  const before = placeLabels([label("a", 200, 150)], [symbol], FRAME);
  const after = placeLabels([label("a", 200, 150)], [], FRAME, before);
  assert.deepEqual(after.get("a"), before.get("a"));
});

test("only real hazards that touch the city are drawn, the worst on top", () => {
  const hazard = (id, more) => ({ id, geometry: {}, where: "city", ...more });
  const list = [
    hazard("d", { level: "danger" }),
    hazard("i"),
    hazard("t", { status: "Exercise" }),
    hazard("o", { where: "outside" }),
    hazard("n", { geometry: null }),
    hazard("c", { level: "caution" }),
  ];
  assert.deepEqual(
    scene.hazardAreas(list).map(({ id }) => id),
    ["i", "c", "d"],
  );
});

test("a place in words: district and the map's level, or why there is none", () => {
  const places = new Places(0);
  places.load({
    levels: [{ level: 0, label: "Kecamatan" }],
    features: [{ properties: { code: "k1", name: "Muara Baru", level: 0 } }],
  });
  assert.equal(places.label, "Kecamatan");
  assert.equal(
    places.words(
      { district: "d", name: "Layar", parents: [{ code: "k1", level: 0 }], confidence: "inside" },
      t,
    ),
    "Layar, Muara Baru",
  );
  assert.equal(
    places.short(
      { district: "d", name: "Layar", parents: [{ code: "k1", level: 0 }], confidence: "inside" },
      t,
    ),
    "Muara Baru",
  );
  assert.equal(places.words({ district: "k1", confidence: "inside" }, t), "Muara Baru");
  assert.equal(places.words({ confidence: "outside" }, t), "outside the city");
  assert.equal(places.words({}, t), "no location");
  assert.equal(places.words(undefined, t), "no location");
});

test("a label rather stays a little off its point than in a neighbour", () => {
  const symbol = { x: 200, y: 150, width: 90, height: 20 };
  const home = (x, y) => y >= 140;
  const { y } = placeLabels([label("a", 200, 150, { home })], [symbol], FRAME).get("a");
  assert.ok(y >= 150, `${y}`);
});

const boxOf = ({ x, y }) => ({ x, y, width: 20, height: 10 });

test("a cluster under a name steps out of it, not far and not onto another symbol", () => {
  const name = { x: 100, y: 100, width: 80, height: 20 };
  const written = new Boxes([name]);
  const start = { x: 100, y: 104 };
  const free = stepAside(start, boxOf, written, new Boxes(), 32);
  assert.ok(apart(boxOf(free), name) && Math.hypot(free.x - 100, free.y - 104) <= 16);
  const other = { x: 100, y: 118, width: 40, height: 10 };
  const second = stepAside(start, boxOf, written, new Boxes([other]), 32);
  assert.ok(apart(boxOf(second), name) && apart(boxOf(second), other));
  assert.equal(stepAside(start, boxOf, written, new Boxes(), 5), start);
  assert.equal(stepAside({ x: 0, y: 0 }, boxOf, written, new Boxes(), 30).x, 0);
});

test("a camera whose state is left out is not known to live, nor one whose source is silent", () => {
  const place = { lon: 1, lat: 2, confidence: "inside" };
  const cameras = [
    { id: "a", place },
    { id: "b", place, state: "online", feed: "f" },
    { id: "c", place, state: "frozen" },
  ];
  const states = (silent) => scene.cameraPoints(cameras, silent).map(({ state }) => state);
  assert.deepEqual(states(), ["unknown", "online", "frozen"]);
  assert.deepEqual(states(new Set(["f"])), ["unknown", "unknown", "frozen"]);
});

test("a level that a silent source said last, or long ago, is no news", () => {
  const place = { lon: 1, lat: 2, confidence: "inside" };
  const gauge = { id: "g", place, severity: "danger", feed: "f", observed_at: 1000 };
  assert.equal(scene.gaugePoints([gauge], new Set(["f"]), 1001)[0].severity, null);
  assert.equal(scene.gaugePoints([gauge], new Set(), 1001)[0].severity, "danger");
  assert.equal(scene.gaugePoints([gauge], new Set(), 9000)[0].severity, null);
});

test("incidents that are closed, outside or nowhere have no symbol on the map", () => {
  const at = (id, place, status) => ({ id, place, source: { title: id, status } });
  const list = [
    at("a", { lon: 1, lat: 2, confidence: "inside" }),
    at("b", { lon: 9, lat: 9, confidence: "outside" }),
    at("c", {}),
    at("e", { lon: 1, lat: 2, confidence: "inside" }, "closed"),
  ];
  assert.deepEqual(scene.incidentPoints(list), [{ id: "a", lon: 1, lat: 2, severity: null }]);
});
