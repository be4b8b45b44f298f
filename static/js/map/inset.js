// The inset of the map: where in the city it looks, and what lies outside, by direction. Descriptions for render().

import { h } from "../render.js";
import { CORNERS, SHAPE_OF } from "../shapes.js";

/** The drawing's side, the radius on which what is outside stands, and the city's share of it. */
const SIDE = 100;
const RIM = 43;
const CITY = 25;

/** Size of a mark, in the drawing's units. */
const MARK = 13;

/** {path, at(lon, lat)} of the city in the drawing; `rings` of outlineOf, `bounds` west, south, east, north. */
export function cityIn(rings, [west, south, east, north]) {
  const narrow = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const scale = (2 * CITY) / Math.max((east - west) * narrow, north - south);
  const at = (lon, lat) => [
    SIDE / 2 + (lon - (west + east) / 2) * narrow * scale,
    SIDE / 2 - (lat - (south + north) / 2) * scale,
  ];
  const path = rings
    .map((ring) => `M${ring.map(([lon, lat]) => at(lon, lat).map((n) => n.toFixed(1)).join()).join("L")}Z`)
    .join("");
  return { path, at };
}

/**
 * The inset for `city` of cityIn: `extent` what the map shows (degrees) or null for all, `outside` of outsideOf. Null
 * where it would say nothing.
 */
export function insetOf(city, extent, outside) {
  if (!extent && !outside.length) return null;
  return h(
    "svg",
    { viewBox: `0 0 ${SIDE} ${SIDE}`, "aria-hidden": "true" },
    h("path", { d: city.path, class: "inset-city" }),
    extent ? frameOf(city, extent) : null,
    // The mildest first: what is worse lies on top.
    outside.filter(({ wind }) => wind !== "").map(mark).reverse(),
  );
}

function frameOf(city, [west, south, east, north]) {
  const [left, top] = city.at(west, north);
  const [right, bottom] = city.at(east, south);
  // However close the map looks, its frame can be seen.
  const width = Math.max(7, right - left);
  const height = Math.max(7, bottom - top);
  const x = (left + right - width) / 2;
  const y = (top + bottom - height) / 2;
  return h("rect", { x, y, width, height, class: "inset-frame" });
}

/** The shape of its state, on the rim in its true direction. */
function mark({ bearing, severity }) {
  const angle = (bearing * Math.PI) / 180;
  const x = SIDE / 2 + RIM * Math.sin(angle);
  const y = SIDE / 2 - RIM * Math.cos(angle);
  const corners = CORNERS[SHAPE_OF[severity]];
  if (!corners) return h("circle", { cx: x, cy: y, r: MARK * 0.3, class: "is-none" });
  const points = corners.map(([a, b]) => `${x + (a / 10 - 0.5) * MARK},${y + (b / 10 - 0.5) * MARK}`).join(" ");
  return h("polygon", { points, class: `is-${severity}` });
}
