// The map on an OpenLayers canvas: layers from the ground up, fitted to the city, without any control.

import { rank } from "../severity.js";
import { look } from "./look.js";
import { plan } from "./plan.js";

/** A thing on the map is shown with its surroundings (m to each side). */
const NEAR_M = 1500;

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
  const pen = document.createElement("canvas").getContext("2d");
  let drawn = null;
  /** What it looks at closer than at the whole city. */
  let focused = null;
  let places = new Map();
  const baseStyles = new Map();

  const sources = Object.fromEntries(
    ["base", "districts", "hazards", "cameras", "symbols", "labels"].map((name) => [
      name,
      new VectorSource(),
    ]),
  );
  // The ground never changes: a canvas of its own is not drawn again with the symbols.
  const layers = Object.entries(sources).map(
    ([name, source]) =>
      new VectorLayer({
        source,
        className: name === "base" ? "map-base" : "map-top",
        updateWhileAnimating: false,
        renderBuffer: 64,
      }),
  );
  const map = new ol.Map({
    target: el,
    controls: [],
    interactions: [],
    layers,
    view: new ol.View({ enableRotation: false }),
    pixelRatio: Math.min(2, window.devicePixelRatio || 1),
  });

  const districts = new Map();
  for (const feature of reader.readFeatures({
    type: "FeatureCollection",
    features: geo.features.filter((f) => f.properties.level === level),
  })) {
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
    map.getView().fit(focused ?? extent, {
      padding: [top + 0.3 * rem, 0.8 * rem, bottom + 0.3 * rem, 0.8 * rem],
      size: [width, height],
    });
    return true;
  }

  /** The extent to look at for a focus {code} | {lon, lat} | {geometry}; null: all of the city. */
  function extentOf(focus) {
    if (!focus) return null;
    if (focus.code) return districts.get(focus.code)?.getGeometry().getExtent() ?? null;
    if (focus.geometry) return readGeometry(reader, focus.geometry, ol)?.getGeometry().getExtent() ?? null;
    return ol.extent.buffer(ol.extent.boundingExtent([project(focus.lon, focus.lat)]), NEAR_M);
  }

  /** Draw a scene: {figures: Map, hazards, cameras, gauges, incidents, focus, number(n)}. */
  function draw(scene) {
    drawn = scene;
    const before = focused?.join();
    focused = extentOf(scene.focus);
    if (focused?.join() !== before) fit();
    if (!map.getView().getResolution()) return;
    for (const [code, feature] of districts) feature.setStyle(style.district(scene.figures.get(code)));
    swap(
      "hazards",
      scene.hazards.flatMap((hazard) => {
        const feature = readGeometry(reader, hazard.geometry, ol);
        feature?.setStyle(style.hazard(hazard.level));
        return feature ?? [];
      }),
    );
    swap(
      "cameras",
      scene.cameras.map(({ lon, lat, down }) =>
        point(project(lon, lat), down ? style.cameraDown : style.camera),
      ),
    );
    const planned = plan({
      incidents: scene.incidents.map(({ id, severity, lon, lat }) => ({
        id,
        severity,
        ...toPixel(project(lon, lat)),
      })),
      gauges: scene.gauges.map(({ severity, lon, lat }) => ({ severity, ...toPixel(project(lon, lat)) })),
      districts: [...districts].map(([code, feature]) => ({
        code,
        ...districtAt(feature),
        ...scene.figures.get(code),
      })),
      names: names.map((feature) => ({
        name: feature.get("name") ?? "",
        ...toPixel(feature.getGeometry().getCoordinates()),
      })),
      number: scene.number,
      wide,
      rem,
      frame: frame(),
      before: places,
    });
    places = planned.places;
    const all = [
      ...planned.symbols.map((one) => ({
        ...one,
        at: toMap(one),
        style: style.incident(one.severity, one.count, scene.number(one.count)),
      })),
      ...scene.gauges.map(({ lon, lat, severity }) => ({
        severity,
        at: project(lon, lat),
        style: style.gauge(severity),
      })),
    ];
    // The mildest first: what is worse lies on top.
    all.sort((a, b) => rank(b.severity) - rank(a.severity));
    swap(
      "symbols",
      all.map((one) => point(one.at, one.style)),
    );
    if (scene.focus && Number.isFinite(scene.focus.lon))
      sources.symbols.addFeature(point(project(scene.focus.lon, scene.focus.lat), style.focus));
    swap(
      "labels",
      planned.labels.map((label) => point(toMap(label), style.name(label))),
    );
  }

  /** The view is still, so px and map differ by a shift and a scale; asking the library would need a frame. */
  function toPixel([x, y]) {
    const [width, height] = map.getSize();
    const view = map.getView();
    const [middleX, middleY] = view.getCenter();
    return {
      x: (x - middleX) / view.getResolution() + width / 2,
      y: (middleY - y) / view.getResolution() + height / 2,
    };
  }

  function toMap({ x, y }) {
    const [width, height] = map.getSize();
    const view = map.getView();
    const [middleX, middleY] = view.getCenter();
    return [
      middleX + (x - width / 2) * view.getResolution(),
      middleY - (y - height / 2) * view.getResolution(),
    ];
  }

  function districtAt(feature) {
    const label = feature.get("label");
    const at = label ? project(...label) : ol.extent.getCenter(feature.getGeometry().getExtent());
    const home = (x, y) => feature.getGeometry().intersectsCoordinate(toMap({ x, y }));
    return { name: feature.get("name") ?? feature.get("code"), open: 0, worst: null, home, ...toPixel(at) };
  }

  function wide(words, size, weight) {
    pen.font = style.font(weight, size);
    return pen.measureText(words).width;
  }

  function frame() {
    const [width, height] = map.getSize();
    const { top, bottom } = margins();
    return { left: 0, top, right: width, bottom: height - bottom };
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
