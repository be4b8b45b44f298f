// The city's outline, as few points as an inset needs. Pure.

/** A ring of the inset has at most this many points: it is a few centimetres wide on the glass. */
const MOST_POINTS = 60;

/** A part smaller than this share of the largest one is a rock that nobody would see. */
const LEAST_PART = 0.004;

/** The outer rings of the highest level's districts, thinned: [[[lon, lat], …], …]. */
export function outlineOf(features) {
  const rings = features
    .filter(({ properties }) => properties.level === 0)
    .flatMap(({ geometry }) => (geometry.type === "Polygon" ? [geometry.coordinates] : (geometry.coordinates ?? [])))
    .map(([ring]) => ring);
  const sizes = rings.map(boxArea);
  const least = Math.max(0, ...sizes) * LEAST_PART;
  return rings.filter((_, index) => sizes[index] >= least).map(thin);
}

function thin(ring) {
  const step = Math.max(1, Math.ceil(ring.length / MOST_POINTS));
  return ring.filter((_, index) => index % step === 0);
}

function boxArea(ring) {
  const xs = ring.map(([x]) => x);
  const ys = ring.map(([, y]) => y);
  return (Math.max(...xs) - Math.min(...xs)) * (Math.max(...ys) - Math.min(...ys));
}
