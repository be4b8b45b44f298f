// How the city stands: the level that holds and who is in command at it, the other levels beside it, and four figures:
// open, late, calls answered in time today, warnings in force.

import { isReal } from "../facts.js";
import { h } from "../render.js";
import { shape } from "../shapes.js";
import { tile } from "../tile.js";
import { pick } from "../words.js";

export function mount(el, ctx) {
  const { t, figures, language, boot } = ctx;
  const levels = [...(boot.levels ?? [])].reverse();

  function figure(value, label, state = null) {
    return h(
      "div",
      { class: `fact${state ? ` is-${state}` : ""}` },
      h("b", null, value),
      h("span", null, label),
    );
  }

  /** Of today, not of the last day that had a call. */
  function inTime(series, now) {
    const last = series?.points?.at(-1);
    if (!last || ctx.time.isoDay(last[0]) !== ctx.time.isoDay(now)) return "–";
    return figures.share(last[1]);
  }

  function declared(city, now) {
    const { level, status_at: at, status_name: name, status_by: by, status_text: text } = city;
    if (!level) return h("p", { class: "note" }, t("status.none"));
    const state = level.severity ?? "normal";
    const who = name || by;
    const since = at ? t("status.since", { time: ctx.time.moment(at, now) }) : "";
    return h(
      "div",
      { class: `standing is-${state}`, key: "standing" },
      shape(state, t(`severity.${state}`)),
      h("b", { class: "level-name", dir: "auto" }, pick(level.name, language)),
      h("span", { class: "commander", dir: "auto" }, pick(level.commander, language) ?? ""),
      h("small", { class: "clamp-1", dir: "auto" }, [since, who, text].filter(Boolean).join(" · ")),
    );
  }

  function ladder(city) {
    return h(
      "ol",
      { class: "levels", key: "levels" },
      levels.map((level) =>
        h(
          "li",
          { class: `is-${level.severity ?? "normal"}`, key: level.code, "aria-current": level.code === city.status ? "true" : null },
          shape(level.severity ?? "normal"),
          h("b", { dir: "auto" }, pick(level.name, language)),
          h("span", { class: "clamp-1", dir: "auto" }, pick(level.commander, language) ?? ""),
        ),
      ),
    );
  }

  function body({ city, hazards, level }, now) {
    const { open = 0, overdue = 0 } = city;
    const severe = hazards.find((hazard) => hazard.level);
    return [
      declared(city, now),
      h(
        "div",
        { class: "facts", key: "facts" },
        figure(figures.number(open), t("status.open")),
        figure(figures.number(overdue), t("status.overdue"), overdue ? "severe" : null),
        figure(inTime(level, now), t("status.in_time")),
        figure(figures.number(hazards.length), t("status.hazards"), severe ? severe.level : null),
      ),
      levels.length ? ladder(city) : null,
    ];
  }

  return tile(el, ctx, {
    kinds: ["city", "hazard", "series"],
    feeds: false,
    title: () => t("status.title"),
    model: (store) => ({
      city: store.get("city", "city") ?? store.all("city")[0] ?? null,
      hazards: store
        .all("hazard")
        .filter((hazard) => isReal(hazard) && hazard.where === "city" && (hazard.state ?? "active") === "active"),
      level: store.get("series", "calls.level.day"),
    }),
    count: ({ city }) => Number(city !== null),
    empty: "status.none",
    well: false,
    body,
  });
}
