import assert from "node:assert/strict";
import { test } from "node:test";

import { bannerOf } from "../../static/js/banner.js";
import { feedsOf, freshness, mayCome, newestAt, tileCondition } from "../../static/js/freshness.js";
import { Store } from "../../static/js/store.js";
import { translator } from "../../static/js/words.js";

test("the newest frame's age: 5 s stale, 15 s dead; nothing yet counts from the start", () => {
  assert.deepEqual(
    [104.9, 105, 114.9, 115].map((now) => freshness(100, now, 0)),
    ["live", "stale", "stale", "dead"],
  );
  assert.deepEqual(
    [4, 5, 15].map((now) => freshness(null, now, 0)),
    ["waiting", "stale", "dead"],
  );
});

const feed = (id, state, more = {}) => ({ id, type: "cameras", state, ...more });

test("a tile waits until the first snapshot, and while its feeds have brought nothing", () => {
  assert.equal(tileCondition({ synced: false, feeds: [], newest: null, hasData: false }).state, "waiting");
  assert.equal(
    tileCondition({ synced: true, feeds: [feed("a", "waiting")], newest: null, hasData: false }).state,
    "waiting",
  );
});

test("nothing from no source is not nothing", () => {
  assert.equal(
    tileCondition({ synced: true, feeds: [], newest: null, hasData: false, expected: false }).state,
    "unsourced",
  );
});

test("a tile is fresh with empty hands too, when its source says so", () => {
  assert.deepEqual(
    tileCondition({
      synced: true,
      feeds: [feed("a", "ok", { last_good_at: 90 })],
      newest: null,
      hasData: false,
    }),
    { state: "fresh", at: 90 },
  );
});

test("one of two sources down is late, both are dead; since the oldest, and why", () => {
  const down = feed("a", "failing", { since: 70, last_good_at: 60, reason: "HTTP 503" });
  const late = tileCondition({
    synced: true,
    feeds: [down, feed("b", "ok", { last_good_at: 95 })],
    newest: 80,
    hasData: true,
  });
  assert.deepEqual(late, { state: "late", at: 95, since: 60, reason: "HTTP 503", bad: 1, of: 2 });
  const dead = tileCondition({
    synced: true,
    feeds: [down, feed("b", "silent", { last_good_at: 65 })],
    newest: 80,
    hasData: true,
  });
  assert.equal(dead.state, "dead");
  assert.equal(dead.since, 60);
});

test("a feed belongs to a tile by what it is a source of, or because its entities name it", () => {
  const store = new Store((flush) => flush());
  store.replace({
    feed: {
      cctv: { id: "cctv", kinds: ["camera"], state: "ok" },
      hook: { id: "hook", kinds: ["*"], state: "ok" },
      x: { id: "x", kinds: ["call", "queue", "agent"], state: "ok" },
      _store: { id: "_store", state: "failing" },
    },
    camera: { c: { id: "c", feed: "hook" } },
  });
  assert.deepEqual(
    feedsOf(store, ["camera"]).map(({ id }) => id),
    ["cctv", "hook"],
  );
});

test("no feed of warnings is no all-clear: reports and pushes bring none until they do", () => {
  const store = new Store((flush) => flush());
  store.replace({
    feed: {
      laporan: { id: "laporan", kinds: ["incident"], state: "ok" },
      hook: { id: "hook", kinds: ["*"], state: "ok" },
      _store: { id: "_store", state: "failing" },
    },
  });
  for (const kind of ["hazard", "camera", "price", "gauge"]) assert.equal(mayCome(store, [kind]), false, kind);
  assert.equal(mayCome(store, ["incident"]), true);
  assert.deepEqual(
    feedsOf(store, ["incident"]).map(({ id }) => id),
    ["laporan"],
  );
  store.apply([["hazard", "h", { id: "h", feed: "hook" }]]);
  assert.equal(mayCome(store, ["hazard"]), true);
  store.apply([["feed", "laporan", null]]);
  assert.equal(mayCome(store, ["incident"]), true);
  store.apply([["feed", "hook", null]]);
  assert.equal(mayCome(store, ["incident"]), false);
});

test("the newest of some entities", () => {
  assert.equal(newestAt([{ at: 3 }, { at: 9 }, {}]), 9);
  assert.equal(newestAt([]), null);
});

const ctx = { t: translator("en"), time: { seconds: (at) => `T${at}` } };
const bannerFor = (more) =>
  bannerOf({ freshness: "live", status: { phase: "open" }, at: 7, known: true, ...more }, ctx);

test("no banner while all is well", () => {
  assert.equal(bannerFor({}), null);
  assert.equal(bannerFor({ freshness: "waiting" }), null);
});

test("the banner says since when, and whether the engine or the line is at fault", () => {
  assert.deepEqual(bannerFor({ freshness: "stale" }), {
    level: "stale",
    words: "No data since T7",
    detail: "connected, but nothing new arrives",
  });
  assert.deepEqual(bannerFor({ freshness: "dead", status: { phase: "waiting" } }), {
    level: "dead",
    words: "No data since T7",
    detail: "connecting again",
  });
  assert.equal(
    bannerFor({ freshness: "dead", at: null, status: { phase: "connecting" } }).words,
    "No data from the server yet",
  );
});

test("what is wrong with the server's store has words of its own: what, since when, what to do", () => {
  const trouble = { reason: "disk_full", since: 9 };
  assert.deepEqual(bannerFor({ freshness: "stale", trouble }), {
    level: "stale",
    words: "The server's disk is full since T7",
    detail: "make room: move old files",
  });
  assert.equal(bannerFor({ freshness: "dead", at: null, trouble }).words, "The server's disk is full since T9");
  // What holds nothing up is no news; what this page does not know is what it always was.
  assert.equal(bannerFor({ trouble }), null);
  assert.equal(bannerFor({ freshness: "stale", trouble: { reason: "new", since: 9 } }).words, "No data since T7");
});

test("a refusal is told by its code, in words where there are some", () => {
  assert.deepEqual(bannerFor({ status: { phase: "refused", code: 4503, reason: "x" } }), {
    level: "refused",
    words: "The server refuses this board (4503)",
    detail: "this layout does not exist",
  });
  assert.equal(
    bannerFor({ status: { phase: "refused", code: 4777, reason: "the reason" } }).detail,
    "the reason",
  );
});
