// What stands where on the map, in px: clusters, names, counts, so that nothing covers anything. Pure.

import { rank } from "../severity.js";
import { beside, clusterToFew, stepAside } from "./clusters.js";
import { linesOf, placeLabels } from "./labels.js";

/** Sizes in rem. Text: [size, weight]. */
export const NAME = [1.02, 600];
export const COUNT = [1.35, 680];
export const GROUND = [0.9, 500];

/** Where the two lines of a label stand, from its middle. */
export const NAME_DY = -0.66;
export const COUNT_DY = 0.54;

/** Symbols nearer than this become one. */
const REACH = 1.7;

/** A symbol stands at least this far from a gauge: each must be seen. */
const BESIDE = 1.55;

/** A cluster is about a place; it may stand this far beside it to be read, a single grave report half as far. */
const ASIDE = 3.2;
const ASIDE_ALONE = 1.6;

/**
 * Plan one picture. All x, y in px: `incidents` [{id, severity, x, y}], `gauges` [{severity, x, y}], `districts`
 * [{code, name, open, worst, x, y, home(x, y)}], `names` of the ground [{name, x, y}]; `wide(words, size, weight)`
 * measures in px, `number(n)` writes; `frame` is what is free, `before` the `places` of the last plan.
 * Answers {symbols: [{x, y, severity, count}], labels: [{x, y, name, figure, ground}], places}.
 */
export function plan({ incidents, gauges, districts, names, number, wide, rem, frame, before }) {
  const clusters = clusterToFew(incidents, REACH * rem).map((one) => beside(one, gauges, BESIDE * rem));
  const labels = [
    ...districts.map((district) => districtLabel(district, number, wide, rem)),
    ...names.map((name, index) => groundLabel(name, index, wide, rem)),
  ];
  const fixed = gauges.map((gauge) => gaugeBox(gauge, rem));
  const places = placeLabels(
    labels,
    [...clusters.map((one) => symbolBox(one, rem)), ...fixed],
    frame,
    before,
  );
  const shown = labels
    .filter(({ id }) => places.has(id))
    .map((label) => ({ ...label, ...places.get(label.id) }));
  const written = shown.flatMap(linesOf);
  const taken = [...fixed];
  // The worst choose first where to stand.
  const symbols = [...clusters]
    .sort((a, b) => rank(a.severity) - rank(b.severity) || (a.ids[0] < b.ids[0] ? -1 : 1))
    .map((one) => {
      // A single report stays where it is, unless it is grave: what is wrong must be seen.
      const most = one.count > 1 ? ASIDE : one.severity ? ASIDE_ALONE : 0;
      const moved = most ? stepAside(one, (at) => symbolBox(at, rem), written, taken, most * rem) : one;
      taken.push(symbolBox(moved, rem));
      return moved;
    });
  return {
    symbols,
    labels: shown.map(({ x, y, name, figure, fixed: ground = false }) => ({ x, y, name, figure, ground })),
    places,
  };
}

function districtLabel({ code, name, open, worst, x, y, home }, number, wide, rem) {
  const figure = open ? number(open) : "";
  const padded = (words, [size, weight]) => wide(words, size, weight) + 0.4 * rem;
  const lines = [{ dy: figure ? NAME_DY * rem : 0, width: padded(name, NAME), height: 1.3 * rem }];
  if (figure) lines.push({ dy: COUNT_DY * rem, width: padded(figure, COUNT), height: 1.4 * rem });
  const width = Math.max(...lines.map((line) => line.width));
  // Worst first, then the fullest: they keep their names when there is no room for all.
  const priority = rank(worst) * 1e6 - open;
  return {
    id: code,
    x,
    y,
    width,
    height: (figure ? 2.6 : 1.3) * rem,
    lines,
    priority,
    unit: 2.6 * rem,
    home,
    name,
    figure,
  };
}

function groundLabel({ name, x, y }, index, wide, rem) {
  return {
    id: `ground ${index}`,
    x,
    y,
    width: wide(name, ...GROUND),
    height: 1.2 * rem,
    priority: Infinity,
    fixed: true,
    name,
    figure: "",
  };
}

/** A cluster's count stands to the right of its symbol. */
function symbolBox({ x, y, count, severity }, rem) {
  const width = count > 1 ? 3 : severity ? 1.7 : 1.1;
  return { x: count > 1 ? x + 0.5 * rem : x, y, width: width * rem, height: 1.6 * rem };
}

function gaugeBox({ x, y, severity }, rem) {
  const size = (severity ? 1.9 : 0.9) * rem;
  return { x, y, width: size, height: size };
}
