import assert from "node:assert/strict";
import { test } from "node:test";

import { Newer } from "../../static/js/console/newer.js";

const ctx = { t: (key) => key, online: () => true };

test("a page is told of another edition than its own, and loads it when its person says so", () => {
  const newer = new Newer("aaa");
  assert.equal(newer.note(ctx, () => {}), null);
  newer.hello("aaa");
  assert.equal(newer.note(ctx, () => {}), null);
  newer.hello("bbb");
  let loaded = 0;
  const note = newer.note(ctx, () => (loaded += 1));
  const button = note.children.at(-1);
  assert.equal(loaded, 0);
  button.props.onclick();
  assert.equal(loaded, 1);
  assert.equal(newer.note({ ...ctx, online: () => false }, () => {}).children.at(-1).props.disabled, true);
});

test("two nodes of two editions behind one proxy end the note again, and an unknown edition is none", () => {
  const newer = new Newer("aaa");
  newer.hello("bbb");
  newer.hello("aaa");
  assert.equal(newer.due, false);
  newer.hello(undefined);
  assert.equal(newer.due, false);
  const unknown = new Newer("");
  unknown.hello("bbb");
  assert.equal(unknown.due, false);
});
