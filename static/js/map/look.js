// Colours and styles of the map, from the page's tokens, as OpenLayers styles. Sizes are in px of one rem.

import { SHAPE_OF } from "../shapes.js";
import { CAMERA, COUNT, COUNT_DY, GROUND, NAME, NAME_DY } from "./plan.js";

/** How strongly the worst state of a district tints it; grey says how much, colour that something is wrong. */
const TINT = { danger: 0.3, severe: 0.2, caution: 0.09 };
const GREYEST = 0.1;

/** Of a district that fills the map the ground is worth more than the tint. */
const LIGHTLY = 0.35;

/** Widths of lines in rem, by the base map's layer. */
const LINES = {
  toll: { colour: "--road-major", width: 0.13 },
  motorway: { colour: "--road-major", width: 0.13 },
  arterial: { colour: "--road-major", width: 0.1 },
  road: { colour: "--road", width: 0.055 },
  rail: { colour: "--rail", width: 0.06, dash: [0.35, 0.22] },
  stream: { colour: "--river", width: 0.09 },
  canal: { colour: "--river", width: 0.11 },
  river: { colour: "--river", width: 0.2 },
  breakwater: { colour: "--border", width: 0.12 },
  runway: { colour: "--road-major", width: 0.2 },
};
const FILLS = {
  sea: "--sea",
  land: "--land",
  river: "--river",
  lake: "--river",
  canal: "--river",
  park: "--park",
  harbour: "--built",
  airport: "--built",
};
const ORDER = [
  "sea",
  "land",
  "park",
  "harbour",
  "airport",
  "runway",
  "lake",
  "river",
  "canal",
  "stream",
  "breakwater",
  "road",
  "toll",
  "motorway",
  "rail",
];

