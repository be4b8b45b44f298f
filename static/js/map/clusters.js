// Points that would lie on each other become one symbol: the worst state's shape, and how many. Pure.

import { rank } from "../severity.js";
import { overlap } from "./labels.js";

/** More symbols than this answer no question from across the room. */
const MOST = 28;

/** Clusters as of `cluster`, with the least reach from `reach` upwards that leaves few enough of them. */
export function clusterToFew(points, reach, most = MOST) {
  // A point without a place is near to none: no reach would ever make few of them.
  const placed = points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  let clusters = cluster(placed, reach);
  for (let wider = reach * 1.25; clusters.length > most; wider *= 1.25) clusters = cluster(placed, wider);
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
 * The symbol, moved by the least that takes it off the boxes in `written` and onto none of `taken`; it stays
 * where it is when it would have to go farther than `most` (px). `boxOf(symbol)` is its box; all boxes
 * {x, y, width, height} by their middles.
 */
export function stepAside(symbol, boxOf, written, taken, most) {
  if (!written.some((box) => overlap(boxOf(symbol), box))) return symbol;
  const all = [...written, ...taken];
  for (let ring = 1; ring <= RINGS; ring += 1) {
    for (let direction = 0; direction < DIRECTIONS; direction += 1) {
      const angle = (direction / DIRECTIONS) * 2 * Math.PI;
      const distance = (ring / RINGS) * most;
      const x = symbol.x + distance * Math.cos(angle);
      const y = symbol.y + distance * Math.sin(angle);
      const moved = { ...symbol, x, y };
      const box = boxOf(moved);
      if (!all.some((other) => overlap(box, other))) return moved;
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
  const sorted = [...points].sort((a, b) => rank(a.severity) - rank(b.severity) || (a.id < b.id ? -1 : 1));
  const cells = new Map();
  const clusters = [];
  for (const point of sorted) {
    const near = nearest(cells, point, reach);
    if (near) {
      near.count += 1;
      near.ids.push(point.id);
      continue;
    }
    const made = { x: point.x, y: point.y, severity: point.severity ?? null, count: 1, ids: [point.id] };
    clusters.push(made);
    const key = cellOf(point.x, point.y, reach).join();
    cells.set(key, [...(cells.get(key) ?? []), made]);
  }
  return clusters;
}

function cellOf(x, y, reach) {
  return [Math.floor(x / reach), Math.floor(y / reach)];
}

function nearest(cells, { x, y }, reach) {
  const [column, row] = cellOf(x, y, reach);
  let best = null;
  let least = reach * reach;
  for (let i = column - 1; i <= column + 1; i += 1) {
    for (let j = row - 1; j <= row + 1; j += 1) {
      for (const candidate of cells.get(`${i},${j}`) ?? []) {
        const distance = (candidate.x - x) ** 2 + (candidate.y - y) ** 2;
        if (distance < least) [best, least] = [candidate, distance];
      }
    }
  }
  return best;
}
