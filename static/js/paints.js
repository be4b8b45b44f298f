// How long paints took, counted in the ranges that the server names; it makes a histogram of all boards. Pure.

export class Paints {
  #bounds = [];
  #told = {};

  /** Upper ends of the ranges (s), as `hello` names them; what was counted in others is dropped. */
  ranges(bounds) {
    const next = Array.isArray(bounds) && bounds.every(Number.isFinite) ? bounds : [];
    if (next.join() === this.#bounds.join()) return;
    this.#bounds = next;
    this.#told = {};
  }

  /** One paint took `seconds` since `origin` ("frame", "commit", "event"). */
  add(origin, seconds) {
    if (!this.#bounds.length || !Number.isFinite(seconds)) return;
    const took = Math.max(0, seconds); // the server's clock on this page may be a moment behind
    const told = (this.#told[origin] ??= { counts: Array(this.#bounds.length + 1).fill(0), sum: 0 });
    const at = this.#bounds.findIndex((bound) => took <= bound);
    told.counts[at < 0 ? this.#bounds.length : at] += 1;
    told.sum += took;
  }

  /** {origin: {counts, sum}} since the last call. */
  take() {
    const told = this.#told;
    this.#told = {};
    return told;
  }
}
