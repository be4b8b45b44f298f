// Food prices: what is over its ceiling first. The day of the survey stands in the place of the age; where there is
// room, each price's month and its ceiling.

import { priceRows, worstOn } from "../facts.js";
import { h } from "../render.js";
import { sparkline } from "../sparkline.js";
import { tile } from "../tile.js";

const DAY_S = 86400;

/** Days of surveys behind each price. */
const SPAN_DAYS = 30;

export function mount(el, ctx) {
  const { t, figures, store } = ctx;

  const dayStart = (day) => Date.parse(`${day}T00:00:00Z`) / 1000;

  /** The last month of this very price, and the ceilings of those days. */
  function month(price, now) {
    const today = dayStart(ctx.time.isoDay(now));
    const points = (price.history ?? []).map(([day, value]) => [dayStart(day), value]);
    const ceilings = store.get("series", `price.ceiling:${price.commodity}`)?.points ?? [];
    const limit = ceilings.map(([at, value]) => [dayStart(ctx.time.isoDay(at)), value]);
    return sparkline(points, { from: today - SPAN_DAYS * DAY_S, to: today, limit: price.ceiling ? limit : [] });
  }

  /** A reference band by both of its ends; beside it stands the upper one, by which the price is judged. */
  function band({ ceiling, ceiling_low: low, ceiling_rule: rule }) {
    return ceiling && low ? `${rule} ${figures.number(low)}–${figures.number(ceiling)}` : "";
  }

  /** Where the price is of an older survey than the others, its day says so. */
  function where(price, newest) {
    const old = price.survey_date && price.survey_date < newest;
    const words = [price.market_name, old ? t("prices.survey", { day: ctx.time.dayName(price.survey_date) }) : ""];
    return words.filter(Boolean).join(" · ");
  }

  const newestOf = (rows) =>
    rows
      .map(({ price }) => price.survey_date ?? "")
      .sort()
      .at(-1);

  function row({ price, state }, now, rows) {
    const over = (price.disparity ?? 0) > 0;
    const newest = newestOf(rows);
    const about = where(price, newest);
    return h(
      "div",
      { class: `price line${price.survey_date < newest ? " is-old" : ""}`, key: price.id },
      h(
        "span",
        { class: "name" },
        h("span", { dir: "auto" }, price.name || price.commodity),
        about ? h("small", { dir: "auto" }, about) : null,
        band(price) ? h("small", { class: "band" }, band(price)) : null,
      ),
      h("span", { class: "month" }, month(price, now)),
      h("span", { class: "value" }, figures.number(price.price)),
      h("span", { class: "change" }, figures.change(price.change)),
      h("span", { class: "limit" }, price.ceiling ? figures.number(price.ceiling) : "–"),
      h(
        "span",
        { class: `ceiling${over ? ` is-${state ?? "caution"}` : ""}` },
        Number.isFinite(price.disparity) ? figures.difference(price.disparity) : "–",
      ),
    );
  }

  function units(rows) {
    const found = new Set(rows.map(({ price }) => price.unit ?? "kg"));
    return found.size === 1 ? t("prices.unit", { unit: [...found][0] }) : "Rp";
  }

  function head() {
    const names = ["commodity", "month", "price", "change", "limit", "ceiling"];
    return h(
      "div",
      { class: "price price-head", key: "head" },
      names.map((name) => h("span", { class: /month|limit/.test(name) ? name : null }, t(`prices.${name}`))),
    );
  }

  function age(rows, now) {
    const newest = newestOf(rows);
    if (!newest) return null;
    const today = newest >= ctx.time.isoDay(now);
    return {
      late: !today,
      words: today ? t("prices.today") : t("prices.survey", { day: ctx.time.dayName(newest) }),
    };
  }

  return tile(el, ctx, {
    kinds: ["price", "alert", "series"],
    feedKinds: ["price"],
    title: () => t("prices.title"),
    detail: (rows) => (rows.length ? units(rows) : ""),
    model: (store) => {
      const alerts = store.all("alert");
      return priceRows(store.all("price")).map((price) => ({
        price,
        state: worstOn(alerts, `price:${price.id}`),
      }));
    },
    data: (rows) => Math.max(0, ...rows.map(({ price }) => price.fetched_at ?? price.at ?? 0)) || null,
    count: (rows) => rows.length,
    empty: "prices.none",
    well: false,
    age,
    head,
    rows: (rows) => rows,
    row,
  });
}
