// Water levels over the first of their levels, the worst first; which way each moves.

import { gaugeDigits, gaugeIsOld, gaugeOrder, gaugeRate } from "../facts.js";
import { h } from "../render.js";
import { worst } from "../severity.js";
import { shape } from "../shapes.js";
import { card, firstOf, others, table, well } from "./cards.js";
import { mapButton } from "./rows.js";

export function gaugesCard(ctx) {
  const { t, figures, store } = ctx;
  const now = ctx.now();
  const gauges = [...store.all("gauge")].sort(gaugeOrder);
  const fresh = gauges.filter((gauge) => !gaugeIsOld(gauge, now));
  const over = fresh.filter(({ severity }) => severity);
  const silent = gauges.length - fresh.length;

  function row(gauge) {
    const digits = gaugeDigits(gauge.unit);
    const rate = Number(gaugeRate(gauge).toFixed(digits));
    return {
      key: gauge.id,
      cells: [
        h(
          "span",
          { class: "named" },
          shape(gauge.severity, t(`severity.${gauge.severity}`)),
          h("span", { class: "clamp-2" }, gauge.name || gauge.id),
        ),
        gauge.level || t(`severity.${gauge.severity}`),
        `${figures.number(gauge.value, digits)} ${gauge.unit ?? "cm"}`,
        rate ? t("gauges.per_hour", { change: figures.change(rate, digits) }) : t("leader.steady"),
      ],
      after: mapButton({ kind: "gauge", id: gauge.id, entity: gauge }, ctx),
    };
  }

  return card(
    {
      id: "gauges",
      title: t("leader.gauges"),
      kinds: ["gauge"],
      state: worst(over.map(({ severity }) => severity)),
      body: () => [
        over.length
          ? table(ctx, {
              caption: t("leader.gauges"),
              heads: [t("leader.gauge"), t("leader.level"), t("leader.value"), t("leader.moves")],
              rows: firstOf(over, "gauges", ctx).map(row),
            })
          : well(gauges.length ? t("leader.gauges_well") : t("gauges.none")),
        others(over, "gauges", ctx),
        silent
          ? h("p", { class: "more", key: "silent" }, t("leader.gauges_silent", { n: figures.number(silent) }))
          : null,
      ],
    },
    ctx,
  );
}
