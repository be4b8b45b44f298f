// Food prices: what is over its ceiling first. The day of the survey stands in the place of the age.

import { priceRows, worstOn } from "../facts.js";
import { h } from "../render.js";
import { tile } from "../tile.js";

export function mount(el, ctx) {
  const { t, figures } = ctx;

  function row({ price, state }) {
    const over = (price.disparity ?? 0) > 0;
    return h(
      "div",
      { class: "price line", key: price.id },
      h(
        "span",
        { class: "name" },
        h("span", { dir: "auto" }, price.name || price.commodity),
        price.market_name ? h("small", { dir: "auto" }, price.market_name) : null,
      ),
      h("span", { class: "value" }, figures.number(price.price)),
      h("span", { class: "change" }, figures.change(price.change)),
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
    const names = ["commodity", "price", "change", "ceiling"];
    return h(
      "div",
      { class: "price price-head", key: "head" },
      names.map((name) => h("span", null, t(`prices.${name}`))),
    );
  }

  function age(rows, now) {
    const newest = rows
      .map(({ price }) => price.survey_date ?? "")
      .sort()
      .at(-1);
    if (!newest) return null;
    const today = newest >= ctx.time.isoDay(now);
    return {
      late: !today,
      words: today ? t("prices.today") : t("prices.survey", { day: ctx.time.dayName(newest) }),
    };
  }

  return tile(el, ctx, {
    kinds: ["price", "alert"],
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
