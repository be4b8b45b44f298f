// What the panels show, computed from entities: which, in what order, with what figures. Pure.
// A field that holds its default is absent from an entity, so every reading names the default.

import { rank, worst } from "./severity.js";

/** Over by its source, or ended by people here (over_at): the second closes nothing at the source. */
export const isOpen = (incident) => incident.over_at == null && (incident.source?.status ?? "open") === "open";

export const openedAt = (incident) => incident.source?.opened_at || incident.at || 0;

/** Worst first, then newest; the id last, so that equal things keep their places. */
export function incidentOrder(a, b) {
  return rank(a.severity) - rank(b.severity) || openedAt(b) - openedAt(a) || (a.id < b.id ? -1 : 1);
}

const ASIDE = ["shelved", "suppressed", "out_of_service"];

/** Whether what an alert told of is there now, and nobody has said that they saw it. */
export const isUnseen = (alert) => alert.state === "unacknowledged";

/** Whether it is gone again before anybody saw it: worth a look, never worth the colour of what is there now. */
export const isOver = (alert) => alert.state === "returned_unacknowledged";

/** The flag that sets an alert aside ("shelved", "suppressed", "out_of_service"), or null. */
export function aside(alert) {
  return ASIDE.find((name) => alert[name] || alert.flags?.includes(name)) ?? null;
}

/** Alerts that stand: not normal. */
export const standing = (alert) => alert.state !== "normal";

/** 0 still so and unseen, 1 acknowledged, 2 set aside, 3 over, 4 over and set aside. */
function attention(alert) {
  if (isOver(alert)) return aside(alert) ? 4 : 3;
  return aside(alert) ? 2 : Number(!isUnseen(alert));
}

export function alertOrder(a, b) {
  return (
    attention(a) - attention(b) ||
    rank(a.severity) - rank(b.severity) ||
    (b.since ?? 0) - (a.since ?? 0) ||
    (a.id < b.id ? -1 : 1)
  );
}

/** Alerts whose condition is there now, seen or not. */
export const isActive = (alert) => standing(alert) && !isOver(alert);

/** The worst severity of the active alerts on a subject ("kind:id"), or null. */
export function worstOn(alerts, subject) {
  return worst(
    alerts.filter((alert) => isActive(alert) && alert.subject === subject).map((alert) => alert.severity),
  );
}

/**
 * The state of the city in one line: the worst of everything that stands, and how many of each are that bad:
 * {severity, counts: {incident, hazard, gauge}, unseen, open}; unseen and open count active alerts.
 */
export function headline({ alerts = [], incidents = [], hazards = [], gauges = [], now = 0 }) {
  const open = alerts.filter((alert) => isActive(alert) && !aside(alert));
  const standingBy = {
    incident: incidents.filter(isOpen).map(({ severity }) => severity),
    hazard: hazards.filter((hazard) => isReal(hazard) && hazard.where === "city").map(({ level }) => level),
    gauge: gauges.filter((gauge) => !gaugeIsOld(gauge, now)).map(({ severity }) => severity),
  };
  const severity = worst([...open.map((alert) => alert.severity), ...Object.values(standingBy).flat()]);
  const count = (list) => (severity ? list.filter((one) => one === severity).length : 0);
  const counts = Object.fromEntries(Object.entries(standingBy).map(([kind, list]) => [kind, count(list)]));
  return { severity, counts, unseen: open.filter(isUnseen).length, open: open.length };
}

/** Figures over all queues: {waiting, oldest, target, level, window, free, total, live}; null is unknown. */
export function callFigures(queues, agents, wanted = "") {
  const waiting = queues.reduce((sum, queue) => sum + (queue.waiting ?? 0), 0);
  const oldest = queues.map((queue) => queue.oldest_joined_at).filter(Number.isFinite);
  const names = [...new Set(queues.flatMap((queue) => Object.keys(queue.windows ?? {})))];
  const window = names.includes(wanted)
    ? wanted
    : (names.sort((a, b) => Math.sign(windowSeconds(a) - windowSeconds(b)) || 0)[0] ?? "");
  const states = agents.length
    ? countBy(agents, (agent) => agent.state ?? "unknown")
    : sumCounts(queues.map((queue) => queue.agents ?? {}));
  const total = Object.values(states).reduce((sum, n) => sum + n, 0) - (states.unavailable ?? 0);
  return {
    waiting,
    oldest: oldest.length ? Math.min(...oldest) : null,
    target: Math.min(...queues.map((queue) => queue.target_s ?? 15)),
    level: serviceLevel(queues.map((queue) => queue.windows?.[window]).filter(Boolean)),
    window,
    free: states.free ?? 0,
    total,
    live: queues.every((queue) => queue.live ?? true),
  };
}

