import assert from "node:assert/strict";
import { test } from "node:test";

import { DistrictView } from "../../static/js/district_view.js";
import { Store } from "../../static/js/store.js";

const place = (code, parent) => ({ district: code, parents: [{ code: parent, level: 0 }] });

function filled() {
  const store = new Store(() => {});
  store.replace({
    district: {
      A: { id: "A", level: 0 },
      A1: { id: "A1", level: 1, parent: "A" },
      B: { id: "B", level: 0 },
      B1: { id: "B1", level: 1, parent: "B" },
      R: { id: "R", level: 1, parent: "R" },
    },
    incident: {
      a: { id: "a", scope: ["d:A1", "d:A"], place: place("A1", "A") },
      edge: { id: "edge", scope: ["d:B1", "d:A1", "d:B"], place: place("B1", "B") },
      b: { id: "b", scope: ["d:B1", "d:B"], place: place("B1", "B") },
      outside: { id: "outside" },
    },
    alert: {
      price: { id: "price", scope: ["city"], place: place("A1", "A") },
      queue: { id: "queue", scope: ["city"] },
      gate: { id: "gate", scope: ["d:A", "d:A1"] },
    },
    queue: { 112: { id: "112", scope: ["city"] } },
  });
  return store;
}

const ids = (view, kind) => view.all(kind).map(({ id }) => id);

test("a district's post sees what lies in its district and in those below it", () => {
  const view = new DistrictView(filled(), "A");
  assert.deepEqual(ids(view, "incident"), ["a"]);
  assert.deepEqual(ids(view, "alert"), ["price", "gate"]);
  assert.deepEqual(ids(view, "district"), ["A", "A1"]);
  assert.equal(view.get("incident", "b"), undefined);
  assert.equal(view.get("incident", "a").id, "a");
});

test("near an edge a thing is seen by all candidates", () => {
  assert.deepEqual(ids(new DistrictView(filled(), "A1"), "incident"), ["a", "edge"]);
});

test("figures of the whole city stay as they are", () => {
  assert.deepEqual(ids(new DistrictView(filled(), "A"), "queue"), ["112"]);
});

test("a ring of parents ends", () => {
  assert.deepEqual(ids(new DistrictView(filled(), "nowhere"), "district"), []);
});

test("the list is the same array until its kind changes, and what is derived is computed as often", () => {
  const store = filled();
  const view = new DistrictView(store, "A");
  let times = 0;
  const open = view.derived(["incident"], (seen) => (times += 1) && seen.all("incident").length);
  assert.equal(open(), 1);
  assert.equal(open(), 1);
  assert.equal(view.all("incident"), view.all("incident"));
  store.apply([["incident", "c", { id: "c", scope: ["d:A"] }]]);
  assert.equal(open(), 2);
  assert.equal(times, 2);
  assert.ok(view.synced && view.version("incident") > 0);
});
