import assert from "node:assert/strict";
import { test } from "node:test";

import { TileHealth } from "../../static/js/map/tile_health.js";
import { groundOfTile } from "../../static/js/map/vector_look.js";

test("a source of tiles is dead when several failed and none has come since", () => {
  const health = new TileHealth();
  health.failed(10);
  health.failed(11);
  assert.equal(health.deadSince, null);
  health.failed(12);
  assert.equal(health.deadSince, 10);
  health.arrived();
  assert.equal(health.deadSince, null);
  for (const now of [20, 21, 22]) health.failed(now);
  assert.equal(health.deadSince, 20);
});

test("vector tiles of three schemas wear the wall's own look, and the rest is left out", () => {
  const drawn = (layer, properties = {}) => {
    const found = groundOfTile(layer, properties);
    return found && `${found.layer} ${found.grade}`.trim();
  };
  assert.equal(drawn("earth"), "land");
  assert.equal(drawn("water", { kind: "ocean" }), "sea");
  assert.equal(drawn("water", { class: "lake" }), "river");
  assert.equal(drawn("ocean"), "sea");
  assert.equal(drawn("waterway", { class: "stream" }), "stream");
  assert.equal(drawn("landuse", { kind: "park" }), "park");
  assert.equal(drawn("land", { kind: "industrial" }), "harbour");
  assert.equal(drawn("landuse", { kind: "residential" }), null);
  assert.equal(drawn("roads", { kind: "highway" }), "toll");
  assert.equal(drawn("transportation", { class: "primary" }), "road arterial");
  assert.equal(drawn("streets", { kind: "residential" }), "road");
  assert.equal(drawn("streets", { kind: "light_rail" }), "rail");
  assert.equal(drawn("roads", { kind: "path" }), null);
  assert.equal(drawn("places", { kind: "city" }), null);
});
