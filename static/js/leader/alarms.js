// Alerts: what nobody has seen yet, and what somebody has.

import { alertOrder, aside, isActive, isUnseen } from "../facts.js";
import { worst } from "../severity.js";
import { card, well } from "./cards.js";
import { list, thingRow } from "./rows.js";

const MOST = 30;

export function alarmsCard(ctx) {
  const { t, figures, store } = ctx;
  const active = store
    .all("alert")
    .filter((alert) => isActive(alert) && !aside(alert))
    .sort(alertOrder);
  const unseen = active.filter(isUnseen);
  const seen = active.filter((alert) => !isUnseen(alert));
  const row = (alert) =>
    thingRow(
      { kind: "alert", id: alert.id, entity: alert, severity: alert.severity, waits: isUnseen(alert) },
      ctx,
    );
  const figure = (id, alerts, label) => ({
    id,
    value: figures.number(alerts.length),
    label,
    state: id === "unseen" ? worst(alerts.map(({ severity }) => severity)) : null,
    list: alerts.length ? () => list(alerts, MOST, row, ctx, { key: id, label }) : null,
  });
  return card(
    {
      id: "alarms",
      title: t("alerts.title"),
      state: worst(active.map(({ severity }) => severity)),
      figures: active.length
        ? [figure("unseen", unseen, t("leader.unseen")), figure("seen", seen, t("leader.seen"))]
        : [],
      body: () => (active.length ? null : well(t("alerts.none"))),
    },
    ctx,
  );
}
