// The golden frames, played through this page's protocol and store; pytest plays the same through the server's.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { Protocol } from "../../static/js/protocol.js";
import { Store } from "../../static/js/store.js";

const folder = new URL("../golden/", import.meta.url);

for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
  const read = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
  for (const { name, frames, state, pos, asks } of Array.isArray(read) ? read : [read]) {
    test(`${file}: ${name}`, () => {
      const protocol = new Protocol();
      const store = new Store((flush) => flush());
      const asked = [];
      for (const [index, frame] of frames.entries()) {
        const answer = protocol.accept(frame);
        if (answer.do === "replace") store.replace(answer.state);
        if (answer.do === "apply") store.apply(answer.changes);
        if (answer.do === "ask") asked.push(index);
      }
      assert.deepEqual(store.plain(), state);
      assert.equal(protocol.pos, pos);
      assert.deepEqual(asked, asks);
    });
  }
}
