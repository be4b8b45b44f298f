// Calls: who waits and who talks, and what each call was; a mark is one key, and can be changed while it lasts.

import { h, render } from "../render.js";
import { element } from "./incidents.js";
import { mark as markOf } from "./mark.js";

/** The marks in the order of their keys. */
export const MARKS = ["emergency", "information", "complaint", "proposal", "prank", "ghost"];

const STATES = ["talking", "ringing", "waiting", "ended"];

/** Those that talk first, then ringing, waiting, ended; the longest of each first, of the ended the newest. */
export function callOrder(a, b) {
  const rank = ({ state }) => STATES.indexOf(state);
  const age = (call) => (call.state === "ended" ? -(call.since ?? 0) : (call.joined_at ?? 0));
  return rank(a) - rank(b) || age(a) - age(b) || (a.id < b.id ? -1 : 1);
}

/** Marks of a review and of the call itself: the newer word is the call's. */
export function markedAs(call, review) {
  return call.mark || review?.mark || "";
}

export function mount(root, ctx) {
  const { t, figures } = ctx;
  let at = null;
  const head = element("div", "board-head", root);
  const list = element("div", "call-list", root);

  const calls = () => [...ctx.store.all("call")].sort(callOrder);
  const mayMark = ctx.may("call.mark");

  function mark(id, name) {
    const call = ctx.store.get("call", id);
    if (call && mayMark) ctx.commands.send("call.mark", { call: id, mark: name });
  }

  function buttons(call) {
    const now = markedAs(call, ctx.store.get("review", call.id));
    const off = !ctx.online();
    return h(
      "div",
      { class: "marks", role: "group", "aria-label": t("calls.mark") },
      MARKS.map((name, index) =>
        h(
          "button",
          {
            key: name,
            type: "button",
            disabled: off,
            title: off ? t("command.offline") : null,
            "aria-pressed": now === name ? "true" : "false",
            onclick: () => {
              at = call.id;
              mark(call.id, name);
            },
          },
          h("kbd", null, String(index + 1)),
          t(`mark.${name}`),
        ),
      ),
    );
  }

  function row(call) {
    const now = ctx.now();
    const review = ctx.store.get("review", call.id);
    const since = call.state === "ended" ? (call.since ?? now) : (call.joined_at ?? call.since ?? now);
    const standing = markOf(ctx.commands.about(`call:${call.id}`), ctx);
    const by = call.marked_by || review?.marked_by;
    return h(
      "article",
      {
        key: call.id,
        class: `call is-${call.state}${call.id === at ? " is-here" : ""}`,
        "aria-current": call.id === at ? "true" : null,
        tabindex: -1,
        "data-id": call.id,
        onclick: () => select(call.id),
      },
      h(
        "span",
        { class: "call-state" },
        t(`calls.state_${call.state}`),
        h("b", null, figures.duration(now - since)),
      ),
      h(
        "span",
        { class: "call-who", dir: "auto" },
        call.caller ? h("code", null, call.caller) : h("span", { class: "nought" }, t("calls.no_number")),
        call.repeated > 1
          ? h("small", null, t("calls.repeated", { n: figures.number(call.repeated) }))
          : null,
        call.pranks
          ? h("small", { class: "pranks" }, t("calls.pranks", { n: figures.number(call.pranks) }))
          : null,
      ),
      h(
        "span",
        { class: "call-where", dir: "auto" },
        ctx.boot.queues?.[call.queue] ?? call.queue,
        call.agent ? h("small", null, ctx.store.get("agent", call.agent)?.name ?? call.agent) : null,
        call.outcome && call.outcome !== "answered"
          ? h("small", null, t(`calls.outcome_${call.outcome}`))
          : null,
      ),
      mayMark ? buttons(call) : null,
      h(
        "span",
        { class: "call-more" },
        by ? h("small", { dir: "auto" }, t("calls.marked_by", { who: ctx.nameOf(by) })) : null,
        ctx.may("incident.new")
          ? h(
              "a",
              { href: `#new/${encodeURIComponent(call.id)}`, onclick: (event) => event.stopPropagation() },
              t("incidents.new"),
            )
          : null,
        standing,
      ),
    );
  }

  function select(id) {
    at = id;
    draw();
  }

  function draw() {
    const all = calls();
    // Nothing is chosen by itself: a key must never mark a call that somebody did not mean.
    if (!all.some(({ id }) => id === at)) at = null;
    const count = (state) => all.filter((call) => call.state === state).length;
    render(
      head,
      h("h2", null, t("console.calls")),
      h(
        "p",
        { class: "call-counts", role: "status" },
        STATES.map((state) =>
          h("span", { key: state }, t(`calls.state_${state}`), h("b", null, figures.number(count(state)))),
        ),
      ),
      queues(),
      mayMark ? h("p", { class: "hint" }, t("calls.how")) : null,
    );
    render(
      list,
      all.length
        ? all.map(row)
        : h("p", { class: "note" }, t(ctx.store.synced ? "calls.quiet" : "console.loading")),
    );
  }

  /** The service level raw and net of noise, a queue a line. */
  function queues() {
    return h(
      "div",
      { class: "levels" },
      ctx.store.all("queue").map((queue) => {
        const day = queue.windows?.day ?? {};
        const percent = (share) => (Number.isFinite(share) ? `${figures.percent(share)} %` : "–");
        return h(
          "span",
          { key: queue.id },
          h("b", { dir: "auto" }, queue.name),
          t("calls.level_raw", { share: percent(day.service_level) }),
          " · ",
          t("calls.level_net", { share: percent(day.service_level_net) }),
          " · ",
          t("calls.noise", { n: figures.number(day.noise ?? 0) }),
        );
      }),
    );
  }

  function move(by) {
    const all = calls();
    const index = all.findIndex(({ id }) => id === at);
    const next = index < 0 ? 0 : Math.min(Math.max(index + by, 0), all.length - 1);
    select(all[next]?.id ?? null);
    list.querySelector(".is-here")?.scrollIntoView({ block: "nearest" });
  }

  draw();
  return {
    update(changed) {
      if (
        ["call", "review", "queue", "agent", "synced", "clock", "command", "link"].some((kind) =>
          changed.has(kind),
        )
      )
        draw();
    },
    keys: {
      j: { words: "key.down", act: () => move(1) },
      k: { words: "key.up", act: () => move(-1) },
      ...(mayMark
        ? Object.fromEntries(
            MARKS.map((name, index) => [
              String(index + 1),
              { words: `mark.${name}`, act: () => at && mark(at, name) },
            ]),
          )
        : {}),
      ...(ctx.may("incident.new")
        ? { "+": { words: "incidents.new", act: () => ctx.go("new", at ?? "") } }
        : {}),
    },
    stop() {},
  };
}
