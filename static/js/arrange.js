// How the panels of a layout stand on a screen of this form. Pure; stage.js puts them there.

/** From this many times as wide as high a screen is wide: 32:9, or two screens side by side, but not 21:9. */
const WIDE = 2.6;

/** The form that every layout has. */
const USUAL = "usual";

/** Panels of one or two lines, where nobody has said how high they are. */
const LINES = { header: "5.4rem", feeds: "3.2rem", ticker: "2.4rem" };

/** A map is worth several lists. */
const WEIGHT = { map: 2 };

export function formOf({ width, height }) {
  if (height > width) return "upright";
  return width >= WIDE * height ? "wide" : USUAL;
}

/** {areas, columns, rows, panels}: the grid of `layout` for this form, and the panels that stand on it. */
export function arrange(layout, form) {
  const grid = layout.grids[form] ?? (form === "upright" ? column(layout) : layout.grids[USUAL]);
  const areas = new Set(grid.areas.flatMap((row) => row.split(/\s+/)));
  return { ...grid, panels: layout.panels.filter(({ area }) => areas.has(area)) };
}

/** One below the other: what was made for a screen that lies has no columns to spare on one that stands. */
function column({ grids, panels }) {
  const used = new Set(grids[USUAL].areas.flatMap((row) => row.split(/\s+/)));
  const own = panels.filter(({ area }) => used.has(area));
  const high = ({ panel }) => LINES[panel] ?? `minmax(0, ${WEIGHT[panel] ?? 1}fr)`;
  return { areas: own.map(({ area }) => area), columns: "minmax(0, 1fr)", rows: own.map(high).join(" ") };
}
