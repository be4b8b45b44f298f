// Open incidents and reports, worst first, then newest.

import { incidentOrder, isOpen, openedAt } from "../facts.js";
import { h } from "../render.js";
import { shape } from "../shapes.js";
import { tile } from "../tile.js";
import { pick } from "../words.js";

export const PACE_S = 0.25;

export function mount(el, ctx) {
  const { t, boot } = ctx;

  function category({ category: code, source }) {
    return (
      pick(boot.categories?.[code], ctx.language) ||
      source?.category_name ||
      code ||
      source?.category_raw ||
      ""
    );
  }

  /** The clock that is nearest to its end, or furthest over it: {late, words}. */
  function clock({ clocks = [] }, now) {
    const running = clocks.filter(({ done_at: done }) => done === undefined || done === null);
    if (!running.length) return null;
    const left = Math.min(...running.map(({ due_at: due }) => due)) - now;
    const age = ctx.figures.duration(Math.abs(left));
    return left < 0 ? { late: true, words: t("incidents.late", { age }) } : { late: false, words: t("incidents.left", { age }) };
  }

  function row(incident, now) {
    const due = clock(incident, now);
    const state = incident.severity ?? "none";
    const doubt = incident.place?.flags?.includes("swapped_suspected");
    const about = [
      ctx.places.words(incident.place, t),
      doubt ? t("incidents.swapped") : "",
      category(incident),
    ];
    return h(
      "article",
      { key: incident.id, class: "incident" },
      shape(state, t(`severity.${state}`)),
      h(
        "b",
        { class: "clamp-1", dir: "auto" },
        incident.source?.title || category(incident) || t("incidents.untitled"),
      ),
      h("span", { class: "since" }, ctx.figures.duration(now - openedAt(incident))),
      h(
        "small",
        { class: "clamp-1", dir: "auto" },
        due ? h("span", { class: due.late ? "clock-late" : "clock-left" }, due.words, about.some(Boolean) ? " · " : "") : null,
        about.filter(Boolean).join(" · "),
      ),
    );
  }

  return tile(el, ctx, {
    story: "incident",
    list: "incidents",
    kinds: ["incident"],
    title: () => t("incidents.title"),
    detail: (list) => (list.length ? ctx.figures.number(list.length) : ""),
    model: (store) => store.all("incident").filter(isOpen).sort(incidentOrder),
    count: (list) => list.length,
    empty: "incidents.none",
    rows: (list) => list,
    row,
  });
}
