// What is read first: what changed within the last hour, and the five worst things of the city.

import { isBad } from "../freshness.js";
import { h } from "../render.js";
import { shape } from "../shapes.js";
import { others, waiting } from "./cards.js";
import { lastHour } from "./last_hour.js";
import { list, thingRow } from "./rows.js";
import { sentences } from "./sentences.js";
import { MOST, worstThings } from "./worst.js";

/** Of the others so many rows. */
const MOST_MORE = 30;

/** A function that gives the worst things, computed anew where one of them has changed. */
export const worstOf = (store, now) =>
  store.derived(["alert", "incident", "gauge", "hazard"], () =>
    worstThings({
      alerts: store.all("alert"),
      incidents: store.all("incident"),
      gauges: store.all("gauge"),
      hazards: store.all("hazard"),
      now: now(),
    }),
  );

export function changesCard(ctx) {
  const { t, store } = ctx;
  const facts = lastHour({
    news: store.all("news"),
    metrics: store.all("metric"),
    gauges: store.all("gauge"),
    now: ctx.now(),
  });
  const said = sentences(facts, ctx);
  return h(
    "section",
    { class: "card card-changes", key: "changes", "aria-labelledby": "changes-title" },
    h("header", { class: "card-head" }, h("h2", { id: "changes-title" }, t("leader.changes"))),
    !store.synced
      ? waiting(ctx)
      : said.length
        ? h(
            "ul",
            { class: "changes" },
            said.map(({ key, state, words }) =>
              h(
                "li",
                { key, class: state ? `is-${state}` : "is-info" },
                shape(state ?? "info", state ? t(`severity.${state}`) : null),
                h("span", { class: "clamp-3", dir: "auto" }, words),
              ),
            ),
          )
        : h("p", { class: "empty is-normal" }, shape("normal"), t("leader.no_changes")),
  );
}

/** Nothing is grave: by the sources that are alive. */
function calm({ t, figures, store }) {
  const feeds = store.all("feed");
  const bad = feeds.filter(isBad).length;
  const state = bad ? "unknown" : "normal";
  const values = { bad: figures.number(bad), n: figures.number(feeds.length) };
  const words = bad ? t("leader.nothing_known", values) : t("leader.nothing");
  return h("p", { class: `empty is-${state}` }, shape(state), words);
}

export function worstCard(things, ctx) {
  const { t, store } = ctx;
  const open = things.length > MOST && ctx.opened.has("worst-all");
  return h(
    "section",
    { class: "card card-worst", key: "worst", "aria-labelledby": "worst-title" },
    h("header", { class: "card-head" }, h("h2", { id: "worst-title" }, t("leader.worst"))),
    !store.synced
      ? waiting(ctx)
      : things.length
        ? h(
            "ol",
            { class: "things", "aria-labelledby": "worst-title" },
            things.slice(0, MOST).map((thing, i) => thingRow(thing, ctx, i + 1)),
          )
        : calm(ctx),
    others(things, "worst", ctx, MOST),
    open
      ? h(
          "div",
          { class: "card-list", key: "others" },
          list(things.slice(MOST), MOST_MORE, (thing) => thingRow(thing, ctx), ctx, {
            key: "others",
            label: t("leader.worst_others"),
          }),
        )
      : null,
  );
}
