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

/**
 * {layout, district} of the page to show at `now` (s): in an emergency the city's own page, then what somebody has
 * sent the wall to ({layout, subject, until}), then in an alarm the first page that shows alerts, else the pages in
 * turns. What was sent to a thing without a layout goes to the first page with a map; a layout that was sent with a
 * district shows that district alone. `pages` are [{layout: name, show_s, district}], `layouts` name → {panels},
 * `district` the wall's own or "".
 */
export function pageAt({ pages, layouts, emergency, now, city, sent, alerts, district = "" }) {
  if (city?.level?.emergency && layouts[emergency]) return { layout: emergency, district };
  if (sent && now < (sent.until ?? Infinity)) {
    if (layouts[sent.layout]) return { layout: sent.layout, district: districtOf(sent.subject) || district };
    const names = [...pages.map(({ layout }) => layout), ...Object.keys(layouts)];
    const mapped = sent.subject && names.find((name) => shows(layouts[name], "map"));
    if (mapped) return { layout: mapped, district };
  }
  const shown = (pages.length > 1 && alarmed(alerts, now) && firstWithAlerts(pages, layouts)) || turned(pages, now);
  return { layout: shown.layout, district: shown.district ?? "" };
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
