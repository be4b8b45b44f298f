// The call centre: the busiest queue in four figures (waiting, longest wait, service level, call takers free),
// each other one in a line.

import { byCallers, callFigures, worstOn } from "../facts.js";
import { h } from "../render.js";
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

  /** One queue, large: the one that most people call. */
  function first(queue, alerts, now) {
    const { waiting, oldest, target, level, free, total, live } = callFigures([queue], [], options.window);
    const alarm = worstOn(alerts, `queue:${queue.id}`);
    const wait = oldest === null ? null : Math.max(0, Math.floor(now - oldest));
    const late = wait !== null && wait > target;
    const waited = wait === null ? ["–", ""] : figures.wait(wait);
    return h(
      "div",
      { class: `figures${live ? "" : " is-old"}`, key: queue.id },
      figure(figures.number(waiting), "", t("calls.waiting"), waiting && live ? alarm : null),
      figure(waited[0], waited[1], t("calls.longest"), late && live ? (alarm ?? "caution") : null),
      figure(
        level === null ? "–" : figures.percent(level),
        level === null ? "" : "%",
        t("calls.level", { s: target }),
      ),
      figure(figures.number(free), `/${figures.number(total)}`, t("calls.free")),
    );
  }

  /** Another queue, in a line. */
  function row(queue, _, { alerts }) {
    const { waiting, level, free, total, live } = callFigures([queue], [], options.window);
    const alarm = live ? worstOn(alerts, `queue:${queue.id}`) : null;
    return h(
      "div",
      { class: `queue-line${live ? "" : " is-old"}`, key: queue.id },
      h("b", { dir: "auto" }, queue.name),
      h("span", { class: alarm ? `is-${alarm}` : "" }, `${figures.number(waiting)} ${t("calls.waiting")}`),
      h("span", null, level === null ? "–" : `${figures.percent(level)} %`),
      h("span", null, `${figures.number(free)}/${figures.number(total)}`),
    );
  }

  return tile(el, ctx, {
    list: "calls",
    kinds: ["queue", "alert"],
    title: (_, { queues: [main] }) => (main ? t("calls.of", { name: main.name }) : t("calls.title")),
    model: (store) => ({ queues: byCallers(store.all("queue")), alerts: store.all("alert") }),
    data: ({ queues }) => Math.max(0, ...queues.map((queue) => queue.at ?? 0)) || null,
    detail: ({ queues }) => (queues.every((queue) => queue.live ?? true) ? "" : t("calls.down")),
    count: ({ queues }) => queues.length,
    empty: "calls.none",
    well: false,
    head: ({ queues: [main], alerts }, now) => (main ? first(main, alerts, now) : null),
    rows: ({ queues }) => queues.slice(1),
    row,
  });
}
