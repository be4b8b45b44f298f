// The list of keys, over the page.

import { h, render } from "../render.js";

const WORDS = { Enter: "Enter", Escape: "Esc", " ": "␣", j: "j / ↓", k: "k / ↑" };

/** Show tables of keys: [{words, keys: {key: {words}}}]; the numbers of the sections stand in one line. */
export function help(ctx, tables) {
  const { t } = ctx;
  const dialog = document.createElement("dialog");
  dialog.className = "ask help";
  dialog.setAttribute("aria-labelledby", "help-title");
  const rows = (keys) =>
    Object.entries(keys)
      .filter(([key, { words }]) => !(words === "key.section" && key !== "1"))
      .map(([key, { words }]) => [key === "1" && words === "key.section" ? "1 – 9" : (WORDS[key] ?? key), words]);
  const before = document.activeElement;
  render(
    dialog,
    h("h2", { id: "help-title" }, t("console.keys_title")),
    tables
      .filter(({ keys }) => Object.keys(keys).length)
      .map(({ keys }, index) =>
        h(
          "dl",
          { key: index },
          rows(keys).map(([key, words]) => [h("dt", null, h("kbd", null, key)), h("dd", null, t(words))]),
        ),
      ),
    h(
      "div",
      { class: "ask-foot" },
      h("button", { type: "button", class: "is-main", onclick: () => dialog.close() }, t("console.close")),
    ),
  );
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    before?.focus?.();
  });
  dialog.showModal();
}
