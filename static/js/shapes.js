// State as a shape: square, triangle, diamond, circle, ring. The same on lists, map, legend and phone.

import { h } from "./render.js";

/** Severity, or what stands for none → the name of its shape. */
export const SHAPE_OF = {
  danger: "square",
  severe: "triangle",
  caution: "diamond",
  normal: "circle",
  unknown: "ring",
};

/** Corners in a box of 10 × 10; circle and ring have none. */
export const CORNERS = {
  square: [
    [0.8, 0.8],
    [9.2, 0.8],
    [9.2, 9.2],
    [0.8, 9.2],
  ],
  triangle: [
    [5, 0.4],
    [9.9, 9.3],
    [0.1, 9.3],
  ],
  diamond: [
    [5, -0.2],
    [10.2, 5],
    [5, 10.2],
    [-0.2, 5],
  ],
};

/** The shape of a state as a description for render(); its colour is the class's, and what is over has none. */
export function shape(state, label = null, over = false) {
  const kind = SHAPE_OF[state] ?? "circle";
  const props = { class: `shape is-${over ? "over" : state}`, viewBox: "0 0 10 10" };
  if (label) Object.assign(props, { role: "img", "aria-label": label });
  else props["aria-hidden"] = "true";
  if (kind === "ring") {
    return h(
      "svg",
      props,
      h("circle", { cx: 5, cy: 5, r: 3.6, fill: "none", stroke: "currentColor", "stroke-width": 1.9 }),
    );
  }
  if (kind === "circle") return h("svg", props, h("circle", { cx: 5, cy: 5, r: 3.6, fill: "currentColor" }));
  const points = CORNERS[kind].map((corner) => corner.join()).join(" ");
  const drawn = {
    points,
    fill: over ? "none" : "currentColor",
    stroke: "currentColor",
    "stroke-width": over ? 1.3 : 0.7,
    "stroke-linejoin": "round",
  };
  return h("svg", props, h("polygon", drawn));
}
