// The walls of the city and where each is sent, for the section of the city.

import { h } from "../render.js";
import { back, drive, layoutName, senderWords, sentOf, targets, whereWords } from "./drive.js";
import { mark } from "./mark.js";

/** Walls that somebody looks at now stand first; then as the city has them. Screens that go elsewhere follow theirs. */
function rows({ store, boot, now, t }) {
  const shown = store.all("wall");
  const lit = new Set(shown.filter(({ state }) => state !== "gone").map(({ id }) => id.split("/")[0]));
  const own = new Set(boot.walls.map(([name]) => name));
  const first = (value) => Number(lit.has(value.split("/")[0]));
  return targets(boot, store.all("screen"), shown, (title) => layoutName(title, t))
    .filter(({ value }) => own.has(value) || sentOf(store.get("wall", value), now()))
    .sort((a, b) => first(b.value) - first(a.value));
}

/** The card with their table. */
export function wallsCard(ctx) {
  const { t, store } = ctx;
  const row = ({ value, label }) => {
    const sent = sentOf(store.get("wall", value), ctx.now());
    const off = !ctx.online();
    return h(
      "tr",
      { key: value },
      h("td", null, h("b", { dir: "auto" }, label)),
      h(
        "td",
        { "data-label": t("drive.now"), dir: "auto" },
        sent
          ? t("drive.sent", {
              where: whereWords(sent, store, t),
              time: ctx.time.moment(sent.until, ctx.now()),
              who: senderWords(sent, ctx),
            })
          : t("drive.own"),
      ),
      h(
        "td",
        null,
        h(
          "div",
          { class: "acts" },
          h("button", { type: "button", disabled: off, onclick: () => drive(ctx, { wall: value }) }, t("action.wall.drive")),
          sent ? h("button", { type: "button", disabled: off, onclick: () => back(ctx, value) }, t("drive.back")) : null,
          mark(ctx.commands.about(`wall:${value}`), ctx),
        ),
      ),
    );
  };
  const heads = ["screen.wall", "drive.now"];
  return h(
    "section",
    { class: "card", key: "walls" },
    h("h3", null, t("drive.walls")),
    h(
      "table",
      { class: "grid-table" },
      h("thead", null, h("tr", null, heads.map((key) => h("th", { scope: "col", key }, t(key))), h("th", null))),
      h("tbody", null, rows(ctx).map(row)),
    ),
  );
}
