// Does a video go on? A stream that stands still raises no event; only its own clock tells. Pure.

/** No progress for this long (s) is a stall: two segments of 4 s. */
export const STALL_S = 8;

/** A decoder is helped so many times before the still pictures take over. */
export const TRIES = 2;

/** Who has played this long (s) after a stall has recovered. */
export const RECOVERED_S = 30;

export class Watchdog {
  #time = 0;
  #movedAt;
  #playingSince = null;
  #helpedAt = -Infinity;
  #tries = 0;

  /** Since when it has stood still (s), or null while it plays. */
  since = null;

  constructor(now) {
    this.#movedAt = now;
  }

  /** Look at the video's own time: "playing", "waiting", "recover" (help it now) or "lost". */
  look(time, now) {
    if (time !== this.#time) {
      this.#time = time;
      this.#movedAt = now;
      this.#playingSince ??= now;
      this.since = null;
      if (now - this.#playingSince >= RECOVERED_S) this.#tries = 0;
      return "playing";
    }
    if (now - this.#movedAt < STALL_S) return this.#playingSince === null ? "waiting" : "playing";
    this.since ??= this.#movedAt;
    this.#playingSince = null;
    if (now - this.#helpedAt < STALL_S) return "waiting";
    this.#helpedAt = now;
    this.#tries += 1;
    return this.#tries > TRIES ? "lost" : "recover";
  }
}
