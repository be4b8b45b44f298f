// Where the names stand on the map: none over another, beside the symbols where there is room. Pure.

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
 * `before` is the answer of the last time. Answers Map id → {x, y, dx, dy}.
 */
export function placeLabels(labels, symbols, frame, before = new Map()) {
  const placed = [];
  const places = new Map();
  for (const label of [...labels].sort((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : 1))) {
    const last = before.get(label.id);
    let best = null;
    for (const [dx, dy] of label.fixed ? OFFSETS.slice(0, 1) : OFFSETS) {
      const away = Math.hypot((dx * label.width) / (label.unit ?? label.height), dy);
      const stays = last && last.dx === dx && last.dy === dy ? STAY : 0;
      if (best && away - STAY >= best.cost) continue;
      const box = { ...label, x: label.x + dx * label.width, y: label.y + dy * (label.unit ?? label.height) };
      const lines = linesOf(box);
      if (!inside(box, frame) || placed.some((other) => lines.some((line) => overlap(line, other)))) continue;
      const hidden = symbols.filter((symbol) => lines.some((line) => overlap(line, symbol))).length;
      if (label.fixed && hidden) continue;
      const abroad = label.home && !label.home(box.x, box.y) ? ABROAD_COST : 0;
      const cost = away + hidden * SYMBOL_COST + abroad - stays;
      if (!best || cost < best.cost) best = { box, cost, dx, dy };
    }
    if (!best) continue;
    placed.push(...linesOf(best.box));
    places.set(label.id, { x: best.box.x, y: best.box.y, dx: best.dx, dy: best.dy });
  }
  return places;
}

/** The boxes of what is written in a label. */
export function linesOf({ x, y, width, height, lines }) {
  return lines
    ? lines.map((line) => ({ x, y: y + line.dy, width: line.width, height: line.height }))
    : [{ x, y, width, height }];
}

/** Whether two boxes cover each other; to touch is not to cover, nor is a rounding. */
export function overlap(a, b) {
  const slack = 1e-6;
  return (
    Math.abs(a.x - b.x) * 2 < a.width + b.width - slack &&
    Math.abs(a.y - b.y) * 2 < a.height + b.height - slack
  );
}

function inside({ x, y, width, height }, frame) {
  return (
    x - width / 2 >= frame.left &&
    y - height / 2 >= frame.top &&
    x + width / 2 <= frame.right &&
    y + height / 2 <= frame.bottom
  );
}
