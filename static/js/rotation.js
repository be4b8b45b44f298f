// Which page a wall shows now. Pure: the server's time decides, so that all screens of a wall turn together.

import { aside, isUnseen } from "./facts.js";

/** Whether an unseen alert of the highest level stands: then a wall shows where it is, and turns no further. */
export const alarmed = (alerts) =>
  alerts.some((alert) => alert.severity === "danger" && isUnseen(alert) && !aside(alert));

const shows = ({ layout }, panel) => layout.panels.some((place) => place.panel === panel);

/**
 * The name of the layout to show at `now` (s): in an emergency the city's own page, then what somebody has sent
 * the wall to ({layout, until}), then in an alarm the first page that shows alerts, else the pages in turns.
 * `pages` are [{layout: {name, panels}, show_s}], `known` the names of the layouts that this page has.
 */
export function pageAt({ pages, emergency, known, now, city, sent, alerts }) {
  if (city?.status === "emergency" && emergency) return emergency.name;
  if (sent?.layout && known.includes(sent.layout) && now < (sent.until ?? Infinity)) return sent.layout;
  if (pages.length === 1) return pages[0].layout.name;
  if (alarmed(alerts)) {
    const first = pages.find((page) => shows(page, "alerts"));
    if (first) return first.layout.name;
  }
  const whole = pages.reduce((sum, { show_s: s }) => sum + s, 0);
  let left = now % whole;
  for (const { layout, show_s: s } of pages) {
    if (left < s) return layout.name;
    left -= s;
  }
  return pages[0].layout.name;
}
