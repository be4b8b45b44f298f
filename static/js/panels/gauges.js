// Flood gates and water levels: value, level as shape and word, trend, the last readings as a line.

import { gaugeIsOld, gaugeOrder } from "../facts.js";
import { h } from "../render.js";
import { shape } from "../shapes.js";
import { points } from "../spark.js";
import { tile } from "../tile.js";

/** Slower than this (units an hour) a level stands still. */
const STEADY = 0.5;

const WIDE = 60;
const HIGH = 16;

export function mount(el, ctx) {
  const { t, figures } = ctx;

  function trend({ rate_per_h: rate, unit = "cm" }) {
    if (!Number.isFinite(rate)) return "";
    return Math.abs(rate) < STEADY ? "▬" : t("gauges.per_hour", { change: figures.change(Math.round(rate)), unit });
  }

  function line(history) {
    const props = { class: "spark", viewBox: `-1 -2 ${WIDE + 4} ${HIGH + 4}`, preserveAspectRatio: "none", "aria-hidden": "true" };
    if (!history || history.length < 2) return h("svg", props);
    const drawn = points(history, WIDE, HIGH).map((point) => point.join()).join(" ");
    return h("svg", props, h("polyline", { points: drawn, fill: "none", stroke: "currentColor", "stroke-width": 1.6, "vector-effect": "non-scaling-stroke" }));
  }

  function row(gauge, now) {
    const known = Number.isFinite(gauge.value);
    const old = gaugeIsOld(gauge, now);
    const state = !known || old ? "unknown" : (gauge.severity ?? "normal");
    const level = gauge.level || (known ? t("severity.normal") : t("gauges.no_value"));
    const below = old && gauge.observed_at ? t("gauges.old", { time: ctx.time.moment(gauge.observed_at, now) }) : [level, trend(gauge)].filter(Boolean).join(" · ");
    return h(
      "div",
      { class: `gauge is-${state}${old ? " is-old" : ""}`, key: gauge.id },
      shape(state, level),
      h("span", { class: "clamp-1 name", dir: "auto" }, gauge.name || gauge.id),
      h("small", { class: "clamp-1" }, below),
      line(gauge.history),
      h("b", null, known ? figures.number(gauge.value) : "–", h("i", null, gauge.unit ?? "cm")),
    );
  }

  return tile(el, ctx, {
    kinds: ["gauge"],
    title: () => t("gauges.title"),
    model: (store) => [...store.all("gauge")].sort(gaugeOrder),
    count: (gauges) => gauges.length,
    empty: "gauges.none",
    well: false,
    rows: (gauges) => gauges,
    row,
  });
}
