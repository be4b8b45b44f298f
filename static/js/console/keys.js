// Keys of the console: one table at a time, none while a field has the focus or a dialog is open. Pure.

const FIELDS = new Set(["INPUT", "TEXTAREA", "SELECT"]);

/** Elements that do something of their own on these keys. */
const OWN = { Enter: new Set(["BUTTON", "A", "SUMMARY"]), " ": new Set(["BUTTON", "SUMMARY"]) };

/** Keys that mean the same as another. */
const SAME = { ArrowDown: "j", ArrowUp: "k" };

/**
 * Which entry of the tables {key: {words, act}} a key event asks for, or null. The first table that has the key
 * counts. `target` is the element that has the focus, `modal` whether a dialog is open.
 */
export function keyed(event, tables, { target, modal }) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || modal) return null;
  if (target && (FIELDS.has(target.tagName) || target.isContentEditable)) return null;
  if (target && OWN[event.key]?.has(target.tagName)) return null;
  const key = SAME[event.key] ?? event.key;
  for (const table of tables) {
    const entry = table?.[key];
    if (entry) return entry;
  }
  return null;
}
