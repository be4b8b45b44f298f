// A map to point at: what lies there, and a wall to show it on.

import { h, render } from "../render.js";
import { drive, subjectWords } from "./drive.js";
import { Ground } from "./ground.js";
import { mark } from "./mark.js";

/** So many things nearest to the point are offered, and none that is farther (m). */
const MOST_NEAR = 6;
const FAR_M = 3000;

const M_PER_DEGREE = 111_320;

/** Metres between two [lon, lat] of one city. */
export function metres([lon, lat], [otherLon, otherLat]) {
  const narrow = Math.cos((((lat + otherLat) / 2) * Math.PI) / 180);
  return Math.hypot((lon - otherLon) * narrow, lat - otherLat) * M_PER_DEGREE;
}

/** Whether a point lies in a GeoJSON polygon or multipolygon: each ring that it is inside of turns the answer. */
export function within(geometry, [x, y]) {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  let inside = false;
  for (const ring of polygons.flat())
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [[ax, ay], [bx, by]] = [ring[i], ring[j]];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
  return inside;
}

/** Subjects at a point: its districts, lowest level first, then cameras, gauges and reports nearby. */
export function subjectsAt(point, geo, store) {
  const districts = (geo?.features ?? [])
    .filter(({ geometry }) => geometry && within(geometry, point))
    .sort((a, b) => b.properties.level - a.properties.level)
    .map(({ properties }) => `district:${properties.code}`)
    .filter((subject) => store.get("district", subject.slice("district:".length)));
  const near = ["camera", "gauge", "incident"]
    .flatMap((kind) => store.all(kind).map((entity) => ({ kind, entity, place: entity.place })))
    .filter(({ place }) => Number.isFinite(place?.lon) && Number.isFinite(place?.lat))
    .map(({ kind, entity, place: { lon, lat } }) => ({
      subject: `${kind}:${entity.id}`,
      far: metres(point, [lon, lat]),
    }))
    .filter(({ far }) => far <= FAR_M)
    .sort((a, b) => a.far - b.far)
    .slice(0, MOST_NEAR)
    .map(({ subject }) => subject);
  return [...districts, ...near];
}

/** Mount it in `root`: {update, stop}. */
export function driveMap(root, ctx) {
  const { t, store } = ctx;
  let at = null;
  const box = root.appendChild(document.createElement("div"));
  box.className = "ground";
  const list = root.appendChild(document.createElement("div"));
  list.className = "acts";
  const ground = new Ground(box, ctx, {
    label: t("drive.map_label"),
    onPoint(point) {
      at = point;
      ground.pin(point);
      draw();
    },
  });

  function draw() {
    const subjects = at ? subjectsAt(at, ground.geo, store) : [];
    render(
      list,
      at ? null : h("p", { class: "hint" }, t("drive.map_how")),
      at && !subjects.length ? h("p", { class: "hint" }, t("drive.map_none")) : null,
      subjects.map((subject) => [
        h(
          "button",
          { key: subject, type: "button", disabled: !ctx.online(), onclick: () => drive(ctx, { subject }) },
          subjectWords(subject, store, t),
        ),
        mark(ctx.commands.about(subject), ctx),
      ]),
    );
  }

  draw();
  return { update: draw, stop: () => ground.stop() };
}
