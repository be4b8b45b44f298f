// The city's status, and where its walls are sent: what a supervisor or a leader says to everybody at once.

import { h, render } from "../render.js";
import { shape } from "../shapes.js";
import { ABOUT, declare } from "./declare.js";
import { driveMap } from "./drive_map.js";
import { mark } from "./mark.js";
import { wallsCard } from "./walls.js";

export function mount(root, ctx) {
  const { store, t, boot } = ctx;
  root.classList.add("page");
  let map = null;

  function status() {
    const city = store.get("city", "city") ?? {};
    const level = city.level ?? {};
    const commander = ctx.pick(level.commander);
    const said = city.status_at
      ? t("city.since", { time: ctx.time.moment(city.status_at, ctx.now()), who: city.status_name || city.status_by })
      : "";
    return h(
      "section",
      { class: "card duty", key: "status" },
      h("h3", null, t("action.city.status")),
      h(
        "p",
        { class: "duty-now" },
        shape(level.severity ?? "normal"),
        h("span", { class: `is-${level.severity ?? "normal"}`, dir: "auto" }, ctx.pick(level.name)),
        commander ? h("span", { dir: "auto" }, commander) : null,
        said ? h("small", null, said) : null,
      ),
      ctx.pick(level.meaning) ? h("p", { dir: "auto" }, ctx.pick(level.meaning)) : null,
      ctx.pick(level.instruction) ? h("p", { dir: "auto" }, ctx.pick(level.instruction)) : null,
      city.status_text ? h("p", { class: "hint", dir: "auto" }, city.status_text) : null,
      h(
        "div",
        { class: "acts" },
        ctx.may("city.status")
          ? // The calm one first: nobody declares an emergency with the first thing that the hand finds.
            boot.status
              .filter(({ code }) => code !== city.status)
              .map((one) =>
                h(
                  "button",
                  {
                    type: "button",
                    key: one.code,
                    class: one.emergency ? "is-danger" : "",
                    disabled: !ctx.online(),
                    onclick: () => declare(one, ctx),
                  },
                  shape(one.severity ?? "normal"),
                  t("city.declare", { name: ctx.pick(one.name) }),
                ),
              )
          : null,
        mark(ctx.commands.about(ABOUT), ctx),
      ),
    );
  }

  function draw() {
    render(
      root,
      h("h2", { key: "title" }, t("console.city")),
      ctx.online() ? null : h("p", { class: "cut", role: "status", key: "cut" }, t("alert.cut")),
      status(),
      ctx.may("wall.drive") ? [wallsCard(ctx), mapCard()] : null,
    );
    const place = root.querySelector("[data-drive-map]");
    if (place) map ??= driveMap(place, ctx);
    map?.update();
  }

  const mapCard = () =>
    h(
      "section",
      { class: "card", key: "map" },
      h("h3", null, t("drive.from_map")),
      h("div", { class: "drive-map", key: "map", "data-drive-map": true }),
    );

  return { update: draw, keys: {}, stop: () => map?.stop() };
}
