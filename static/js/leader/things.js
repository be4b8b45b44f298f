// A thing of the city in words: what it is, where, since when, who has it. The same on every list of the page.

import { gaugeDigits, openedAt } from "../facts.js";
import { pick } from "../words.js";

/** What it is called. */
export function titleOf({ kind, entity }, ctx) {
  const { t, figures } = ctx;
  if (kind === "alert") return pick(entity.texts, ctx.language) || entity.rule;
  if (kind === "incident") return entity.ours?.title || entity.source?.title || t("incidents.untitled");
  if (kind === "hazard") return hazardTitle(entity, ctx);
  if (kind === "gauge") {
    const value = Number.isFinite(entity.value)
      ? `${figures.number(entity.value, gaugeDigits(entity.unit))} ${entity.unit ?? "cm"}`
      : "";
    return [entity.name || entity.id, value].filter(Boolean).join(" ");
  }
  return entity.name || entity.id;
}

export function hazardTitle(hazard, ctx) {
  if (hazard.type !== "quake") {
    const own = pick(hazard.texts, ctx.language);
    return own?.headline || own?.event || own?.area || hazard.id;
  }
  const magnitude = Number.isFinite(hazard.magnitude) ? ctx.figures.number(hazard.magnitude, 1) : "–";
  const named = ctx.t("hazards.quake", { magnitude });
  return hazard.region ? `${named} · ${hazard.region}` : named;
}

/** Where it is. */
export function whereOf({ kind, entity }, ctx) {
  const { t, places } = ctx;
  if (kind === "hazard") return districtsOf(entity, ctx);
  if (entity.place && entity.place.confidence !== "no_location") return places.words(entity.place, t);
  if (kind === "alert") {
    if (entity.district) return places.name(entity.district);
    const about = subjectOf(entity, ctx.store);
    return about?.kind === "hazard" ? districtsOf(about.entity, ctx) : t("alerts.city");
  }
  return places.words(entity.place, t);
}

/** Of so many districts or fewer the names are told. */
export const FEW = 3;

/** "12 kelurahan", and their names where they are few. */
export function districtsOf({ districts = [], where }, ctx) {
  const { t, places } = ctx;
  if (where === "outside") return t("hazards.outside");
  if (!districts.length) return t("hazards.unknown_area");
  const level = (places.lowestLabel || t("map.district")).toLowerCase();
  if (districts.length > FEW) return t("hazards.districts", { n: districts.length, level });
  return districts.map(({ code, name }) => name || places.name(code)).join(", ");
}

/** Who has it: a person's name, an agency, or "" where nobody is known to. */
export function whoOf({ kind, entity }, ctx) {
  if (kind === "alert") {
    const id = entity.assigned || entity.confirmed_by || entity.acked_by;
    return id ? (entity.names?.[id] ?? id) : "";
  }
  if (kind === "incident") return entity.agency ? (ctx.boot.agencies[entity.agency] ?? entity.agency) : "";
  return "";
}

/** What is said of who has it: "ditangani R. Lestari", "belum ditangani". */
export function whoWords(thing, ctx) {
  const { t } = ctx;
  const who = whoOf(thing, ctx);
  if (thing.kind === "alert") return who ? t("leader.has", { who }) : t("leader.nobody");
  if (thing.kind !== "incident") return "";
  if (!who) return t("leader.nobody");
  return thing.waits ? t("leader.with_waiting", { who }) : t("leader.with", { who });
}

export const sinceOf = ({ kind, entity, since }) =>
  since || (kind === "incident" ? openedAt(entity) : (entity.since ?? entity.observed_at ?? 0));

/** Whether it can be shown on the map. */
export function onMap({ kind, entity }, store) {
  if (kind === "hazard") return Boolean(entity.geometry || entity.districts?.length);
  if (Number.isFinite(entity.place?.lon)) return true;
  if (kind === "alert") {
    const about = subjectOf(entity, store);
    return Boolean(entity.district || (about && onMap(about, store)));
  }
  return kind === "district";
}

/** What an alert is about, as a thing, or null. */
export function subjectOf(alert, store) {
  const [, kind, id] = /^(\w+):(.*)$/.exec(alert.subject ?? "") ?? [];
  const entity = kind ? store.get(kind, id) : null;
  return entity ? { kind, id, entity } : null;
}
