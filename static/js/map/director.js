// Where the map should look now: where somebody sent it, else where something grave has just begun. Pure.

import { SEVERITIES } from "../severity.js";

/** How long it looks there (s): to read what it is and what lies around, and no longer. */
export const LOOK_S = 20;

/** It moves of itself at most this often (s, from one move to the next): a map that jumps about is watched by nobody. */
export const GAP_S = 60;

/** So many ids are remembered; after a long day all is taken for known once. */
const MOST_KNOWN = 20_000;

/**
 * The grave things that stand: [{subject "kind:id", since}]. An alert of the highest level that nobody has seen
 * stands for what it is about; an incident for itself.
 */
export function graveThings(alerts, incidents, isOpen) {
  const worst = SEVERITIES[0];
  return [
    ...alerts
      .filter(({ severity, state }) => severity === worst && state === "unacknowledged")
      .map(({ id, episode = 0, subject, since = 0 }) => ({ key: `alert:${id} ${episode}`, subject, since })),
    ...incidents
      .filter((incident) => incident.severity === worst && isOpen(incident))
      .map(({ id, at = 0 }) => ({ key: `incident:${id}`, subject: `incident:${id}`, since: at })),
  ];
}

export class Director {
  #known = null;
  #look = null;
  #movedAt = -Infinity;
  #follow;

  /** `follow` false: it looks only where somebody sends it. */
  constructor(follow = true) {
    this.#follow = follow;
  }

  /**
   * The subject to look at, or "". `now` (s), `sent` the subject that somebody sent the map to, `grave` the
   * things of graveThings; `isPlaced(subject)` tells whether it is anywhere on the map.
   */
  subject(now, sent, grave, isPlaced) {
    const fresh = this.#news(grave).filter(({ subject }) => isPlaced(subject));
    if (sent) {
      this.#look = null;
      return sent;
    }
    if (this.#look && now >= this.#look.until) this.#look = null;
    if (this.#follow && !this.#look && fresh.length && now - this.#movedAt >= GAP_S) {
      const { subject } = fresh.reduce((a, b) => (b.since > a.since ? b : a));
      this.#look = { subject, until: now + LOOK_S };
      this.#movedAt = now;
    }
    return this.#look?.subject ?? "";
  }

  /** What has come since the last question; at the first one nothing is news. */
  #news(grave) {
    const first = this.#known === null || this.#known.size > MOST_KNOWN;
    if (first) this.#known = new Set();
    const fresh = grave.filter(({ key }) => !this.#known.has(key));
    for (const { key } of fresh) this.#known.add(key);
    return first ? [] : fresh;
  }
}
