// How the shifts did: a table of the metrics that the engine keeps of them.

import { h } from "../render.js";
import { shiftRows } from "./quality_facts.js";

/** The shifts' figures as a table, the newest first. */
export function shifts(ctx) {
  const { t, figures } = ctx;
  const percent = (share) => (Number.isFinite(share) ? `${figures.percent(share)} %` : "–");
  const rows = shiftRows(ctx.store.all("metric"));
  if (!rows.length) return h("p", { class: "note", key: "shifts" }, t("quality.no_shifts"));
  const columns = ["calls", "answered", "service_level", "service_level_net", "pranks", "reviewed", "score"];
  const shares = new Set(["service_level", "service_level_net", "score"]);
  return h(
    "section",
    { key: "shifts" },
    h("h3", null, t("quality.by_shift")),
    h(
      "table",
      { class: "figures-table" },
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          h("th", { scope: "col" }, t("quality.shift")),
          columns.map((name) => h("th", { key: name, scope: "col" }, t(`quality.${name}`))),
        ),
      ),
      h(
        "tbody",
        null,
        rows.map(({ id, name, since, figures: of }) =>
          h(
            "tr",
            { key: id },
            h(
              "th",
              { scope: "row" },
              h("b", { dir: "auto" }, name),
              h("small", null, ctx.time.dayName(ctx.time.isoDay(since))),
            ),
            columns.map((column) =>
              h(
                "td",
                { key: column, "data-name": t(`quality.${column}`) },
                shares.has(column) ? percent(of[column]) : figures.number(of[column] ?? 0),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}
