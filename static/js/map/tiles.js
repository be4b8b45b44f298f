// Tiles between ground and districts: a PMTiles archive, a tile server, layers of a WMS. Each may fail alone.

import { TileHealth } from "./tile_health.js";
import { groundOfTile } from "./vector_look.js";

/** A dead server is asked again this often (s). */
export const AGAIN_S = 30;

/** OpenLayers' state of a tile that could not be had. */
const ERROR = 3;

/** Large tiles are fewer requests, and a WMS draws its own words on them. */
const WMS_TILE_PX = 512;
const ARCHIVE_TILE_PX = 512;

/**
 * What `config` {pmtiles, tiles, wms} (as the server tells it) adds to a map: {layers, attributions, overlays, dead(), look()}.
 * `overlays` are the names of the WMS to show, null for all; `style()` is the look of now, `now()` the time (s).
 */
export function tilesOf(ol, { pmtiles, tiles, wms = [] }, overlays, style, now) {
  const parts = [];
  if (pmtiles) parts.push(archive(ol, pmtiles, style));
  if (tiles) parts.push(raster(ol, tiles));
  for (const one of wms) if (!overlays || overlays.includes(one.name)) parts.push(overlay(ol, one));
  for (const part of parts) {
    part.health = new TileHealth();
    part.askedAt = -Infinity;
    part.source.on(["tileloadend", "imageloadend"], () => part.health.arrived());
    part.source.on(["tileloaderror", "imageloaderror"], () => part.health.failed(now()));
  }
  return {
    layers: parts.map(({ layer }) => layer),
    attributions: [...new Set(parts.map(({ attribution }) => attribution))],
    overlays: parts.filter(({ name }) => name).map(({ name, asOf }) => ({ name, asOf })),
    /** The parts that do not answer: [{name, since}]; name is "" for the base map. They are asked again now and then. */
    dead() {
      return parts.flatMap((part) => {
        const since = part.health.deadSince;
        if (since === null) return [];
        if (now() - Math.max(part.askedAt, since) > AGAIN_S) {
          part.askedAt = now();
          part.source.refresh();
        }
        return [{ name: part.name ?? "", since }];
      });
    },
    /** The look has changed: what is drawn here wears it too. */
    dress: () => parts.forEach(({ layer }) => layer.changed()),
  };
}

function raster(ol, { url, attribution, opacity, min_zoom: minZoom, max_zoom: maxZoom }) {
  const source = new ol.source.XYZ({ url, minZoom, maxZoom, transition: 0 });
  return { source, attribution, layer: new ol.layer.Tile({ source, opacity }) };
}

function overlay(ol, { name, url, layers, attribution, opacity, as_of: asOf = "" }) {
  const source = new ol.source.TileWMS({
    url,
    params: { LAYERS: layers, TRANSPARENT: true, FORMAT: "image/png" },
    tileGrid: ol.tilegrid.createXYZ({ tileSize: WMS_TILE_PX }),
    transition: 0,
  });
  return { name, asOf, source, attribution, layer: new ol.layer.Tile({ source, opacity }) };
}

function archive(ol, { url, kind, attribution, opacity, min_zoom: minZoom, max_zoom: maxZoom }, style) {
  const file = new window.pmtiles.PMTiles(new URL(url, location.href).href);
  const grid = (tileSize) => ol.tilegrid.createXYZ({ minZoom, maxZoom, tileSize });
  const made = kind === "mvt" ? vectors(ol, file, grid(ARCHIVE_TILE_PX), style) : pictures(ol, file, grid(256), kind);
  made.layer.setOpacity(opacity);
  return { ...made, attribution };
}

function vectors(ol, file, tileGrid, style) {
  const source = new ol.source.VectorTile({
    format: new ol.format.MVT(),
    tileGrid,
    tileUrlFunction: (coordinate) => coordinate.join("/"),
    tileLoadFunction: (tile, address) =>
      tile.setLoader(async (extent, _resolution, featureProjection) => {
        try {
          const found = await file.getZxy(...address.split("/").map(Number));
          // What an archive leaves out is empty there.
          tile.setFeatures(found ? tile.getFormat().readFeatures(found.data, { extent, featureProjection }) : []);
        } catch (fault) {
          console.warn("no tile of the archive:", fault);
          tile.setState(ERROR);
        }
      }),
  });
  const look = (feature) => {
    const ground = groundOfTile(feature.get("layer") ?? "", feature.getProperties());
    if (!ground) return null;
    const { area, line } = style().base(ground.layer, ground.grade);
    return feature.getType().endsWith("Polygon") ? area : line;
  };
  return { source, layer: new ol.layer.VectorTile({ source, style: look, renderMode: "hybrid", declutter: false }) };
}

function pictures(ol, file, tileGrid, kind) {
  const source = new ol.source.ImageTile({
    tileGrid,
    transition: 0,
    loader: async (z, x, y) => {
      const found = await file.getZxy(z, x, y);
      if (found) return createImageBitmap(new Blob([found.data], { type: `image/${kind}` }));
      const empty = document.createElement("canvas");
      empty.width = empty.height = tileGrid.getTileSize(z);
      return empty;
    },
  });
  return { source, layer: new ol.layer.Tile({ source }) };
}
