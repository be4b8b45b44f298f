// Clocks of an incident in words: "telat 2 j 10 mnt", "sisa 40 mnt", and as a chip with a shape.

import { h } from "../render.js";
import { clockOf, clockState } from "./worklist.js";

/** What a state of a clock looks like beside its words; never colour alone. */
const SIGN = { over: "!", risk: "◔", ok: "○", paused: "‖" };

/** "telat 2 j 10 mnt", "sisa 40 mnt", "jam berhenti". */
export function leftWords({ left, state }, { t, figures }) {
  if (state === "paused") return t("clock.paused");
  return t(state === "over" ? "clock.over" : "clock.left", { age: figures.duration(Math.abs(left)) });
}

/** The clock that counts now as a chip, or null where none runs. */
export function chip(incident, ctx) {
  const clock = clockOf(incident, ctx.now());
  if (!clock) return null;
  return h(
    "span",
    { class: `clock-chip is-${clock.state}`, title: ctx.t(`clock.${clock.name}`) },
    h("i", { "aria-hidden": "true" }, SIGN[clock.state]),
    h("small", null, ctx.t(`clock.${clock.name}`)),
    leftWords(clock, ctx),
  );
}

/** All clocks of an incident, stopped ones too. */
export function clocks(incident, ctx) {
  const { t, figures } = ctx;
  const now = ctx.now();
  return (incident.clocks ?? []).map((clock) => {
    const state = clockState(clock, now);
    const done = Number.isFinite(clock.done_at);
    const words = done
      ? t(state === "over" ? "clock.done_late" : "clock.done", {
          age: figures.duration(clock.done_at - clock.started_at),
        })
      : leftWords({ left: clock.due_at - now, state }, ctx);
    const due = ctx.time.moment(clock.due_at, now);
    return h(
      "div",
      { key: clock.name, class: `clock-card is-${state}${done ? " is-done" : ""}` },
      h("small", null, t(`clock.${clock.name}`)),
      h("b", null, h("i", { "aria-hidden": "true" }, done && state === "ok" ? "✓" : SIGN[state]), words),
      h("small", null, t("clock.due", { time: due })),
    );
  });
}
