// Where the names stand on the map: none over another, and beside the symbols where there is room. Pure.

/** Where a label may stand, in its own widths and heights from its point; the first free one is taken. */
const OFFSETS = [
  [0, 0], [0, -0.7], [0, 0.7], [0, -1.2], [0, 1.2], [-0.45, 0], [0.45, 0],
  [-0.4, -0.8], [0.4, -0.8], [-0.4, 0.8], [0.4, 0.8], [0, -1.7], [0, 1.7],
  [-0.6, -1.3], [0.6, -1.3], [-0.6, 1.3], [0.6, 1.3],
]; // prettier-ignore

/**
 * Places for labels [{id, x, y, width, height, priority}] among `symbols` [{x, y, width, height}], inside
 * `frame` {width, height}; all in px, x and y being middles. A label that can only stand on another is left out
 * (lowest priority number first); one that can only stand on symbols takes the place with the fewest.
 * Answers Map id → {x, y}.
 */
export function placeLabels(labels, symbols, frame) {
  const placed = [];
  const places = new Map();
  for (const label of [...labels].sort((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : 1))) {
    let best = null;
    for (const [dx, dy] of OFFSETS) {
      const box = { x: label.x + dx * label.width, y: label.y + dy * label.height, width: label.width, height: label.height };
      if (!inside(box, frame) || placed.some((other) => overlap(box, other))) continue;
      const cost = symbols.reduce((sum, symbol) => sum + (overlap(box, symbol) ? 1 : 0), 0);
      if (!best || cost < best.cost) best = { box, cost };
      if (cost === 0) break;
    }
    if (!best) continue;
    placed.push(best.box);
    places.set(label.id, { x: best.box.x, y: best.box.y });
  }
  return places;
}

function overlap(a, b) {
  return Math.abs(a.x - b.x) * 2 < a.width + b.width && Math.abs(a.y - b.y) * 2 < a.height + b.height;
}

function inside({ x, y, width, height }, frame) {
  return x - width / 2 >= 0 && y - height / 2 >= 0 && x + width / 2 <= frame.width && y + height / 2 <= frame.height;
}
