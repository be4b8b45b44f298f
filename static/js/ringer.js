// Which alert is heard, and when. Pure: it is told the alerts and the time, and says what to sound.

import { aside, isUnseen } from "./facts.js";
import { rank } from "./severity.js";

/** Between two sounds (s): a flood of alerts is one room that listens, not forty bells. */
export const GAP_S = 15;

/** What is worse than the last sound waits for that one to end only (s). */
export const WORSE_GAP_S = 3;

/** Danger that nobody has seen is heard again after this (s), so many times. */
export const REMIND_S = 60;
export const MOST_REMINDERS = 10;

const SEVERITIES = new Set(["danger", "severe", "caution"]);

export class Ringer {
  #known = null;
  #wanted = null;
  #last = null; // {severity, at}
  #reminders = 0;

  /** The severity to sound now, or null. `now` in seconds that never jump. */
  next(alerts, now) {
    const unseen = alerts.filter((one) => SEVERITIES.has(one.severity) && isUnseen(one) && !aside(one));
    const keys = new Map(unseen.map((one) => [`${one.id} ${one.episode ?? 0} ${one.severity}`, one.severity]));
    const known = this.#known;
    this.#known = keys;
    // What stood already when the page was loaded is no news; danger among it is reminded of.
    const fresh = known === null ? [] : [...keys].filter(([key]) => !known.has(key)).map(([, severity]) => severity);
    if (fresh.includes("danger")) this.#reminders = 0;
    const left = new Set(keys.values());
    // What somebody has seen meanwhile needs no sound any more.
    const wanted = [...fresh, this.#wanted].filter((severity) => severity !== null && left.has(severity));
    this.#wanted = wanted.length ? wanted.reduce((a, b) => (rank(a) <= rank(b) ? a : b)) : null;
    if (!left.has("danger")) this.#reminders = 0;
    return this.#now(now, left);
  }

  #now(now, left) {
    const since = this.#last ? now - this.#last.at : Infinity;
    let severity = this.#wanted;
    if (severity !== null) {
      const worse = this.#last && rank(severity) < rank(this.#last.severity);
      if (since < (worse ? WORSE_GAP_S : GAP_S)) return null;
    } else if (left.has("danger") && since >= REMIND_S && this.#reminders < MOST_REMINDERS) {
      severity = "danger";
      this.#reminders += 1;
    } else return null;
    this.#wanted = null;
    this.#last = { severity, at: now };
    return severity;
  }
}
