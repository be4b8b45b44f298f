// static/js/console/feed_facts.js: how sources are told to the administrator.
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  begun,
  condition,
  feedRows,
  glimpse,
  mayAskLetters,
  recordText,
  size,
  skew,
} from "../../static/js/console/feed_facts.js";

const feed = (name, enabled = true) => ({ name, enabled });

test("what is wrong stands first; what the state does not know yet waits; what is not run is not judged", () => {
  const entities = [
    { id: "a", state: "ok" },
    { id: "b", state: "failing" },
    { id: "c", state: "silent" },
    { id: "e", state: "failing" },
  ];
  const rows = feedRows([feed("a"), feed("b"), feed("c"), feed("d"), feed("e", false)], entities);
  assert.deepEqual(
    rows.map(({ feed: { name }, state, word }) => [name, state, word]),
    [
      ["b", "severe", "failing"],
      ["c", "caution", "silent"],
      ["d", "unknown", "waiting"],
      ["a", "normal", "ok"],
      ["e", "none", "disabled"],
    ],
  );
  assert.equal(rows[2].entity, null);
  assert.deepEqual(condition(feed("x"), { state: "something new" }), { state: "unknown", word: "something new" });
});

test("a clock is worth a word from a minute on, either way", () => {
  assert.deepEqual(skew(null), {});
  assert.deepEqual(skew({ skew_s: 59 }), {});
  assert.deepEqual(skew({ skew_s: 60 }), { late: 60 });
  assert.deepEqual(skew({ skew_s: -7200 }), { early: 7200 });
});

test("sizes and records as people read them", () => {
  assert.deepEqual([size(999), size(14_200), size(2_340_000)], [[999, 0, "B"], [14.2, 0, "kB"], [2.34, 1, "MB"]]);
  assert.equal(recordText("a line"), "a line");
  assert.equal(recordText({ a: 1 }), '{\n "a": 1\n}');
  assert.equal(recordText(null), "");
  assert.equal(glimpse({ a: 1 }), '{"a":1}');
  assert.equal(glimpse("x".repeat(500)).length, 120);
  assert.equal(glimpse(undefined), "");
});

test("done is what was begun after it was asked for", () => {
  assert.equal(begun(null, 10), false);
  assert.equal(begun({ again_at: 9 }, 10), false);
  assert.equal(begun({ again_at: 10 }, 10), true);
});

test("dead letters that could not be had are asked for again, older ones are left to be read", () => {
  assert.equal(mayAskLetters("lapor", null), true);
  assert.equal(mayAskLetters("lapor", { letters: [], next: "", more: false }), true);
  assert.equal(mayAskLetters("lapor", { letters: [], next: "", more: true }), false);
  assert.equal(mayAskLetters("", null), false);
});
