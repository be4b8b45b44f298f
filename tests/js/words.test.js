import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { CATALOGUES, language, pick, reasonWords, translator } from "../../static/js/words.js";

const names = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
const root = new URL("../../static/js/", import.meta.url);
const sources = readdirSync(root, { recursive: true })
  .filter((name) => name.endsWith(".js") && !name.includes("words_"))
  .map((name) => readFileSync(new URL(name, root), "utf8"));

test("both catalogues have the same keys, each with words and the same names in them", () => {
  const { id, en } = CATALOGUES;
  assert.deepEqual(Object.keys(id).sort(), Object.keys(en).sort());
  for (const key of Object.keys(id)) {
    assert.ok(id[key].trim() && en[key].trim(), key);
    assert.deepEqual(names(id[key]), names(en[key]), key);
  }
});

test("every key that the page asks for exists", () => {
  for (const source of sources) {
    for (const [, key] of source.matchAll(/\bt\("([^"]+)"/g)) assert.ok(key in CATALOGUES.id, key);
    for (const [, key] of source.matchAll(/\b(?:empty|done): "([^"]+)"/g))
      assert.ok(key in CATALOGUES.id, key);
    for (const [, start] of source.matchAll(/\bt\(`([^$`]+)\$\{/g)) {
      assert.ok(
        Object.keys(CATALOGUES.id).some((key) => key.startsWith(start)),
        start,
      );
    }
  }
});

test("every key of the catalogues is asked for somewhere", () => {
  const all = sources.join("\n");
  const starts = [...all.matchAll(/`([\w.]+)\$\{/g)].map(([, start]) => start);
  const unused = Object.keys(CATALOGUES.id).filter(
    (key) => !all.includes(`"${key}"`) && !starts.some((start) => key.startsWith(start)),
  );
  assert.deepEqual(unused, []);
});

test("values are filled in, what is missing stays to be seen", () => {
  const t = translator("id");
  assert.equal(t("tile.more", { n: 4 }), "+ 4 lainnya");
  assert.equal(t("tile.more"), "+ {n} lainnya");
  assert.equal(t("no.such"), "no.such");
});

test("a citizen's text with braces is not filled in again", () => {
  assert.equal(
    translator("id")("page.panel_failed", { reason: "{reason} {n}" }),
    "Panel ini gagal: {reason} {n}",
  );
});

test("the address's language wins where there is a catalogue", () => {
  assert.equal(language("en", "id"), "en");
  assert.equal(language("jv", "en"), "en");
  assert.equal(language(null, "xx"), "id");
});

test("an entity's own words: ours, Indonesian, English, whatever there is", () => {
  assert.equal(pick({ id: "a", en: "b" }, "en"), "b");
  assert.equal(pick({ id: "a", en: "" }, "en"), "a");
  assert.equal(pick({ fr: "c" }, "id"), "c");
  assert.equal(pick({}, "id"), "");
  assert.equal(pick(undefined, "id"), "");
});

test("a reason of ours is put into words, another stands as it was said", () => {
  const t = translator("id");
  assert.equal(reasonWords(t, "feeds_process_stopped"), "proses sumber data berhenti");
  assert.equal(reasonWords(t, "HTTP 503"), "HTTP 503");
  assert.equal(reasonWords(t, undefined), "");
});
