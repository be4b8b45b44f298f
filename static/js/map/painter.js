// The map on two canvases: the ground, and what lies on it; fitted to the city, without any control.

import { groundOf } from "./ground.js";
import { outlineOf } from "./outline.js";
import { look } from "./look.js";
import { quietCorner } from "./corner.js";
import { plan } from "./plan.js";
import { tilesOf } from "./tiles.js";
import { readGeometry, topOf } from "./top.js";
import { atLeast, fitView, pixels, shownExtent } from "./view.js";

/** A thing on the map is shown with its surroundings (map units to each side, about metres near the equator). */
const NEAR = 1500;

/** A move takes this long (ms): long enough for the eye to follow. */
const MOVE_MS = 1200;

/** A finer picture cannot be seen, and costs with its square. */
const MOST_PIXEL_RATIO = 2;

/** From this share of the city's width or height on the map says where in the city it is. */
const CLOSER = 0.9;

/** So many measured texts are kept. */
const MOST_TEXTS = 4000;

/**
 * Mount a map of the city, or of its one `district`, in `el`; `geo` is /geo/districts.json, `base` the base map or null, `tiles` as
 * the server tells them, `overlays` of tilesOf, `now()` the time (s), `margins()` the heights (px) that title and legend take: {top, bottom}; `still()` tells
 * whether nothing may move; `insetSize()` is the inset's {width, height} or null, `placeInset(corner)` puts it there.
 * Answers {look(focus), draw(scene), resize(rem), shown(), stop()}.
 */
