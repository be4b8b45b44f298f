// What lies on the ground: warnings, cameras, reports, gauges, names. Each is drawn anew only where it differs.

import { rank } from "../severity.js";

const LAYERS = ["hazards", "cameras", "lines", "symbols", "labels"];

/** Layers above the ground: {layers, hazards(…), cameras(…), picture(…), moving(yes), dress()}. */
export function topOf(ol, reader, project, style) {
  const sources = Object.fromEntries(LAYERS.map((name) => [name, new ol.source.Vector()]));
  const layers = LAYERS.map(
    (name) =>
      new ol.layer.Vector({ source: sources[name], updateWhileAnimating: false, renderBuffer: 64 }),
  );
  const drawn = new Map();

  /** Put features into a layer unless what they come from is what it shows. */
  function swap(name, from, make) {
    const before = drawn.get(name);
    // A list that is the same is so at a glance: thousands of cameras change seldom.
    if (before?.from === from) return;
    const now = JSON.stringify(from);
    drawn.set(name, { from, now });
    if (before?.now === now) return;
    sources[name].clear(true);
    sources[name].addFeatures(make());
  }

  const feature = (geometry, styles) => {
    const made = new ol.Feature(geometry);
    made.setStyle(styles);
    return made;
  };
  const point = (at, styles) => feature(new ol.geom.Point(at), styles);

  return {
    layers,
    hazards(hazards) {
      const key = hazards.map(({ id, at, level }) => [id, at, level]);
      swap("hazards", key, () =>
        hazards.flatMap(({ geometry, level }) => {
          const shape = readGeometry(reader, geometry);
          return shape ? feature(shape, style().hazard(level)) : [];
        }),
      );
    },
    cameras(cameras) {
      swap("cameras", cameras, () => cameras.map(({ lon, lat, state }) => point(project(lon, lat), style().camera(state))));
    },
    /** `focus` a place or null, `near` the cameras that a line leads to, `symbols` and `gauges` by their severity. */
    picture({ focus, near, symbols, gauges, labels, number }) {
      swap("lines", [focus, near], () =>
        near.map(({ lon, lat }) =>
          feature(new ol.geom.LineString([project(focus.lon, focus.lat), project(lon, lat)]), style().line),
        ),
      );
      const all = [
        ...symbols.map(({ at, severity, count }) => ({ at, severity, count })),
        ...gauges.map(({ lon, lat, severity }) => ({ at: project(lon, lat), severity, count: 0 })),
      ];
      // The mildest first: what is worse lies on top.
      all.sort((a, b) => rank(b.severity) - rank(a.severity));
      swap("symbols", [all, focus], () => [
        ...all.map(({ at, severity, count }) =>
          point(at, count ? style().incident(severity, count, number(count)) : style().gauge(severity)),
        ),
        ...(focus ? [point(project(focus.lon, focus.lat), style().focus)] : []),
      ]);
      swap("labels", labels, () => labels.map((label) => point(label.at, style().name(label))));
    },
    /** On the way to another view names would lie on each other. */
    moving(yes) {
      layers.at(-1).setVisible(!yes);
    },
    dress() {
      drawn.clear();
    },
  };
}

/** A geometry, or null where it cannot be read: it must not take the map away, and its list has it all the same. */
export function readGeometry(reader, geometry) {
  try {
    return reader.readGeometry(geometry);
  } catch (fault) {
    console.warn("a hazard's shape cannot be drawn", fault);
    return null;
  }
}
