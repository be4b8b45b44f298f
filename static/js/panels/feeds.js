// The foot: what came in today, and whether each source can be trusted now.

import { badSince, isBad } from "../freshness.js";
import { feedOrder } from "../facts.js";
import { h, render } from "../render.js";
import { reasonWords } from "../words.js";

/** Sources shown by name in one line of a wall; the healthy ones beyond are counted. */
const MOST_NAMES = 9;

/** A source that fails says why, in the room of so many names. */
const NAMES_FOR_A_REASON = 3;

export function mount(el, ctx) {
  const { t, store, figures } = ctx;
  const feeds = store.derived(["feed"], () => [...store.all("feed")].sort(feedOrder));

  function totals() {
    const city = store.get("city", "city") ?? store.all("city")[0];
    if (!city) return null;
    const { open = 0, received_today: received = 0, closed_today: closed = 0 } = city;
    return h(
      "div",
      { class: "totals", key: "totals" },
      h("span", { class: "today" }, t("feeds.today", { received: figures.number(received) })),
      h("span", null, t("feeds.closed", { n: figures.number(closed) })),
      h("span", null, t("feeds.open", { n: figures.number(open) })),
    );
  }

  function words(feed, now) {
    if (feed.state === "waiting") return t("feeds.waiting");
    if (!isBad(feed)) return "";
    const since = badSince(feed);
    return t(`feeds.${feed.state}`, { since: since ? ctx.time.moment(since, now) : "–" });
  }

  function chip(feed, now) {
    const late = isBad(feed) || feed.state === "waiting";
    const bad = isBad(feed);
    return h(
      "span",
      { class: `feed${late ? " late" : ""}${bad ? " is-bad" : ""}`, key: feed.id, dir: "auto" },
      h("span", { class: "name" }, feed.name || feed.id),
      late
        ? h(
            "span",
            { class: "why" },
            [words(feed, now), bad ? reasonWords(t, feed.reason) : ""].filter(Boolean).join(": "),
          )
        : null,
    );
  }

  function draw() {
    const now = ctx.now();
    const list = feeds();
    const bad = list.filter(isBad).length;
    const most =
      ctx.screen().mode === "phone" ? list.length : Math.max(bad, 2, MOST_NAMES - NAMES_FOR_A_REASON * bad);
    const rest = list.length - Math.min(most, list.length);
    const unsafe = ctx.unsafe();
    render(
      el,
      totals(),
      h(
        "div",
        { class: "feed-list", key: "feeds" },
        unsafe ? h("span", { class: "feed late is-bad", key: "unsafe" }, t("link.unsafe")) : null,
        store.synced && !list.length ? h("span", { class: "feed late" }, t("feeds.none")) : null,
        list.slice(0, most).map((feed) => chip(feed, now)),
        rest > 0 ? h("span", { class: "feed-more", key: "more" }, t("feeds.more", { n: rest })) : null,
      ),
    );
  }

  return { kinds: ["feed", "city", "synced"], update: draw, stop: () => el.replaceChildren() };
}
