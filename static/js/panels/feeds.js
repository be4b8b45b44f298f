// The foot: what came in today, and whether each source can be trusted now.

import { badSince, isBad } from "../freshness.js";
import { feedOrder } from "../facts.js";
import { MOST_ROWS, howMany } from "../overflow.js";
import { h, render } from "../render.js";
import { reasonWords } from "../words.js";

/** Healthy sources shown by name on a desk, where the strip may have several lines; those beyond are counted. */
const MOST_NAMES = 9;

export const ELEMENT = "footer";

export function mount(el, ctx) {
  const { t, store, figures } = ctx;
  const feeds = store.derived(["feed"], () => [...store.all("feed")].sort(feedOrder));
  let measured = null;
  let fits = 0;

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

  function words(feed, now, long) {
    if (feed.state === "waiting") return t("feeds.waiting");
    if (!isBad(feed)) return "";
    const at = badSince(feed);
    const since = at ? ctx.time.moment(at, now) : "–";
    return long ? t(`feeds.${feed.state}`, { since }) : t(`feeds.short.${feed.state}`, { since });
  }

  /** {key, name, why, marks}: a source and its words; `reasons` where there is room to say why it fails. */
  function chipOf(feed, now, reasons) {
    const bad = isBad(feed);
    const why = [words(feed, now, reasons), bad && reasons ? reasonWords(t, feed.reason) : ""].filter(Boolean);
    const marks = bad ? `late is-bad${reasons ? " is-alone" : ""}` : feed.state === "waiting" ? "late" : "";
    return { key: feed.id, name: feed.name || feed.id, why: why.join(": "), marks };
  }

  function chip({ key, name, why, marks }) {
    return h(
      "span",
      { class: `feed ${marks}`, key, dir: "auto" },
      h("span", { class: "name" }, name),
      why ? h("span", { class: "why" }, why) : null,
    );
  }

  function paint(chips, count, total, measuring = false) {
    // Measured at its widest: everything counted.
    const rest = measuring ? total : total - count;
    const bad = feeds()
      .slice(measuring ? 0 : count)
      .filter(isBad).length;
    const more = bad ? t("feeds.more_bad", { n: rest, bad }) : t("feeds.more", { n: rest });
    const unsafe = ctx.unsafe();
    render(
      el,
      totals(),
      h(
        "div",
        { class: measuring ? "feed-list is-measured" : "feed-list", key: "feeds" },
        unsafe ? h("span", { class: "feed late is-bad", key: "unsafe" }, t("link.unsafe")) : null,
        store.synced && !total ? h("span", { class: "feed late" }, t("feeds.none")) : null,
        chips.slice(0, count).map(chip),
        rest > 0 ? h("span", { class: bad ? "feed-more is-bad" : "feed-more", key: "more" }, more) : null,
      ),
    );
  }

  /** How many chips fit into the one line of a wall, none of them cut; the rest is counted. */
  function fitting(chips, total) {
    paint(chips, chips.length, total, true);
    const list = el.querySelector(".feed-list");
    const { left, right } = list.getBoundingClientRect();
    const ends = [...list.querySelectorAll(".feed")].map((one) => one.getBoundingClientRect().right - left);
    const before = ends.length - chips.length;
    const more = list.querySelector(".feed-more");
    if (!more) return 0;
    const moreWidth = more.getBoundingClientRect().right - left - (ends.at(-1) ?? 0);
    return howMany(ends.slice(before), total, right - left, moreWidth);
  }

  function draw(changed) {
    const now = ctx.now();
    const list = feeds();
    const bad = list.filter(isBad).length;
    const { mode, rem } = ctx.screen();
    // With several at once it counts which ones, and a reason each would leave none to be read.
    const chips = list.slice(0, MOST_ROWS).map((feed) => chipOf(feed, now, bad === 1 || mode === "phone"));
    if (mode === "phone") return paint(chips, chips.length, list.length);
    if (mode === "desk") return paint(chips, Math.min(chips.length, Math.max(bad, MOST_NAMES)), list.length);
    // Measured again only when a word or the room changes: ages do not stand here.
    const city = store.get("city", "city") ?? {};
    const about = [chips, city.open, city.received_today, city.closed_today, el.clientWidth, rem, ctx.unsafe()];
    const before = measured;
    measured = JSON.stringify(about);
    if (measured !== before || changed.has("synced")) fits = fitting(chips, list.length);
    // A single reason longer than the line is the one thing that may be cut: at its end.
    paint(chips, Math.max(bad === 1 ? 1 : 0, Math.min(fits, chips.length)), list.length);
  }

  return { kinds: ["feed", "city", "synced"], update: draw, stop: () => el.replaceChildren() };
}
