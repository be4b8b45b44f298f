import assert from "node:assert/strict";
import { test } from "node:test";

import { parse } from "../../static/js/console/router.js";
import { listOf, storyOf } from "../../static/js/links.js";

test("an incident leads to its story, an alert to its page, where somebody can press", () => {
  const id = "laporan/a b#1";
  const story = storyOf("incident", { id }, "desk");
  assert.deepEqual(parse(story.slice(story.indexOf("#"))), {
    path: "incident/laporan%2Fa%20b%231", name: "incident", rest: id,
  });
  assert.equal(storyOf("alert", { id: "banjir:1", code: "AB12CD" }, "phone"), "/a/AB12CD");
  assert.equal(storyOf("alert", { id: "banjir:1", code: "AB12CD" }, "desk"), "/console#alerts/banjir%3A1");
  assert.equal(storyOf("alert", { id: "banjir:1" }, "phone"), "/console#alerts/banjir%3A1");
});

test("nobody presses on a wall, and what has no page of its own leads nowhere", () => {
  assert.equal(storyOf("incident", { id: "a" }, "wall"), null);
  assert.equal(storyOf("incident", { id: "a" }, "portrait"), null);
  assert.equal(storyOf("gauge", { id: "a" }, "phone"), null);
  assert.equal(storyOf("incident", {}, "phone"), null, "a group of many is no one thing");
  assert.equal(listOf("calls", "phone"), "/console#calls");
  assert.equal(listOf("calls", "wall"), null);
  assert.equal(listOf(undefined, "phone"), null);
});

test("a code from outside stays one part of an address", () => {
  assert.equal(storyOf("alert", { id: "x", code: "../admin?a" }, "phone"), "/a/..%2Fadmin%3Fa");
});
