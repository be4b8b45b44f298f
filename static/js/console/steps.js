// What may be done with an incident, from the server's own table: engine and page cannot differ. Pure.

/** The key of each step, the same on every page. */
export const STEP_KEYS = {
  verified: "v",
  assigned: "g",
  accepted: "a",
  in_progress: "p",
  resolved: "r",
  returned: "u",
  closed: "c",
  rejected: "x",
  prank: "z",
  duplicate: "d",
  referred: "f",
  reopened: "o",
};

/** Keys of what else can be done with a report; no step's. */
export const STORY_KEYS = { note: "n", edit: "e", show: "w" };

/** Steps that end something for somebody: asked again, with words. */
const HARD = new Set(["rejected", "prank", "closed", "referred"]);

/** Steps that leave the way from received to closed. */
const EXITS = new Set(["returned", "duplicate", "rejected", "prank", "referred"]);

/** The steps [{to, needs, action, key, hard, exit}] that this role may take from this status, in the order of a life. */
export function stepsFor(transitions, role, status) {
  return transitions
    .filter(({ was, roles }) => was.includes(status) && roles.includes(role))
    .map(({ to, needs, action }) => ({
      to,
      needs,
      action,
      key: STEP_KEYS[to],
      hard: HARD.has(to),
      exit: EXITS.has(to),
    }));
}

/** The one step that goes on from here: the first that leads forward, or null. */
export function nextStep(steps) {
  const forward = ["verified", "accepted", "in_progress", "resolved", "closed"];
  return steps.find(({ to, needs }) => forward.includes(to) && !needs.includes("why")) ?? null;
}

/** The arguments of the command for a step with what was asked for it. */
export function argsOf(step, incident, values = {}) {
  const status = incident.ours?.status ?? "received";
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
  const args = { incident: incident.id, ...given, seen: status };
  return step.action === "incident.status" ? { ...args, status: step.to } : args;
}

/**
 * An incident's steps, notes and times in one line of time, oldest first: [{at, by, kind, …}], kind being
 * "opened", "step", "note" or "closed". Equal times keep that order.
 */
export function timeline({ source = {}, ours = {}, at = 0 }) {
  const entries = [{ at: source.opened_at || at, kind: "opened" }];
  for (const step of ours.steps ?? []) entries.push({ kind: "step", ...step });
  for (const note of ours.notes ?? []) entries.push({ kind: "note", ...note });
  if (Number.isFinite(source.closed_at)) entries.push({ at: source.closed_at, kind: "closed" });
  const order = ["opened", "step", "note", "closed"];
  return entries.sort((a, b) => a.at - b.at || order.indexOf(a.kind) - order.indexOf(b.kind));
}

/** "106.8, -6.2" or "-6,2; 106,8" → [lon, lat] of the city's half of the world, or null. */
export function coordinates(text) {
  const pair = /^\s*(-?\d{1,3}(?:[.,]\d+)?)\s*(?:[;\s]|,\s)\s*(-?\d{1,3}(?:[.,]\d+)?)\s*$/.exec(text);
  const plain = /^\s*(-?\d{1,3}(?:\.\d+)?)\s*,\s*(-?\d{1,3}(?:\.\d+)?)\s*$/.exec(text);
  const found = plain ?? pair;
  if (!found) return null;
  const [a, b] = [found[1], found[2]].map((part) => Number(part.replace(",", ".")));
  // Longitudes of the country are above 90; a latitude never is. So both orders are understood.
  const [lon, lat] = Math.abs(a) > 90 ? [a, b] : Math.abs(b) > 90 ? [b, a] : [a, b];
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? [lon, lat] : null;
}
