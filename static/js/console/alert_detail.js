// One alert: what, where, since when, who has it, what to do, what was done.

import { isOver } from "../facts.js";
import { h } from "../render.js";
import { shape } from "../shapes.js";
import { ACTIONS } from "./alert_actions.js";
import { story } from "./alert_facts.js";
import { holder, tags } from "./alert_rows.js";
import { mark } from "./mark.js";
import { address } from "./router.js";

const STATES = {
  unacknowledged: "alert.unseen",
  returned_unacknowledged: "alerts.returned",
  acknowledged: "alerts.acknowledged",
  // Set aside, or it would have left.
  normal: "alert.was.ended",
};

/** Names of districts in one line. */
const MOST_NAMES = 4;

/** Kinds of subjects that have a page of their own in the console. */
const PAGES = { incident: "incident" };

/** Descriptions of the detail of an alert, or of there being none; `act(name)` does one of ACTIONS. */
export function alertDetail(alert, ctx, { actions, act, where, id }) {
  const { t } = ctx;
  const back = h(
    "a",
    { class: "back", href: address("alerts"), key: "back" },
    `‹ ${t("console.back")}`,
  );
  // Also of one that has ended with it: that the acknowledgement is on disk has to be seen.
  const said = mark(id ? ctx.commands.about(`alert:${id}`) : null, ctx);
  if (!alert)
    return [back, h("p", { class: "note", key: "none" }, t(id && ctx.store.synced ? "alert.gone" : "alert.choose")), said];
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
      fact(t("alert.where"), alert.place ? ctx.places.words(alert.place, t) : where(alert) || covered(alert, ctx)),
      fact(t("alert.since"), alert.since ? `${ctx.time.moment(alert.since, now)} · ${ctx.figures.standing(now - alert.since)}` : "–"),
      fact(t("alert.who"), holder(alert, ctx) || t("alert.nobody")),
      alert.ack_lapses_at ? fact(t("alert.lapses"), ctx.time.moment(alert.ack_lapses_at, now)) : null,
      fact(t("alert.about"), subject(alert, ctx)),
      tags(alert, ctx).length ? fact(t("alert.flags"), tags(alert, ctx).join(" · ")) : null,
    ),
    instruction
      ? h("section", { class: "alert-todo", key: "todo" }, h("h3", null, t("alert.instruction")), h("p", { dir: "auto" }, instruction))
      : null,
    buttons(alert, ctx, actions, act),
    said,
    escalation(alert, ctx),
    history(alert, ctx),
  ];
}

const fact = (name, value) => h("div", { key: name }, h("dt", null, name), h("dd", { dir: "auto" }, value));

function stateWords(alert, ctx) {
  const { t } = ctx;
  const state = t(STATES[alert.state] ?? "alert.unseen");
  const episode = alert.episode > 1 ? t("alert.episode", { n: alert.episode }) : "";
  return [t(`severity.${alert.severity}`), state, episode].filter(Boolean).join(" · ");
}

/** What an alert without a place covers: the districts of its warning, the largest share first, or the city. */
function covered(alert, ctx) {
  const { t } = ctx;
  const districts = [...(subjectOf(alert, ctx).thing?.districts ?? [])].filter(({ name }) => name);
  if (!districts.length) return t("alerts.city");
  districts.sort((a, b) => (b.share ?? 0) - (a.share ?? 0));
  const names = districts.slice(0, MOST_NAMES).map(({ name }) => name);
  const rest = districts.length - names.length;
  return rest ? `${names.join(", ")} ${t("tile.more", { n: rest })}` : names.join(", ");
}

function subjectOf(alert, ctx) {
  const [kind, id] = (alert.subject ?? "").split(/:(.*)/s);
  return { kind, id, thing: ctx.store.get(kind, id) };
}

function subject(alert, ctx) {
  const { kind, id, thing } = subjectOf(alert, ctx);
  const said = ctx.pick(thing?.texts);
  const name = thing?.source?.title || thing?.name || said?.headline || said?.event || id || "–";
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
