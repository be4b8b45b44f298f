import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const files = (folder, end) =>
  readdirSync(new URL(folder, root), { recursive: true })
    .filter((name) => name.endsWith(end) && !/(^|\/)words(_\w+)?\.js$/.test(name))
    .map((name) => [name, readFileSync(new URL(folder + name, root), "utf8")]);

/** The string literals of a source with what stands around each: [{text, before, after, line}]; `${…}` is a space. */
export function literals(source) {
  const found = [];
  const token =
    /\/\/[^\n]*|\/\*[^]*?\*\/|"((?:\\.|[^"\\\n])*)"|'((?:\\.|[^'\\\n])*)'|`((?:\\.|\$\{(?:[^{}]|\{[^{}]*\})*\}|[^`\\])*)`|(?<=[(,=:[!&|?;{}\n]\s*)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/\w*/g;
  for (const match of source.matchAll(token)) {
    const raw = match[1] ?? match[2] ?? match[3];
    if (raw === undefined) continue;
    const text = match[3] === undefined ? raw : raw.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, " ");
    const before = source.slice(Math.max(0, match.index - 90), match.index);
    const after = source.slice(match.index + match[0].length, match.index + match[0].length + 9);
    found.push({ text, before, after, line: source.slice(0, match.index).split("\n").length });
    // What stands inside ${…} of a template is code again.
    if (match[3])
      for (const [inner] of raw.matchAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g))
        found.push(...literals(inner.slice(2, -1)).map((one) => ({ ...one, line: found.at(-1).line })));
  }
  return found;
}

/** Where words are for programs and programmers: classes, selectors, fonts, faults that a person never reads. */
const FOR_MACHINES =
  /(?:\bclass(?:Name)?["']?\s*[:=]\s*(?:[^,;]*[?:]\s*)?|\b(?:querySelector(?:All)?|closest|matches|matchMedia|import|from|fetch|Error|warn|error|info|log|load|join|split|replaceAll|startsWith|includes|toggle|add|remove|setProperty|getContext|createElementNS)\(?\s*|\bd\s*:\s*|\b(?:font|rel|accept|policy|sizes|transform|viewBox|pattern|style|role|url|as|subprotocol)["']?\s*[:=]\s*)$/;

/** Properties and calls whose text a person sees. */
const SHOWN = /(?:\b(?:textContent|innerText|title|placeholder|alt|label|text)\s*[:=]\s*|"aria-(?:label|description)"\s*:\s*)$/;

/** The place of a child in h(tag, props, …). */
const CHILD = /\bh\(\s*["'`][\w-]+["'`]\s*,\s*(?:null|\{[^{}]*\})\s*,\s*(?:[^()]*,\s*)?$/;

const WORDS = /^\W*\p{L}{2,}[,:]?(?: \p{L}{2,}[,.:]?)+/u;
const WORD = /\p{L}\p{Ll}/u;

/** "console.alerts" is a key, "tile is-late" a list of classes, "Masuk · Log in" said in both languages at once. */
const KEY = /^[a-z]+(?:\.\w+)+$/;
const CLASSES = /^(?=.*-)[a-z][\w-]*(?: [a-z][\w-]*)* ?$/;
const BOTH = /\p{Ll} · \p{L}/u;

/** A list of names for programs, written as one text; and sizes. */
const LIST = /^\s*\.split\(/;
const SIZE = /^[\s\d.]*(?:px|rem|em|%)(?:\s+(?:px|rem|em|%))*$/;

function readable({ text, before, after }) {
  if (KEY.test(text) || CLASSES.test(text) || BOTH.test(text) || SIZE.test(text) || LIST.test(after)) return false;
  if (SHOWN.test(before) || CHILD.test(before)) return WORD.test(text);
  return WORDS.test(text) && !FOR_MACHINES.test(before);
}

/** What only programs read: the guard against markup (it speaks to the console), and a problem's title. */
const NOT_SHOWN = new Set(["use strict", "markup from a string is refused", "the address of a script", "Log in first"]);

test("no words stand on the screen that are in no catalogue", () => {
  const found = files("static/js/", ".js").flatMap(([name, source]) =>
    literals(source)
      .filter((one) => readable(one) && !NOT_SHOWN.has(one.text))
      .map(({ text, line }) => `${name}:${line}: ${text}`),
  );
  assert.deepEqual(found, []);
});

test("the search finds what it looks for", () => {
  const found = (source) => literals(source).filter(readable).map(({ text }) => text);
  assert.deepEqual(found('h("p", null, "Loading")'), ["Loading"]);
  assert.deepEqual(found('h("p", { class: "note wide" }, "Loading")'), ["Loading"]);
  assert.deepEqual(found("note.textContent = 'Sudah'"), ["Sudah"]);
  assert.deepEqual(found('h("i", { "aria-label": "Tutup" })'), ["Tutup"]);
  assert.deepEqual(found("const words = `Sudah ${n} menit lalu`"), []);
  assert.deepEqual(found("const words = `Belum ada ${n}`"), ["Belum ada  "]);
  assert.deepEqual(found('say("Belum ada data")'), ["Belum ada data"]);
  assert.deepEqual(found('// "Belum ada data"'), []);
  assert.deepEqual(found('h("p", { class: "note wide" }, t("tile.waiting"))'), []);
  assert.deepEqual(found('say("Masuk dulu · Log in first")'), []);
  assert.deepEqual(found('const key = "console.alerts", classes = "tile is-late"'), []);
  assert.deepEqual(found('throw new Error("no such thing")'), []);
});
