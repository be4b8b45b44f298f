// Which page a wall shows now. Pure: the server's time decides, so that all screens of a wall turn together.

import { aside, isUnseen } from "./facts.js";

/**
 * So long (s) an unseen alert of the highest level holds the page that shows it: every eye has found it by then.
 * After that the pages turn again, and the title line and the sound go on telling of it.
 */
export const HOLD_S = 120;

/** Whether an unseen alert of the highest level has come within HOLD_S: then a wall shows it, and turns no further. */
export const alarmed = (alerts, now) =>
  alerts.some(
    (alert) =>
      alert.severity === "danger" && isUnseen(alert) && !aside(alert) && now - (alert.since ?? now) < HOLD_S,
  );

const shows = (layout, panel) => layout.panels.some((place) => place.panel === panel);

/** "99.71.08" of the subject "district:99.71.08", "" of another. */
const districtOf = (subject = "") => /^district:(.+)$/.exec(subject)?.[1] ?? "";

/** The layout that shows a camera large, beside where it is and what stands there (ready_layouts.toml). */
const CAMERAS = "cameras";

/** Whether an emergency turns the wall to the city's own page for it. */
const inEmergency = ({ city, layouts, emergency }) => Boolean(city?.level?.emergency && layouts[emergency]);

/** Where somebody has sent the wall, while it is that which decides what the wall shows; else null. */
export const obeyed = (state) =>
  state.sent && state.now < (state.sent.until ?? Infinity) && !inEmergency(state) ? state.sent : null;

/**
 * {layout, district} of the page to show at `now` (s): in an emergency the city's own page, then what somebody has
 * sent the wall to ({layout, subject, until}), then in an alarm the first page that shows alerts, else the pages in
 * turns. What was sent to a thing without a layout goes to the first page with a map, to a camera to one with its
 * picture; a layout that was sent with a district shows that district alone. `pages` are [{layout: name, show_s, district}], `layouts` name → {panels},
 * `district` the wall's own or "".
 */
export function pageAt(state) {
  const { pages, layouts, emergency, now, alerts, district = "" } = state;
  if (inEmergency(state)) return { layout: emergency, district };
  const sent = obeyed(state);
  if (sent) {
    if (layouts[sent.layout]) return { layout: sent.layout, district: districtOf(sent.subject) || district };
    const found = sent.subject && layoutOf(sent.subject, state);
    if (found) return { layout: found, district };
  }
  const shown = (pages.length > 1 && alarmed(alerts, now) && firstWithAlerts(pages, layouts)) || turned(pages, now);
  return { layout: shown.layout, district: shown.district ?? "" };
}

/** The layout on which a thing is seen best, of those that the wall knows; its own pages first. */
function layoutOf(subject, { pages, layouts }) {
  const names = [...pages.map(({ layout }) => layout), ...Object.keys(layouts)];
  const first = (panel) => names.find((name) => shows(layouts[name], panel));
  if (!subject.startsWith("camera:")) return first("map");
  return (layouts[CAMERAS] && shows(layouts[CAMERAS], "cctv") ? CAMERAS : first("cctv")) ?? first("map");
}

const firstWithAlerts = (pages, layouts) => pages.find(({ layout }) => shows(layouts[layout], "alerts"));

function turned(pages, now) {
  let left = now % pages.reduce((sum, { show_s: s }) => sum + s, 0);
  for (const page of pages) {
    if (left < page.show_s) return page;
    left -= page.show_s;
  }
  return pages[0];
}
