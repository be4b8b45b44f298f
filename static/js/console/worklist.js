// Incidents as a list of work: what each one is to be found by, in what order, and which of them are meant. Pure.

import { openedAt } from "../facts.js";
import { rank } from "../severity.js";

/** The order of an incident's life, for the filter. */
export const STATUSES = [
  "received",
  "verified",
  "assigned",
  "accepted",
  "in_progress",
  "resolved",
  "closed",
  "duplicate",
  "rejected",
  "prank",
  "referred",
];

export const NO_FILTER = {
  text: "",
  status: "open",
  agency: "",
  category: "",
  district: "",
  channel: "",
  severity: "",
  overdue: false,
  mine: false,
};

export const statusOf = (incident) => incident.ours?.status ?? "received";

/** The agency that has it, or "": what the engine wrote into who may see it. */
export const agencyOf = (incident) => incident.scope?.find((part) => part.startsWith("a:"))?.slice(2) ?? "";

export const titleOf = (incident) => incident.ours?.title || incident.source?.title || "";

export const sourceClosed = (incident) => (incident.source?.status ?? "open") === "closed";

/** Whether somebody is still expected to do something about it. */
export const isWork = (incident) => !Number.isFinite(incident.over_at);

export const isOverdue = (incident) => (incident.overdue ?? []).length > 0 && isWork(incident);

const records = new WeakMap();

/** What the list needs of an incident, made once: an entity that changes is another object. */
export function record(incident) {
  let found = records.get(incident);
  if (!found) records.set(incident, (found = made(incident)));
  return found;
}

function made(incident) {
  const { source = {}, place = {}, ours = {} } = incident;
  const parts = [
    incident.id,
    ours.title,
    source.title,
    source.text,
    source.address,
    place.name,
    ...(place.parents ?? []).map(({ name }) => name),
    ours.referred_to,
  ];
  return {
    incident,
    text: folded(parts.filter(Boolean).join("\n")),
    late: isOverdue(incident) ? 0 : 1,
    rank: rank(incident.severity),
    opened: openedAt(incident),
    districts: new Set(
      [place.district, ...(place.candidates ?? []), ...(place.parents ?? []).map(({ code }) => code)].filter(
        Boolean,
      ),
    ),
  };
}

/** Lower case without marks: who searches "jalan" or "café" types neither capitals nor accents. */
export function folded(text) {
  return text
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "")
    .toLowerCase();
}

/** Overdue first, then worst, then the one that has waited longest; the id keeps equal ones in their places. */
export function workOrder(a, b) {
  return (
    a.late - b.late ||
    a.rank - b.rank ||
    a.opened - b.opened ||
    (a.incident.id < b.incident.id ? -1 : a.incident.id > b.incident.id ? 1 : 0)
  );
}

/** Incidents that a filter means, in the order of work. `me` is {id, agency} for "mine". */
export function chosen(incidents, filter, me = {}) {
  const words = folded(filter.text).split(/\s+/).filter(Boolean);
  const kept = [];
  for (const incident of incidents) {
    const one = record(incident);
    if (passes(one, filter, words, me)) kept.push(one);
  }
  return kept.sort(workOrder).map(({ incident }) => incident);
}

function passes(one, filter, words, me) {
  const { incident } = one;
  if (filter.status === "open" ? !isWork(incident) : filter.status && !hasStatus(incident, filter.status))
    return false;
  if (filter.overdue && one.late) return false;
  if (filter.severity && (incident.severity ?? "none") !== filter.severity) return false;
  if (filter.agency && (agencyOf(incident) || "none") !== filter.agency) return false;
  if (filter.category && (incident.category || "none") !== filter.category) return false;
  if (filter.channel && (incident.channel || "none") !== filter.channel) return false;
  if (filter.district && !inDistrict(one, filter.district)) return false;
  if (filter.mine && !isMine(incident, me)) return false;
  return words.every((word) => one.text.includes(word));
}

const hasStatus = (incident, status) =>
  status === "source_closed" ? sourceClosed(incident) : statusOf(incident) === status;

const inDistrict = (one, code) => (code === "none" ? one.districts.size === 0 : one.districts.has(code));

/** What a person had their hands on: their agency's, or with a step or a note of theirs. */
export function isMine(incident, { id = "", agency = "" }) {
  if (agency) return agencyOf(incident) === agency;
  const { steps = [], notes = [], verified_by: verified = "" } = incident.ours ?? {};
  return verified === id || [...steps, ...notes].some(({ by }) => by === id);
}

/**
 * The clock that counts now: {name, left, state: "ok" | "risk" | "over" | "paused"} of the running one that is
 * due first, seconds left (below 0: over), or null where none runs.
 */
export function clockOf(incident, now) {
  if (!isWork(incident)) return null;
  const running = (incident.clocks ?? []).filter(({ done_at: done }) => !Number.isFinite(done));
  if (!running.length) return null;
  // One that stands still asks for nothing while another runs.
  const [first] = running.sort(
    (a, b) => Number(a.paused ?? false) - Number(b.paused ?? false) || a.due_at - b.due_at,
  );
  return { name: first.name, left: first.due_at - now, state: clockState(first, now) };
}

/** How one clock stands, running or stopped. */
export function clockState({ due_at: due, risk_at: risk, done_at: done, paused = false }, now) {
  if (Number.isFinite(done)) return done >= due ? "over" : "ok";
  if (paused) return "paused";
  if (now >= due) return "over";
  return risk && now >= risk ? "risk" : "ok";
}

/** Distinct values of a field with how many have each, the most frequent first: [[value, n], …]. */
export function counted(incidents, valueOf) {
  const counts = new Map();
  for (const incident of incidents) {
    const value = valueOf(incident);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
}
