// Where the map looks, as numbers: a centre and a resolution (map units a px), and the way to px and back. Pure.

/**
 * The view that shows `extent` [west, south, east, north] in a window of `size` [width, height] px, whose edges
 * `padding` [top, right, bottom, left] px are not free: {center, resolution}.
 */
export function fitView([west, south, east, north], [width, height], [top, right, bottom, left]) {
  const wide = Math.max(1, width - left - right);
  const high = Math.max(1, height - top - bottom);
  const resolution = Math.max((east - west) / wide, (north - south) / high, Number.EPSILON);
  return {
    center: [
      (west + east) / 2 + ((right - left) / 2) * resolution,
      (south + north) / 2 + ((top - bottom) / 2) * resolution,
    ],
    resolution,
  };
}

/** {toPixel([x, y]) → {x, y}, toMap({x, y}) → [x, y]} of a view in a window of `size`. */
export function pixels({ center, resolution }, [width, height]) {
  return {
    toPixel: ([x, y]) => ({
      x: (x - center[0]) / resolution + width / 2,
      y: (center[1] - y) / resolution + height / 2,
    }),
    toMap: ({ x, y }) => [
      center[0] + (x - width / 2) * resolution,
      center[1] - (y - height / 2) * resolution,
    ],
  };
}

/** The extent that a view shows in the free part of a window of `size`. */
export function shownExtent(view, [width, height], [top, right, bottom, left]) {
  const { toMap } = pixels(view, [width, height]);
  const [west, north] = toMap({ x: left, y: top });
  const [east, south] = toMap({ x: width - right, y: height - bottom });
  return [west, south, east, north];
}

/** `extent`, made at least `least` wide and high around its middle. */
export function atLeast([west, south, east, north], least) {
  const wider = Math.max(0, least - (east - west)) / 2;
  const higher = Math.max(0, least - (north - south)) / 2;
  return [west - wider, south - higher, east + wider, north + higher];
}
