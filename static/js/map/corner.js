// Which corner of the map an inset covers least in. Pure.

/** The corner that it prefers comes first. */
export const CORNERS = ["bottom-right", "bottom-left", "top-right", "top-left"];

/** It stays unless another corner covers fewer than this share of what it covers now. */
const STAY = 0.5;

/**
 * The corner of `frame` {left, top, right, bottom} where a box of `size`, `gap` px from the edges, covers the fewest
 * of `points` [{x, y}]: {name, box} with the box {x, y, width, height} by its middle. `before` is its last corner.
 */
export function quietCorner(frame, { width, height }, gap, points, before = "") {
  const found = CORNERS.map((name) => {
    const x = name.endsWith("right") ? frame.right - gap - width / 2 : frame.left + gap + width / 2;
    const y = name.startsWith("bottom") ? frame.bottom - gap - height / 2 : frame.top + gap + height / 2;
    const box = { x, y, width, height };
    const covered = points.filter((at) => Math.abs(at.x - x) * 2 < width && Math.abs(at.y - y) * 2 < height).length;
    return { name, box, covered };
  });
  const best = found.reduce((a, b) => (b.covered < a.covered ? b : a));
  const last = found.find(({ name }) => name === before);
  return last && best.covered >= last.covered * STAY ? last : best;
}
