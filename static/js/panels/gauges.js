// Flood gates and water levels: worst first; level as shape and word, how fast it moves, value.

import { gaugeDigits, gaugeIsOld, gaugeOrder, gaugeRate, gaugeState } from "../facts.js";
import { h } from "../render.js";
import { shape } from "../shapes.js";
import { tile } from "../tile.js";

export function mount(el, ctx) {
  const { t, figures } = ctx;

  function trend(gauge) {
    const digits = gaugeDigits(gauge.unit);
    const rate = Number(gaugeRate(gauge).toFixed(digits));
    return rate ? t("gauges.per_hour", { change: figures.change(rate, digits) }) : "";
  }

  /** What a value means in a word; without levels it means nothing, and is not said to be well. */
  function levelWord(gauge) {
    if (!Number.isFinite(gauge.value)) return t("gauges.no_value");
    if (gauge.level) return gauge.level;
    if (gauge.severity) return t(`severity.${gauge.severity}`);
    return gauge.levels?.length ? t("severity.normal") : t("gauges.no_levels");
  }

  const unitsOf = (gauges) => [...new Set(gauges.map((gauge) => gauge.unit ?? "cm"))];

  function row(gauge, now, gauges) {
    const units = unitsOf(gauges).length;
    const known = Number.isFinite(gauge.value);
    const old = gaugeIsOld(gauge, now);
    const state = gaugeState(gauge, now);
    const level = levelWord(gauge);
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
