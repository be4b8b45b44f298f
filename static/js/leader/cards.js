// A card of the page: a heading with the state of what it shows, how old that is, figures, and the list behind
// each figure one tap away.

import { feedsOf, mayCome, newestAt, tileCondition } from "../freshness.js";
import { h } from "../render.js";
import { shape } from "../shapes.js";
import { reasonWords } from "../words.js";

/** How old what a card of these kinds shows is, as on a tile of the wall; no kinds: the engine computes it. */
export function conditionOf(store, kinds) {
  const entities = kinds.flatMap((kind) => store.all(kind));
  return tileCondition({
    synced: store.synced,
    feeds: kinds.length ? feedsOf(store, kinds) : [],
    newest: newestAt(entities),
    hasData: !kinds.length || entities.length > 0,
    expected: mayCome(store, kinds),
  });
}

/**
 * `card` is {id, title, state?, kinds?, figures?, body?}; `figures` are [{id, value, unit?, label, state?, list?,
 * none?}] with `list()` → what is shown when it is opened.
 */
export function card(spec, ctx) {
  const { t, store } = ctx;
  const condition = conditionOf(store, spec.kinds ?? []);
  const dead = condition.state === "dead";
  return h(
    "section",
    {
      class: `card card-${spec.id}${dead ? " is-dead" : ""}`,
      key: spec.id,
      "aria-labelledby": `card-${spec.id}`,
    },
    h(
      "header",
      { class: "card-head" },
      spec.state ? shape(spec.state, t(`severity.${spec.state}`)) : null,
      h("h2", { id: `card-${spec.id}`, tabindex: -1 }, spec.title),
      ageOf(condition, ctx),
    ),
    condition.state === "waiting"
      ? waiting(ctx)
      : [
          figureRow(spec, ctx),
          openList(spec, ctx),
          condition.state === "unsourced" ? unsourced(ctx) : (spec.body?.() ?? null),
        ],
  );
}

function ageOf(condition, ctx) {
  const { t, figures } = ctx;
  if (condition.state === "dead" || condition.state === "late") {
    const since = condition.since ? ctx.time.moment(condition.since, ctx.now()) : "";
    const reason = reasonWords(t, condition.reason);
    const words = since ? t("tile.dead", { since }) : t("tile.dead_unknown");
    return h(
      "span",
      { class: "age is-late", key: "age" },
      shape("unknown"),
      [words, reason].filter(Boolean).join(": "),
    );
  }
  if (!condition.at) return null;
  const age = figures.age(Math.max(0, ctx.now() - condition.at));
  return h("span", { class: "age", key: "age" }, h("span", { class: "dot", "aria-hidden": "true" }), age);
}

function figureRow(spec, ctx) {
  if (!spec.figures?.length) return null;
  return h(
    "div",
    { class: "figures", key: "figures" },
    spec.figures.map((figure) => oneFigure(spec, figure, ctx)),
  );
}

function oneFigure(spec, { id, value, unit = "", label, state = null, list = null }, ctx) {
  const name = `${spec.id}-${id}`;
  const open = ctx.opened.has(name);
  const inside = [
    h(
      "span",
      { class: "value" },
      state ? shape(state, ctx.t(`severity.${state}`)) : null,
      h("b", null, value),
      unit ? h("i", null, unit) : null,
    ),
    h("span", { class: "label" }, label),
  ];
  const props = { class: `figure${state ? ` is-${state}` : ""}${open ? " is-open" : ""}`, key: id };
  if (!list) return h("div", props, inside);
  return h(
    "button",
    {
      ...props,
      type: "button",
      "aria-expanded": open ? "true" : "false",
      "aria-controls": `list-${spec.id}`,
      onclick: () => ctx.toggle(spec.id, name),
    },
    inside,
  );
}

/** The list of the figure that is open. */
function openList(spec, ctx) {
  const open = spec.figures?.find(({ id, list }) => list && ctx.opened.has(`${spec.id}-${id}`));
  return h(
    "div",
    { class: "card-list", id: `list-${spec.id}`, key: "list", hidden: !open },
    open ? [h("h3", { class: "sr-only", key: "title" }, open.label), open.list()] : null,
  );
}

/** A table that reads well aloud: each cell knows its column, each row its name. */
export function table(ctx, { caption, heads, rows }) {
  return h(
    "table",
    { class: "grid" },
    h("caption", { class: "sr-only" }, caption),
    h(
      "thead",
      null,
      h(
        "tr",
        null,
        heads.map((head, i) => h("th", { scope: "col", key: i, class: i ? "num" : "" }, head)),
      ),
    ),
    h(
      "tbody",
      null,
      rows.map(({ key, cells, after = null }) =>
        h(
          "tr",
          { key },
          cells.map((cell, i) =>
            h(
              i ? "td" : "th",
              { key: i, class: i ? "num" : "", scope: i ? null : "row", dir: i ? null : "auto" },
              cell,
            ),
          ),
          after ? h("td", { key: "after", class: "act" }, after) : null,
        ),
      ),
    ),
  );
}

/** Rows that a card shows before somebody asks for the others, on paper too; and how many it shows then. */
export const ROWS = 5;
const MOST_ROWS = 40;

/** The first of some items, or all that a page holds where somebody has asked for the others. */
export const firstOf = (items, id, ctx, rows = ROWS) =>
  items.slice(0, ctx.opened.has(`${id}-all`) ? MOST_ROWS : rows);

/** The button that shows the others, or null where there are none. */
export function others(items, id, ctx, rows = ROWS) {
  if (items.length <= rows) return null;
  return h(
    "button",
    {
      type: "button",
      key: "more",
      class: "link more",
      "aria-expanded": ctx.opened.has(`${id}-all`) ? "true" : "false",
      onclick: () => ctx.toggle(id, `${id}-all`),
    },
    ctx.t("leader.others", { n: ctx.figures.number(items.length - rows) }),
  );
}

/** What stands in the place of everything before the first data. */
export const waiting = ({ t }) => h("p", { class: "empty", key: "waiting" }, t("tile.waiting"));

/** Nothing from nobody is no all-clear. */
const unsourced = ({ t }) => h("p", { class: "empty", key: "unsourced" }, shape("unknown"), t("tile.unsourced"));

/** What stands in the place of a list that is empty: it is well, and says so. */
export const well = (words) => h("p", { class: "empty is-normal", key: "well" }, shape("normal"), words);
