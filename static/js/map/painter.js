// The map on an OpenLayers canvas: layers from the ground up, fitted to the city, without any control.

import { beside, clusterToFew } from "./clusters.js";
import { placeLabels } from "./labels.js";
import { rank } from "../severity.js";
import { look } from "./look.js";

/** Symbols nearer than this (rem) become one. */
const REACH_REM = 1.7;

/** A symbol stands at least this far (rem) from a gauge: each must be seen. */
const BESIDE_REM = 1.55;

const NAME_REM = 1.02;
const COUNT_REM = 1.35;

/** Where the two lines of a label stand, from its middle (rem). */
const NAME_DY = -0.66;
const COUNT_DY = 0.54;

/**
 * Mount a map of the city in `el`; `geo` is /geo/districts.json, `base` the base map or null, `margins()` the
 * heights (px) that title and legend take: {top, bottom}. Answers {draw(scene), resize(rem), stop()}.
 */
export function paintMap(ol, el, geo, base, level, rem, margins) {
  const { Vector: VectorSource } = ol.source;
  const { Vector: VectorLayer } = ol.layer;
  const reader = new ol.format.GeoJSON({ dataProjection: "EPSG:4326", featureProjection: "EPSG:3857" });
  const extent = ol.proj.transformExtent(geo.bounds, "EPSG:4326", "EPSG:3857");
  let style = look(ol, rem);
  let drawn = null;
  let places = new Map();
  const baseStyles = new Map();

  const sources = Object.fromEntries(
    ["base", "districts", "hazards", "cameras", "symbols", "labels"].map((name) => [name, new VectorSource()]),
  );
  // The ground never changes: a canvas of its own is not drawn again with the symbols.
  const layers = Object.entries(sources).map(
    ([name, source]) => new VectorLayer({ source, className: name === "base" ? "map-base" : "map-top", updateWhileAnimating: false, renderBuffer: 64 }),
  );
  const map = new ol.Map({ target: el, controls: [], interactions: [], layers, view: new ol.View({ enableRotation: false }), pixelRatio: Math.min(2, window.devicePixelRatio || 1) });

  const districts = new Map();
  for (const feature of reader.readFeatures({ type: "FeatureCollection", features: geo.features.filter((f) => f.properties.level === level) })) {
    districts.set(feature.get("code"), feature);
  }
  sources.districts.addFeatures([...districts.values()]);
  const ground = base ? reader.readFeatures(base) : [];
  sources.base.addFeatures(ground.filter((feature) => feature.get("layer") !== "label"));
  const names = ground.filter((feature) => feature.get("layer") === "label");
  layers[0].setStyle((feature) => {
    const key = `${feature.get("layer")} ${feature.get("class") ?? feature.get("grade") ?? feature.get("kind") ?? ""}`;
    if (!baseStyles.has(key)) baseStyles.set(key, style.base(...key.split(" ")));
    const { area, line } = baseStyles.get(key);
    return feature.getGeometry().getType().endsWith("Polygon") ? area : line;
  });

  const project = (lon, lat) => ol.proj.fromLonLat([lon, lat]);
  const point = (at, styles) => {
    const feature = new ol.Feature(new ol.geom.Point(at));
    feature.setStyle(styles);
    return feature;
  };
  const swap = (name, features) => {
    sources[name].clear(true);
    sources[name].addFeatures(features);
  };

  function fit() {
    const [width, height] = map.getSize() ?? [0, 0];
    if (width < 10 || height < 10) return false;
    const { top, bottom } = margins();
    map.getView().fit(extent, { padding: [top + 0.3 * rem, 0.8 * rem, bottom + 0.3 * rem, 0.8 * rem], size: [width, height] });
    return true;
  }

  /** Draw a scene: {figures: Map, hazards, cameras, gauges, incidents, number(n)}. */
  function draw(scene) {
    drawn = scene;
    const resolution = map.getView().getResolution();
    if (!resolution) return;
    for (const [code, feature] of districts) feature.setStyle(style.district(scene.figures.get(code)));
    swap("hazards", scene.hazards.flatMap((hazard) => {
      const feature = readGeometry(reader, hazard.geometry, ol);
      feature?.setStyle(style.hazard(hazard.level));
      return feature ?? [];
    }));
    swap("cameras", scene.cameras.map(({ lon, lat, down }) => point(project(lon, lat), down ? style.cameraDown : style.camera)));
    const toPixel = ([x, y]) => map.getPixelFromCoordinate([x, y]) ?? [x / resolution, -y / resolution];
    map.renderSync(); // pixels of coordinates are known only after a frame
    const gauges = scene.gauges.map(({ lon, lat, severity }) => {
      const [x, y] = toPixel(project(lon, lat));
      return { x, y, severity };
    });
    const symbols = clusterToFew(
      scene.incidents.map(({ id, lon, lat, severity }) => {
        const [x, y] = toPixel(project(lon, lat));
        return { id, severity, x, y };
      }),
      REACH_REM * rem,
    ).map((symbol) => beside(symbol, gauges, BESIDE_REM * rem));
    const all = [
      ...symbols.map((one) => ({ ...one, at: map.getCoordinateFromPixel([one.x, one.y]), style: style.incident(one.severity, one.count, scene.number(one.count)) })),
      ...scene.gauges.map(({ lon, lat, severity }) => ({ severity, at: project(lon, lat), style: style.gauge(severity) })),
    ];
    // The mildest first: what is worse lies on top.
    all.sort((a, b) => rank(b.severity) - rank(a.severity));
    swap("symbols", all.map((one) => point(one.at, one.style)));
    swap("labels", labels(scene, symbols, gauges, toPixel));
  }

  function labels(scene, symbols, gauges, toPixel) {
    const pen = document.createElement("canvas").getContext("2d");
    const wide = (words, size, weight) => {
      pen.font = style.font(weight, size);
      return pen.measureText(words).width + 0.4 * rem;
    };
    const found = [];
    for (const [code, feature] of districts) {
      const [lon, lat] = feature.get("label") ?? ol.proj.toLonLat(ol.extent.getCenter(feature.getGeometry().getExtent()));
      const [x, y] = toPixel(project(lon, lat));
      const { open = 0, worst = null } = scene.figures.get(code) ?? {};
      const name = feature.get("name") ?? code;
      const figure = open ? scene.number(open) : "";
      const home = (px, py) => feature.getGeometry().intersectsCoordinate(map.getCoordinateFromPixel([px, py]));
      const lines = [{ dy: (figure ? NAME_DY : 0) * rem, width: wide(name, NAME_REM, 600), height: 1.3 * rem }];
      if (figure) lines.push({ dy: COUNT_DY * rem, width: wide(figure, COUNT_REM, 680), height: 1.4 * rem });
      const width = Math.max(...lines.map((line) => line.width));
      const height = (figure ? 2.6 : 1.3) * rem;
      const priority = ({ danger: 0, severe: 1, caution: 2 }[worst] ?? 3) * 1e6 - open;
      found.push({ id: code, x, y, width, height, lines, priority, name, figure, unit: 2.6 * rem, home });
    }
    for (const [index, feature] of names.entries()) {
      const name = feature.get("name") ?? "";
      const [x, y] = toPixel(feature.getGeometry().getCoordinates());
      found.push({ id: `ground ${index}`, x, y, width: wide(name, 0.9, 500), height: 1.2 * rem, priority: Infinity, fixed: true, name });
    }
    const boxes = [
      ...symbols.map(({ x, y, count, severity }) => ({ x: count > 1 ? x + 0.5 * rem : x, y, width: (count > 1 ? 3 : severity ? 1.7 : 1.1) * rem, height: 1.6 * rem })),
      ...gauges.map(({ x, y, severity }) => ({ x, y, width: (severity ? 1.9 : 0.9) * rem, height: (severity ? 1.9 : 0.9) * rem })),
    ];
    const [width, height] = map.getSize();
    const { top, bottom } = margins();
    places = placeLabels(found, boxes, { left: 0, top, right: width, bottom: height - bottom }, places);
    return found.flatMap(({ id, name, figure, fixed }) => {
      const place = places.get(id);
      if (!place) return [];
      const at = map.getCoordinateFromPixel([place.x, place.y]);
      if (fixed) return [point(at, style.seaName(name))];
      if (!figure) return [point(at, style.label(name, NAME_REM, 600, 0))];
      return [point(at, [style.label(name, NAME_REM, 600, NAME_DY), style.label(figure, COUNT_REM, 680, COUNT_DY)])];
    });
  }

  function resize(newRem) {
    rem = newRem;
    style = look(ol, rem);
    baseStyles.clear();
    map.updateSize();
    layers[0].changed();
    if (fit() && drawn) draw(drawn);
  }

  fit();
  return { draw, resize, stop: () => map.setTarget(undefined) };
}

function readGeometry(reader, geometry, ol) {
  try {
    return new ol.Feature(reader.readGeometry(geometry));
  } catch (fault) {
    // A shape that cannot be read must not take the map away; the hazard stands in its list all the same.
    console.warn("a hazard's shape cannot be drawn", fault);
    return null;
  }
}
