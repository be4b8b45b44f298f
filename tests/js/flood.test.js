import assert from "node:assert/strict";
import { test } from "node:test";

import { groups } from "../../static/js/flood.js";

const alerts = (n, more = {}) =>
  Array.from({ length: n }, (_, i) => ({
    id: `a${i}`,
    severity: "caution",
    state: "unacknowledged",
    since: 1000,
    ...more,
  }));

test("what is over is no part of a group: it may not colour a district", () => {
  const over = alerts(20, { severity: "danger", state: "returned_unacknowledged", district: "A" });
  assert.deepEqual(groups(over, ({ district }) => district), []);
});

test("groups: by district, worst first, then the most; set aside and seen ones are left out", () => {
  const list = [
    ...alerts(1, { severity: "danger", district: "B" }),
    ...alerts(1, { severity: "severe", district: "A" }),
    ...alerts(3, { district: "C" }),
    ...alerts(2, { district: "A" }),
    ...alerts(1, { district: "" }),
    ...alerts(1, { district: "D", state: "acknowledged" }),
    ...alerts(1, { district: "D", flags: ["shelved"] }),
  ];
  const found = groups(list, ({ district }) => district);
  assert.deepEqual(
    found.map(({ name, worst, count }) => [name, worst, count]),
    [
      ["B", "danger", 1],
      ["A", "severe", 3],
      ["C", "caution", 3],
      ["", "caution", 1],
    ],
  );
});
