// A figure over the day: today against what is usual or was yesterday, on the 24 hours of the city. Pure.

export const DAY_S = 86400;

/**
 * Charts by name: their series, what they are compared with, and how they count. "flow": so many in each span,
 * none where no point is; "stock": what it was holds until it changes; "share": of nothing there is none.
 */
export const CHARTS = {
  reports: { id: "reports.received.hour", usual: "reports.usual.hour", count: "flow" },
  closed: { id: "reports.closed.hour", count: "flow" },
  open: { id: "reports.open", count: "stock" },
  calls: { id: "calls.offered", count: "flow", queue: true },
  answered: { id: "calls.answered", count: "flow", queue: true },
  level: { id: "calls.level", count: "share", queue: true },
};

/** What a layout shows that names no charts. */
export const USUAL_CHARTS = ["reports", "open", "calls", "level"];

/** The charts that the options ask for, each with its name; what is no chart is left out. */
export function chosen({ charts = USUAL_CHARTS, queue = "" } = {}) {
  return charts
    .filter((name) => Object.hasOwn(CHARTS, name))
    .map((name) => {
      const { id, usual = "", count, queue: ofQueue } = CHARTS[name];
      return { name, id: ofQueue && queue ? `${id}:${queue}` : id, usual, count };
    });
}

/**
 * What is drawn: {x, today, before, running, last, against}. `x` are seconds since midnight (the middle of a span,
 * the end of it for a stock), `today` and `before` values at them or null. The span that is not over is no part of
 * the line: `running` is {x, since, value}. `last` is the newest whole value, `against` "usual", "yesterday" or "".
 */
export function chartData({ series, usual = null, count, now, midnight }) {
  const step = series.step_s || 900;
  const size = Math.round(DAY_S / step);
  const points = series.points ?? [];
  const first = points[0]?.[0] ?? Infinity;
  const begun = Math.min(size - 1, Math.floor((now - midnight) / step));
  const day = (from, upTo, list = points) => {
    const values = Array(size).fill(null);
    for (const [time, value] of list) {
      const k = Math.floor((time - from) / step);
      if (k >= 0 && k < size) values[k] = value;
    }
    return fill(values, { count, from, step, first, upTo, before: heldAt(list, from, count) });
  };
  const all = day(midnight, begun);
  const usualPoints = usual?.points ?? [];
  const before = usualPoints.length ? day(midnight, size - 1, usualPoints) : day(midnight - DAY_S, size - 1);
  const running = count === "stock" ? null : { since: midnight + begun * step, value: all[begun] };
  const today = all.map((value, k) => (k < begun || (count === "stock" && k === begun) ? value : null));
  const x = Array.from({ length: size }, (_, k) => (count === "stock" ? (k + 1) * step : (k + 0.5) * step));
  // What stands now stands now, not at the end of the quarter.
  if (count === "stock") x[begun] = Math.max(begun * step, Math.min(now - midnight, x[begun]));
  const lastAt = today.findLastIndex((value) => value !== null);
  const against = usualPoints.length ? "usual" : before.some((value) => value !== null) ? "yesterday" : "";
  return {
    x,
    today,
    before,
    running: running && { ...running, x: x[begun] },
    last: lastAt < 0 ? null : { x: x[lastAt], value: today[lastAt] },
    against,
  };
}

/** The stock at the beginning of a day: what the last point before it says. */
function heldAt(points, from, count) {
  return count === "stock" ? (points.findLast(([time]) => time < from)?.[1] ?? null) : null;
}

/** What stands where no point is, up to the span `upTo`. */
function fill(values, { count, from, step, first, upTo, before }) {
  let held = before;
  return values.map((value, k) => {
    if (k > upTo) return null;
    if (value !== null) return (held = value);
    if (count === "stock") return held;
    return count === "flow" && from + (k + 1) * step > first ? 0 : null;
  });
}

/** The top of the scale and its ticks: few, round, and never below 0; a share's scale is its own. */
export function scale(values, count) {
  if (count === "share") return { max: 1, ticks: [0, 0.5, 1] };
  const highest = Math.max(1, ...values.filter((value) => value !== null));
  const power = 10 ** Math.floor(Math.log10(highest));
  const half = [0.5, 1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => 2 * n >= highest && Number.isInteger(n)) ?? 1;
  return { max: 2 * half, ticks: [0, half, 2 * half] };
}
