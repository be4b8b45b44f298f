// The order of states, from worst to best. The words are configuration, the order is not (ISO 22324).

export const SEVERITIES = ["danger", "severe", "caution"];

/** 0 for the worst; what has no severity comes after all that have one. */
export function rank(severity) {
  const index = SEVERITIES.indexOf(severity);
  return index < 0 ? SEVERITIES.length : index;
}

/** The worst of some severities, or null when none of them is one. */
export function worst(severities) {
  let found = SEVERITIES.length;
  for (const severity of severities) found = Math.min(found, rank(severity));
  return SEVERITIES[found] ?? null;
}
