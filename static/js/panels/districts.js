// Districts, the one where most is wrong first: what is open, what is late, which cameras are down.

import { districtRank } from "../facts.js";
import { h } from "../render.js";
import { shape } from "../shapes.js";
import { tile } from "../tile.js";

export function mount(el, ctx, options = {}) {
  const { t, figures } = ctx;
  /** One district's own page ranks what is in it: the lowest level. */
  const levelOf = (all) =>
    options.level ??
    (ctx.district ? Math.max(0, ...all.map((district) => district.level ?? 0)) : (ctx.boot.map_level ?? 0));
  const columns = ["open", "overdue", "cameras"];

  function row({ id, name, worst, counts = {} }) {
    const { open = 0, overdue = 0, cameras = 0, cameras_down: down = 0 } = counts;
    const state = worst ?? (open ? "none" : "normal");
    return h(
      "div",
      { class: `district is-${state}`, key: id },
      shape(state, t(`severity.${state}`)),
      h("b", { class: "clamp-1", dir: "auto" }, name),
      h("span", null, figures.number(open)),
      h("span", { class: overdue ? "is-late" : "" }, overdue ? figures.number(overdue) : "–"),
      h("span", { class: down ? "is-late" : "" }, cameras ? `${figures.number(down)}/${figures.number(cameras)}` : "–"),
    );
  }

  function head() {
    return h(
      "div",
      { class: "district district-head", key: "head" },
      h("i"),
      h("span", null, (ctx.district ? ctx.places.lowestLabel : ctx.places.label) || t("map.district")),
      columns.map((name) => h("span", null, t(`districts.${name}`))),
    );
  }

  return tile(el, ctx, {
    kinds: ["district"],
    feeds: false,
    title: () => t("districts.title"),
    model: (store) => {
      const all = store.all("district");
      const level = levelOf(all);
      return all.filter((district) => (district.level ?? 0) === level).sort(districtRank);
    },
    count: (districts) => districts.length,
    empty: "districts.none",
    well: false,
    head,
    rows: (districts) => districts,
    row,
  });
}
