// A flood of alerts (the engine says when there is one): nobody reads forty lines, so the wall groups them by
// district until it is over. Pure.

import { aside, isUnseen } from "./facts.js";
import { rank } from "./severity.js";

/**
 * Alerts that ask for somebody, by district, worst first: [{key, name, worst, count, first}], `first` being the
 * alert that stands for the group. `nameOf(alert)` is its district's name, "" for the whole city. `alerts` are
 * in the wall's order.
 */
export function groups(alerts, nameOf) {
  const found = new Map();
  for (const alert of alerts) {
    if (!isUnseen(alert) || aside(alert)) continue;
    const name = nameOf(alert);
    const group = found.get(name);
    if (!group)
      found.set(name, { key: `group ${name}`, name, worst: alert.severity, count: 1, first: alert });
    else group.count += 1;
  }
  // The wall's order is worst first: the first alert of a group is its worst.
  return [...found.values()].sort(
    (a, b) => rank(a.worst) - rank(b.worst) || b.count - a.count || a.name.localeCompare(b.name),
  );
}
