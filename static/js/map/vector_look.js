// What a feature of vector tiles is on our base map, whichever schema the tiles have. Pure.
// Known are Protomaps (docs.protomaps.com/basemaps/layers), OpenMapTiles (openmaptiles.org/schema) and
// Shortbread (shortbread-tiles.org/schema); what none of them names is not drawn.

const WATER = new Set(["water", "water_polygons", "ocean"]);
const WATERWAYS = new Set(["waterway", "water_lines", "physical_line"]);
const ROADS = new Set(["roads", "transportation", "streets", "transit"]);
const GROUND = new Set(["landuse", "landcover", "land", "park", "sites", "natural"]);

const PARKS = new Set([
  "park", "forest", "wood", "grass", "grassland", "meadow", "nature_reserve", "national_park",
  "cemetery", "scrub", "orchard", "garden", "golf_course", "pitch", "farmland", "farm", "wetland",
  "mangrove",
]);
const BUILT = new Set([
  "aerodrome", "airport", "industrial", "commercial", "retail", "port", "harbour", "railway",
  "quarry", "military", "hospital", "university", "school",
]);
const MOTORWAYS = new Set(["highway", "motorway", "trunk"]);
const MAJOR = new Set(["major_road", "primary", "secondary", "medium_road"]);
const MINOR = new Set(["minor_road", "tertiary", "minor", "residential", "unclassified", "living_street"]);
const RAILS = new Set(["rail", "train", "transit", "light_rail", "subway", "tram"]);
const NO_STREETS = new Set(["path", "footway", "ferry", "track", "service", "pier"]);

/** {layer, grade} of look.js's base map for a feature of `layer` with `properties`, or null. */
export function groundOfTile(layer, properties) {
  const kind = properties.kind ?? properties.class ?? properties.pmap_kind ?? properties.subclass ?? "";
  if (layer === "earth") return { layer: "land", grade: "" };
  if (WATER.has(layer)) return { layer: ["ocean", "sea"].includes(kind) || layer === "ocean" ? "sea" : "river", grade: "" };
  if (WATERWAYS.has(layer)) return { layer: ["river", "canal"].includes(kind) ? "canal" : "stream", grade: "" };
  if (GROUND.has(layer)) {
    if (PARKS.has(kind) || layer === "park") return { layer: "park", grade: "" };
    return BUILT.has(kind) ? { layer: "harbour", grade: "" } : null;
  }
  if (ROADS.has(layer)) {
    if (NO_STREETS.has(kind)) return null;
    if (RAILS.has(kind) || properties.rail) return { layer: "rail", grade: "" };
    if (MOTORWAYS.has(kind)) return { layer: "toll", grade: "" };
    if (MAJOR.has(kind)) return { layer: "road", grade: "arterial" };
    return MINOR.has(kind) ? { layer: "road", grade: "" } : null;
  }
  return null;
}
