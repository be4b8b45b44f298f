import assert from "node:assert/strict";
import { test } from "node:test";

import { beside, cluster, clusterToFew, stepAside } from "../../static/js/map/clusters.js";
import { placeLabels } from "../../static/js/map/labels.js";
import { plan } from "../../static/js/map/plan.js";
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
  assert.deepEqual(clusterToFew([...nowhere, { id: "a", x: 1, y: 2 }], 20), [
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

test("districts of one level, their share of the fullest, and no tint where nothing is open", () => {
  const figures = scene.districtFigures(
    [
      { id: "1", name: "A", level: 0, counts: { open: 4 }, worst: "danger" },
      { id: "2", name: "B", level: 0, counts: {}, worst: "severe" },
      { id: "3", name: "C", level: 1, counts: { open: 9 } },
    ],
    0,
  );
  assert.deepEqual(
    [...figures],
    [
      ["1", { name: "A", open: 4, worst: "danger", shade: 1 }],
      ["2", { name: "B", open: 0, worst: null, shade: 0 }],
    ],
  );
});

test("what is outside, has no place, or is closed is not on the map but counted where it is open", () => {
  const at = (id, place, status) => ({ id, place, source: { title: id, status } });
  const list = [
    at("a", { lon: 1, lat: 2, confidence: "inside" }),
    at("b", { lon: 9, lat: 9, confidence: "outside" }),
    at("c", {}),
    at("d", { confidence: "by_name" }),
    at("e", { lon: 1, lat: 2, confidence: "outside" }, "closed"),
  ];
  assert.deepEqual(scene.incidentPoints(list), [{ id: "a", lon: 1, lat: 2, severity: null }]);
  assert.deepEqual(scene.offMap(list), { outside: 1, nowhere: 1 });
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

test("a camera whose state is left out is not known to live", () => {
  const place = { lon: 1, lat: 2, confidence: "inside" };
  assert.deepEqual(
    scene
      .cameraPoints([
        { id: "a", place },
        { id: "b", place, state: "online" },
      ])
      .map(({ down }) => down),
    [true, false],
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

test("what a silent source said last is no news on the map either", () => {
  const place = { lon: 1, lat: 2, confidence: "inside" };
  const silent = new Set(["f"]);
  assert.equal(scene.cameraPoints([{ id: "a", place, state: "online", feed: "f" }], silent)[0].down, true);
  const gauge = { id: "g", place, severity: "danger", feed: "f", observed_at: 1000 };
  assert.equal(scene.gaugePoints([gauge], silent, 1001)[0].severity, null);
  assert.equal(scene.gaugePoints([gauge], new Set(), 1001)[0].severity, "danger");
  assert.equal(scene.gaugePoints([gauge], new Set(), 9000)[0].severity, null);
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
  const start = { x: 100, y: 104 };
  const free = stepAside(start, boxOf, [name], [], 32);
  assert.ok(apart(boxOf(free), name) && Math.hypot(free.x - 100, free.y - 104) <= 16);
  const other = { x: 100, y: 118, width: 40, height: 10 };
  const second = stepAside(start, boxOf, [name], [other], 32);
  assert.ok(apart(boxOf(second), name) && apart(boxOf(second), other));
  assert.equal(stepAside(start, boxOf, [name], [], 5), start);
  assert.equal(stepAside({ x: 0, y: 0 }, boxOf, [name], [], 30).x, 0);
});

test("a plan: every report is in a symbol, single ones stand where they are, no name covers another", () => {
  const incidents = Array.from({ length: 120 }, (_, i) => ({
    id: `i${i}`,
    severity: i % 9 ? null : "severe",
    x: (i * 83) % 1000,
    y: (i * 59) % 800,
  }));
  const districts = Array.from({ length: 12 }, (_, i) => ({
    code: `d${i}`,
    name: `District ${i}`,
    open: 10,
    worst: null,
    x: 120 + (i % 4) * 250,
    y: 150 + Math.floor(i / 4) * 250,
    home: () => true,
  }));
  const input = {
    incidents,
    gauges: [{ x: 500, y: 400, severity: "danger" }],
    districts,
    names: [{ name: "Sea", x: 900, y: 60 }],
    number: String,
    wide: (words, size) => words.length * size * 14,
    rem: 24,
    frame: { left: 0, top: 40, right: 1000, bottom: 800 },
  };
  const { symbols, labels, places } = plan(input);
  assert.equal(
    symbols.reduce((sum, { count }) => sum + count, 0),
    120,
  );
  for (const { count, ids, x, y } of symbols) {
    const own = incidents.find(({ id }) => id === ids[0]);
    if (count === 1 && Math.hypot(own.x - 500, own.y - 400) > 50) assert.deepEqual([x, y], [own.x, own.y]);
  }
  assert.equal(labels.filter(({ ground }) => !ground).length, 12);
  assert.deepEqual(plan({ ...input, before: places }).places, places);
});

test("a single grave report steps out from under a name, a harmless one stays", () => {
  const rem = 20;
  const drawn = (severity) =>
    plan({
      incidents: [{ id: "a", severity, x: 200, y: 200 }],
      gauges: [],
      districts: [
        { code: "d", name: "Kampung", open: 0, worst: null, x: 200, y: 200, home: (x, y) => x === 200 && y === 200 },
      ],
      names: [],
      number: String,
      wide: (words, size) => words.length * size * rem * 0.5,
      rem,
      frame: [0, 0, 400, 400],
      before: new Map([["d", { x: 200, y: 200 }]]),
    });
  const harmless = drawn(null);
  assert.deepEqual([harmless.symbols[0].x, harmless.symbols[0].y], [200, 200]);
  const grave = drawn("danger");
  const [label] = grave.labels;
  const covered = label && Math.abs(grave.symbols[0].y - label.y) < 0.65 * rem && grave.symbols[0].x === label.x;
  assert.ok(!covered);
});
