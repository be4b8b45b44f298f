// What lies below the symbols: base map, tiles, districts. A canvas of its own, drawn when it changes and not before.

/**
 * Layers of the ground for an OpenLayers map: {layers, districts and shapes: Map code → feature of the level
 * and of all shown, names, shade(figures), dress()}.
 * `geo` is /geo/districts.json, `base` the base map or null, `tiles` layers in between, `style()` the look of now.
 */
export function groundOf(ol, reader, geo, base, level, tiles, style) {
  const features = geo.features.filter(({ properties }) => properties.level <= level);
  const shapes = reader.readFeatures({ type: "FeatureCollection", features });
  const own = shapes.filter((feature) => feature.get("level") === level);
  const districts = new Map(own.map((feature) => [feature.get("code"), feature]));
  const ground = base ? reader.readFeatures(base) : [];
  const baseStyles = new Map();
  let tints = new Map();
  let lightly = false;
  let drawn = "";

  // As images: the map in motion shows them as they are, and another layer's change costs them nothing.
  const layerOf = (list, look) =>
    new ol.layer.VectorImage({ source: new ol.source.Vector({ features: list }), style: look, renderBuffer: 64 });

  const baseLayer = layerOf(
    ground.filter((feature) => feature.get("layer") !== "label"),
    (feature) => {
      const grade = feature.get("class") ?? feature.get("grade") ?? feature.get("kind") ?? "";
      const key = `${feature.get("layer")} ${grade}`;
      if (!baseStyles.has(key)) baseStyles.set(key, style().base(feature.get("layer"), grade));
      const { area, line } = baseStyles.get(key);
      return feature.getGeometry().getType().endsWith("Polygon") ? area : line;
    },
  );
  // Fill and border apart: a new shade draws no line again, and lines are what costs.
  const districtLayer = layerOf(own, (feature) => style().district(tints.get(feature.get("code")), lightly));
  const borderLayer = layerOf(shapes, (feature) =>
    feature.get("level") === level ? style().border : style().upperBorder,
  );

  return {
    layers: [baseLayer, ...tiles, districtLayer, borderLayer],
    districts,
    shapes: new Map(shapes.map((feature) => [feature.get("code"), feature])),
    names: ground.filter((feature) => feature.get("layer") === "label"),
    /** Shade the districts by figures: Map code → {worst, share}; `closer` lightly, as one of them fills the map. */
    shade(figures, closer) {
      const now = [...figures].map(([code, { worst, share }]) => `${code} ${worst} ${share}`).join() + closer;
      if (now === drawn) return;
      [drawn, tints, lightly] = [now, figures, closer];
      districtLayer.changed();
    },
    /** The look has changed. */
    dress() {
      baseStyles.clear();
      for (const layer of [baseLayer, districtLayer, borderLayer]) layer.changed();
    },
  };
}
