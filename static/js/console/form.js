// A question with fields in a dialog: what a command needs to know before it goes.

import { h, render } from "../render.js";

/**
 * Ask for the fields' values: a promise of {name: text} (of "checks" a list of texts), or of null where the person leaves it. `spec` is
 * {title, intro?, fields, submit, danger?}; a field is {name, label, kind: "text" | "area" | "select" | "number" |
 * "password" | "checks", value?, options: [{value, label, checked?}]?, needed?, most?, hint?, list?: [text], attributes?}.
 * `check(values)` gives words for what is wrong with them, or ""; `wrong` are words that stand there from the start.
 */
export function ask(ctx, spec) {
  const { t } = ctx;
  const dialog = document.createElement("dialog");
  dialog.className = `ask${spec.danger ? " is-danger" : ""}`;
  dialog.setAttribute("aria-labelledby", "ask-title");
  const before = document.activeElement;
  let done = null;

  function values(form) {
    const data = new FormData(form);
    return Object.fromEntries(
      spec.fields.map(({ name, kind }) => [
        name,
        kind === "checks" ? data.getAll(name).map(String) : String(data.get(name) ?? "").trim(),
      ]),
    );
  }

  function submit(event) {
    event.preventDefault();
    const found = values(event.target);
    const missing = spec.fields.find(({ name, needed }) => needed && !found[name]);
    const wrong = missing ? `${missing.label}: ${t("console.needed")}` : (spec.check?.(found) ?? "");
    draw(wrong);
    if (wrong) {
      if (missing) dialog.querySelector(`[name="${missing.name}"]`)?.focus();
      return;
    }
    done = found;
    dialog.close();
  }

  function draw(wrong = "") {
    render(
      dialog,
      h(
        "form",
        { onsubmit: submit, novalidate: true },
        h("h2", { id: "ask-title", dir: "auto" }, spec.title),
        spec.intro ? h("p", { class: "ask-intro", dir: "auto" }, spec.intro) : null,
        spec.fields.map((one) => field(one)),
        wrong ? h("p", { class: "ask-wrong", role: "alert", key: "wrong" }, wrong) : null,
        h(
          "div",
          { class: "ask-foot", key: "foot" },
          h("button", { type: "button", onclick: () => dialog.close() }, t("console.cancel")),
          h("button", { type: "submit", class: spec.danger ? "is-danger" : "is-main" }, spec.submit),
        ),
      ),
    );
  }

  return new Promise((resolve) => {
    draw(spec.wrong);
    document.body.append(dialog);
    dialog.addEventListener("close", () => {
      dialog.remove();
      before?.focus?.();
      resolve(done);
    });
    dialog.showModal();
    dialog.querySelector("input, textarea, select, button[type=submit]")?.focus();
  });
}

/** One labelled field; also for forms that stand in a page. */
export function field({ name, label, kind = "text", value = "", options = [], needed, most, hint, list, attributes = {} }) {
  if (kind === "checks") {
    return h(
      "fieldset",
      { class: "field checks", key: `field ${name}` },
      h("legend", null, label),
      options.map((option) =>
        h(
          "label",
          { key: option.value },
          h("input", { type: "checkbox", name, value: option.value, checked: Boolean(option.checked) }),
          option.label,
        ),
      ),
    );
  }
  const common = {
    name,
    id: `field-${name}`,
    required: Boolean(needed),
    maxlength: most,
    "aria-describedby": hint ? `hint-${name}` : null,
    ...attributes,
  };
  const control = {
    area: () => h("textarea", { rows: 3, ...common }, value),
    select: () =>
      h(
        "select",
        common,
        options.map((option) =>
          h("option", { key: option.value, value: option.value, selected: option.value === value }, option.label),
        ),
      ),
  }[kind];
  return h(
    "div",
    { class: "field", key: `field ${name}` },
    h("label", { for: `field-${name}` }, label),
    control
      ? control()
      : h("input", { type: kind, value, autocomplete: "off", list: list ? `list-${name}` : null, ...common }),
    list ? h("datalist", { id: `list-${name}` }, list.map((text) => h("option", { key: text, value: text }))) : null,
    hint ? h("small", { id: `hint-${name}` }, hint) : null,
  );
}
