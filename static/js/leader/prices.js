// Prices over their ceiling, the furthest first; each commodity once, with all its markets one tap away.

import { priceRows, worstOn } from "../facts.js";
import { h } from "../render.js";
import { worst } from "../severity.js";
import { card, firstOf, others, table, well } from "./cards.js";

export function pricesCard(ctx) {
  const { t, figures, store } = ctx;
  const prices = store.all("price");
  const over = priceRows(prices).filter(({ disparity }) => (disparity ?? 0) > 0);
  const stateOf = (price) => worstOn(store.all("alert"), `price:${price.id}`) ?? "caution";
  const opened = over.find(({ commodity }) => ctx.opened.has(`prices-${commodity}`));

  function opener(price) {
    const name = `prices-${price.commodity}`;
    return h(
      "button",
      {
        type: "button",
        class: "link",
        "aria-expanded": ctx.opened.has(name) ? "true" : "false",
        onclick: () => ctx.toggle("prices", name),
      },
      h("span", { class: "clamp-2" }, price.name || price.commodity),
    );
  }

  const day = ({ survey_date: date }) => (date ? ctx.time.dayName(date) : "–");
  const difference = (price) =>
    h(
      "b",
      { class: `is-${stateOf(price)}` },
      Number.isFinite(price.disparity) ? figures.difference(price.disparity) : "–",
    );

  function markets({ commodity, name }) {
    const all = prices
      .filter((price) => price.commodity === commodity)
      .sort((a, b) => (b.disparity ?? -Infinity) - (a.disparity ?? -Infinity));
    return h(
      "div",
      { class: "card-list", key: "list" },
      table(ctx, {
        caption: t("leader.markets", { name }),
        heads: [t("leader.market"), t("prices.price"), t("prices.ceiling"), t("leader.survey")],
        rows: all.map((price) => ({
          key: price.id,
          cells: [
            price.market_name || t("alerts.city"),
            figures.number(price.price),
            (price.disparity ?? 0) > 0
              ? difference(price)
              : Number.isFinite(price.disparity)
                ? figures.difference(price.disparity)
                : "–",
            day(price),
          ],
        })),
      }),
    );
  }

  return card(
    {
      id: "prices",
      title: t("leader.prices"),
      kinds: ["price"],
      state: worst(over.map(stateOf)),
      body: () => [
        over.length
          ? table(ctx, {
              caption: t("leader.prices"),
              heads: [t("prices.commodity"), t("prices.price"), t("leader.over"), t("leader.survey")],
              rows: firstOf(over, "prices", ctx).map((price) => ({
                key: price.commodity,
                cells: [opener(price), figures.number(price.price), difference(price), day(price)],
              })),
            })
          : well(prices.length ? t("leader.prices_well") : t("prices.none")),
        others(over, "prices", ctx),
        opened ? markets(opened) : null,
      ],
    },
    ctx,
  );
}
