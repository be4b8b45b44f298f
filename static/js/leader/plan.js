// What the page's map draws, from entities: points and shapes of things, and the box that holds one of them. Pure.

import { subjectOf } from "./things.js";

/** A single point is shown with so much of the city around it (share of the whole width). */
const AROUND = 0.22;

/** Room around what is shown (share of it). */
const MARGIN = 0.18;

/** Where a thing is: {point, geometry, codes}; each may be missing. An alert is where its subject is. */
export function siteOf({ kind, entity }, store) {
  if (kind === "hazard") {
    return {
      point: null,
      geometry: entity.geometry ?? null,
      codes: entity.geometry ? [] : (entity.districts ?? []).map(({ code }) => code),
    };
  }
  if (Number.isFinite(entity.place?.lon)) {
    return { point: [entity.place.lon, entity.place.lat], geometry: null, codes: [] };
  }
  const about = kind === "alert" ? subjectOf(entity, store) : null;
  if (about) {
    const site = siteOf(about, store);
    if (site.point || site.geometry || site.codes.length) return site;
  }
  return { point: null, geometry: null, codes: entity.district ? [entity.district] : [] };
}

/** [west, south, east, north] of a GeoJSON geometry, or null. */
export function boxOf(geometry) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const walk = (part) => {
    if (typeof part[0] !== "number") return part.forEach(walk);
    box[0] = Math.min(box[0], part[0]);
    box[1] = Math.min(box[1], part[1]);
    box[2] = Math.max(box[2], part[0]);
    box[3] = Math.max(box[3], part[1]);
    return undefined;
  };
  if (geometry?.coordinates) walk(geometry.coordinates);
  return Number.isFinite(box[0]) ? box : null;
}

/** The view {x, y, width, height} of the drawing that shows a site; the whole where it has none. */
export function viewOf(site, plane, shapes) {
  const whole = { x: 0, y: 0, width: plane.width, height: plane.height };
  const boxes = [boxOf(site.geometry), ...site.codes.map((code) => boxOf(shapes.get(code)))].filter(Boolean);
  if (site.point) {
    const [x, y] = plane.to(site.point);
    const half = (plane.width * AROUND) / 2;
    return fitted({ x: x - half, y: y - half, width: 2 * half, height: 2 * half }, whole);
  }
  if (!boxes.length) return whole;
  const [left, top] = plane.to([
    Math.min(...boxes.map(([west]) => west)),
    Math.max(...boxes.map((box) => box[3])),
  ]);
  const [right, bottom] = plane.to([
    Math.max(...boxes.map((box) => box[2])),
    Math.min(...boxes.map((box) => box[1])),
  ]);
  const margin = Math.max(right - left, bottom - top) * MARGIN;
  return fitted(
    {
      x: left - margin,
      y: top - margin,
      width: right - left + 2 * margin,
      height: bottom - top + 2 * margin,
    },
    whole,
  );
}

/** The same grown to the drawing's form, and never larger than the whole. */
function fitted({ x, y, width, height }, whole) {
  const form = whole.width / whole.height;
  const wide = Math.min(Math.max(width, height * form), whole.width);
  const tall = wide / form;
  const left = x + width / 2 - wide / 2;
  const top = y + height / 2 - tall / 2;
  return {
    x: Math.min(Math.max(left, 0), whole.width - wide),
    y: Math.min(Math.max(top, 0), whole.height - tall),
    width: wide,
    height: tall,
  };
}

/**
 * Of symbols [{x, y, …}], the worst first, those that would lie on each other (nearer than `near`) as one group each:
 * the first of it is drawn, and the numbers of all stand beside it.
 */
export function gathered(symbols, near) {
  const groups = [];
  for (const one of symbols) {
    const group = groups.find(([{ x, y }]) => Math.abs(x - one.x) < near && Math.abs(y - one.y) < near);
    if (group) group.push(one);
    else groups.push([one]);
  }
  return groups;
}

/** A letter's mean width in parts of its height. */
export const LETTER_WIDTH = 0.58;

/** Where else a name may stand, from its own place: in lines down, and in half its width to the side. */
const BESIDE = [
  [0, 0], [0, 1.3], [0, -1.3], [0.5, 1.3], [-0.5, 1.3], [0.5, -1.3], [-0.5, -1.3], [0, 2.4], [0, -2.4],
];

/**
 * The names [{name, x, y}], with letters `size` high, as they can be read within `view`: each as near to its own
 * place as no earlier one and none of `taken` ([left, top, right, bottom]) is covered, or not at all.
 */
export function namesThatFit(names, size, view, taken = []) {
  const boxes = [...taken];
  const within = (at, low, high) => Math.min(Math.max(at, low), Math.max(low, high));
  return names.flatMap((one) => {
    const half = (one.name.length * LETTER_WIDTH * size) / 2;
    const [right, bottom] = [view.x + view.width, view.y + view.height];
    if (one.x < view.x || one.x > right || one.y < view.y || one.y > bottom) return [];
    for (const [aside, down] of BESIDE) {
      const x = within(one.x + aside * half, view.x + half, right - half);
      const y = within(one.y + down * size, view.y + size, bottom - size * 0.4);
      const box = [x - half, y - size, x + half, y + size * 0.4];
      if (boxes.some((other) => meet(box, other))) continue;
      boxes.push(box);
      return [{ ...one, x, y }];
    }
    return [];
  });
}

const meet = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