/** Everything the painter needs, for one size of rem. */
export function look(ol, rem, root = document.documentElement) {
  const token = (name) => getComputedStyle(root).getPropertyValue(name).trim() || "#888";
  const tokens = new Map();
  const colour = (name) => tokens.get(name) ?? tokens.set(name, token(name)).get(name);
  const fade = (name, alpha) => ol.color.asString([...ol.color.asArray(colour(name)).slice(0, 3), alpha]);
  const { Style, Fill, Stroke, Text, RegularShape, Circle } = ol.style;
  const font = (weight, size) =>
    `${weight} ${Math.round(size * rem)}px "Inter Variable", Inter, system-ui, sans-serif`;
  const dash = (...lengths) => lengths.map((length) => length * rem);
  const halo = (width) => new Stroke({ color: colour("--halo"), width: width * rem, lineJoin: "round" });
  const stateColour = (severity) => colour(severity ? `--${severity}` : "--info");

  function base(layer, grade) {
    const zIndex = ORDER.indexOf(layer);
    const line = LINES[grade] ?? LINES[layer];
    return {
      area: FILLS[layer] && new Style({ fill: new Fill({ color: colour(FILLS[layer]) }), zIndex }),
      line:
        line &&
        new Style({
          stroke: new Stroke({
            color: colour(line.colour),
            width: line.width * rem,
            lineDash: line.dash && dash(...line.dash),
            lineCap: "round",
          }),
          zIndex,
        }),
    };
  }

  const districts = new Map();
  function district({ worst = null, share = 0 } = {}, lightly = false) {
    const key = `${worst} ${share} ${lightly}`;
    if (!districts.has(key)) {
      const fill = worst
        ? fade(`--${worst}`, (TINT[worst] ?? 0.1) * (0.55 + 0.45 * share) * (lightly ? LIGHTLY : 1))
        : fade("--text", GREYEST * share);
      districts.set(key, new Style({ fill: new Fill({ color: fill }) }));
    }
    return districts.get(key);
  }

  const edge = (width) => new Stroke({ color: colour("--border"), width, lineJoin: "round" });
  const border = new Style({ stroke: edge(Math.max(1, 0.075 * rem)) });
  /** The border of a district of a higher level than the shaded one. */
  const upperBorder = new Style({ stroke: edge(0.14 * rem), zIndex: 1 });

  function hazard(level) {
    const name = level ? `--${level}` : "--info";
    return new Style({
      fill: new Fill({ color: fade(name, 0.07) }),
      stroke: new Stroke({ color: colour(name), width: 0.13 * rem, lineDash: dash(0.6, 0.4) }),
    });
  }

  /** The shape of a severity with a dark edge, so that it stands out of any tint. */
  function symbol(severity, size) {
    const options = {
      fill: new Fill({ color: stateColour(severity) }),
      stroke: new Stroke({ color: colour("--halo"), width: 0.14 * rem }),
    };
    const corners = {
      square: { points: 4, radius: 0.66, angle: Math.PI / 4 },
      triangle: { points: 3, radius: 0.7, displacement: [0, -0.08 * rem * size] },
      diamond: { points: 4, radius: 0.64 },
    }[SHAPE_OF[severity]];
    if (!corners) return new Circle({ ...options, radius: 0.3 * rem * size });
    return new RegularShape({ ...options, ...corners, radius: corners.radius * rem * size });
  }

  function count(words, size, dx) {
    return new Text({
      text: words,
      font: font(650, 0.92),
      textAlign: "left",
      offsetX: dx * rem,
      offsetY: 0.04 * rem,
      fill: new Fill({ color: colour("--text") }),
      stroke: halo(0.28),
    });
  }

  const incidents = new Map();
  function incident(severity, howMany, words) {
    const key = `${severity} ${howMany > 1 ? words : 1}`;
    if (!incidents.has(key)) {
      const size = howMany > 1 ? 1.12 : severity ? 1 : 0.85;
      const text = howMany > 1 ? count(words, size, severity ? 0.72 : 0.45) : undefined;
      incidents.set(key, new Style({ image: symbol(severity, size), text }));
    }
    return incidents.get(key);
  }

  const grey = (width) => new Stroke({ color: colour("--unknown"), width: width * rem, lineCap: "round" });
  /** A camera's state by its shape: a dot lives, a cross is dead, a ring is not known, and what stands still is a caution. */
  const cameras = {
    online: [
      new Style({ image: new Circle({ radius: 0.15 * rem, fill: new Fill({ color: colour("--camera") }) }) }),
    ],
    frozen: [
      new Style({
        image: new RegularShape({
          points: 4,
          radius: 0.34 * rem,
          stroke: new Stroke({ color: colour("--caution"), width: 0.1 * rem }),
          fill: new Fill({ color: colour("--halo") }),
        }),
      }),
    ],
    offline: [
      new Style({
        image: new RegularShape({ points: 4, radius: 0.3 * rem, radius2: 0, angle: Math.PI / 4, stroke: halo(0.26) }),
      }),
      new Style({
        image: new RegularShape({ points: 4, radius: 0.3 * rem, radius2: 0, angle: Math.PI / 4, stroke: grey(0.1) }),
      }),
    ],
    unknown: [
      new Style({
        image: new Circle({ radius: 0.22 * rem, stroke: grey(0.09), fill: new Fill({ color: colour("--halo") }) }),
      }),
    ],
  };
  const camera = (state) => cameras[state] ?? cameras.unknown;

  /** From what somebody looks at to a camera near it. */
  const line = new Style({
    stroke: new Stroke({ color: fade("--accent", 0.75), width: 0.08 * rem, lineDash: dash(0.05, 0.22), lineCap: "round" }),
  });
  const focus = new Style({
    image: new Circle({ radius: 0.75 * rem, stroke: new Stroke({ color: colour("--accent"), width: 0.14 * rem }) }),
  });
  const gaugeRing = (severity) =>
    new Style({
      image: new Circle({
        radius: (severity ? 0.98 : 0.44) * rem,
        stroke: new Stroke({ color: stateColour(severity), width: 0.09 * rem }),
      }),
    });
  const gauges = new Map();
  function gauge(severity) {
    if (!gauges.has(severity))
      gauges.set(severity, [
        gaugeRing(severity),
        new Style({ image: symbol(severity, severity ? 0.85 : 0.55) }),
      ]);
    return gauges.get(severity);
  }

  function text(words, [size, weight], dy, name = "--text") {
    const fill = new Fill({ color: colour(name) });
    return new Style({
      text: new Text({
        text: words,
        font: font(weight, size),
        fill,
        stroke: halo(0.34),
        offsetY: dy * rem,
        overflow: true,
      }),
    });
  }

  /** A district's name with its count below, a camera's, or one of the ground. */
  function name({ name: words, figure, look: kind }) {
    if (kind === "camera") return text(words, CAMERA, 0, "--accent");
    if (kind === "ground") {
      const fill = new Fill({ color: colour("--ground-name") });
      return new Style({
        text: new Text({ text: words, font: `italic ${font(GROUND[1], GROUND[0])}`, fill, overflow: true }),
      });
    }
    return figure ? [text(words, NAME, NAME_DY), text(figure, COUNT, COUNT_DY)] : text(words, NAME, 0);
  }

  return { base, district, border, upperBorder, hazard, incident, camera, line, focus, gauge, name, font };
}
