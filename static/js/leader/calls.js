// Calls answered in time: now, over the hour and over the day; who waits, and how long.

import { byCallers, callFigures, worstOn } from "../facts.js";
import { card, table, well } from "./cards.js";

/** The windows of a queue's figures (engine/calls/figures.py), the shortest first. */
const WINDOWS = ["15m", "hour", "day"];

export function callsCard(ctx) {
  const { t, figures, store } = ctx;
  const queues = byCallers(store.all("queue"));
  const alerts = store.all("alert");
  const worst = queues.map(({ id }) => worstOn(alerts, `queue:${id}`)).find(Boolean) ?? null;
  const all = (window) => callFigures(queues, [], window);
  const { waiting, oldest, target, live } = all("15m");
  const percent = (level) => (level === null ? "–" : figures.percent(level));
  const wait = oldest === null ? null : Math.max(0, ctx.now() - oldest);

  const waits = (queue) =>
    queue.oldest_joined_at ? figures.duration(Math.max(0, ctx.now() - queue.oldest_joined_at)) : "–";
  const list = () =>
    table(ctx, {
      caption: t("leader.calls_table"),
      heads: [
        t("leader.queue"),
        t("calls.waiting"),
        t("calls.longest"),
        ...WINDOWS.map((name) => t(`leader.window.${name}`)),
      ],
      rows: queues.map((queue) => ({
        key: queue.id,
        cells: [
          queue.name || queue.id,
          figures.number(queue.waiting ?? 0),
          waits(queue),
          ...WINDOWS.map((name) => `${percent(callFigures([queue], [], name).level)} %`),
        ],
      })),
    });

  return card(
    {
      id: "calls",
      title: t("leader.calls"),
      kinds: ["queue"],
      state: worst,
      figures: queues.length
        ? [
            ...WINDOWS.map((name) => ({
              id: name,
              value: percent(all(name).level),
              unit: all(name).level === null ? "" : "%",
              label: t(`leader.in_time.${name}`, { s: Number.isFinite(target) ? target : 15 }),
              state: name === "15m" ? worst : null,
              list,
            })),
            {
              id: "waiting",
              value: figures.number(waiting),
              label:
                wait === null
                  ? t("calls.waiting")
                  : t("leader.waiting_longest", { age: figures.duration(wait) }),
              state: wait !== null && wait > target ? (worst ?? "caution") : null,
              list,
            },
          ]
        : [],
      body: () => (queues.length ? (live ? null : well(t("calls.down"))) : well(t("calls.none"))),
    },
    ctx,
  );
}
