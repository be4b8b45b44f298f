import assert from "node:assert/strict";
import test from "node:test";

import { Places } from "../../static/js/places.js";

const GEO = {
  levels: [
    { level: 0, label: "Kecamatan" },
    { level: 1, label: "Kelurahan" },
  ],
  features: [
    { properties: { code: "01", name: "Kampung Tengah", level: 0 } },
    { properties: { code: "01.1", name: "Rawa Indah", level: 1 } },
  ],
};
const t = (key) => key;

function places() {
  const found = new Places(0);
  found.load(GEO);
  return found;
}

test("the map's level and the lowest one have names of their own", () => {
  assert.equal(places().label, "Kecamatan");
  assert.equal(places().lowestLabel, "Kelurahan");
});

test("before the boundaries have come there are no labels, and codes stand for names", () => {
  const none = new Places(0);
  assert.equal(none.label, "");
  assert.equal(none.lowestLabel, "");
  assert.equal(none.name("01.1"), "01.1");
});

test("a place is its district and the district of the map's level", () => {
  const place = { district: "01.1", name: "Rawa Indah", confidence: "inside", parents: [{ code: "01", level: 0 }] };
  assert.equal(places().words(place, t), "Rawa Indah, Kampung Tengah");
  assert.equal(places().short(place, t), "Kampung Tengah");
});

test("outside and nowhere are said, not left out", () => {
  assert.equal(places().words({ confidence: "outside" }, t), "incidents.outside");
  assert.equal(places().words({ confidence: "no_location" }, t), "incidents.no_location");
  assert.equal(places().words(undefined, t), "incidents.no_location");
});
