// Agencies that do not respond: late with how many, since when, and what share they usually do in time.

import { agencyOrder } from "../facts.js";
import { h } from "../render.js";
import { card, firstOf, others, table, well } from "./cards.js";
import { list, thingRow } from "./rows.js";
import { isLate } from "./worst.js";

const MOST_REPORTS = 20;

/** The span of an agency's figures: a day alone says little before noon. */
const SPAN = "7d";

export function agenciesCard(ctx) {
  const { t, figures, store } = ctx;
  const agencies = [...store.all("agency")].sort(agencyOrder);
  const late = agencies.filter(({ overdue }) => overdue > 0);
  const inTime = ({ spans = {} }) => spans[SPAN]?.in_time;

  function opener(agency) {
    const name = `agencies-${agency.id}`;
    return h(
      "button",
      {
        type: "button",
        class: "link",
        "aria-expanded": ctx.opened.has(name) ? "true" : "false",
        onclick: () => ctx.toggle("agencies", name),
      },
      h("span", { class: "clamp-2" }, agency.name || agency.id),
    );
  }

  const row = (agency) => ({
    key: agency.id,
    cells: [
      opener(agency),
      h("b", { class: "is-severe" }, figures.number(agency.overdue)),
      agency.overdue_since ? figures.duration(ctx.now() - agency.overdue_since) : "–",
      Number.isFinite(inTime(agency)) ? `${figures.percent(inTime(agency))} %` : "–",
    ],
  });

  function reportsOf(agency) {
    const mine = store
      .all("incident")
      .filter((incident) => incident.agency === agency.id && isLate(incident))
      .map((entity) => ({
        kind: "incident",
        id: entity.id,
        entity,
        severity: entity.severity ?? null,
        late: true,
      }));
    const label = t("leader.late_of", { name: agency.name || agency.id });
    return h(
      "div",
      { class: "card-list", key: "list" },
      h("h3", null, label),
      list(mine, MOST_REPORTS, (thing) => thingRow(thing, ctx), ctx, { key: agency.id, label }),
    );
  }

  const opened = late.find(({ id }) => ctx.opened.has(`agencies-${id}`));
  return card(
    {
      id: "agencies",
      title: t("leader.agencies"),
      state: late.length ? "severe" : null,
      body: () => [
        late.length
          ? table(ctx, {
              caption: t("leader.agencies"),
              heads: [t("agencies.agency"), t("leader.overdue"), t("leader.for"), t("leader.week")],
              rows: firstOf(late, "agencies", ctx).map(row),
            })
          : well(agencies.length ? t("leader.agencies_well") : t("agencies.none")),
        others(late, "agencies", ctx),
        opened ? reportsOf(opened) : null,
      ],
    },
    ctx,
  );
}
