import assert from "node:assert/strict";
import { test } from "node:test";

import { arrange, formOf } from "../../static/js/arrange.js";

const grid = (...areas) => ({ areas, columns: "1fr 1fr", rows: "1fr" });
const layout = {
  grids: { usual: grid("header header", "calls map", "feeds feeds"), wide: grid("header map cctv") },
  panels: ["header", "calls", "map", "feeds", "cctv"].map((panel) => ({ panel, area: panel, options: {} })),
};
const names = ({ panels }) => panels.map(({ panel }) => panel);

test("a screen's form: usual, wide from two screens side by side on, upright", () => {
  assert.deepEqual(
    [[1920, 1080], [3840, 1080], [3440, 1440], [1080, 1920], [3840, 2160]].map(([width, height]) =>
      formOf({ width, height }),
    ),
    ["usual", "wide", "usual", "upright", "usual"],
  );
});

test("each form has its own grid, with the panels that stand on it", () => {
  assert.deepEqual(names(arrange(layout, "usual")), ["header", "calls", "map", "feeds"]);
  assert.deepEqual(names(arrange(layout, "wide")), ["header", "map", "cctv"]);
});

test("a layout without a wide grid shows its usual one", () => {
  const { grids, panels } = layout;
  const shown = arrange({ panels, grids: { usual: grids.usual } }, "wide");
  assert.deepEqual(shown.areas, grids.usual.areas);
});

test("a layout that was not made for an upright screen stands there in a column", () => {
  const shown = arrange(layout, "upright");
  assert.deepEqual(shown.areas, ["header", "calls", "map", "feeds"]);
  assert.equal(shown.columns, "minmax(0, 1fr)");
  assert.equal(shown.rows, "5.4rem minmax(0, 1fr) minmax(0, 2fr) 3.2rem");
});
