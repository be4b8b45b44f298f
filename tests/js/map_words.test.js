import assert from "node:assert/strict";
import { test } from "node:test";

import { figureWriter } from "../../static/js/format.js";
import { captionsOf } from "../../static/js/map/captions.js";
import { cityIn, insetOf } from "../../static/js/map/inset.js";
import { legendOf } from "../../static/js/map/legend.js";
import { Places } from "../../static/js/places.js";
import { translator } from "../../static/js/words.js";

const t = translator("en");
const places = new Places(0);
places.load({ levels: [{ level: 0, label: "Kecamatan" }, { level: 1, label: "" }], features: [] });

const ctx = {
  t,
  figures: figureWriter("en", t),
  places,
  store: { get: (kind, id) => (kind === "incident" && id === "i" ? { source: { title: "Dike broke" } } : null) },
  language: "en",
  now: () => 100,
  time: { moment: (at) => `T${at}` },
};

const text = (node) =>
  node === null || node === undefined
    ? ""
    : Array.isArray(node)
      ? node.map(text).join(" ")
      : (node.text ?? node.children.map(text).join(" "));

test("the title says what the map is shaded by and by which level, or what it looks at", () => {
  const { title } = captionsOf(ctx, "overdue");
  assert.equal(title("", 0), "Late reports by kecamatan");
  assert.equal(title("", 1), "Late reports");
  assert.equal(title("incident:i", 0), "Dike broke");
  assert.equal(title("incident:gone", 0), "Late reports by kecamatan");
});

test("the foot says what lies outside, what has no place, and whose the tiles are or since when they fail", () => {
  const { notes } = captionsOf(ctx, "open");
  const quake = { kind: "quake", km: 497.2, wind: "sw", count: 1, severity: null, magnitude: 5.2 };
  const reports = { kind: "incident", km: 0.2, wind: "e", count: 3, severity: "severe" };
  const tiles = { dead: () => [], attributions: ["© A", "© B"] };
  assert.deepEqual(notes({ missing: 2, outside: [reports, quake], tiles }), [
    "© A · © B",
    "outside the city: 3 reports · 1 km east + 1 more",
    "no location 2",
  ]);
  const dead = { ...tiles, dead: () => [{ name: "", since: 7 }] };
  assert.deepEqual(notes({ missing: 0, outside: [quake], tiles: dead }), [
    "base map: no answer since T7",
    "outside the city: Earthquake M 5.2 · 497 km south-west",
    "",
  ]);
  assert.deepEqual(notes({ missing: 0, outside: [], tiles: null }), ["", "", ""]);
});

test("the legend has a line for what is on the map and none for what is not", () => {
  const words = (more) =>
    text(legendOf({ t, shade: "calls", states: new Set(), overlaid: [], gauges: false, hazards: false, ...more }, [""]));
  const bare = words({});
  assert.ok(bare.includes(t("map.shade.calls")) && bare.includes(t("severity.danger")));
  for (const key of ["map.camera", "cctv.frozen", "map.gauge", "map.hazard"]) assert.ok(!bare.includes(t(key)), key);
  const full = words({ states: new Set(["online", "frozen"]), overlaid: ["Land values"], gauges: true, hazards: true });
  for (const key of ["map.camera", "cctv.frozen", "map.gauge", "map.hazard"]) assert.ok(full.includes(t(key)), key);
  assert.ok(full.includes("Land values") && !full.includes(t("cctv.offline")));
});

const ring = [
  [0, 0],
  [2, 0],
  [2, 2],
  [0, 2],
];

test("the inset stands only where it says something: where the map looks, and what lies outside, by its shape", () => {
  const city = cityIn([ring], [0, 0, 2, 2]);
  assert.equal(insetOf(city, null, []), null);
  const one = { bearing: 90, severity: "danger" };
  const drawn = insetOf(city, [0.9, 0.9, 1.1, 1.1], [one, { bearing: 180, severity: null }]);
  assert.deepEqual(
    drawn.children.map(({ tag }) => tag),
    ["path", "rect", "circle", "polygon"],
  );
  const [, frame, dot, square] = drawn.children;
  // However close it looks, the frame can be seen; what is outside stands in its own direction.
  assert.ok(frame.props.width >= 7 && frame.props.height >= 7);
  assert.ok(Math.abs(dot.props.cx - 50) < 1e-6 && dot.props.cy > 90);
  const xs = square.props.points.split(" ").map((pair) => Number(pair.split(",")[0]));
  assert.ok(Math.min(...xs) > 80 && square.props.class === "is-danger");
});
