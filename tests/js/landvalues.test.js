// Land values: ranked by district or zone, with the time of their map.

import assert from "node:assert/strict";
import { test } from "node:test";

import { timeWriter } from "../../static/js/clock.js";
import { byDistrict, byZone, isLate, mapOf } from "../../static/js/landvalues.js";

const DAY = 86400;
const ids = (rows) => rows.map(({ id }) => id).join(" ");

test("districts of one level, the dearest first, with their change where it is known", () => {
  const metrics = [
    { id: "landvalue:a", name: "A", value: 1e6 },
    { id: "landvalue:b", name: "B", value: 3e6, figures: { change: 0.04 } },
    { id: "landvalue:c", name: "C", value: 9e6 },
    { id: "shift|x", name: "Pagi", value: 9 },
  ];
  const districts = [{ id: "a", level: 1 }, { id: "b", level: 1 }, { id: "c" }];
  const rows = byDistrict(metrics, districts, 1);
  assert.equal(ids(rows), "landvalue:b landvalue:a");
  assert.deepEqual(rows.map(({ change }) => change), [0.04, null]);
  assert.equal(ids(byDistrict(metrics, districts, 0)), "landvalue:c");
});

test("zones in the city, dearest first", () => {
  const zones = [
    { id: "1", name: "Z1", value: 1, use: "Sawah" },
    { id: "2", name: "Z2", value: 2 },
    { id: "3", name: "Z3", value: 3, where: "outside" },
  ];
  assert.equal(ids(byZone(zones)), "2 1");
});

test("the newest map counts, and is late when another should be there", () => {
  const zones = [{ as_of: "2024", at: 10 }, { as_of: "2025-07", at: 20, source: "BPN" }, {}];
  assert.deepEqual(mapOf(zones), { asOf: "2025-07", source: "BPN", at: 20 });
  assert.deepEqual(mapOf([]), { asOf: "", source: "", at: null });
  assert.equal(isLate({ at: 0 }, 399 * DAY), false);
  assert.equal(isLate({ at: 0 }, 401 * DAY), true);
});

test("the time of a map is written as exactly as it is known", () => {
  const time = timeWriter("Asia/Jakarta", "id");
  assert.equal(time.asOf("2025"), "2025");
  assert.equal(time.asOf("2025-07"), "Jul 2025");
  assert.equal(time.asOf("2025-07-01"), "1 Jul 2025");
});
