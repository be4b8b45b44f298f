// The bones that every tile shares: title left, age right, body, overflow line; waiting, late, dead, empty.

import { feedsOf, mayCome, newestAt, tileCondition } from "./freshness.js";
import { listOf, storyOf } from "./links.js";
import { MOST_ROWS, howMany } from "./overflow.js";
import { h, render } from "./render.js";
import { shape } from "./shapes.js";
import { reasonWords } from "./words.js";

/** On a phone a list shows its worst few; the rest is counted. */
const PHONE_ROWS = 5;

/** So many ids are remembered to know what is new; after a long day all is taken for known once. */
const MOST_SEEN = 5000;

/** Height of the overflow line (rem), as in tile.css. */
const MORE_REM = 1.3;

/** A new thing marks itself once, for this long (s). */
export const NEW_S = 1.5;

/**
 * Mount a tile in `el`. `spec` says what is special about it:
 *   kinds        kinds of entities that it shows; it is computed again when one of them changes
 *   feedKinds?   those of them that feeds bring, where others are computed beside them; they tell the age
 *   title(t, model)  its title; detail?(model) a few words beside it
 *   model(store) what it shows, from the state; called on changes only
 *   done?        key of the words for "there are things, but none of them needs a row"
 *   count(model) how many things there are; 0 is the empty state
 *   empty        key of the words for "nothing, and that is well"; `well` false leaves out the circle
 *   head?(model, now)      descriptions above the rows
 *   row?(item, now, model) one row; rows(model) the items, worst first
 *   rest?(model)           words beside "+N more"
 *   story?                 kind of the items whose own page a row leads to; list? the section of the console for the
 *                          title: both where there is a pointer or a thumb
 *   body?(model, now)      instead of rows: the whole body; null: the rows after all
 *   age?(model, now)       {late, words} in the place of the age; data?(model) its newest time
 *   feeds: false           computed here: fresh while the connection is
 * Returns {kinds, update(changed kinds), stop()}; update may be called at any time, any number of times.
 */
