// What a square metre is worth: by district, or by zone, dearest first. Pure.

import { DAY_S } from "./trends.js";

const PREFIX = "landvalue:";

/** Values are told in millions of rupiah, with so many decimals. */
export const MILLION = 1e6;
export const DIGITS = 2;

/** A map older than this is late: a land office makes one a year (s). */
const LATE_S = 400 * DAY_S;

/** [{id, name, value, change, about}] of the districts of one level; `districts` say which level each has. */
export function byDistrict(metrics, districts, level) {
  const levels = new Map(districts.map((district) => [district.id, district.level ?? 0]));
  return metrics
    .filter(({ id }) => id.startsWith(PREFIX) && levels.get(id.slice(PREFIX.length)) === level)
    .map(({ id, name, value, figures = {} }) => ({ id, name, value, change: figures.change ?? null, about: "" }))
    .sort(dearest);
}

/** The same of the zones that lie in the city. */
export function byZone(zones) {
  return zones
    .filter(({ where = "city" }) => where === "city")
    .map(({ id, name, value, change = null, use = "" }) => ({ id, name, value, change, about: use }))
    .sort(dearest);
}

const dearest = (a, b) => b.value - a.value || (a.id < b.id ? -1 : 1);

/** Of when the newest map is ("2025", "2025-07-01"), and who says so; "" where nothing is known. */
export function mapOf(zones) {
  const newest = zones.reduce((found, zone) => ((zone.as_of ?? "") > (found?.as_of ?? "") ? zone : found), null);
  return { asOf: newest?.as_of ?? "", source: newest?.source ?? "", at: newest?.at ?? null };
}

/** Whether another map should be there by now. */
export const isLate = ({ at }, now) => at === null || now - at > LATE_S;
