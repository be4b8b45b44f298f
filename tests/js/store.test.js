import assert from "node:assert/strict";
import { test } from "node:test";

import { Store } from "../../static/js/store.js";

/** A store whose next frame comes when the test says so. */
function framed() {
  const waiting = [];
  const store = new Store((flush) => waiting.push(flush));
  return { store, waiting, frame: () => waiting.splice(0).forEach((flush) => flush()) };
}

test("readers hear once a frame, with all kinds that changed", () => {
  const { store, frame, waiting } = framed();
  const heard = [];
  store.subscribe(["camera", "feed"], (changed) => heard.push([...changed].sort()));
  store.apply([["camera", "a", { id: "a" }]]);
  store.apply([
    ["camera", "a", { id: "a", x: 1 }],
    ["feed", "f", { id: "f" }],
  ]);
  assert.equal(waiting.length, 1);
  frame();
  assert.deepEqual(heard, [["camera", "feed"]]);
});

test("a reader does not hear of other kinds, and none after it has ended", () => {
  const { store, frame } = framed();
  let heard = 0;
  const end = store.subscribe(["camera"], () => (heard += 1));
  store.apply([["price", "p", { id: "p" }]]);
  frame();
  assert.equal(heard, 0);
  end();
  store.apply([["camera", "a", { id: "a" }]]);
  frame();
  assert.equal(heard, 0);
});

test("a change made while readers are told comes with the next frame", () => {
  const { store, frame } = framed();
  const heard = [];
  store.subscribe(null, (changed) => {
    heard.push([...changed]);
    if (heard.length === 1) store.apply([["feed", "f", { id: "f" }]]);
  });
  store.apply([["camera", "a", { id: "a" }]]);
  frame();
  frame();
  assert.deepEqual(heard, [["camera"], ["feed"]]);
});

test("the removal of what is not there changes nothing", () => {
  const { store, waiting } = framed();
  store.apply([["camera", "a", null]]);
  assert.equal(waiting.length, 0);
  assert.equal(store.version("camera"), 0);
});

test("a snapshot tells the readers of what it took away", () => {
  const { store, frame } = framed();
  store.apply([["camera", "a", { id: "a" }]]);
  frame();
  const heard = [];
  store.subscribe(["camera"], (changed) => heard.push(changed.has("camera")));
  store.replace({ feed: { f: { id: "f" } } });
  frame();
  assert.deepEqual(heard, [true]);
  assert.deepEqual(store.all("camera"), []);
  assert.equal(store.synced, true);
});

test("the list of a kind is the same array until the kind changes", () => {
  const { store } = framed();
  store.apply([["camera", "a", { id: "a" }]]);
  const list = store.all("camera");
  store.apply([["feed", "f", { id: "f" }]]);
  assert.equal(store.all("camera"), list);
  store.apply([["camera", "b", { id: "b" }]]);
  assert.notEqual(store.all("camera"), list);
});

test("what is derived is computed again only when its kinds change", () => {
  const { store } = framed();
  let computed = 0;
  const count = store.derived(["camera"], (from) => {
    computed += 1;
    return from.all("camera").length;
  });
  assert.equal(count() + count(), 0);
  store.apply([["feed", "f", { id: "f" }]]);
  count();
  assert.equal(computed, 1);
  store.apply([["camera", "a", { id: "a" }]]);
  assert.equal(count(), 1);
  assert.equal(computed, 2);
});

test("clear is as if nothing had ever come", () => {
  const { store } = framed();
  store.replace({ camera: { a: { id: "a" } } });
  store.clear();
  assert.equal(store.synced, false);
  assert.deepEqual(store.plain(), {});
});
