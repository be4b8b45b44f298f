// Flood gates and water levels: worst first; level as shape and word, how fast it moves, value.

import { gaugeDigits, gaugeIsOld, gaugeOrder } from "../facts.js";
import { h } from "../render.js";
import { shape } from "../shapes.js";
import { tile } from "../tile.js";

/** Slower than this (last shown digits an hour) a level stands still. */
const STEADY = 0.5;

export function mount(el, ctx) {
  const { t, figures } = ctx;

  function trend({ rate_per_h: rate, unit }) {
    const digits = gaugeDigits(unit);
    if (!Number.isFinite(rate) || Math.abs(rate) * 10 ** digits < STEADY) return "";
    return t("gauges.per_hour", { change: figures.change(rate, digits) });
  }

  const unitsOf = (gauges) => [...new Set(gauges.map((gauge) => gauge.unit ?? "cm"))];

  function row(gauge, now, gauges) {
    const units = unitsOf(gauges).length;
    const known = Number.isFinite(gauge.value);
    const old = gaugeIsOld(gauge, now);
    const state = !known || old ? "unknown" : (gauge.severity ?? "normal");
    const level = known ? gauge.level || t("severity.normal") : t("gauges.no_value");
    const aged = old && gauge.observed_at;
    return h(
      "div",
      { class: `gauge is-${state}${old ? " is-old" : ""}`, key: gauge.id },
      shape(state, level),
      h("span", { class: "clamp-1 name", dir: "auto" }, gauge.name || gauge.id),
      h("span", { class: "level-word" }, aged ? ctx.time.moment(gauge.observed_at, now) : level),
      aged ? h("span", { class: "trend" }) : h("span", { class: "trend" }, trend(gauge)),
      h(
        "b",
        null,
        known ? figures.number(gauge.value, gaugeDigits(gauge.unit)) : "–",
        units === 1 ? null : h("i", null, gauge.unit ?? "cm"),
      ),
    );
  }

  return tile(el, ctx, {
    kinds: ["gauge"],
    title: () => t("gauges.title"),
    model: (store) => [...store.all("gauge")].sort(gaugeOrder),
    detail: (gauges) => (unitsOf(gauges).length === 1 ? unitsOf(gauges)[0] : ""),
    count: (gauges) => gauges.length,
    empty: "gauges.none",
    well: false,
    rows: (gauges) => gauges,
    row,
  });
}
