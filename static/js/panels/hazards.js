// Warnings in force and earthquakes lately. What is no real warning is marked, and never coloured.

import { hazardOrder, isReal } from "../facts.js";
import { h } from "../render.js";
import { shape } from "../shapes.js";
import { tile } from "../tile.js";
import { pick } from "../words.js";

const MARKS = { Exercise: "hazards.exercise", Test: "hazards.test" };

export function mount(el, ctx) {
  const { t, figures } = ctx;

  function until({ type, onset, expires, at, sent, flags = [] }, now) {
    if (type === "quake") return at || sent ? ctx.time.moment(at || sent, now) : "";
    if (onset && onset > now) return t("hazards.from", { time: ctx.time.moment(onset, now) });
    // What a source lists as it is now has no end that anybody has said, as a rule.
    const open = flags.includes("listed") && !flags.includes("has_end");
    if (open) return t("hazards.since", { time: ctx.time.moment(sent, now) });
    return expires ? t("hazards.until", { time: ctx.time.moment(expires, now) }) : t("hazards.no_end");
  }

  function reach({ where = "unknown", districts = [], cameras = 0, incidents = 0 }) {
    if (where !== "city") return t(where === "outside" ? "hazards.outside" : "hazards.unknown_area");
    // A warning names the districts that it covers on the lowest level, whatever level the map shows.
    const level = (ctx.places.lowestLabel || t("map.district")).toLowerCase();
    return [
      districts.length ? t("hazards.districts", { n: districts.length, level }) : "",
      incidents ? t("hazards.incidents", { n: figures.number(incidents) }) : "",
      cameras ? t("hazards.cameras", { n: figures.number(cameras) }) : "",
    ]
      .filter(Boolean)
      .join(" · ");
  }

  function quake({ magnitude, depth_km: depth, distance_km: distance, felt = [], potential = "" }) {
    return [
      Number.isFinite(distance) ? t("hazards.distance", { km: figures.number(distance) }) : "",
      Number.isFinite(depth) ? t("hazards.depth", { km: figures.number(depth) }) : "",
      felt.length ? t("hazards.felt", { mmi: felt.map((pair) => pair.join(" ")).join(", ") }) : "",
      potential,
    ]
      .filter(Boolean)
      .join(" · ");
  }

  function title(hazard) {
    if (hazard.type !== "quake") {
      const own = pick(hazard.texts, ctx.language);
      return own?.headline || own?.event || own?.area || hazard.id;
    }
    const named = t("hazards.quake", {
      magnitude: Number.isFinite(hazard.magnitude) ? figures.number(hazard.magnitude, 1) : "–",
    });
    return hazard.region ? `${named} · ${hazard.region}` : named;
  }

  function row(hazard, now) {
    const real = isReal(hazard);
    const level = real ? hazard.level : null;
    const mark = real ? null : t(MARKS[hazard.status] ?? "hazards.not_real");
    const word = level ? t(`severity.${level}`) : real ? t("hazards.info") : null;
    const about = [word, hazard.type === "quake" ? quake(hazard) : reach(hazard)].filter(Boolean).join(" · ");
    const away = hazard.where === "outside" ? " is-away" : "";
    return h(
      "article",
      { class: `hazard${level ? ` is-${level}` : ""}${away}`, key: hazard.id },
      mark ? h("span", { class: "mark" }, mark) : shape(level ?? "info", word),
      h("b", { class: "clamp-1", dir: "auto" }, title(hazard)),
      h("span", { class: "until" }, until(hazard, now)),
      h("small", { class: "clamp-1", dir: "auto" }, about),
    );
  }

  return tile(el, ctx, {
    kinds: ["hazard"],
    title: () => t("hazards.title"),
    model: (store) => [...store.all("hazard")].sort(hazardOrder),
    count: (hazards) => hazards.length,
    empty: "hazards.none",
    rows: (hazards) => hazards,
    row,
  });
}
