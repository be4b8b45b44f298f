import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { linesOf } from "../../static/js/map/labels.js";
import { CAMERA, COUNT, COUNT_DY, GROUND, NAME, NAME_DY, plan, symbolBox } from "../../static/js/map/plan.js";
import { fitView, pixels } from "../../static/js/map/view.js";

/** Numbers that look random and are the same in every run (mulberry32). */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const SEVERITIES = [null, null, null, "caution", "severe", "danger"];

/** As wide as Inter is on average. */
const widthOf = (rem) => (words, size) => words.length * size * rem * 0.56;

function anyScene(seed) {
  const next = random(seed);
  const any = (most) => Math.floor(next() * most);
  const rem = 12 + next() * 40;
  const frame = { left: 0, top: 2 * rem, right: rem * (14 + next() * 80), bottom: rem * (16 + next() * 60) };
  const place = () => ({ x: next() * frame.right, y: next() * frame.bottom });
  const many = (most, make) => Array.from({ length: any(most) }, (_, i) => make(i));
  const blocked = next() < 0.5 ? [] : [{ x: frame.right - 4 * rem, y: frame.bottom - 4 * rem, width: 5 * rem, height: 5 * rem }];
  return {
    incidents: many(600, (i) => ({ id: `i${i}`, severity: SEVERITIES[any(6)], ...place() })),
    gauges: many(12, () => ({ severity: SEVERITIES[any(6)], ...place() })),
    districts: many(60, (i) => ({
      code: `d${i}`,
      name: "Kampung Tengah Selatan".slice(0, 3 + any(19)),
      count: any(3) ? any(500) : 0,
      worst: SEVERITIES[any(6)],
      ...place(),
      home: () => next() < 0.5,
    })),
    names: many(8, (i) => ({ name: `Laut ${i}`, ...place() })),
    cameras: many(5, (i) => ({ id: `c${i}`, name: `Kamera ${i} · 120 m`, ...place() })),
    blocked,
    number: String,
    wide: widthOf(rem),
    rem,
    frame,
    before: new Map(),
  };
}

const apart = (a, b) =>
  Math.abs(a.x - b.x) * 2 >= a.width + b.width - 0.01 || Math.abs(a.y - b.y) * 2 >= a.height + b.height - 0.01;

/** What is really written of a label, without the room that the planner keeps around it. */
function written({ x, y, name, figure, look }, { wide, rem }) {
  const size = { district: NAME, camera: CAMERA, ground: GROUND }[look];
  const height = 1.2 * rem;
  const lines = [{ dy: figure ? NAME_DY * rem : 0, width: wide(name, ...size), height }];
  if (figure) lines.push({ dy: COUNT_DY * rem, width: wide(figure, ...COUNT), height });
  return linesOf({ x, y, lines });
}

function check(input, planned, about) {
  const labels = planned.labels.map((label) => written(label, input));
  labels.forEach((lines, i) =>
    labels.slice(i + 1).forEach((others) =>
      lines.forEach((line) => others.forEach((other) => assert.ok(apart(line, other), `${about}: two names collide`))),
    ),
  );
  for (const symbol of planned.symbols)
    for (const line of labels.flat())
      assert.ok(apart(symbolBox(symbol, input.rem), line), `${about}: a symbol lies on a name`);
  for (const line of labels.flat()) {
    for (const box of input.blocked ?? []) assert.ok(apart(line, box), `${about}: a name lies below the inset`);
    assert.ok(line.x - line.width / 2 >= -0.01 && line.x + line.width / 2 <= input.frame.right + 0.01, about);
  }
  const total = planned.symbols.reduce((sum, { count }) => sum + count, 0);
  assert.equal(total, input.incidents.length, `${about}: a report is lost`);
}

test("whatever the scene: no name on a name, no symbol on a name, every report counted", () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const input = anyScene(seed);
    const planned = plan(input);
    check(input, planned, `seed ${seed}`);
    // And in the next picture, which knows this one.
    check(input, plan({ ...input, before: planned.places }), `seed ${seed}, again`);
  }
});

test("a symbol has the worst state of all that it stands for", () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const input = anyScene(seed);
    const severities = new Map(input.incidents.map(({ id, severity }) => [id, severity]));
    const order = ["danger", "severe", "caution", null];
    for (const { ids, severity } of plan(input).symbols)
      assert.equal(order.indexOf(severity), Math.min(...ids.map((id) => order.indexOf(severities.get(id)))));
  }
});

test("a larger map opens its clusters", () => {
  const next = random(5);
  const incidents = Array.from({ length: 400 }, (_, i) => ({ id: `i${i}`, x: next(), y: next() }));
  const drawn = (width, height) =>
    plan({
      ...anyScene(3),
      incidents: incidents.map(({ id, x, y }) => ({ id, severity: null, x: x * width, y: y * height })),
      districts: [],
      rem: 20,
      frame: { left: 0, top: 0, right: width, bottom: height },
    }).symbols.length;
  assert.ok(drawn(600, 400) <= 20);
  assert.ok(drawn(2400, 1600) > 3 * drawn(600, 400));
});

const JAKARTA = new URL(
  "../../../shared/samples/boundaries/bps2020_hdx_jfraziz/id31_dki_jakarta_district.geojson",
  import.meta.url,
);

test("Jakarta: kelurahan and kecamatan with 2,000 reports", { skip: existsSync(JAKARTA) ? false : "the samples beside the project are not here" }, () => {
  const { features } = JSON.parse(readFileSync(JAKARTA));
  const rings = features.map(({ geometry }) => geometry.coordinates.flat(geometry.type === "Polygon" ? 1 : 2));
  const places = rings.map((points) => [
    points.reduce((sum, [x]) => sum + x, 0) / points.length,
    points.reduce((sum, [, y]) => sum + y, 0) / points.length,
  ]);
  const mainland = places.filter(([, y]) => y < -6.05);
  const extent = [106.68, -6.38, 106.98, -6.08];
  for (const [width, height, rem] of [
    [760, 700, 23.7],
    [1500, 1400, 47],
    [3000, 2000, 24],
  ]) {
    const { toPixel } = pixels(fitView(extent, [width, height], [0, 0, 0, 0]), [width, height]);
    const next = random(width);
    for (const step of [1, 6]) {
      const input = {
        ...anyScene(9),
        incidents: Array.from({ length: 2000 }, (_, i) => ({
          id: `i${i}`,
          severity: SEVERITIES[Math.floor(next() * 6)],
          ...toPixel(mainland[Math.floor(next() * mainland.length)]),
        })),
        gauges: [],
        districts: mainland
          .filter((_, i) => i % step === 0)
          .map((at, i) => ({ code: `k${i}`, name: `Kelurahan ${i}`, count: i, worst: null, ...toPixel(at), home: () => true })),
        wide: widthOf(rem),
        rem,
        blocked: [],
        frame: { left: 0, top: 2 * rem, right: width, bottom: height - 2 * rem },
      };
      const planned = plan(input);
      check(input, planned, `${width}, every ${step}`);
      assert.ok(planned.labels.length > 5);
    }
  }
});