/** Queues, the one with the most callers of the day first; by name where they are equal. */
export function byCallers(queues) {
  const offered = (queue) => queue.windows?.day?.offered ?? 0;
  return [...queues].sort((a, b) => offered(b) - offered(a) || (a.id < b.id ? -1 : 1));
}

/** Seconds of a window's name: "15m", "1h", "hour", "day"; unknown names come last. */
export function windowSeconds(name) {
  const [, n, unit] = /^(\d+)\s*(s|m|min|h|d)$/.exec(name) ?? [];
  return n
    ? Number(n) * { s: 1, m: 60, min: 60, h: 3600, d: 86400 }[unit]
    : ({ hour: 3600, day: 86400 }[name] ?? Infinity);
}

/** The service level of several queues together, each by its share of the calls that count; null: no calls. */
function serviceLevel(windows) {
  let calls = 0;
  let good = 0;
  for (const {
    service_level: level,
    answered = 0,
    abandoned = 0,
    left = 0,
    short_abandoned: short = 0,
  } of windows) {
    if (!Number.isFinite(level)) continue;
    const counted = Math.max(1, answered + abandoned + left - short);
    calls += counted;
    good += level * counted;
  }
  return calls ? good / calls : null;
}

function countBy(items, key) {
  const counts = {};
  for (const item of items) counts[key(item)] = (counts[key(item)] ?? 0) + 1;
  return counts;
}

function sumCounts(all) {
  const sums = {};
  for (const counts of all) for (const [key, n] of Object.entries(counts)) sums[key] = (sums[key] ?? 0) + n;
  return sums;
}

/** States of cameras that do not live, in their order on the wall. */
export const CAMERA_ORDER = ["frozen", "offline", "unknown", "checking"];

/** A camera's state; "checking" where nothing is known because the first check is still to come. */
export function cameraState({ state = "unknown", reason = "", checked_at: checked = null }) {
  return state === "unknown" && !reason && checked === null ? "checking" : state;
}

/** {counts, total, down}: cameras that do not live, by CAMERA_ORDER, then the newest change first. */
export function cameraFigures(cameras) {
  const down = cameras.filter((camera) => cameraState(camera) !== "online");
  down.sort(
    (a, b) =>
      CAMERA_ORDER.indexOf(cameraState(a)) - CAMERA_ORDER.indexOf(cameraState(b)) ||
      (b.since ?? 0) - (a.since ?? 0) ||
      (a.id < b.id ? -1 : 1),
  );
  return {
    counts: { online: 0, frozen: 0, offline: 0, unknown: 0, checking: 0, ...countBy(cameras, cameraState) },
    total: cameras.length,
    down,
  };
}

/** One row a commodity: the city's own price where there is one, else the market furthest over its ceiling. */
export function priceRows(prices) {
  const chosen = new Map();
  for (const price of prices) {
    const other = chosen.get(price.commodity);
    if (!other || better(price, other)) chosen.set(price.commodity, price);
  }
  return [...chosen.values()].sort(
    (a, b) =>
      Math.max(0, b.disparity ?? 0) - Math.max(0, a.disparity ?? 0) ||
      Math.abs(b.change ?? 0) - Math.abs(a.change ?? 0) ||
      a.name.localeCompare(b.name),
  );
}

function better(a, b) {
  const consumer = (price) => ((price.level ?? "consumer") === "consumer" ? 1 : 0);
  const city = (price) => (price.market ? 0 : 1);
  return (
    (consumer(a) - consumer(b) ||
      city(a) - city(b) ||
      (a.disparity ?? -Infinity) - (b.disparity ?? -Infinity) ||
      (a.id < b.id ? 1 : -1)) > 0
  );
}

/** A slower change is noise: this share of the span from the lowest level to the highest in an hour. */
const STEADY_SHARE = 0.03;

/** And where there is no span: so much an hour, by unit; in another unit nothing is known to be noise. */
const STEADY_CHANGE = { mm: 50, cm: 5, m: 0.05 };

