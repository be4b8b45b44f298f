// What changed within the last hour, as a short list of facts in a fixed order. Pure; `sentences.js` says them.

import { gaugeIsOld, gaugeRate } from "../facts.js";
import { SEVERITIES, rank, worst } from "../severity.js";

export const HOUR_S = 3600;

/** Of one sort of change so many are named; of the others the number is told. */
export const MOST_NAMED = 3;

/** Readings that span less than this (s) say nothing of an hour. */
const LEAST_SPAN_S = 600;

/** The metric that counts reports (wallboard/engine/last_hour.py). */
export const REPORTS = "reports.last_hour";

/**
 * [{what, …}]: "status" {news}; "alerts" {n, by: {severity: n}, worst}; "ended" {n}; "reports" {received, closed,
 * usual}; "rose" {gauge, by, over}; and each of the others {news, more}: the first few of them and how many more.
 */
export function lastHour({ news, metrics, gauges, now }) {
  const young = news.filter(({ at }) => now - at <= HOUR_S);
  const of = (what) => young.filter((one) => one.what === what).sort(newest);
  const facts = [];
  const status = of("status")[0];
  if (status) facts.push({ what: "status", news: status });
  const raised = of("alert_raised");
  const ended = of("alert_ended").length;
  if (raised.length) {
    const by = Object.fromEntries(
      SEVERITIES.map((severity) => [severity, raised.filter((one) => one.severity === severity).length]),
    );
    facts.push({
      what: "alerts",
      n: raised.length,
      by,
      worst: worst(raised.map(({ severity }) => severity)),
    });
  }
  if (ended) facts.push({ what: "ended", n: ended });
  const reports = metrics.find(({ id }) => id === REPORTS);
  if (reports && (reports.value || reports.figures?.closed)) {
    const { closed = 0, usual = null } = reports.figures ?? {};
    facts.push({ what: "reports", received: reports.value, closed, usual });
  }
  const rose = mostRisen(gauges, now);
  if (rose) facts.push({ what: "rose", ...rose });
  for (const what of ["gauge_rose", "hazard_began", "agency_late", "price_over", "hazard_ended", "agency_caught_up"]) {
    const found = once(of(what)).sort(graver);
    if (found.length)
      facts.push({ what, news: found.slice(0, MOST_NAMED), more: Math.max(0, found.length - MOST_NAMED) });
  }
  return facts;
}

/** The gauge that has risen most within the hour: {gauge, by, over}, worst level first; null where none rises. */
export function mostRisen(gauges, now) {
  let found = null;
  for (const gauge of gauges) {
    const risen = riseOf(gauge, now);
    if (
      !risen ||
      gaugeIsOld(gauge, now) ||
      gaugeRate({ ...gauge, rate_per_h: (risen.by * HOUR_S) / risen.over }) <= 0
    )
      continue;
    const better = found && (rank(gauge.severity) - rank(found.gauge.severity) || found.by - risen.by) >= 0;
    if (!better) found = { gauge, ...risen };
  }
  return found;
}

/** How far a gauge has moved, and over how long (s), up to an hour; null where its readings do not say. */
export function riseOf({ history = [] }, now) {
  const last = history.at(-1);
  const first = history.find(([time]) => time >= now - HOUR_S);
  if (!first || last[0] - first[0] < LEAST_SPAN_S) return null;
  return { by: last[1] - first[1], over: last[0] - first[0] };
}

const newest = (a, b) => b.at - a.at || (a.id < b.id ? -1 : 1);

const graver = (a, b) =>
  rank(a.severity) - rank(b.severity) || (b.value ?? 0) - (a.value ?? 0) || newest(a, b);

/** One of each name: a commodity over its ceiling at nine markets is one thing to say. */
function once(list) {
  const names = new Set();
  return list.filter((one) => {
    const name = one.name || one.subject;
    return !names.has(name) && names.add(name);
  });
}
