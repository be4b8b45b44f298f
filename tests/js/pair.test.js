// static/js/pair.js: what a screen does with each answer of RFC 8628.

import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOn, step, wallOf, WORDS } from "../../static/js/pair.js";

test("each answer leads on", () => {
  const after = (status, body) => step(status, body, 5);
  assert.deepEqual(after(400, { error: "authorization_pending" }), {
    next: "wait",
    interval: 5,
    say: "waiting",
  });
  assert.equal(after(400, { error: "slow_down" }).interval, 10);
  assert.equal(after(400, { error: "expired_token" }).next, "anew");
  assert.equal(after(400, { error: "access_denied" }).next, "anew");
  assert.equal(after(0, null).next, "wait");
  assert.equal(after(503, null).next, "wait");
  assert.deepEqual(after(200, { wall: "/wall/operations" }).to, "/wall/operations");
});

test("a screen goes to a wall of ours and nowhere else", () => {
  assert.equal(wallOf({ wall: "//evil.example/wall/x" }), "/");
  assert.equal(wallOf({ wall: "/wall/../admin" }), "/");
  assert.equal(wallOf({ wall: "/wall/utama/kiri" }), "/wall/utama/kiri");
  assert.equal(wallOf({ wall: "/wall/utama/kiri/../../x" }), "/");
  assert.equal(wallOf(null), "/");
});

test("every word that a step says is there", () => {
  for (const status of [200, 400, 0]) assert.ok(WORDS[step(status, { error: "slow_down" }, 5).say]);
});

test("a screen that was opened at its place on the wall stays there", () => {
  assert.equal(placeOn("/wall/utama", "/wall/utama/kiri"), "/wall/utama/kiri");
  assert.equal(placeOn("/wall/utama", "/wall/utama2/kiri"), "/wall/utama");
  assert.equal(placeOn("/wall/utama", "/pair"), "/wall/utama");
  assert.equal(placeOn("/", "/wall/utama/kiri"), "/");
});
