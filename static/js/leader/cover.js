// What lies under a warning's shape. Pure.

/** Whether [lon, lat] lies in a GeoJSON polygon or multipolygon: outside of its holes. */
export function covers(geometry, [lon, lat]) {
  if (!geometry) return false;
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : (geometry.coordinates ?? []);
  if (geometry.type !== "Polygon" && geometry.type !== "MultiPolygon") return false;
  return polygons.some(
    ([shell, ...holes]) => within(shell, lon, lat) && !holes.some((hole) => within(hole, lon, lat)),
  );
}

/** Those of some entities whose place lies under the shape. */
export const under = (geometry, entities) =>
  entities.filter(({ place }) => Number.isFinite(place?.lon) && covers(geometry, [place.lon, place.lat]));

/** By the number of edges to the east of the point. */
function within(ring, lon, lat) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [x, y] = ring[i];
    const [u, v] = ring[j];
    if (y > lat !== v > lat && lon < ((u - x) * (lat - y)) / (v - y) + x) inside = !inside;
  }
  return inside;
}
