// Where the names stand on the map: none over another, beside the symbols where there is room. Pure.

import { Boxes } from "./boxes.js";

/** Where a label may stand, in its own widths and units from its point, nearest first. */
const OFFSETS = [0, -0.15, 0.15, -0.3, 0.3, -0.45, 0.45]
  .flatMap((dx) => [0, -0.2, 0.2, -0.4, 0.4, -0.6, 0.6, -0.8, 0.8, -1, 1, -1.2, 1.2].map((dy) => [dx, dy]))
  .sort((a, b) => Math.hypot(...a) - Math.hypot(...b));

/** Standing on a symbol is as bad as being this many units away from the own point. */
const SYMBOL_COST = 3;

/** Standing in a neighbour says something wrong; it is nearly as bad as hiding a symbol. */
const ABROAD_COST = 2.5;

/** A label moves only if it gets better by this much: names that jump about draw the eye for nothing. */
const STAY = 1.2;

/**
 * Places for labels [{id, x, y, width, height, lines, priority}] among `symbols` [{x, y, width, height}], inside
 * `frame` {left, top, right, bottom}; all in px, x and y being middles.
 * `lines` [{dy, width, height}] are what is written, from the label's middle; without them it is one box. `home(x, y)` tells whether a place is
 * the label's own; `unit` is the step downwards, by itself the height. A `fixed`
 * label has but its own place.
 * A label that can only stand on another is left out (lowest priority number first).
 * `before` is the answer of the last time; `blocked` are boxes where nothing may stand. Answers Map id → {x, y, dx, dy}.
 */
export function placeLabels(labels, symbols, frame, before = new Map(), blocked = []) {
  const placed = new Boxes(blocked);
  const shapes = new Boxes(symbols);
  const places = new Map();
  for (const label of [...labels].sort((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : 1))) {
    const best = bestPlace(label, placed, shapes, frame, before.get(label.id));
    if (!best) continue;
    for (const line of linesOf(best.box)) placed.add(line);
    places.set(label.id, { x: best.box.x, y: best.box.y, dx: best.dx, dy: best.dy });
  }
  return places;
}

function bestPlace(label, placed, shapes, frame, last) {
  const unit = label.unit ?? label.height;
  let best = null;
  for (const [dx, dy] of label.fixed ? OFFSETS.slice(0, 1) : OFFSETS) {
    const away = Math.hypot((dx * label.width) / unit, dy);
    const stays = last && last.dx === dx && last.dy === dy ? STAY : 0;
    if (best && away - stays >= best.cost) continue;
    const box = { ...label, x: label.x + dx * label.width, y: label.y + dy * unit };
    if (!inside(box, frame)) continue;
    const lines = linesOf(box);
    if (lines.some((line) => placed.hit(line))) continue;
    const hidden = new Set(lines.flatMap((line) => [...shapes.covered(line)])).size;
    if (label.fixed && hidden) continue;
    let cost = away + hidden * SYMBOL_COST - stays;
    // Asked last: whether a point lies in a district costs more than all else.
    if (label.home && !(best && cost >= best.cost) && !label.home(box.x, box.y)) cost += ABROAD_COST;
    if (!best || cost < best.cost) best = { box, cost, dx, dy };
  }
  return best;
}

/** The boxes of what is written in a label. */
export function linesOf({ x, y, width, height, lines }) {
  return lines
    ? lines.map((line) => ({ x, y: y + line.dy, width: line.width, height: line.height }))
    : [{ x, y, width, height }];
}

function inside({ x, y, width, height }, frame) {
  return (
    x - width / 2 >= frame.left &&
    y - height / 2 >= frame.top &&
    x + width / 2 <= frame.right &&
    y + height / 2 <= frame.bottom
  );
}
