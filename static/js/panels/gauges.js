// Flood gates and water levels: worst first; level as shape and word, how fast it moves, value. Where there is room,
// the last 24 hours between the levels.

import { gaugeDigits, gaugeIsOld, gaugeOrder, gaugeRate, gaugeState } from "../facts.js";
import { h } from "../render.js";
import { shape } from "../shapes.js";
import { sparkline } from "../sparkline.js";
import { tile } from "../tile.js";

const DAY_S = 86400;

export function mount(el, ctx) {
  const { t, figures, store } = ctx;

  /** The last 24 hours: a point each quarter of an hour, and behind them the newest readings as they came. */
  function day(gauge, now) {
    const points = store.get("series", `gauge:${gauge.id}`)?.points ?? [];
    const last = points.at(-1)?.[0] ?? -Infinity;
    const newer = (gauge.history ?? []).filter(([time]) => time > last);
    const levels = (gauge.levels ?? []).map(({ from_value: value, severity }) => ({ value, state: severity ?? "none" }));
    return sparkline([...points, ...newer], { from: now - DAY_S, to: now, levels });
  }

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
      h("span", { class: "day" }, day(gauge, now)),
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
    kinds: ["gauge", "series"],
    feedKinds: ["gauge"],
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
