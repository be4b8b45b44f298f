import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";

import { ordered, wire } from "../../static/js/packed.js";

/** Messages of a socket whose packed ones the test unpacks when it likes. */
function set() {
  const told = [];
  const open = [];
  const unpack = (bytes) => new Promise((done, failed) => open.push({ bytes, done, failed }));
  const take = ordered(unpack, (text) => told.push(text), (fault) => told.push(`failed: ${fault}`));
  return { told, open, take };
}

const settled = () => new Promise((done) => setImmediate(done));

test("plain messages are delivered at once", () => {
  const { told, take } = set();
  take("a");
  take("b");
  assert.deepEqual(told, ["a", "b"]);
});

test("what comes while one is unpacked waits for it, and is at once again afterwards", async () => {
  const { told, open, take } = set();
  take("a");
  take(new ArrayBuffer(1));
  take("c");
  take(new ArrayBuffer(2));
  take("e");
  await settled();
  assert.deepEqual(told, ["a"]);
  open[1].done("d"); // the second is ready before the first
  await settled();
  assert.deepEqual(told, ["a"]);
  open[0].done("b");
  await settled();
  assert.deepEqual(told, ["a", "b", "c", "d", "e"]);
  take("f");
  assert.equal(told.at(-1), "f");
});

test("what cannot be unpacked is said in its place", async () => {
  const { told, open, take } = set();
  take(new ArrayBuffer(1));
  take("b");
  open[0].failed("broken");
  await settled();
  assert.deepEqual(told, ["failed: broken", "b"]);
});

test("a fault of who takes one message is none of the next", async () => {
  const told = [];
  const take = ordered(
    async () => "a",
    (text) => {
      if (text === "a") throw new Error("a fault of a panel");
      told.push(text);
    },
    (fault) => told.push(`failed: ${fault}`),
  );
  take(new ArrayBuffer(1));
  take("b");
  await settled();
  assert.deepEqual(told, ["b"]);
});

test("a browser that has other formats alone, as Chromium 80 to 102, is sent nothing packed", async () => {
  const real = globalThis.DecompressionStream;
  globalThis.DecompressionStream = class {
    constructor(format) {
      if (format === "deflate-raw") throw new TypeError("Unsupported compression format");
    }
  };
  try {
    const { wire } = await import("../../static/js/packed.js?old");
    assert.equal(wire.unpack, null);
  } finally {
    globalThis.DecompressionStream = real;
  }
});

test("raw deflate is what the server packs", async () => {
  assert.equal(await wire.unpack(deflateRawSync('{"a":"é"}')), '{"a":"é"}');
});
