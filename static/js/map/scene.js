// What the map shows, from the state: which symbols stand where. Pure.

import { cameraState, gaugeIsOld, isOpen, isReal } from "../facts.js";
import { rank } from "../severity.js";

/** What has no location may still hold its source's numbers: 0, 0, or such as no place on Earth has. */
const onMap = ({ place }) =>
  Number.isFinite(place?.lon) &&
  Number.isFinite(place?.lat) &&
  !["outside", "no_location"].includes(place.confidence ?? "no_location");

/** Open incidents that have a place within the city's surroundings: [{id, lon, lat, severity}]. */
export function incidentPoints(incidents) {
  return incidents
    .filter((incident) => isOpen(incident) && onMap(incident))
    .map(({ id, place, severity }) => ({ id, lon: place.lon, lat: place.lat, severity: severity ?? null }));
}

const NONE = new Set();

/**
 * Cameras as [{id, lon, lat, state: "online" | "frozen" | "offline" | "unknown"}]; `silent` are the feeds that bring
 * nothing: what they said last is no news.
 */
export function cameraPoints(cameras, silent = NONE) {
  return cameras.filter(onMap).map((camera) => {
    const { id, place, feed } = camera;
    const state = silent.has(feed) ? "unknown" : cameraState(camera);
    return { id, lon: place.lon, lat: place.lat, state: state === "checking" ? "unknown" : state };
  });
}

/** Gauges as [{id, lon, lat, severity}]; a level that is too old to stand for now has none. */
export function gaugePoints(gauges, silent = NONE, now = 0) {
  return gauges.filter(onMap).map((gauge) => {
    const old = silent.has(gauge.feed) || gaugeIsOld(gauge, now);
    return {
      id: gauge.id,
      lon: gauge.place.lon,
      lat: gauge.place.lat,
      severity: old ? null : (gauge.severity ?? null),
    };
  });
}

/** What the map shows closer: the thing of a subject "kind:id", or null where it is nowhere. */
export function focusOf(store, subject = "") {
  const [, kind, id] = /^(\w+):(.*)$/.exec(subject) ?? [];
  const entity = kind ? store.get(kind, id) : null;
  if (!entity) return null;
  if (kind === "district") return { code: id };
  if (entity.geometry) return entity.where === "city" ? { geometry: entity.geometry } : null;
  return onMap(entity) ? { lon: entity.place.lon, lat: entity.place.lat } : null;
}

/** Real hazards with a shape that touch the city, mildest first so that the worst lies on top. */
export function hazardAreas(hazards) {
  return hazards
    .filter((hazard) => hazard.geometry && hazard.where === "city" && isReal(hazard))
    .sort((a, b) => rank(b.level) - rank(a.level) || (a.id < b.id ? -1 : 1));
}
