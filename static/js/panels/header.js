// The head of the page: which city, how it stands, is it real, what day and time.

import { headline } from "../facts.js";
import { h, render } from "../render.js";
import { shape } from "../shapes.js";

export function mount(el, ctx) {
  const { t, store, boot } = ctx;
  const standing = store.derived(["alert", "synced"], () => headline(store.all("alert")));

  function level() {
    if (!store.synced) return null;
    const { severity, unseen, open } = standing();
    const state = severity ?? "normal";
    const words =
      open === 0
        ? t("header.quiet")
        : unseen
          ? t("header.unseen", { n: ctx.figures.number(unseen) })
          : t("header.seen");
    return h(
      "span",
      { class: `level is-${state}${unseen ? "" : " is-quiet"}`, key: "level" },
      shape(state),
      h("b", null, t(`severity.${state}`)),
      h("span", { class: "words" }, words),
    );
  }

  function draw() {
    const now = ctx.now();
    const city = store.get("city", "city") ?? {};
    const simulated = boot.city.simulation || city.simulation;
    render(
      el,
      h("h1", { class: "city", dir: "auto", key: "city" }, boot.city.name),
      simulated ? h("span", { class: "simulation", key: "sim" }, t("page.simulation")) : null,
      level(),
      h("span", { class: "date", key: "date" }, ctx.time.date(now)),
      h(
        "span",
        { class: "clock", key: "clock" },
        ctx.time.seconds(now),
        h("small", null, ctx.time.zone(now)),
      ),
    );
  }

  return { kinds: ["alert", "city", "synced"], update: draw, stop: () => el.replaceChildren() };
}
