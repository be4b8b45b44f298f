// What lies outside the city: which way, how far, how much of it. Pure.

import { isOpen, isReal } from "../facts.js";
import { rank, worst } from "../severity.js";

/** Eight winds, clockwise from the north. */
export const WINDS = ["n", "ne", "e", "se", "s", "sw", "w", "nw"];

const EARTH_KM = 6371;
const radians = (degrees) => (degrees * Math.PI) / 180;

/** {km, bearing 0..360} from one [lon, lat] to another, on a sphere; wrong by less than 0.6 %. */
export function away([lon, lat], [toLon, toLat]) {
  const [a, b, d] = [radians(lat), radians(toLat), radians(toLon - lon)];
  const half = Math.sin((b - a) / 2) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin(d / 2) ** 2;
  const bearing = Math.atan2(Math.sin(d) * Math.cos(b), Math.cos(a) * Math.sin(b) - Math.sin(a) * Math.cos(b) * Math.cos(d));
  return { km: 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(half))), bearing: ((bearing * 180) / Math.PI + 360) % 360 };
}

export const windOf = (bearing) => WINDS[Math.round(bearing / 45) % 8];

/** Numbers that were exchanged, or that are no place on earth, lie in no direction. */
const inDoubt = ({ lat, flags = [] }) => Math.abs(lat) > 90 || flags.includes("swapped_suspected");

/**
 * Open incidents and real hazards outside the city, by kind and wind, worst first, then nearest:
 * [{kind: "incident" | "quake" | "hazard", wind, bearing, km, count, severity, magnitude}]; wind "" where the
 * place is in doubt.
 */
export function outsideOf(incidents, hazards, middle) {
  const groups = new Map();
  const add = (kind, place, severity, more = {}) => {
    if (!Number.isFinite(place?.lon) || !Number.isFinite(place?.lat)) return;
    const doubt = inDoubt(place);
    const { km, bearing } = doubt ? { km: Infinity, bearing: 0 } : away(middle, [place.lon, place.lat]);
    const wind = doubt ? "" : windOf(bearing);
    // Each earthquake is one of its own; reports of one side are one line.
    const key = kind === "quake" ? `${kind} ${groups.size}` : `${kind} ${wind}`;
    const known = groups.get(key);
    if (!known) groups.set(key, { kind, wind, bearing, km, count: 1, severity: severity ?? null, ...more });
    else {
      known.count += 1;
      known.severity = worst([known.severity, severity]);
      if (km < known.km) Object.assign(known, { km, bearing });
    }
  };
  for (const incident of incidents)
    if (isOpen(incident) && incident.place?.confidence === "outside")
      add("incident", incident.place, incident.severity);
  for (const hazard of hazards)
    if (hazard.type === "quake" && isReal(hazard) && hazard.where !== "city")
      add("quake", hazard, hazard.level, { magnitude: hazard.magnitude ?? null });
  return [...groups.values()].sort((a, b) => rank(a.severity) - rank(b.severity) || (a.km < b.km ? -1 : 1));
}

/** How many open incidents have no place at all. */
export function nowhereOf(incidents) {
  const placeless = (incident) => (incident.place?.confidence ?? "no_location") === "no_location";
  return incidents.filter((incident) => isOpen(incident) && placeless(incident)).length;
}
