// Figures over the day, and in the height of a line.

import assert from "node:assert/strict";
import { test } from "node:test";

import { range, sparkline } from "../../static/js/sparkline.js";
import { chartData, chosen, scale } from "../../static/js/trends.js";

const MIDNIGHT = 1_790_182_800;
const HOUR = 3600;
const hourly = (...points) => ({ step_s: HOUR, points: points.map(([hour, value]) => [MIDNIGHT + hour * HOUR, value]) });

test("whole hours are the line, the running one stands by itself", () => {
  const series = hourly([0, 3], [1, 5], [2, 1]);
  const data = chartData({ series, count: "flow", now: MIDNIGHT + 2.5 * HOUR, midnight: MIDNIGHT });
  assert.deepEqual(data.today.slice(0, 4), [3, 5, null, null]);
  assert.deepEqual(data.running, { since: MIDNIGHT + 2 * HOUR, value: 1, x: 2.5 * HOUR });
  assert.deepEqual(data.last, { x: 1.5 * HOUR, value: 5 });
  assert.equal(data.x.length, 24);
});

test("in hours without a point nothing came, but before the first nobody counted", () => {
  const series = hourly([-20, 4], [1, 5]);
  const data = chartData({ series, count: "flow", now: MIDNIGHT + 4.2 * HOUR, midnight: MIDNIGHT });
  assert.deepEqual(data.today.slice(0, 5), [0, 5, 0, 0, null]);
  assert.equal(data.running.value, 0);
  assert.deepEqual(data.before.slice(0, 6), [null, null, null, null, 4, 0]);
  assert.equal(data.against, "yesterday");
});

test("what is open holds until it changes, from yesterday on, and ends now", () => {
  const series = { step_s: 900, points: [[MIDNIGHT - 900, 7], [MIDNIGHT + 900, 9]] };
  const now = MIDNIGHT + 3 * 900 + 60;
  const data = chartData({ series, count: "stock", now, midnight: MIDNIGHT });
  assert.deepEqual(data.today.slice(0, 5), [7, 9, 9, 9, null]);
  assert.deepEqual(data.last, { x: 3 * 900 + 60, value: 9 });
  assert.equal(data.running, null);
  assert.equal(data.before.at(-1), 7);
});

test("a share of nothing is a gap", () => {
  const series = { step_s: 900, points: [[MIDNIGHT, 0.5], [MIDNIGHT + 1800, 1]] };
  const data = chartData({ series, count: "share", now: MIDNIGHT + HOUR, midnight: MIDNIGHT });
  assert.deepEqual(data.today.slice(0, 4), [0.5, null, 1, null]);
  assert.equal(data.running.value, null);
});

test("what is usual goes before what was yesterday", () => {
  const usual = hourly([0, 2], [23, 8]);
  const data = chartData({ series: hourly([-1, 9]), usual, count: "flow", now: MIDNIGHT + 60, midnight: MIDNIGHT });
  assert.equal(data.against, "usual");
  assert.deepEqual([data.before[0], data.before[23]], [2, 8]);
});

test("a scale has three round ticks, and a share's is whole", () => {
  assert.deepEqual(scale([], "flow"), { max: 2, ticks: [0, 1, 2] });
  assert.deepEqual(scale([null, 3], "flow").ticks, [0, 2, 4]);
  assert.deepEqual(scale([47], "stock").ticks, [0, 25, 50]);
  assert.deepEqual(scale([812], "flow").ticks, [0, 500, 1000]);
  assert.deepEqual(scale([0.3], "share").max, 1);
});

test("options choose charts and a queue, and what is none is left out", () => {
  assert.deepEqual(chosen({ charts: ["level", "weather", "open"], queue: "112" }).map(({ id }) => id), [
    "calls.level:112",
    "reports.open",
  ]);
  assert.equal(chosen().length, 4);
  assert.deepEqual(chosen({ charts: ["constructor"] }), []);
});

const find = (node, name) => node.children.filter((child) => child.props?.class?.startsWith(name));

test("a sparkline spans its days, with the limit as steps to the end", () => {
  const svg = sparkline([[0, 10], [50, 20]], { from: 0, to: 100, limit: [[0, 15], [50, 20]] });
  assert.equal(find(svg, "spark-line")[0].props.points, "0,22 50,2");
  assert.equal(find(svg, "spark-limit")[0].props.points, "0,12 50,12 50,2 100,2");
});

test("levels are drawn where the line comes near them", () => {
  const levels = [
    { value: 15, state: "caution" },
    { value: 90, state: "danger" },
  ];
  const svg = sparkline([[0, 10], [50, 20]], { from: 0, to: 100, levels });
  assert.deepEqual(find(svg, "spark-level").map(({ props }) => props.class), ["spark-level is-caution"]);
});

test("one point is no line, and a calm price looks calm", () => {
  assert.equal(sparkline([[0, 10]], { from: 0, to: 100 }), null);
  assert.equal(sparkline([], { from: 0, to: 100 }), null);
  assert.equal(sparkline([[98, 10], [99, 20]], { from: 0, to: 100 }), null);
  assert.deepEqual(range([10_000, 10_001]), [9900.49, 10_100.51]);
  assert.deepEqual(range([0]), [-0.5, 0.5]);
});
