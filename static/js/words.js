// All words on the glass, by language. An entity brings its own words by language; `pick` chooses among them.

import { EN } from "./words_en.js";
import { ID } from "./words_id.js";

export const CATALOGUES = { id: ID, en: EN };

/** The language of the page: what the address asks for, where there is a catalogue, else the city's first. */
export function language(asked, configured) {
  return [asked, configured, "id"].find((code) => code && code in CATALOGUES);
}

/** t(key, {name: value}) → the words; a key that is missing is shown as it is, so that it is seen. */
export function translator(code) {
  const catalogue = CATALOGUES[code];
  return (key, values = {}) =>
    (catalogue[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) =>
      name in values ? String(values[name]) : whole,
    );
}

/** Why a source fails, in words where the reason is one of our own codes, else as it was said. */
export function reasonWords(t, reason) {
  const key = `reason.${reason}`;
  return t(key) === key ? (reason ?? "") : t(key);
}

/** One text of a mapping language → text: ours, else Indonesian, English, or the first that says something. */
export function pick(texts, code) {
  if (!texts) return "";
  return texts[code] || texts.id || texts.en || Object.values(texts).find(Boolean) || "";
}
