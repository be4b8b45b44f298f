// Land values: districts or zones ranked by what a square metre is worth, with the change since the map before.
// Options: `by` ("district" or "zone"), `level` of the districts.

import { DIGITS, MILLION, byDistrict, byZone, isLate, mapOf } from "../landvalues.js";
import { h } from "../render.js";
import { tile } from "../tile.js";

export function mount(el, ctx, options = {}) {
  const { t, figures } = ctx;
  const level = options.level ?? ctx.boot.map_level ?? 0;
  const ofZones = options.by === "zone";

  function row({ id, name, value, change, about }, now, { most }) {
    return h(
      "div",
      { class: "land line", key: id },
      h("span", { class: "name" }, h("span", { dir: "auto" }, name), about ? h("small", { dir: "auto" }, about) : null),
      h("span", { class: "bar" }, h("i", { style: { width: `${Math.round((100 * value) / most)}%` } })),
      h("span", { class: "value" }, figures.number(value / MILLION, DIGITS)),
      h("span", { class: "change" }, change === null ? "–" : figures.difference(change)),
    );
  }

  function head() {
    return h(
      "div",
      { class: "land land-head", key: "head" },
      h("span", null, ofZones ? t("landvalue.zone") : ctx.places.label || t("map.district")),
      h("span", { class: "bar" }),
      h("span", null, t("landvalue.value")),
      h("span", null, t("landvalue.change")),
    );
  }

  return tile(el, ctx, {
    kinds: ["landvalue", "metric"],
    feedKinds: ["landvalue"],
    title: () => t("landvalue.title"),
    // Who says so stands beside the unit: a value of land is an opinion of somebody.
    detail: ({ map }) => [t("landvalue.unit"), map.source].filter(Boolean).join(" · "),
    model: (store) => {
      const zones = store.all("landvalue");
      const rows = ofZones ? byZone(zones) : byDistrict(store.all("metric"), store.all("district"), level);
      return { rows, map: mapOf(zones), most: Math.max(1, ...rows.map(({ value }) => value)) };
    },
    data: ({ map }) => map.at,
    count: ({ rows }) => rows.length,
    empty: "landvalue.none",
    well: false,
    age: ({ map }, now) =>
      map.asOf ? { late: isLate(map, now), words: t("landvalue.as_of", { time: ctx.time.asOf(map.asOf) }) } : null,
    head,
    rows: ({ rows }) => rows,
    row,
  });
}