/** How fast a gauge's value moves (units an hour); 0 where it stands, or is not known to move. */
export function gaugeRate({ rate_per_h: rate, levels = [], unit = "cm" }) {
  if (!Number.isFinite(rate)) return 0;
  const starts = levels.map(({ from_value: from }) => from).filter(Number.isFinite);
  const span = starts.length ? Math.max(...starts) - Math.min(...starts) : 0;
  const steady = span > 0 ? STEADY_SHARE * span : (STEADY_CHANGE[unit.toLowerCase()] ?? 0);
  return Math.abs(rate) < steady ? 0 : rate;
}

/** The state of a gauge's value: its severity, "normal" below its levels, "unknown" where it has none. */
export function gaugeState(gauge, now) {
  if (!Number.isFinite(gauge.value) || gaugeIsOld(gauge, now)) return "unknown";
  return gauge.severity ?? (gauge.level || gauge.levels?.length ? "normal" : "unknown");
}

/** Worst level first, then the fastest rising. */
export function gaugeOrder(a, b) {
  return (
    rank(a.severity) - rank(b.severity) ||
    Math.max(0, gaugeRate(b)) - Math.max(0, gaugeRate(a)) ||
    a.name.localeCompare(b.name) ||
    (a.id < b.id ? -1 : 1)
  );
}

/** Decimals of a gauge's value: whole centimetres say enough, of metres the centimetres must be seen. */
export const gaugeDigits = (unit = "cm") => (["cm", "mm"].includes(unit.toLowerCase()) ? 0 : 2);

/** A gauge with no reading for this many of its usual periods is late, but not before the least (s). */
const LATE_PERIODS = 3;
const LEAST_LATE_S = 900;

/** Whether a gauge's value is too old to stand for now, by the usual gap between its readings. */
export function gaugeIsOld(gauge, now) {
  const times = (gauge.history ?? []).map(([time]) => time);
  const gaps = times
    .slice(1)
    .map((time, i) => time - times[i])
    .sort((a, b) => a - b);
  const usual = gaps[Math.floor(gaps.length / 2)] ?? 0;
  return now - (gauge.observed_at || gauge.at || 0) > Math.max(LEAST_LATE_S, LATE_PERIODS * usual);
}

export const isReal = (hazard) => (hazard.status ?? "Actual") === "Actual";

/** Real before exercise, here before elsewhere, worst first, then warnings before quakes, newest first. */
export function hazardOrder(a, b) {
  const away = (hazard) => ({ city: 0, unknown: 1 })[hazard.where ?? "unknown"] ?? 2;
  return (
    Number(isReal(b)) - Number(isReal(a)) ||
    away(a) - away(b) ||
    rank(a.level) - rank(b.level) ||
    Number(a.type === "quake") - Number(b.type === "quake") ||
    (b.sent || b.at || 0) - (a.sent || a.at || 0) ||
    (a.id < b.id ? -1 : 1)
  );
}

/** What is broken first, longest first; then by name. */
export function feedOrder(a, b) {
  const order = ["failing", "silent", "stopped", "waiting", "ok"];
  return (
    order.indexOf(a.state) - order.indexOf(b.state) ||
    (a.state === "ok" ? 0 : (a.since ?? 0) - (b.since ?? 0)) ||
    (a.name || a.id).localeCompare(b.name || b.id)
  );
}

/** Who is late first, the most late before; then who has most to do. */
export function agencyOrder(a, b) {
  return (
    (b.overdue ?? 0) - (a.overdue ?? 0) ||
    (a.overdue_since ?? Infinity) - (b.overdue_since ?? Infinity) ||
    (b.open ?? 0) - (a.open ?? 0) ||
    (a.name || a.id).localeCompare(b.name || b.id)
  );
}

/** Districts: the worst first, then what is late, then what is open. */
export function districtRank(a, b) {
  const grave = (district) => (district.counts?.open ? rank(district.worst) : rank(null) + 1);
  return (
    grave(a) - grave(b) ||
    (b.counts?.overdue ?? 0) - (a.counts?.overdue ?? 0) ||
    (b.counts?.open ?? 0) - (a.counts?.open ?? 0) ||
    a.name.localeCompare(b.name)
  );
}

/** What people call the thing of a subject "kind:id". */
export function nameOf(store, subject, language) {
  const [, kind, id] = /^(\w+):(.*)$/.exec(subject) ?? [];
  const entity = kind ? store.get(kind, id) : null;
  if (!entity) return "";
  const words = entity.texts?.[language] ?? Object.values(entity.texts ?? {})[0];
  return entity.name || entity.source?.title || words?.headline || words?.event || id;
}
