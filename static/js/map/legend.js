// The map's legend: what the shade means, and the shapes that stand on it. Descriptions for render().

import { h } from "../render.js";
import { shape } from "../shapes.js";

/** Cameras' states on the map, in the legend's order; a state that no camera has needs no line. */
const STATES = ["frozen", "offline", "unknown"];

/** `states` are those that the cameras have, `overlaid` names of layers above the ground; `notes` what is to be said besides, empty ones left out. */
export function legendOf({ t, shade, states, overlaid, gauges, hazards }, notes) {
  const sign = (name, words) => h("span", { key: name }, h("i", { class: `sign-${name}` }), words);
  const told = notes.filter(Boolean);
  return [
    h("span", { key: "shade" }, h("i", { class: "sign-shade" }, h("i"), h("i"), h("i")), t(`map.shade.${shade}`)),
    ["danger", "severe", "caution", "none"].map((state) =>
      h("span", { key: state }, shape(state), t(`severity.${state}`)),
    ),
    states.size ? sign("camera", t("map.camera")) : null,
    STATES.filter((state) => states.has(state)).map((state) => sign(`camera-${state}`, t(`cctv.${state}`))),
    gauges ? sign("gauge", t("map.gauge")) : null,
    hazards ? sign("hazard", t("map.hazard")) : null,
    overlaid.map((name) => h("span", { key: `overlay ${name}` }, h("i", { class: "sign-overlay" }), name)),
    told.length ? h("b", { key: "notes" }, told.join(" · ")) : null,
  ];
}
