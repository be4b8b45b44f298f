// Where a thing on the wall leads to, for who holds it in a hand or sits before it: its story or its list. Pure.

import { address } from "./console/router.js";

const CONSOLE = "/console";

/** Kinds of entities with a page of their own → its address; all others have none. */
const STORIES = {
  // On a phone the alert's own page: one thumb acknowledges.
  alert: ({ id, code = "" }, phone) =>
    phone && code ? `/a/${encodeURIComponent(code)}` : CONSOLE + address("alerts", id),
  incident: ({ id }) => CONSOLE + address("incident", id),
};

/** The address of an entity's own page, or null; nobody stands before a wall with a pointer. */
export function storyOf(kind, entity, mode) {
  if (!isNear(mode) || !entity?.id) return null;
  return STORIES[kind]?.(entity, mode === "phone") ?? null;
}

/** The address of a section of the console, or null. */
export const listOf = (section, mode) => (section && isNear(mode) ? CONSOLE + address(section) : null);

const isNear = (mode) => mode === "phone" || mode === "desk";
