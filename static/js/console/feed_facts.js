// Sources as the administrator sees them: how each is, what it last did. Pure.

/** Worst first. */
const ORDER = ["danger", "severe", "caution", "unknown", "normal", "none"];

const STATES = { failing: "severe", silent: "caution", stopped: "unknown", waiting: "unknown", ok: "normal" };

/** A clock that is further from ours is worth a word (s): times of reports are shown by the minute. */
const SKEW_S = 60;

/** {state, word} of a source: its state for colour and shape, and the key of its word. */
export function condition(feed, entity) {
  if (!feed.enabled) return { state: "none", word: "disabled" };
  const state = entity?.state ?? "waiting";
  return { state: STATES[state] ?? "unknown", word: state };
}

/** [{feed, entity, state, word}]: what is wrong first, else as the configuration has them. */
export function feedRows(feeds, entities) {
  const known = new Map(entities.map((entity) => [entity.id, entity]));
  return feeds
    .map((feed) => ({ feed, entity: known.get(feed.name) ?? null, ...condition(feed, known.get(feed.name)) }))
    .sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
}

/** How far a source's clock, or its way to us, is off: {late: s} for old data, {early: s} for data of the future. */
export function skew(entity) {
  const off = entity?.skew_s ?? null;
  if (off === null || Math.abs(off) < SKEW_S) return {};
  return off > 0 ? { late: off } : { early: -off };
}

/** Bytes as [number, digits, unit], "14 kB". */
export function size(bytes) {
  if (bytes < 1000) return [bytes, 0, "B"];
  if (bytes < 1e6) return [bytes / 1000, 0, "kB"];
  return [bytes / 1e6, 1, "MB"];
}

/** A kept record as text: its own text, else indented JSON. */
export const recordText = (record) =>
  typeof record === "string" ? record : record === null || record === undefined ? "" : JSON.stringify(record, null, 1);

/** So much of a record stands in its line, to tell it from the next. */
const GLIMPSE = 120;

/** The beginning of a record in one line. */
export function glimpse(record) {
  const text = typeof record === "string" ? record : (JSON.stringify(record) ?? "");
  return text.length > GLIMPSE ? `${text.slice(0, GLIMPSE - 1)}…` : text;
}

/** Whether what somebody asked for has been done: begun anew since they asked (the server's time). */
export const begun = (told, askedAt) => (told?.again_at ?? 0) >= askedAt;

/** Whether dead letters are asked for (again): not while somebody reads older ones; they may have failed before. */
export const mayAskLetters = (name, dead) => Boolean(name) && !dead?.more;
