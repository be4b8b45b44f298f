// How many alarms people here have to bear, after ISA-18.2: each figure beside what the standard calls bearable.

import { h, render } from "../render.js";
import { SEVERITIES } from "../severity.js";
import { shape } from "../shapes.js";
import { judged } from "./load_facts.js";

export function mount(root, ctx) {
  const { store, t } = ctx;
  root.classList.add("page");

  function figure({ name, value, state, limit }) {
    return h(
      "div",
      { class: `figure is-${state}`, key: name },
      h("dt", null, t(`load.${name}`)),
      h("dd", null, state === "normal" ? null : shape(state, t(`load.is.${state}`)), value(ctx)),
      limit ? h("small", null, t(`load.limit.${name}`, limit)) : null,
    );
  }

  /** The words of a rule with the name of what it is about; a rule of the program itself has its own. */
  function ruleWords(rule, name) {
    const own = ctx.pick(ctx.boot.rules[rule]);
    if (own) return own.replace(/\{(\w+)\}/g, (_, field) => (field === "name" ? name : "…"));
    const key = `load.rule.${rule}`;
    return [t(key) === key ? rule : t(key), name].filter(Boolean).join(" · ");
  }

  /** "rule|kind:id": the alert's own words while it stands, else the rule's. */
  function offender([key, n], index) {
    const [rule, subject = ""] = key.split(/\|(.*)/s);
    const [kind, id] = subject.split(/:(.*)/s);
    const thing = store.get(kind, id);
    const words = ctx.pick(store.get("alert", key)?.texts) || ruleWords(rule, thing?.name || id);
    return h("li", { key: `${index} ${key}` }, h("span", { dir: "auto" }, words), h("b", null, ctx.figures.number(n)));
  }

  function draw() {
    const load = store.get("load", "load");
    if (!load) {
      render(root, h("h2", { key: "title" }, t("console.load")), h("p", { class: "note", key: "none" }, t(store.synced ? "load.none" : "tile.waiting")));
      return;
    }
    const shares = load.shares ?? {};
    render(
      root,
      h("h2", { key: "title" }, t("console.load")),
      h("p", { class: "hint", key: "how" }, t("load.how")),
      h("dl", { class: "figures", key: "figures" }, judged(load, ctx.boot.alarms).map(figure)),
      h(
        "section",
        { class: "card", key: "shares" },
        h("h3", null, t("load.shares")),
        h("p", { class: "hint" }, t("load.shares_limit")),
        SEVERITIES.map((severity) =>
          h(
            "div",
            { class: `share is-${severity}`, key: severity },
            h("span", { class: "state-word" }, shape(severity), t(`severity.${severity}`)),
            h("span", { class: "bar", "aria-hidden": "true" }, h("i", { style: { width: `${(shares[severity] ?? 0) * 100}%` } })),
            h("b", null, `${ctx.figures.percent(shares[severity] ?? 0)} %`),
          ),
        ),
      ),
      h(
        "section",
        { class: "card", key: "worst" },
        h("h3", null, t("load.worst")),
        load.worst?.length ? h("ol", { class: "offenders" }, load.worst.map(offender)) : h("p", { class: "hint" }, t("load.worst_none")),
      ),
    );
  }

  return { update: draw, keys: {} };
}
