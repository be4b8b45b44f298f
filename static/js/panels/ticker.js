// One line at the foot: what happened in the last hour, newest first, with its time. It changes by the page, never
// by the pixel: what moves all the time cannot be read from the back row, and costs a processor core.

import { h, render } from "../render.js";
import { shape } from "../shapes.js";
import { lately, nextPage, said } from "../ticker.js";

/** So many lines may stand beside each other; those that do not fit are left for the next page. */
const MOST_SHOWN = 4;

/** So long a page stands (s): three short sentences are read in it. */
const PAGE_S = 8;

/** And so long at least, where something new waits (s). */
const LEAST_S = 4;

export const ELEMENT = "footer";

export function mount(el, ctx) {
  const { t, store } = ctx;
  const items = store.derived(["news", "incident"], () => ({
    news: [...store.all("news")],
    incidents: [...store.all("incident")],
  }));
  const seen = new Set();
  let turn = -1;
  let since = -Infinity;
  let shown = [];
  let known = new Set();
  let fits = MOST_SHOWN;
  let waiting = false;

  function item(one, now, hidden) {
    return h(
      "span",
      { class: `event is-${one.state}`, key: `${turn} ${one.id}`, hidden },
      h("time", null, ctx.time.moment(one.at, now)),
      shape(one.state, one.state in { over: 1, info: 1 } ? null : t(`severity.${one.state}`)),
      h("span", { class: "said", dir: "auto" }, said(one, ctx)),
    );
  }

  function paint(now, count) {
    const empty = store.synced ? t("ticker.none") : t("tile.waiting");
    render(
      el,
      h("b", { class: "sr-title", key: "title" }, t("ticker.title")),
      shown.length
        ? h("span", { class: "events", key: "events" }, shown.map((one, i) => item(one, now, i >= count)))
        : h("span", { class: "none", key: "none" }, empty),
      shown.length && known.size > count
        ? h("span", { class: "rest", key: "rest" }, t("tile.more", { n: ctx.figures.number(known.size - count) }))
        : null,
    );
  }

  /** How many of those shown stand whole in the line; one at least, which is then cut. */
  function measure(now) {
    paint(now, shown.length);
    const line = el.querySelector(".events");
    if (!line || ctx.screen().mode === "phone") return shown.length;
    const right = line.getBoundingClientRect().right + 0.5;
    const ends = [...line.children].map((child) => child.getBoundingClientRect().right);
    return Math.max(1, ends.filter((end) => end <= right).length);
  }

  function update(changed) {
    const now = ctx.now();
    const all = lately({ ...items(), now });
    const ids = new Set(all.map(({ id }) => id));
    const fresh = all.some(({ id }) => !known.has(id));
    const gone = shown.some(({ id }) => !ids.has(id));
    waiting ||= fresh;
    known = ids;
    const stood = now - since;
    if (stood >= PAGE_S || (waiting && stood >= LEAST_S) || gone || !shown.length) {
      for (const { id } of shown.slice(0, fits)) seen.add(id);
      for (const id of [...seen]) if (!ids.has(id)) seen.delete(id);
      if (all.every(({ id }) => seen.has(id))) seen.clear();
      turn += 1;
      since = now;
      waiting = false;
      shown = nextPage(all, seen, turn, MOST_SHOWN);
      fits = measure(now);
    } else if ([...changed].some((kind) => kind !== "clock")) fits = measure(now);
    paint(now, fits);
  }

  return { kinds: ["news", "incident", "synced"], update, stop: () => el.replaceChildren() };
}
