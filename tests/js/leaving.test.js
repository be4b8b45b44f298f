import assert from "node:assert/strict";
import { test } from "node:test";

import { leaving } from "../../static/js/console/leaving.js";

function page() {
  const done = [];
  const here = { pathname: "/console", search: "", hash: "#alerts", assign: (address) => done.push(address) };
  const made = leaving({ stop: () => done.push("stop"), store: { clear: () => done.push("clear") }, here });
  return { done, ...made };
}

test("a session that has ended takes the city off the glass and leads to the log-in, and back", () => {
  const { done, ended } = page();
  ended({ status: 401 });
  assert.deepEqual(done, ["stop", "clear", "/login?next=%2Fconsole%23alerts"]);
});

test("another fault is no end of a session", () => {
  const { done, ended } = page();
  assert.throws(() => ended(new Error("no network")), /no network/);
  assert.deepEqual(done, []);
});

test("who logs out leaves as wholly", () => {
  const { done, leave } = page();
  leave("/login");
  assert.deepEqual(done, ["stop", "clear", "/login"]);
});