export function paintMap(ol, el, { geo, base, level, district = "", tiles, overlays = null, now, margins, still, insetSize, placeInset }, rem) {
  const reader = new ol.format.GeoJSON({ dataProjection: "EPSG:4326", featureProjection: "EPSG:3857" });
  const own = geo.features.find(({ properties }) => properties.code === district);
  const home = own
    ? reader.readGeometry(own.geometry).getExtent()
    : ol.proj.transformExtent(geo.bounds, "EPSG:4326", "EPSG:3857");
  const project = (lon, lat) => ol.proj.fromLonLat([lon, lat]);
  let style = look(ol, rem);
  const tiled = tilesOf(ol, tiles, overlays, () => style, now);
  const ground = groundOf(ol, reader, geo, base, level, tiled.layers, () => style);
  const top = topOf(ol, reader, project, () => style);
  const view = new ol.View({ enableRotation: false });
  const mapOf = (name, layers) => {
    const target = el.appendChild(document.createElement("div"));
    target.className = name;
    const pixelRatio = Math.min(MOST_PIXEL_RATIO, window.devicePixelRatio || 1);
    return new ol.Map({ target, controls: [], interactions: [], layers, view, pixelRatio });
  };
  const maps = [mapOf("map-ground", ground.layers), mapOf("map-top", top.layers)];
  const pen = document.createElement("canvas").getContext("2d");
  const widths = new Map();
  const outline = outlineOf(geo.features).flat().map(([lon, lat]) => project(lon, lat));
  let drawn = null;
  let places = new Map();
  /** The view that it shows, or is on its way to: {center, resolution, size}. */
  let target = null;
  /** Where the inset stands: {name, box}. */
  let inset = null;

  const padding = () => {
    const { top: head, bottom } = margins();
    return [head + 0.3 * rem, 0.8 * rem, bottom + 0.3 * rem, 0.8 * rem];
  };

  /** The extent to look at for a focus {code} | {lon, lat} | {geometry}; null: all of the city. */
  function extentOf(focus) {
    if (!focus) return home;
    if (focus.code) return ground.shapes.get(focus.code)?.getGeometry().getExtent() ?? home;
    if (focus.geometry) return readGeometry(reader, focus.geometry)?.getExtent() ?? home;
    return ol.extent.boundingExtent([project(focus.lon, focus.lat)]);
  }

  /** Look at a focus; false while there is no room to draw in. */
  function aim(focus) {
    const size = maps[0].getSize() ?? [0, 0];
    if (size[0] < 10 || size[1] < 10) return false;
    const wanted = { ...fitView(atLeast(extentOf(focus), 2 * NEAR), size, padding()), size };
    if (JSON.stringify(wanted) === JSON.stringify(target)) return true;
    const moves = target && target.size.join() === size.join() && !still();
    target = wanted;
    places = new Map();
    view.cancelAnimations();
    top.moving(moves);
    if (moves) {
      const { center, resolution } = wanted;
      view.animate({ center, resolution, duration: MOVE_MS }, () => top.moving(view.getAnimating()));
    } else {
      view.setCenter(wanted.center);
      view.setResolution(wanted.resolution);
    }
    return true;
  }

  /** Draw a scene: {figures: Map, hazards, cameras, gauges, incidents, focus, near, number(n)}. */
  function draw(scene) {
    drawn = scene;
    if (!aim(scene.focus)) return;
    // The ground in a frame of its own: two canvases drawn in one would make it a long one.
    requestAnimationFrame(() => ground.shade(scene.figures, shown().closer));
    top.hazards(scene.hazards);
    top.cameras(scene.cameras);
    const { toPixel, toMap } = pixels(target, target.size);
    const at = ({ lon, lat }) => toPixel(project(lon, lat));
    const inSight = sight();
    const seen = (one) => ({ ...one, ...at(one) });
    const planned = plan({
      incidents: scene.incidents.map(seen).filter(inSight),
      gauges: scene.gauges.map(seen),
      districts: [...ground.districts].map(([code, feature]) => ({
        code,
        ...districtAt(feature, toPixel, toMap),
        ...scene.figures.get(code),
      })),
      names: ground.names.map((feature) => ({
        name: feature.get("name") ?? "",
        ...toPixel(feature.getGeometry().getCoordinates()),
      })),
      cameras: scene.near.map(seen),
      number: scene.number,
      wide,
      rem,
      frame: frame(),
      blocked: inset ? [inset.box] : [],
      before: places,
    });
    places = planned.places;
    corner(planned.symbols, toPixel);
    top.picture({
      focus: Number.isFinite(scene.focus?.lon) ? scene.focus : null,
      near: scene.near,
      symbols: planned.symbols.map((one) => ({ ...one, at: toMap(one) })),
      gauges: scene.gauges,
      labels: planned.labels.map((label) => ({ ...label, at: toMap(label) })),
      number: scene.number,
    });
  }

  /** Put the inset into the corner where it covers least. */
  function corner(symbols, toPixel) {
    const size = insetSize();
    if (!size) {
      inset = null;
      return;
    }
    const points = [...symbols, ...outline.map(toPixel)];
    const found = quietCorner(frame(), size, 0.75 * rem, points, inset?.name);
    const again = found.name !== inset?.name;
    inset = found;
    if (again && drawn) placeInset(found.name);
  }

  /** Whether a point is on the glass: what is not takes no room from what is. */
  function sight() {
    const [width, height] = target.size;
    return ({ x, y }) => x >= -rem && y >= -rem && x <= width + rem && y <= height + rem;
  }

  function districtAt(feature, toPixel, toMap) {
    const label = feature.get("label");
    const at = label ? project(...label) : ol.extent.getCenter(feature.getGeometry().getExtent());
    const home = (x, y) => feature.getGeometry().intersectsCoordinate(toMap({ x, y }));
    return { name: feature.get("name") ?? feature.get("code"), count: 0, worst: null, home, ...toPixel(at) };
  }

  function wide(words, size, weight) {
    const key = `${weight} ${size} ${words}`;
    if (!widths.has(key)) {
      if (widths.size > MOST_TEXTS) widths.clear();
      pen.font = style.font(weight, size);
      widths.set(key, pen.measureText(words).width);
    }
    return widths.get(key);
  }

  function frame() {
    const [width, height] = target.size;
    const { top: head, bottom } = margins();
    return { left: 0, top: head, right: width, bottom: height - bottom };
  }

  /** What it shows or is about to show, in degrees, and whether that is less than the city; null before. */
  function shown() {
    if (!target) return null;
    const extent = shownExtent(target, target.size, padding());
    const closer =
      extent[2] - extent[0] < CLOSER * (home[2] - home[0]) || extent[3] - extent[1] < CLOSER * (home[3] - home[1]);
    return { closer, extent: ol.proj.transformExtent(extent, "EPSG:3857", "EPSG:4326") };
  }

  function resize(newRem) {
    rem = newRem;
    style = look(ol, rem);
    widths.clear();
    ground.dress();
    tiled.dress();
    top.dress();
    for (const map of maps) map.updateSize();
    if (drawn) draw(drawn);
  }

  return {
    tiles: tiled,
    look: aim,
    draw,
    resize,
    shown,
    stop() {
      for (const map of maps) map.setTarget(undefined);
    },
  };
}
