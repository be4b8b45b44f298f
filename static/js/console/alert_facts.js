// What the console shows of alerts: in which part of the list each stands, and its story. Pure.

import { aside, isOver, isUnseen, standing } from "../facts.js";
import { rank } from "../severity.js";

/** Parts of the list, in their order: what nobody has seen, what is over unseen, what somebody has, what is set aside. */
export const PARTS = ["unseen", "over", "seen", "aside"];

/** The part that an alert stands in. */
export function partOf(alert) {
  if (aside(alert)) return "aside";
  if (isUnseen(alert)) return "unseen";
  return isOver(alert) ? "over" : "seen";
}

/** Worst first, then newest; the id last, so that equal things keep their places. */
export const byWeight = (a, b) =>
  rank(a.severity) - rank(b.severity) || (b.since ?? 0) - (a.since ?? 0) || (a.id < b.id ? -1 : 1);

/** {unseen, over, seen, aside}: alerts by part, each worst first; what is set aside though it is over must be found, too. */
export function parts(alerts) {
  const found = Object.fromEntries(PARTS.map((part) => [part, []]));
  for (const alert of alerts) if (standing(alert) || aside(alert)) found[partOf(alert)].push(alert);
  for (const list of Object.values(found)) list.sort(byWeight);
  return found;
}

/** Who has an alert: to whom it was given, else who has acknowledged it; "" is nobody. */
export const ownerOf = (alert) => alert.assigned || alert.acked_by || "";

/** Alerts that are this person's. */
export const mine = (alerts, id) => alerts.filter((alert) => standing(alert) && ownerOf(alert) === id);

/** Flags beside the state, in the order of their weight: [{name, by, at, reason, until}]. */
export function flagsOf(alert) {
  return ["out_of_service", "shelved", "suppressed"]
    .filter((name) => alert[name])
    .map((name) => ({ name, ...alert[name] }));
}

/** The story of this episode, newest first: [{at, what, who, text, key}]. */
export function story(alert) {
  const told = [{ at: alert.since ?? 0, what: "raised", who: "", text: "" }];
  const add = (what, at, who = "", text = "") => at && told.push({ at, what, who, text });
  add("ended", alert.ended_at);
  // On which screen is worth a word where it was not the console.
  add("acked", alert.acked_at, alert.acked_by, alert.acked_on === "console" ? "" : alert.acked_on);
  add("confirmed", alert.confirmed_at, alert.confirmed_by, alert.confirmed);
  // Given by whom stands in the row's text: the name that counts is who has it now.
  add("assigned", alert.assigned_at, alert.assigned, alert.assigned_by);
  for (const { name, at, by, reason } of flagsOf(alert)) add(name, at, by, reason);
  for (const { at, by, text } of alert.notes ?? []) add("note", at, by, text);
  return told
    .map((entry, index) => ({ ...entry, key: `${entry.what} ${entry.at} ${index}` }))
    .sort((a, b) => b.at - a.at);
}

/** What a command about an alert has to name: what was seen when the person decided. */
export const seen = (alert) => ({
  alert: alert.id,
  episode: alert.episode ?? 1,
  version: alert.version ?? 1,
});

/** Times to shelve for (s), up to the longest allowed. */
export function shelveTimes(most) {
  const times = [900, 1800, 3600, 2 * 3600, 4 * 3600, 8 * 3600].filter((seconds) => seconds < most);
  return [...times, most];
}

/**
 * The order of a list while somebody's pointer is on it: what was there keeps its place, so that no row slips
 * away under a click; what is new comes after, what has gone leaves. `before` are ids.
 */
export function held(items, before) {
  const place = new Map(before.map((id, index) => [id, index]));
  return items
    .map((item, index) => ({ item, at: place.get(item.id) ?? before.length + index }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
