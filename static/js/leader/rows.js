// One row of a list: shape, what, where, since when, who has it, and its place on the map one tap away.

import { h } from "../render.js";
import { shape } from "../shapes.js";
import { onMap, sinceOf, titleOf, whereOf, whoWords } from "./things.js";

/** A list of `most` rows and the number of the others. */
export function list(items, most, row, ctx, { key, label }) {
  const more = items.length - most;
  return [
    h("ol", { class: "things", key: `${key} list`, "aria-label": label }, items.slice(0, most).map(row)),
    more > 0
      ? h("p", { class: "more", key: `${key} more` }, ctx.t("tile.more", { n: ctx.figures.number(more) }))
      : null,
  ];
}

/** A thing ({kind, id, entity, severity, …}); `n` is its number in an order that has one. */
export function thingRow(thing, ctx, n = null) {
  const { t, figures } = ctx;
  const now = ctx.now();
  const state = thing.severity ?? "none";
  const since = sinceOf(thing);
  const facts = [
    thing.late ? t("leader.late") : "",
    Number.isFinite(thing.people) ? t("leader.people", { n: figures.number(thing.people) }) : "",
    whoWords(thing, ctx),
  ].filter(Boolean);
  return h(
    "li",
    { class: `thing is-${state}`, key: `${thing.kind}:${thing.id}` },
    // Its word stands beside it.
    shape(state),
    h(
      "div",
      { class: "thing-body" },
      h(
        "b",
        { class: "clamp-2", dir: "auto" },
        n === null ? null : h("span", { class: "n" }, `${n}. `),
        titleOf(thing, ctx),
      ),
      h(
        "p",
        { class: "clamp-2" },
        thing.severity ? h("strong", null, t(`severity.${thing.severity}`), " · ") : null,
        h("span", { dir: "auto" }, whereOf(thing, ctx)),
        since
          ? h(
              "span",
              null,
              ` · ${t("leader.since", { time: ctx.time.moment(since, now), age: figures.duration(now - since) })}`,
            )
          : null,
      ),
      facts.length
        ? h(
            "p",
            { class: `facts clamp-2${thing.late || thing.waits ? " is-waiting" : ""}`, dir: "auto" },
            facts.join(" · "),
          )
        : null,
    ),
    mapButton(thing, ctx),
  );
}

/** The button that shows a thing's place, or null where it has none. */
export function mapButton(thing, ctx) {
  if (!onMap(thing, ctx.store)) return null;
  const name = titleOf(thing, ctx);
  return h(
    "button",
    {
      type: "button",
      class: "to-map",
      "aria-label": ctx.t("leader.show", { name }),
      title: ctx.t("leader.map"),
      onclick: () => ctx.showOnMap(thing),
    },
    h(
      "svg",
      { viewBox: "0 0 24 24", "aria-hidden": "true" },
      h("path", {
        d: "M12 2.5a7 7 0 0 0-7 7c0 4.9 7 12 7 12s7-7.1 7-12a7 7 0 0 0-7-7Z",
        fill: "none",
        stroke: "currentColor",
        "stroke-width": 1.8,
      }),
      h("circle", { cx: 12, cy: 9.5, r: 2.4, fill: "currentColor" }),
    ),
  );
}
