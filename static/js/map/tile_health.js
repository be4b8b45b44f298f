// Whether a source of tiles answers: it is dead when some failed and none has come since. Pure.

/** So many failures in a row are no chance: one tile may be missing at the edge of any map. */
const FAILURES = 3;

export class TileHealth {
  #failures = 0;
  #since = null;

  arrived() {
    this.#failures = 0;
    this.#since = null;
  }

  /** `now` in s. */
  failed(now) {
    this.#failures += 1;
    this.#since ??= now;
  }

  /** Since when (s) it is dead, or null. */
  get deadSince() {
    return this.#failures >= FAILURES ? this.#since : null;
  }
}
