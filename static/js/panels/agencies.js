// Whether the agencies respond: which are late first, with how many, since when, and how fast they usually are; where
// there is room, the share that was done in time on each day of the last month.

import { agencyOrder } from "../facts.js";
import { h } from "../render.js";
import { shape } from "../shapes.js";
import { sparkline } from "../sparkline.js";
import { tile } from "../tile.js";

/** What the usual time is taken from: a day alone says little before noon. */
const SPAN = "7d";

const MONTH_S = 30 * 86400;

export function mount(el, ctx) {
  const { t, figures, store } = ctx;

  function month({ id }, now) {
    const points = store.get("series", `agency.in_time.day:${id}`)?.points ?? [];
    return sparkline(points, { from: now - MONTH_S, to: now, bounds: [0, 1] });
  }

  function row(agency, now) {
    const { name, open = 0, overdue = 0, overdue_since: since, spans = {} } = agency;
    const { accept_median_s: usual, in_time: inTime } = spans[SPAN] ?? {};
    const late = overdue > 0;
    const about = [
      late && since ? t("agencies.late", { age: figures.duration(now - since) }) : "",
      Number.isFinite(usual) ? t("agencies.usual", { age: figures.duration(usual) }) : "",
      Number.isFinite(inTime) ? t("agencies.in_time", { share: figures.percent(inTime) }) : "",
    ];
    return h(
      "div",
      { class: `agency${late ? " is-severe" : ""}`, key: agency.id },
      late ? shape("severe", t("agencies.overdue")) : h("i"),
      h("b", { class: "clamp-1", dir: "auto" }, name || agency.id),
      h("span", { class: "value" }, late ? figures.number(overdue) : "–"),
      h("span", { class: "value" }, figures.number(open)),
      h("span", { class: "month" }, month(agency, now)),
      h("small", { class: "clamp-1", dir: "auto" }, about.filter(Boolean).join(" · ") || t("agencies.no_figures")),
    );
  }

  function head() {
    return h(
      "div",
      { class: "agency agency-head", key: "head" },
      h("i"),
      ["agency", "overdue", "open"].map((name) => h("span", null, t(`agencies.${name}`))),
      h("span", { class: "month" }, t("agencies.month")),
    );
  }

  return tile(el, ctx, {
    list: "agencies",
    kinds: ["agency", "series"],
    feeds: false,
    title: () => t("agencies.title"),
    model: (store) => [...store.all("agency")].sort(agencyOrder),
    count: (agencies) => agencies.length,
    empty: "agencies.none",
    well: false,
    head,
    rows: (agencies) => agencies,
    row,
  });
}
