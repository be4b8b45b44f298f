// A figure's last days in the height of a line: no axis, only which way it went and where its limits are. Pure.

import { h } from "./render.js";

/** The box in which it is drawn; the page stretches it. */
const WIDTH = 100;
const HEIGHT = 24;

/** What the line keeps free above and below, so that its stroke is not cut. */
const EDGE = 2;

/** A price that moves by a rupiah is calm: the least height of the whole, as a share of the value. */
const LEAST_SHARE = 0.02;

/** What is known of less than this share of the time is no course yet. */
const LEAST_TIME = 1 / 24;

/** Where a value stands: [low, high] of all that is drawn, never less apart than a share of it. */
export function range(values) {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const least = Math.max(Math.abs(high), Math.abs(low)) * LEAST_SHARE || 1;
  const spare = Math.max(0, least - (high - low)) / 2;
  return [low - spare, high + spare];
}

/**
 * `points` are (time, value), oldest first; the box spans the times `from` to `to`. `limit` is another line of
 * points (a ceiling), `levels` are [{value, state}] across the whole width, `bounds` [low, high] of what has its own
 * scale. Null where there is no line to draw.
 */
export function sparkline(points, { from, to, limit = [], levels = [], bounds = null, label = "" }) {
  const inside = points.filter(([time]) => time >= from && time <= to);
  if (inside.length < 2 || inside.at(-1)[0] - inside[0][0] < (to - from) * LEAST_TIME) return null;
  const [low, high] = bounds ?? range([...inside, ...limit].map(([, value]) => value));
  const x = (time) => Math.round(((time - from) / (to - from)) * WIDTH * 10) / 10;
  const y = (value) => Math.round((HEIGHT - EDGE - ((value - low) / (high - low)) * (HEIGHT - 2 * EDGE)) * 10) / 10;
  const line = (list) => list.map(([time, value]) => `${x(time)},${y(value)}`).join(" ");
  const own = { "vector-effect": "non-scaling-stroke", fill: "none" };
  const last = inside.at(-1);
  return h(
    "svg",
    {
      class: "spark",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "none",
      ...(label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" }),
    },
    levels
      .filter(({ value }) => value > low && value < high)
      .map(({ value, state }) =>
        h("line", { ...own, class: `spark-level is-${state}`, x1: 0, x2: WIDTH, y1: y(value), y2: y(value) }),
      ),
    limit.length ? h("polyline", { ...own, class: "spark-limit", points: line(held(limit, to)) }) : null,
    h("polyline", { ...own, class: "spark-line", points: line(inside) }),
    // A dot of any size in a box that is stretched: a line of no length with round ends.
    h("line", { ...own, class: "spark-last", x1: x(last[0]), x2: x(last[0]), y1: y(last[1]), y2: y(last[1]) }),
  );
}

/** A limit holds from its day on: as steps, to the end. */
function held(points, to) {
  const steps = points.flatMap(([time, value], i) => [...(i ? [[time, points[i - 1][1]]] : []), [time, value]]);
  return [...steps, [to, points.at(-1)[1]]];
}
