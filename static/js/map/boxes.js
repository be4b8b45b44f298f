// Boxes {x, y, width, height} by their middles, found by place: whether one covers any of many. Pure.

/** Whether two boxes cover each other; to touch is not to cover, nor is a rounding. */
export function overlap(a, b) {
  const slack = 1e-6;
  return (
    Math.abs(a.x - b.x) * 2 < a.width + b.width - slack &&
    Math.abs(a.y - b.y) * 2 < a.height + b.height - slack
  );
}

/** Width of a cell (px): about that of a name. */
const CELL = 96;

/** Columns of cells; places further out than this many cells are on no glass. */
const COLUMNS = 4096;

export class Boxes {
  #cells = new Map();

  constructor(boxes = []) {
    for (const box of boxes) this.add(box);
  }

  add(box) {
    this.#each(box, (key) => {
      const cell = this.#cells.get(key);
      if (cell) cell.push(box);
      else this.#cells.set(key, [box]);
      return false;
    });
  }

  /** Whether `box` covers any of them. */
  hit(box) {
    return this.#each(box, (key) => this.#cells.get(key)?.some((other) => overlap(box, other)) ?? false);
  }

  /** Those that `box` covers. */
  covered(box) {
    const found = new Set();
    this.#each(box, (key) => {
      for (const other of this.#cells.get(key) ?? []) if (overlap(box, other)) found.add(other);
      return false;
    });
    return found;
  }

  /** Call visit(cell) for the cells under a box until it answers true; whether it did. */
  #each({ x, y, width, height }, visit) {
    const last = Math.floor((x + width / 2) / CELL);
    const bottom = Math.floor((y + height / 2) / CELL);
    for (let i = Math.floor((x - width / 2) / CELL); i <= last; i += 1)
      for (let j = Math.floor((y - height / 2) / CELL); j <= bottom; j += 1)
        if (visit(j * COLUMNS + i)) return true;
    return false;
  }
}
