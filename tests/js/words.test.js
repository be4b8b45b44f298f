import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { CATALOGUES as CONSOLE } from "../../static/js/console/words.js";
import { CATALOGUES as LEADER } from "../../static/js/leader/words.js";
import { CATALOGUES as WALL, language, pick, reasonWords, translator } from "../../static/js/words.js";

/** The console's words hold the wall's, the leaders' page's both; each module is checked against its page's. */
const CATALOGUES = LEADER;
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

test("the wall's page asks for no words of the console", () => {
  const wall = readdirSync(root, { recursive: true }).filter(
    (name) => name.endsWith(".js") && !/console|leader|login|alert_page|words_/.test(name),
  );
  for (const name of wall)
    for (const [, key] of readFileSync(new URL(name, root), "utf8").matchAll(/\bt\("([^"]+)"/g))
      assert.ok(key in WALL.id, `${name}: ${key}`);
});

test("the console asks for no words of the leaders' page", () => {
  const console = readdirSync(root, { recursive: true }).filter((name) => /console/.test(name) && name.endsWith(".js"));
  for (const name of console)
    for (const [, key] of readFileSync(new URL(name, root), "utf8").matchAll(/\bt\("([^"]+)"/g))
      assert.ok(key in CONSOLE.id, `${name}: ${key}`);
});

test("no words of the console stand in two catalogues", async () => {
  const parts = [{ ID: WALL.id }];
  for (const name of ["words_id.js", "words_work_id.js"]) parts.push(await import(new URL(`console/${name}`, root)));
  parts.push(await import(new URL("leader/words_id.js", root)));
  const keys = parts.flatMap(({ ID }) => Object.keys(ID));
  assert.equal(keys.length, new Set(keys).size);
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

test("a sentence of the server is said in the page's language, what is not known as it is", () => {
  const t = translator("id");
  const said = (text) => reasonWords(t, text);
  const place = "http://127.0.0.1:9/x";
  assert.equal(
    said(`${place} cannot be reached: the connection is refused (nothing listens there).`),
    `${place} tidak dapat dihubungi: sambungan ditolak`,
  );
  assert.equal(said(`${place} cannot be reached.`), `${place} tidak dapat dihubungi`);
  assert.equal(
    said("tcp://pbx:5038 cannot be reached: host is down."),
    "tcp://pbx:5038 tidak dapat dihubungi: host is down",
  );
  assert.equal(said(`${place} did not deliver within 20 s.`), `${place} tidak selesai mengirim dalam 20 dtk`);
  assert.equal(said(`${place} answered 404 Not Found.`), `${place} menjawab 404 Not Found`);
  assert.equal(
    said(`${place} is busy: it answered 503 Service Unavailable.`),
    `${place} sedang sibuk: menjawab 503 Service Unavailable`,
  );
  assert.equal(said("The name data.example cannot be resolved."), "nama data.example tidak ditemukan");
  assert.equal(
    said("a b.csv cannot be read: no such file or directory."),
    "a b.csv tidak dapat dibaca: berkas tidak ada",
  );
  assert.equal(
    said("It should be JSON, but it is a web page (HTML) titled 'Log in'."),
    "seharusnya JSON, tetapi isinya halaman web (HTML)",
  );
  assert.equal(
    said("The JSON is cut off: it ends after 12 bytes in the middle of a value."),
    "JSON terpotong",
  );
  assert.equal(said("The XML is broken: no element found."), "XML rusak");
  for (const text of [
    "None of its 12 records can be used; record 0: id: is missing.",
    "No record can be used (12); the first: record 0: id: is missing.",
  ])
    assert.equal(said(text), "tidak satu pun dari 12 catatan dapat dipakai: record 0: id tidak ada");
  assert.equal(
    said("Its only record cannot be used; record 0: id: is missing."),
    "satu-satunya catatan tidak dapat dipakai: record 0: id tidak ada",
  );
  assert.equal(
    said("a.json: It should be JSON, but it is a web page (HTML)."),
    "a.json: seharusnya JSON, tetapi isinya halaman web (HTML)",
  );
  assert.equal(said("Something else (7)."), "Something else (7).");
});

test("every pattern's names are those of its words", () => {
  const source = readFileSync(new URL("words.js", root), "utf8");
  const rows = [...source.matchAll(/^ {2}\[\/(.+)\/i?, "(fault\.\w+)"\],$/gm)];
  assert.ok(rows.length > 30);
  for (const [, pattern, key] of rows) {
    const given = [...pattern.matchAll(/\?<(\w+)>/g)].map(([, name]) => name);
    for (const name of names(CATALOGUES.id[key])) assert.ok(given.includes(name), key);
  }
});

test("a reason of ours is put into words, another stands as it was said", () => {
  const t = translator("id");
  assert.equal(reasonWords(t, "feeds_process_stopped"), "proses sumber data berhenti");
  assert.equal(reasonWords(t, "HTTP 503"), "HTTP 503");
  assert.equal(reasonWords(t, undefined), "");
});
