// What the map shows, from the state: which district has how much, which symbols stand where. Pure.

import { gaugeIsOld, isOpen, isReal } from "../facts.js";
import { rank } from "../severity.js";

/** What has no location may still hold its source's numbers: 0, 0, or such as no place on Earth has. */
const onMap = ({ place }) =>
  Number.isFinite(place?.lon) &&
  Number.isFinite(place?.lat) &&
  !["outside", "no_location"].includes(place.confidence ?? "no_location");

/** Districts of a level: Map code → {name, open, worst, shade 0..1}; shade is the share of the fullest one. */
export function districtFigures(districts, level) {
  const own = districts.filter((district) => (district.level ?? 0) === level);
  const most = Math.max(1, ...own.map((district) => district.counts?.open ?? 0));
  return new Map(
    own.map(({ id, name, counts, worst }) => {
      const open = counts?.open ?? 0;
      return [id, { name, open, worst: open ? (worst ?? null) : null, shade: open / most }];
    }),
  );
}

/** Open incidents that have a place within the city's surroundings: [{id, lon, lat, severity}]. */
export function incidentPoints(incidents) {
  return incidents
    .filter((incident) => isOpen(incident) && onMap(incident))
    .map(({ id, place, severity }) => ({ id, lon: place.lon, lat: place.lat, severity: severity ?? null }));
}

const NONE = new Set();

/** Cameras as [{id, lon, lat, down}]; `silent` are the feeds that bring nothing: what they said last is no news. */
export function cameraPoints(cameras, silent = NONE) {
  return cameras.filter(onMap).map(({ id, place, state, feed }) => {
    const down = silent.has(feed) || (state ?? "unknown") !== "online";
    return { id, lon: place.lon, lat: place.lat, down };
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
  if (entity.geometry) return { geometry: entity.geometry };
  return onMap(entity) ? { lon: entity.place.lon, lat: entity.place.lat } : null;
}

/** Real hazards with a shape that touch the city, mildest first so that the worst lies on top. */
export function hazardAreas(hazards) {
  return hazards
    .filter((hazard) => hazard.geometry && hazard.where === "city" && isReal(hazard))
    .sort((a, b) => rank(b.level) - rank(a.level) || (a.id < b.id ? -1 : 1));
}

/** Open incidents that are on no district: {outside, nowhere}. */
export function offMap(incidents) {
  let [outside, nowhere] = [0, 0];
  for (const incident of incidents) {
    if (!isOpen(incident)) continue;
    const confidence = incident.place?.confidence ?? "no_location";
    if (confidence === "outside") outside += 1;
    else if (confidence === "no_location") nowhere += 1;
  }
  return { outside, nowhere };
}
