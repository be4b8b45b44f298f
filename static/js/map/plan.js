// What stands where on the map, in px: clusters, names, counts, so that nothing covers anything. Pure.

import { rank } from "../severity.js";
import { Boxes } from "./boxes.js";
import { beside, clusterToFew, stepAside } from "./clusters.js";
import { linesOf, placeLabels } from "./labels.js";

/** Sizes in rem. Text: [size, weight]. */
export const NAME = [1.02, 600];
export const COUNT = [1.35, 680];
export const GROUND = [0.9, 500];
export const CAMERA = [0.9, 550];

/** Where the two lines of a label stand, from its middle. */
export const NAME_DY = -0.66;
export const COUNT_DY = 0.62;

/** Symbols nearer than this become one. */
const REACH = 1.7;

/**
 * Each symbol has this much room (square rem) on average: more of them answer no question from across the room, and
 * a larger or closer map opens its clusters by itself. But never fewer than the least: a phone's map would say nothing.
 */
const ROOM = 32;
const LEAST_SYMBOLS = 12;

/** Where a name finds no place, fewer symbols may leave it one; if each has this much room (square rem) at all. */
const SHARES = [1, 0.75, 0.55, 0.4];
const LABEL_ROOM = 30;

/** A symbol stands at least this far from a gauge: each must be seen. */
const BESIDE = 1.55;

/** A cluster is about a place; it may stand this far beside it to be read, a single report half as far. */
const ASIDE = 3.2;
const ASIDE_ALONE = 1.6;

/**
 * Plan one picture. All x, y in px: `incidents` [{id, severity, x, y}], `gauges` [{severity, x, y}], `districts`
 * [{code, name, count, figure, worst, x, y, home(x, y)}], `names` of the ground and `cameras` with a name [{name, x, y}];
 * `wide(words, size, weight)` measures in px, `number(n)` writes; `frame` is what is free but for the boxes `blocked`,
 * `before` the `places` of the last plan.
 * Answers {symbols: [{x, y, severity, count}], labels: [{x, y, name, figure, look}], places}.
 */
export function plan(input) {
  const { districts, frame, rem } = input;
  const area = ((frame.right - frame.left) * (frame.bottom - frame.top)) / (rem * rem);
  const most = Math.max(LEAST_SYMBOLS, Math.floor(area / ROOM));
  const namable = districts.length * LABEL_ROOM < area;
  let planned = null;
  for (const share of namable ? SHARES : [1]) {
    planned = attempt(input, Math.max(LEAST_SYMBOLS, Math.floor(most * share)));
    const named = planned.labels.filter(({ look }) => look === "district").length;
    if (named >= districts.length) break;
  }
  return planned;
}

function attempt(
  { incidents, gauges, districts, names, cameras = [], blocked = [], number, wide, rem, frame, before },
  most,
) {
  const clusters = clusterToFew(incidents, REACH * rem, most).map((one) => beside(one, gauges, BESIDE * rem));
  const labels = [
    ...districts.map((district) => districtLabel(district, number, wide, rem)),
    ...cameras.map((camera) => cameraLabel(camera, wide, rem)),
    ...names.map((name, index) => groundLabel(name, index, wide, rem)),
  ];
  const fixed = gauges.map((gauge) => gaugeBox(gauge, rem));
  const dots = cameras.map(({ x, y }) => ({ x, y, width: rem, height: rem }));
  const obstacles = [...clusters.map((one) => symbolBox(one, rem)), ...dots];
  // A cluster may leave a name its place; a gauge is where it is.
  const places = placeLabels(labels, obstacles, frame, before, [...blocked, ...fixed]);
  const shown = labels
    .filter(({ id }) => places.has(id))
    .map((label) => ({ ...label, ...places.get(label.id) }));
  const symbols = aside(clusters, shown, fixed, rem);
  const standing = [...symbols.map((one) => symbolBox(one, rem)), ...fixed];
  const covered = new Boxes(standing);
  const isFree = (label) => !linesOf(label).some((line) => covered.hit(line));
  const free = shown.filter(isFree);
  // A name that a symbol could not leave looks for another place, now that all symbols stand. Where there is none
  // the report is the news: the district's name stands in the lists as well.
  const kept = new Set(free.map(({ id }) => id));
  const homeless = labels.filter(({ id }) => !kept.has(id));
  const blocks = [...blocked, ...standing, ...free.flatMap(linesOf)];
  const second = placeLabels(homeless, [], frame, before, blocks);
  const found = homeless.filter(({ id }) => second.has(id)).map((label) => ({ ...label, ...second.get(label.id) }));
  return {
    symbols,
    labels: [...free, ...found].map(({ x, y, name, figure, look }) => ({ x, y, name, figure, look })),
    places: new Map([...places, ...second]),
  };
}

const NOTHING = new Boxes();

/** The clusters beside what is written, and beside each other where one would hide another's count; the worst choose first where to stand. */
function aside(clusters, labels, fixed, rem) {
  const written = new Boxes(labels.flatMap(linesOf));
  const taken = new Boxes(fixed);
  const boxOf = (at) => symbolBox(at, rem);
  return [...clusters]
    .sort((a, b) => rank(a.severity) - rank(b.severity) || (a.ids[0] < b.ids[0] ? -1 : 1))
    .map((one) => {
      const most = (one.count > 1 ? ASIDE : ASIDE_ALONE) * rem;
      const moved = stepAside(one, boxOf, written, one.count > 1 || one.severity ? taken : NOTHING, most);
      taken.add(boxOf(moved));
      return moved;
    });
}

function districtLabel({ code, name, count, figure: n = count, worst, x, y, home }, number, wide, rem) {
  const figure = n ? number(n) : "";
  const padded = (words, [size, weight]) => wide(words, size, weight) + 0.4 * rem;
  const lines = [{ dy: figure ? NAME_DY * rem : 0, width: padded(name, NAME), height: 1.3 * rem }];
  if (figure) lines.push({ dy: COUNT_DY * rem, width: padded(figure, COUNT), height: 1.4 * rem });
  return {
    id: code,
    x,
    y,
    width: Math.max(...lines.map((line) => line.width)),
    height: (figure ? 2.7 : 1.3) * rem,
    lines,
    // Worst first, then the fullest: they keep their names when there is no room for all.
    priority: rank(worst) * 1e6 - count,
    unit: 2.6 * rem,
    home,
    name,
    figure,
    look: "district",
  };
}

/** Names of cameras are wanted where they stand at all: beside the incident that somebody looks at. */
function cameraLabel({ id, name, x, y }, wide, rem) {
  return {
    id: `camera ${id}`,
    x,
    y: y + 1.1 * rem,
    width: wide(name, ...CAMERA) + 0.4 * rem,
    height: 1.2 * rem,
    unit: 2.2 * rem,
    priority: -1,
    name,
    figure: "",
    look: "camera",
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
    look: "ground",
  };
}

/** A cluster's count stands to the right of its symbol. */
export function symbolBox({ x, y, count, severity }, rem) {
  const width = count > 1 ? 3 : severity ? 1.7 : 1.1;
  return { x: count > 1 ? x + 0.5 * rem : x, y, width: width * rem, height: 1.6 * rem };
}

function gaugeBox({ x, y, severity }, rem) {
  const size = (severity ? 1.9 : 0.9) * rem;
  return { x, y, width: size, height: size };
}
