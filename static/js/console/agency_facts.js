// The agency board's figures: who does worst, what stands where. Pure.

export const SPANS = ["today", "7d", "30d"];

/** Worst first: most overdue, then overdue for longest, then the smallest share in time, then most open. */
export function agencyOrder(span) {
  const share = (agency) => agency.spans?.[span]?.in_time ?? 2;
  return (a, b) =>
    (b.overdue ?? 0) - (a.overdue ?? 0) ||
    (a.overdue_since ?? Infinity) - (b.overdue_since ?? Infinity) ||
    share(a) - share(b) ||
    (b.open ?? 0) - (a.open ?? 0) ||
    (a.name < b.name ? -1 : 1);
}

/** What an agency has open, summed by one half of "district|category": [[code, open, overdue], …], worst first. */
export function openBy(agency, half) {
  const sums = new Map();
  for (const [pair, [open, overdue]] of Object.entries(agency.by ?? {})) {
    const code = pair.split("|")[half];
    const [had, late] = sums.get(code) ?? [0, 0];
    sums.set(code, [had + open, late + overdue]);
  }
  return [...sums]
    .map(([code, [open, overdue]]) => [code, open, overdue])
    .sort((a, b) => b[2] - a[2] || b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

/** "agency?figure=overdue&span=7d" of an address → {code, figure, span, district, category}. */
export function parseBehind(rest) {
  const [code, query = ""] = rest.split("?");
  const asked = new URLSearchParams(query);
  const span = asked.get("span");
  return {
    code,
    figure: asked.get("figure") ?? "",
    span: SPANS.includes(span) ? span : "today",
    district: asked.get("district"),
    category: asked.get("category"),
  };
}

/** The address of the list behind a number. */
export function behind(code, about) {
  const query = new URLSearchParams(
    Object.entries(about).filter(([, value]) => value !== null && value !== undefined),
  );
  return `${code}?${query}`;
}
