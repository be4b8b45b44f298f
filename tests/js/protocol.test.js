import assert from "node:assert/strict";
import { test } from "node:test";

import { Protocol, mayReconnect } from "../../static/js/protocol.js";

const snapshot = (more = {}) => ({
  type: "snapshot",
  epoch: "e",
  pos: 10,
  at: 100,
  view_id: "v",
  part: 1,
  parts: 1,
  state: {},
  ...more,
});
const tick = (prev, pos, at = 101) => ({ type: "tick", epoch: "e", prev, pos, at, safe_n: pos });

test("resume says nothing before the first snapshot, then view, epoch and position", () => {
  const protocol = new Protocol();
  assert.deepEqual(protocol.resume(), {});
  protocol.accept(snapshot());
  protocol.accept(tick(10, 12));
  assert.deepEqual(protocol.resume(), { view_id: "v", epoch: "e", since: 12 });
});

test("freshness goes by the newest accepted frame and never back", () => {
  const protocol = new Protocol();
  protocol.accept(snapshot());
  protocol.accept(tick(10, 11, 105));
  protocol.accept(tick(11, 12, 103));
  protocol.accept(tick(4, 5, 900));
  assert.equal(protocol.at, 105);
});

test("half a snapshot of a lost connection is thrown away", () => {
  const protocol = new Protocol();
  protocol.accept(snapshot({ parts: 2, state: { camera: { a: {} } } }));
  protocol.connected();
  assert.equal(protocol.accept(snapshot({ part: 2, parts: 2 })).do, "wait");
  assert.equal(protocol.whole, false);
});

test("a resumed connection goes on with deltas", () => {
  const protocol = new Protocol();
  protocol.accept(snapshot());
  protocol.connected();
  assert.equal(protocol.accept(tick(10, 11)).do, "apply");
});

test("a gap that was open when the connection broke does not stay open", () => {
  const protocol = new Protocol();
  protocol.accept(snapshot());
  assert.equal(protocol.accept(tick(20, 21)).do, "ask");
  protocol.connected();
  assert.deepEqual(protocol.resume(), { view_id: "v", epoch: "e", since: 10 });
  assert.equal(protocol.accept(tick(10, 22)).do, "apply");
});

test("forget leaves nothing to resume", () => {
  const protocol = new Protocol();
  protocol.accept(snapshot());
  protocol.forget();
  assert.deepEqual(protocol.resume(), {});
  assert.equal(protocol.accept(tick(10, 11)).do, "ignore");
});

test("close codes: only 4500 to 4999 end it", () => {
  assert.deepEqual([1000, 1006, 1012, 4000, 4004, 4499, 4500, 4503, 4999].map(mayReconnect), [
    true,
    true,
    true,
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});
