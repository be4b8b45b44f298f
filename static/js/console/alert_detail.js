// One alert: what, where, since when, who has it, what to do, what was done.

import { isOver, isUnseen } from "../facts.js";
import { h } from "../render.js";
import { shape } from "../shapes.js";
import { ACTIONS } from "./alert_actions.js";
import { story } from "./alert_facts.js";
import { holder, tags } from "./alert_rows.js";
import { mark } from "./mark.js";
import { address } from "./router.js";

/** Kinds of subjects that have a page of their own in the console. */
const PAGES = { incident: "incident" };

/** Descriptions of the detail of an alert, or of there being none; `act(name)` does one of ACTIONS. */
export function alertDetail(alert, ctx, { actions, act, where, gone }) {
  const { t } = ctx;
  const back = h(
    "a",
    { class: "back", href: address("alerts"), key: "back" },
    `‹ ${t("console.back")}`,
  );
  if (!alert) return [back, h("p", { class: "note", key: "none" }, t(gone ? "alert.gone" : "alert.choose"))];
  const now = ctx.now();
  const over = isOver(alert);
  const instruction = ctx.pick(alert.instruction);
  return [
    back,
    h(
      "header",
      { key: "head", class: `is-${over ? "over" : alert.severity}` },
      shape(alert.severity, null, over),
      h("div", null, h("p", { class: "state" }, stateWords(alert, ctx)), h("h2", { tabindex: -1, dir: "auto" }, ctx.pick(alert.texts) || alert.id)),
    ),
    h(
      "dl",
      { class: "facts", key: "facts" },
      fact(t("alert.where"), alert.place ? ctx.places.words(alert.place, t) : where(alert) || t("alerts.city")),
      fact(t("alert.since"), alert.since ? `${ctx.time.moment(alert.since, now)} · ${ctx.figures.running(now - alert.since)}` : "–"),
      fact(t("alert.who"), holder(alert, ctx) || t("alert.nobody")),
      alert.ack_lapses_at ? fact(t("alert.lapses"), ctx.time.moment(alert.ack_lapses_at, now)) : null,
      fact(t("alert.about"), subject(alert, ctx)),
      tags(alert, ctx).length ? fact(t("alert.flags"), tags(alert, ctx).join(" · ")) : null,
    ),
    instruction
      ? h("section", { class: "alert-todo", key: "todo" }, h("h3", null, t("alert.instruction")), h("p", { dir: "auto" }, instruction))
      : null,
    buttons(alert, ctx, actions, act),
    mark(ctx.commands.about(`alert:${alert.id}`), ctx),
    escalation(alert, ctx),
    history(alert, ctx),
  ];
}

const fact = (name, value) => h("div", { key: name }, h("dt", null, name), h("dd", { dir: "auto" }, value));

function stateWords(alert, ctx) {
  const { t } = ctx;
  const state = isUnseen(alert)
    ? t("alert.unseen")
    : isOver(alert)
      ? t("alerts.returned")
      : t(`alerts.acknowledged`);
  const episode = alert.episode > 1 ? t("alert.episode", { n: alert.episode }) : "";
  return [t(`severity.${alert.severity}`), state, episode].filter(Boolean).join(" · ");
}

function subject(alert, ctx) {
  const [kind, id] = (alert.subject ?? "").split(/:(.*)/s);
  const thing = ctx.store.get(kind, id);
  const name = thing?.source?.title || thing?.name || id || "–";
  return PAGES[kind] && thing ? h("a", { href: address(PAGES[kind], id) }, name) : name;
}

function buttons(alert, ctx, actions, act) {
  const { t } = ctx;
  const names = Object.keys(ACTIONS).filter((name) => actions.allowed(name, alert));
  if (!names.length) return null;
  const waits = ctx.commands.about(`alert:${alert.id}`)?.state === "pending";
  return h(
    "div",
    { class: "acts", key: "acts" },
    ctx.online() ? null : h("p", { class: "cut", role: "status", key: "cut" }, t("alert.cut")),
    names.map((name) => {
      const { command, key } = ACTIONS[name];
      return h(
        "button",
        {
          key: name,
          type: "button",
          class: name === "ack" ? "is-main" : "",
          disabled: !ctx.online() || (name === "ack" && waits),
          onclick: () => act(name),
        },
        t(`action.${command}`),
        h("kbd", { "aria-hidden": "true" }, key),
      );
    }),
  );
}

function escalation(alert, ctx) {
  const { t, boot } = ctx;
  const told = (alert.told ?? []).map((code) => ctx.pick(boot.groups[code]) || code);
  const due = alert.escalates_at;
  if (!told.length && !due) return null;
  return h(
    "p",
    { class: "alert-told", key: "told" },
    told.length ? t("alert.told", { who: told.join(", ") }) : t("alert.told_nobody"),
    due ? ` · ${t("alert.told_next", { time: ctx.time.moment(due, ctx.now()) })}` : "",
  );
}

function history(alert, ctx) {
  const { t } = ctx;
  const now = ctx.now();
  return h(
    "section",
    { class: "alert-story", key: "story" },
    h("h3", null, t("alert.story")),
    h(
      "ol",
      null,
      story(alert).map(({ key, at, what, who, text }) =>
        h(
          "li",
          { key, class: `was-${what}` },
          h("time", null, ctx.time.moment(at, now)),
          h(
            "div",
            null,
            h("b", null, t(`alert.was.${what}`)),
            who ? h("span", { class: "by" }, ctx.nameOf(who)) : null,
            text ? h("p", { dir: "auto" }, what === "assigned" ? t("alert.given_by", { who: ctx.nameOf(text) }) : text) : null,
          ),
        ),
      ),
    ),
  );
}
