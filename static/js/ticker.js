// What happened lately, one line an event, newest first; and which of it the line shows next. Pure.

import { gaugeDigits, isOpen, openedAt } from "./facts.js";
import { pick } from "./words.js";

/** Older than this (s) is no news. */
export const NEWS_S = 3600;

/** In an hour of 300 alerts nobody reads them all at the foot of a wall; the list of alarms has them. */
export const MOST_ITEMS = 40;

/** Changes for the better: told, never in the colour of what was. */
const BETTER = new Set(["alert_ended", "hazard_ended", "gauge_fell", "agency_caught_up", "price_under"]);

/** States of changes that carry no severity of their own. */
const STATE_OF = { agency_late: "severe", price_over: "caution" };

/**
 * [{id, at, what, state, about}] of `news` and of the gravest incidents, newest first. The same thing at several
 * markets is one line.
 */
export function lately({ news, incidents, now }) {
  const told = news.map((one) => ({
    id: one.id,
    at: one.at ?? 0,
    what: one.what,
    state: BETTER.has(one.what) ? "over" : (one.severity ?? STATE_OF[one.what] ?? "info"),
    about: one,
  }));
  const grave = incidents
    .filter((incident) => incident.severity === "danger" && isOpen(incident))
    .map((incident) => ({
      id: `incident|${incident.id}`,
      at: openedAt(incident),
      what: "incident",
      state: "danger",
      about: { name: incident.ours?.title || incident.source?.title || "" },
    }));
  const seen = new Set();
  return [...told, ...grave]
    .filter(({ at }) => at > now - NEWS_S && at <= now + 1)
    .sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1))
    .filter(({ what, about }) => {
      if (!what.startsWith("price")) return true;
      const key = `${what} ${about.name}`;
      return !seen.has(key) && seen.add(key);
    })
    .slice(0, MOST_ITEMS);
}

/** An item in words; `ctx` has t, figures and language. */
export function said({ what, about }, { t, figures, language }) {
  const digits = gaugeDigits(about.unit ?? "");
  const value = Number.isFinite(about.value) ? about.value : 0;
  return t(`ticker.${what}`, {
    name: pick(about.texts, language) || about.name || about.subject || "",
    level: about.level || t("severity.normal"),
    value: `${figures.number(value, digits)} ${about.unit ?? ""}`.trim(),
    share: figures.difference(value),
    n: figures.number(value),
    where: about.market ? ` · ${about.market}` : "",
  });
}

/**
 * The items that come next: by turns the newest that nobody has seen yet and the oldest, so that neither waits for
 * the other; when all were seen, from the beginning. `seen` holds ids, `size` is how many may fit.
 */
export function nextPage(items, seen, turn, size) {
  const fresh = items.filter(({ id }) => !seen.has(id));
  if (!fresh.length) return items.slice(0, size);
  return turn % 2 && fresh.length > size ? fresh.slice(-size) : fresh.slice(0, size);
}
