// Reports: what is open, what is late, what came today; and where what has no district is.

import { incidentOrder, isOpen } from "../facts.js";
import { worst } from "../severity.js";
import { card, well } from "./cards.js";
import { list, thingRow } from "./rows.js";
import { isLate } from "./worst.js";

/** Rows that a list shows; a phone scrolls through so many, and the console has all. */
const MOST = 30;

const TAKEN = new Set(["accepted", "in_progress", "resolved"]);

export function reportsCard(ctx) {
  const { t, figures, store } = ctx;
  const open = store.all("incident").filter(isOpen).sort(incidentOrder);
  const late = open.filter(isLate);
  const lost = open.filter(({ place }) => !place?.district && !place?.parents?.length);
  const city = store.get("city", "city") ?? {};
  const row = (incident) =>
    thingRow(
      {
        kind: "incident",
        id: incident.id,
        entity: incident,
        severity: incident.severity ?? null,
        late: isLate(incident),
        waits: !TAKEN.has(incident.ours?.status ?? "received"),
      },
      ctx,
    );
  const shown = (incidents, label) => () => list(incidents, MOST, row, ctx, { key: label, label });
  const figure = (id, incidents, label, state = null) => ({
    id,
    value: figures.number(incidents.length),
    label,
    state: incidents.length ? state : null,
    list: incidents.length ? shown(incidents, label) : null,
  });
  return card(
    {
      id: "reports",
      title: t("leader.reports_title"),
      kinds: ["incident"],
      state: late.length ? (worst(late.map(({ severity }) => severity)) ?? "caution") : null,
      figures: [
        figure("open", open, t("leader.open")),
        figure("late", late, t("leader.overdue"), worst(late.map(({ severity }) => severity)) ?? "caution"),
        { id: "today", value: figures.number(city.received_today ?? 0), label: t("leader.today") },
        { id: "closed", value: figures.number(city.closed_today ?? 0), label: t("leader.closed") },
        ...(lost.length ? [figure("lost", lost, t("leader.no_district"))] : []),
      ],
      body: () => (open.length ? null : well(t("incidents.none"))),
    },
    ctx,
  );
}
