// The call centre in four figures: waiting, longest wait, service level, call takers free.

import { callFigures, worstOn } from "../facts.js";
import { h } from "../render.js";
import { worst } from "../severity.js";
import { tile } from "../tile.js";

export function mount(el, ctx, options = {}) {
  const { t, figures } = ctx;

  function figure(value, unit, label, state = null) {
    return h(
      "div",
      { class: `figure${state ? ` is-${state}` : ""}` },
      h("b", null, value, unit ? h("i", null, unit) : null),
      h("span", null, label),
    );
  }

  function body({ queues, agents, alerts }, now) {
    const { waiting, oldest, target, level, free, total, live } = callFigures(queues, agents, options.window);
    const alarm = worst(queues.map((queue) => worstOn(alerts, `queue:${queue.id}`)));
    const wait = oldest === null ? null : Math.max(0, Math.floor(now - oldest));
    const late = wait !== null && wait > target;
    const [minutes, seconds] = [Math.floor((wait ?? 0) / 60), (wait ?? 0) % 60];
    const waited =
      wait === null
        ? ["–", ""]
        : minutes
          ? [figures.running(minutes * 60 + seconds), ""]
          : [String(seconds), t("unit.seconds", { n: "" }).trim()];
    return [
      h(
        "div",
        { class: `figures${live ? "" : " is-old"}`, key: "figures" },
        figure(figures.number(waiting), "", t("calls.waiting"), waiting && live ? alarm : null),
        figure(waited[0], waited[1], t("calls.longest"), late && live ? (alarm ?? "caution") : null),
        figure(
          level === null ? "–" : figures.percent(level),
          level === null ? "" : "%",
          t("calls.level", { s: target }),
        ),
        figure(figures.number(free), `/${figures.number(total)}`, t("calls.free")),
      ),
    ];
  }

  return tile(el, ctx, {
    kinds: ["queue", "agent", "alert"],
    title: () => t("calls.title"),
    model: (store) => ({
      queues: store.all("queue"),
      agents: store.all("agent"),
      alerts: store.all("alert"),
    }),
    data: ({ queues }) => Math.max(0, ...queues.map((queue) => queue.at ?? 0)) || null,
    detail: ({ queues }) => (queues.every((queue) => queue.live ?? true) ? "" : t("calls.down")),
    count: ({ queues }) => queues.length,
    empty: "calls.none",
    well: false,
    body,
  });
}
