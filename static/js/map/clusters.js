// Points that would lie on each other become one symbol: the worst state's shape, and how many. Pure.

import { rank } from "../severity.js";

/** Each try reaches further by this. */
const WIDER = 1.25;

/** Clusters as of `cluster`, with the least reach from `reach` upwards that leaves at most `most` of them. */
export function clusterToFew(points, reach, most) {
  // A point without a place is near to none: no reach would ever make few of them.
  const sorted = worstFirst(points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)));
  let wide = reach;
  let clusters = gather(sorted, wide);
  while (clusters.length > most) {
    // The number falls with the square of the reach; the guess stays below, so that none is passed over.
    wide *= Math.max(WIDER, Math.sqrt(clusters.length / most) * 0.7);
    clusters = gather(sorted, wide);
  }
  return clusters;
}

/** The symbol, moved straight away from the first of `others` that it would cover, to `distance` from it (px). */
export function beside(symbol, others, distance) {
  const other = others.find(({ x, y }) => Math.hypot(symbol.x - x, symbol.y - y) < distance);
  if (!other) return symbol;
  const angle =
    symbol.x === other.x && symbol.y === other.y ? 0 : Math.atan2(symbol.y - other.y, symbol.x - other.x);
  return { ...symbol, x: other.x + distance * Math.cos(angle), y: other.y + distance * Math.sin(angle) };
}

/** Where a symbol may step to: so many directions, on rings so far apart as parts of the farthest. */
const DIRECTIONS = 16;
const RINGS = 8;

/**
 * The symbol, moved by the least that takes it off the boxes in `written` and those in `taken`; it stays
 * where it is when it would have to go farther than `most` (px). `boxOf(symbol)` is its box; `written` and
 * `taken` are Boxes.
 */
export function stepAside(symbol, boxOf, written, taken, most) {
  const isFree = (box) => !written.hit(box) && !taken.hit(box);
  if (isFree(boxOf(symbol))) return symbol;
  for (let ring = 1; ring <= RINGS; ring += 1) {
    for (let direction = 0; direction < DIRECTIONS; direction += 1) {
      const angle = (direction / DIRECTIONS) * 2 * Math.PI;
      const distance = (ring / RINGS) * most;
      const moved = {
        ...symbol,
        x: symbol.x + distance * Math.cos(angle),
        y: symbol.y + distance * Math.sin(angle),
      };
      if (isFree(boxOf(moved))) return moved;
    }
  }
  return symbol;
}

/**
 * Clusters of points [{x, y, severity, id}] (px) that are nearer than `reach` to a worse one.
 *
 * Worst first, so that a cluster stands where its worst member is; the same points give the same clusters.
 * Answers [{x, y, severity, count, ids}].
 */
export function cluster(points, reach) {
  return gather(worstFirst(points), reach);
}

function worstFirst(points) {
  return points
    .map((point) => ({ point, grave: rank(point.severity) }))
    .sort((a, b) => a.grave - b.grave || (a.point.id < b.point.id ? -1 : 1))
    .map(({ point }) => point);
}

/** Columns of cells, and the first of them: no glass is wider. */
const COLUMNS = 1 << 20;

function gather(sorted, reach) {
  const cells = new Map();
  const clusters = [];
  for (const point of sorted) {
    const column = Math.floor(point.x / reach);
    const row = Math.floor(point.y / reach);
    const near = nearest(cells, point, column, row, reach);
    if (near) {
      near.count += 1;
      near.ids.push(point.id);
      continue;
    }
    const made = { x: point.x, y: point.y, severity: point.severity ?? null, count: 1, ids: [point.id] };
    clusters.push(made);
    const key = row * COLUMNS + column;
    const cell = cells.get(key);
    if (cell) cell.push(made);
    else cells.set(key, [made]);
  }
  return clusters;
}

function nearest(cells, { x, y }, column, row, reach) {
  let best = null;
  let least = reach * reach;
  for (let i = column - 1; i <= column + 1; i += 1) {
    for (let j = row - 1; j <= row + 1; j += 1) {
      for (const candidate of cells.get(j * COLUMNS + i) ?? []) {
        const distance = (candidate.x - x) ** 2 + (candidate.y - y) ** 2;
        if (distance < least) [best, least] = [candidate, distance];
      }
    }
  }
  return best;
}
