// Figures over the day: today's line against what is usual, or yesterday's, with the newest value in words.
// Options: `charts` (reports, closed, open, calls, answered, level), `queue` (of the calls; else all together).

import { Plot } from "../plot.js";
import { h } from "../render.js";
import { tile } from "../tile.js";
import { chartData, chosen } from "../trends.js";

/** A chart below this height is a smear (rem). */
const LEAST_REM = 6.4;

/** Two of this width stand beside each other better than stretched one below the other (rem). */
const WIDE_REM = 26;

/** On a phone the first ones; the rest is counted. */
const PHONE_CHARTS = 2;

export function mount(el, ctx, options = {}) {
  const { t, figures } = ctx;
  const charts = chosen(options);
  /** name → its plot */
  const plots = new Map();

  const words = (count) => (value) =>
    count === "share" ? figures.share(value) : figures.number(value);

  function midnight(now) {
    return Math.floor(now / 60) * 60 - ctx.time.minute(now) * 60;
  }

  /** {columns, most}: how the charts stand, and how many there is room for. */
  function room() {
    const { mode, rem } = ctx.screen();
    if (mode === "phone") return { columns: 1, most: PHONE_CHARTS };
    const { clientWidth: width = 0, clientHeight: height = 0 } = el.querySelector(".tile-body") ?? {};
    if (!height) return { columns: 1, most: charts.length };
    const columns = width >= 2 * WIDE_REM * rem ? 2 : 1;
    return { columns, most: columns * Math.max(1, Math.floor(height / (LEAST_REM * rem))) };
  }

  /** The newest value: of a whole span, or, where spans are counted, of the one that is running. */
  function newest({ count, data }) {
    const { last, running } = data;
    const word = words(count);
    if (count === "flow" && running && running.value !== null)
      return [word(running.value), t("trends.since", { time: ctx.time.time(running.since) })];
    return [last ? word(last.value) : "–", count === "stock" || !last ? "" : t("trends.last")];
  }

  function chart(one) {
    const [value, about] = newest(one);
    const { against } = one.data;
    return h(
      "figure",
      { class: "chart", key: one.name },
      h(
        "figcaption",
        null,
        h("b", null, t(`trends.${one.name}`)),
        against ? h("span", { class: "against" }, h("i"), t(`trends.${against}`)) : null,
        h("span", { class: "value" }, value, about ? h("small", null, about) : null),
      ),
      h("div", { class: "plot", "data-chart": one.name, role: "img", "aria-label": t(`trends.${one.name}`) }),
    );
  }

  function shown(store, now) {
    return charts
      .map((one) => ({ ...one, series: store.get("series", one.id), usual: store.get("series", one.usual) }))
      .filter(({ series }) => series?.points?.length)
      .map((one) => ({ ...one, data: chartData({ ...one, now, midnight: midnight(now) }) }));
  }

  /** The charts stand in the DOM; a canvas in each. */
  function draw() {
    const now = ctx.now();
    const data = new Map(shown(ctx.store, now).map((one) => [one.name, one]));
    const places = new Map([...el.querySelectorAll(".plot")].map((place) => [place.dataset.chart, place]));
    for (const [name, plot] of plots)
      if (places.get(name) !== plot.el) {
        plot.stop();
        plots.delete(name);
      }
    for (const [name, place] of places) {
      const one = data.get(name);
      if (!one) continue;
      if (!plots.has(name))
        plots.set(name, new Plot(place, { count: one.count, words: words(one.count), rem: () => ctx.screen().rem }));
      plots.get(name).show(one.data);
    }
  }

  const own = tile(el, ctx, {
    kinds: ["series"],
    feeds: false,
    title: () => t("trends.title"),
    model: (store) => ({ store }),
    count: ({ store }) => shown(store, ctx.now()).length,
    empty: "trends.none",
    well: false,
    body: ({ store }, now) => {
      const all = shown(store, now);
      const { columns, most } = room();
      const rest = Math.max(0, all.length - most);
      return [
        h("div", { class: `charts is-${columns}`, key: "charts" }, all.slice(0, most).map(chart)),
        rest ? h("div", { class: "more", key: "more" }, t("tile.more", { n: figures.number(rest) })) : null,
      ];
    },
  });

  let minute = -1;
  return {
    kinds: own.kinds,
    update(changed) {
      own.update(changed);
      // The clock moves the line once a minute; what is new moves it at once.
      const current = Math.floor(ctx.now() / 60);
      const only = changed.size === 1 && changed.has("clock");
      if (only && current === minute && plots.size) return;
      minute = current;
      draw();
    },
    dress() {
      for (const plot of plots.values()) plot.dress();
    },
    stop() {
      for (const plot of plots.values()) plot.stop();
      plots.clear();
      own.stop();
    },
  };
}
