// When a wall that nobody looks after may load itself anew. Pure: time, chance and state are parameters.
//
// A load costs a second of glass, so it happens at a quiet moment only; and what loads by itself can load for
// ever, so each reason holds once.

/** Below this (s) a page is young: it was loaded anew for whatever reason, and has nothing to gain by it. */
export const YOUNG_S = 6 * 3600;

/** A page is not loaded for one edition twice within this time (s): two nodes behind one proxy may disagree. */
export const EDITION_AGAIN_S = 3600;

/** All walls of a city learn of an upgrade in one second; they fetch it spread over this time (s). */
export const UPGRADE_SPREAD_S = 120;

/** A page that has used so much of what the browser gives it is loaded before the browser ends it. */
export const HEAVY_SHARE = 0.8;

/** Even then not oftener than this (s): if the load does not help, another will not. */
export const HEAVY_AGAIN_S = 3600;

/** The clock is written in minutes: a page counts as loaded before a moment only when it is older by this (min). */
const MARGIN_MIN = 2;

const DAY_MIN = 24 * 60;

/** A number from a text, the same on every screen (FNV-1a, 32 bits). */
export function hash(text) {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return value;
}

const minutes = (text) => {
  const [hours, rest] = text.split(":");
  return Number(hours) * 60 + Number(rest);
};

/**
 * Whether the one planned load of this night is due: the screen's own minute of the window has passed, and the
 * page is older than that. `window` "03:00-05:00" of the city's day, "" for never; `minute` of that day now;
 * `dayAgo(minutes)` the date that many minutes ago; `uptime` of the page (s).
 */
export function nightDue({ window, name, minute, dayAgo, uptime }) {
  if (!window || uptime < YOUNG_S) return false;
  const [begin, end] = window.split("-").map(minutes);
  const length = (end - begin + DAY_MIN) % DAY_MIN;
  const into = (minute - begin + DAY_MIN) % DAY_MIN;
  if (into >= length) return false;
  // By the date on which the window began: one night may have two.
  const past = into - (hash(`${name} ${dayAgo(into)}`) % length);
  return past >= 0 && uptime / 60 > past + MARGIN_MIN;
}

/**
 * Whether the page should be loaded for the edition `wanted`: this screen's turn has come, and it was not tried
 * lately. `seen` is for how long (s) the server has named it, `tried` edition → when (s), `now` (s).
 */
export function upgradeDue({ mine, wanted, name, seen, tried, now }) {
  if (!wanted || wanted === mine) return false;
  if (seen < hash(`${name} ${wanted}`) % UPGRADE_SPREAD_S) return false;
  const last = tried[wanted];
  // A time that lies ahead is one of a clock that was put back since.
  return last === undefined || Math.abs(now - last) >= EDITION_AGAIN_S;
}

/** Whether the page uses so much memory that the browser may end it; `memory` {used, limit} or null. */
export function heavy({ memory, uptime }) {
  return memory !== null && memory.limit > 0 && uptime >= HEAVY_AGAIN_S && memory.used > HEAVY_SHARE * memory.limit;
}

/** Whether nobody would miss a second of this wall: all is live, no emergency, no unseen danger, no guest. */
export function quiet({ live, city, alarmed, sent }) {
  return live && !city?.level?.emergency && !alarmed && !sent;
}