export function tile(el, ctx, spec) {
  const { store, t } = ctx;
  const model = store.derived([...spec.kinds, "synced", "district"], () => spec.model(store));
  const brought = spec.feedKinds ?? spec.kinds;
  const feeds = store.derived([...brought, "feed"], () => feedsOf(store, brought, spec.feedNames));
  const seen = new Map();
  let fits = null;
  let stale = true;

  el.classList.add("tile");
  const head = el.appendChild(document.createElement("header"));
  const body = el.appendChild(document.createElement("div"));
  body.className = "tile-body";
  const resized = new ResizeObserver(() => {
    stale = true;
    draw();
  });
  resized.observe(body);

  function condition(shown) {
    const newest = spec.data ? spec.data(shown) : newestAt(brought.flatMap((kind) => store.all(kind)));
    if (spec.feeds === false) return { state: store.synced ? "fresh" : "waiting", at: ctx.newestFrame() };
    return tileCondition({
      synced: store.synced,
      feeds: feeds(),
      newest,
      hasData: spec.count(shown) > 0,
      expected: mayCome(store, brought),
    });
  }

  function ageOf(state, shown, now) {
    if (state.state === "waiting") return { late: true, words: t("tile.no_age") };
    if (state.state === "unsourced") return { late: true, words: "" };
    if (state.state === "dead") {
      if (!state.since) return { late: true, words: t("tile.dead_unknown") };
      return { late: true, words: t("tile.dead", { since: ctx.time.moment(state.since, now) }) };
    }
    if (state.state === "late") return { late: true, words: t("tile.late", state) };
    const own = spec.age?.(shown, now);
    if (own) return { late: own.late || !ctx.live(), words: own.words };
    return { late: !ctx.live(), words: state.at ? ctx.figures.age(now - state.at) : "" };
  }

  function isNew(id, now) {
    if (!seen.has(id)) seen.set(id, seen.ready ? now : -Infinity);
    return now - seen.get(id) < NEW_S;
  }

  function rowsOf(items, shown, now) {
    return items.map((item) => {
      const row = spec.row(item, now, shown);
      const href = spec.story ? storyOf(spec.story, item, ctx.screen().mode) : null;
      if (href) {
        row.tag = "a";
        row.props.href = href;
      }
      if (row.key !== null && isNew(row.key, now)) row.props.class = `${row.props.class ?? ""} is-new`;
      return row;
    });
  }

  function list(shown, now) {
    const items = spec.rows(shown);
    const above = spec.head?.(shown, now) ?? null;
    const paint = (count, measured = true) => {
      const rest = items.length - count;
      const rows = h(
        "div",
        { class: measured && rest > 0 ? "rows is-full" : "rows", key: "rows" },
        rowsOf(items.slice(0, count), shown, now),
      );
      const more =
        rest > 0
          ? h(
              "div",
              { class: "more", key: "more" },
              t("tile.more", { n: ctx.figures.number(rest) }),
              spec.rest ? h("span", { class: "rest" }, spec.rest(shown)) : null,
            )
          : null;
      render(body, above, rows, more);
    };
    if (ctx.screen().mode === "phone") return paint(Math.min(items.length, PHONE_ROWS));
    if (stale || fits === null) {
      paint(Math.min(items.length, MOST_ROWS), false);
      const rows = body.querySelector(".rows");
      const top = rows.getBoundingClientRect().top;
      const available = body.getBoundingClientRect().bottom - top;
      const bottoms = [...rows.children].map((row) => row.getBoundingClientRect().bottom - top);
      fits = howMany(bottoms, items.length, available, MORE_REM * ctx.screen().rem);
      stale = false;
    }
    paint(Math.min(fits, items.length));
  }

  function draw() {
    const now = ctx.now();
    const shown = model();
    const state = condition(shown);
    const age = ageOf(state, shown, now);
    const dead = state.state === "dead";
    const empty = spec.count(shown) === 0;
    const reason = dead ? reasonWords(t, state.reason) : "";
    // A list has a line to spare for the reason; where there is none, the reason stands beside the title.
    const own = state.state === "waiting" || dead ? "" : spec.detail?.(shown);
    const detail = spec.body && !empty && reason ? reason : own;
    const listed = listOf(spec.list, ctx.screen().mode);
    el.dataset.state = state.state;
    render(
      head,
      h(
        "h2",
        null,
        listed ? h("a", { href: listed }, spec.title(t, shown)) : spec.title(t, shown),
        detail ? h("span", { class: "detail", dir: "auto" }, detail) : null,
      ),
      age.words ? h("span", { class: age.late ? "age late" : "age" }, age.words) : null,
    );
    el.classList.toggle("is-empty", empty);
    el.toggleAttribute("data-dead", dead);
    reasonLine(dead && !empty && !spec.body ? reason : "");
    paintBody(state.state, shown, now, empty, reason);
    // What is there at the first look is no news.
    if (store.synced) seen.ready = true;
  }

  function paintBody(state, shown, now, empty, reason) {
    const note = (mark, words) =>
      render(body, h("p", { class: "note", dir: "auto" }, mark && shape(mark), words));
    const own = empty ? null : spec.body?.(shown, now);
    // While a source is down, "nothing" is only what the others say.
    const well = state === "late" ? "unknown" : "normal";
    if (state === "waiting") note("unknown", t("tile.waiting"));
    else if (state === "unsourced") note("unknown", t("tile.unsourced"));
    else if (state === "dead" && empty) note(null, reason);
    else if (empty) note(spec.well === false ? null : well, t(spec.empty));
    else if (own) render(body, own);
    else if (spec.done && spec.rows(shown).length === 0) note(well, t(spec.done));
    else list(shown, now);
  }

  /** The line below the title that says why; it takes room from the rows. */
  function reasonLine(words) {
    const before = el.querySelector(":scope > .reason");
    if (Boolean(before) !== Boolean(words)) stale = true;
    if (!words) return before?.remove();
    const line = before ?? document.createElement("p");
    if (!before) {
      line.className = "reason";
      line.dir = "auto";
      head.after(line);
    }
    if (line.textContent !== words) line.textContent = words;
  }

  return {
    kinds: [...spec.kinds, "feed", "district", "synced"],
    update(changed) {
      if ([...changed].some((kind) => kind !== "clock")) stale = true;
      if (seen.size > MOST_SEEN) {
        seen.clear();
        seen.ready = false;
      }
      draw();
    },
    stop() {
      resized.disconnect();
      el.replaceChildren();
    },
  };
}
