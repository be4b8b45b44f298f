// Which page a wall shows now. Pure: the server's time decides, so that all screens of a wall turn together.

import { aside, isUnseen } from "./facts.js";

/** Whether an unseen alert of the highest level stands: then a wall shows where it is, and turns no further. */
export const alarmed = (alerts) =>
  alerts.some((alert) => alert.severity === "danger" && isUnseen(alert) && !aside(alert));

const shows = (layout, panel) => layout.panels.some((place) => place.panel === panel);

/**
 * The name of the layout to show at `now` (s): in an emergency the city's own page, then what somebody has sent
 * the wall to ({layout, until}), then in an alarm the first page that shows alerts, else the pages in turns.
 * What somebody has sent to a thing without a layout goes to the first page with a map. `pages` are
 * [{layout: name, show_s}], `layouts` name → {panels}.
 */
export function pageAt({ pages, layouts, emergency, now, city, sent, alerts }) {
  const names = pages.map(({ layout }) => layout);
  if (city?.level?.emergency && layouts[emergency]) return emergency;
  if (sent && now < (sent.until ?? Infinity)) {
    if (layouts[sent.layout]) return sent.layout;
    const mapped = sent.subject && [...names, ...Object.keys(layouts)].find((name) => shows(layouts[name], "map"));
    if (mapped) return mapped;
  }
  if (names.length === 1) return names[0];
  if (alarmed(alerts)) {
    const first = names.find((name) => shows(layouts[name], "alerts"));
    if (first) return first;
  }
  const whole = pages.reduce((sum, { show_s: s }) => sum + s, 0);
  let left = now % whole;
  for (const { layout, show_s: s } of pages) {
    if (left < s) return layout;
    left -= s;
  }
  return names[0];
}
