// Which cameras a wall shows: those where something is wrong, those that were asked for, and the others in turn. Pure.

import { alertOrder, aside, incidentOrder, isOpen, isUnseen } from "../facts.js";

/** A camera sees a place from no farther than this (m): what happens two streets away is on none of its pictures. */
export const NEAR_M = 1500;

/** So many pictures of one place; the sent one may fill the whole panel. */
const NEAR_EACH = 2;

/** The others change places this often (s): long enough to look at each. */
export const TURN_S = 20;

const METRES_PER_DEGREE = 111_320;
const LEFT = "gone";

/** Whether there is, or may be, a picture of this camera: a still by the server, or a stream for this board. */
export const hasPicture = (camera) =>
  Boolean(camera.picture || streamOf(camera)) && !camera.flags?.includes(LEFT);

/** The address of the stream that this board may open, or "". */
export const streamOf = (camera) =>
  camera.streams?.find(({ type, url }) => type === "hls" && url)?.url ?? "";

/** Metres between two places {lon, lat}; flat, which over a city is right to a per mille. */
export function metres(a, b) {
  const dx = (a.lon - b.lon) * Math.cos((((a.lat + b.lat) / 2) * Math.PI) / 180);
  return Math.hypot(dx, a.lat - b.lat) * METRES_PER_DEGREE;
}

const isPoint = (place) => Number.isFinite(place?.lon) && Number.isFinite(place?.lat);

/**
 * The cameras to show, the most important first, at most `count`.
 *   cameras   entities; those without a picture are left out
 *   alerts, incidents   entities: the worst unseen alert comes first, then the gravest open incidents
 *   sent      where the wall was sent: {district} a code, {lon, lat} a place, or null
 *   named     ids of the options, with or without their feed's name
 *   now       the server's time (s): all screens turn together
 */
export function choose({ cameras, alerts = [], incidents = [], sent = null, named = [], count, now }) {
  const able = cameras.filter(hasPicture);
  const chosen = new Set();
  const take = (list, most) => {
    let taken = 0;
    for (const camera of list) {
      if (chosen.size >= count || taken >= most) return;
      if (!chosen.has(camera)) taken += 1;
      chosen.add(camera);
    }
  };
  if (sent) take(sentTo(able, sent), count);
  for (const place of troubled(alerts, incidents)) {
    if (chosen.size >= count) break;
    take(near(able, place), NEAR_EACH);
  }
  for (const id of named) take(able.filter((camera) => isNamed(camera, id)), count);
  take(turn(able.filter((camera) => !chosen.has(camera)), count - chosen.size, now), count);
  return [...chosen];
}

function sentTo(cameras, { district, lon, lat }) {
  if (district) return byState(cameras.filter(({ place }) => liesIn(place, district)));
  return isPoint({ lon, lat }) ? near(cameras, { lon, lat }) : [];
}

const liesIn = (place, code) =>
  place?.district === code || Boolean(place?.parents?.some((parent) => parent.code === code));

/** Places where something is wrong, the worst first. */
function* troubled(alerts, incidents) {
  const unseen = alerts.filter((alert) => isUnseen(alert) && !aside(alert)).sort(alertOrder);
  for (const { place } of unseen) if (isPoint(place)) yield place;
  const grave = ({ severity }) => severity === "danger" || severity === "severe";
  const open = incidents.filter((incident) => isOpen(incident) && grave(incident)).sort(incidentOrder);
  for (const { place } of open) if (isPoint(place)) yield place;
}

const isDead = (camera) => Number(camera.state === "offline");
const byId = (a, b) => (a.id < b.id ? -1 : 1);
const byState = (cameras) => [...cameras].sort((a, b) => isDead(a) - isDead(b) || byId(a, b));

/** Cameras near a place: those that live first, then the nearest. */
function near(cameras, place) {
  return cameras
    .filter((camera) => isPoint(camera.place))
    .map((camera) => ({ camera, far: metres(camera.place, place) }))
    .filter(({ far }) => far <= NEAR_M)
    .sort((a, b) => isDead(a.camera) - isDead(b.camera) || a.far - b.far || byId(a.camera, b.camera))
    .map(({ camera }) => camera);
}

const isNamed = (camera, id) => camera.id === id || camera.id.split("/").slice(1).join("/") === id;

/** The next `count` of a ring of all, by the time alone. A dead camera needs no turn: it stands among the down. */
function turn(cameras, count, now) {
  const living = cameras.filter((camera) => !isDead(camera)).sort(byId);
  if (living.length <= count || count <= 0) return living.slice(0, Math.max(0, count));
  const start = (Math.floor(now / TURN_S) * count) % living.length;
  return Array.from({ length: count }, (_, index) => living[(start + index) % living.length]);
}
