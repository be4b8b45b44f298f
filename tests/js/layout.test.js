import assert from "node:assert/strict";
import { test } from "node:test";

import { delay } from "../../static/js/backoff.js";
import { howMany } from "../../static/js/overflow.js";
import { measure } from "../../static/js/screen.js";

test("all rows are shown when all fit; the overflow line takes no room then", () => {
  assert.equal(howMany([20, 40, 60], 3, 60, 15), 3);
  assert.equal(howMany([], 0, 60, 15), 0);
});

test("when not all fit, the rest is counted on a line that needs room, too", () => {
  assert.equal(howMany([20, 40, 60], 3, 59, 15), 2);
  assert.equal(howMany([20, 40, 60], 3, 54, 15), 1);
  assert.equal(howMany([20, 40, 60], 9, 100, 15), 3);
  assert.equal(howMany([20, 40], 2, 10, 15), 0);
});

test("a pixel's fraction does not hide a row", () => {
  assert.equal(howMany([20.2, 40.4], 2, 40, 15), 2);
});

test("a wall of 3.6 m seen from 6 m has 23.7 px to the rem, and looks the same at 4K", () => {
  const view = { distance_m: 6, width_m: 3.6 };
  const full = measure({ width: 1920, height: 1080 }, view);
  assert.equal(full.mode, "wall");
  assert.ok(Math.abs(full.rem - 23.7) < 0.05, `${full.rem}`);
  assert.equal(measure({ width: 3840, height: 2160 }, view).rem, 2 * full.rem);
});

test("letters grow with the distance, until the layout would not fit", () => {
  const near = measure({ width: 1920, height: 1080 }, { distance_m: 4, width_m: 3.6 });
  const far = measure({ width: 1920, height: 1080 }, { distance_m: 30, width_m: 3.6 });
  assert.ok(near.rem < 16);
  assert.equal(far.rem, 27);
});

test("phone, desk, wall, and a wall that stands upright", () => {
  assert.deepEqual(measure({ width: 390, height: 844 }), { form: "upright", mode: "phone", rem: 16 });
  assert.deepEqual(measure({ width: 1024, height: 768 }), { form: "usual", mode: "desk", rem: 16 });
  assert.equal(measure({ width: 1080, height: 1920 }).mode, "portrait");
  assert.equal(measure({ width: 3840, height: 1080 }).mode, "wall");
});

test("full jitter: from nothing up to twice as long each time, six seconds at most", () => {
  assert.deepEqual(
    [0, 1, 2, 5, 50].map((n) => delay(n, 1)),
    [0.5, 1, 2, 6, 6],
  );
  assert.equal(delay(50, 0), 0);
  assert.equal(delay(0, 0.5, 3), 3.25);
  assert.equal(delay(0, 0, 1e9), 60); // a server that asks for years is not believed
});
