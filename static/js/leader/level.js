// The city's status: which level, who is in command, since when and by whom; and the ladder of all levels.

import { ABOUT, declare } from "../console/declare.js";
import { mark } from "../console/mark.js";
import { h } from "../render.js";
import { shape } from "../shapes.js";

const stateOf = (level) => level?.severity ?? "normal";

export function levelCard(ctx) {
  const { t, store, boot } = ctx;
  const city = store.get("city", "city") ?? {};
  const { level } = city;
  if (!level)
    return h(
      "section",
      { class: "level-card", key: "level", "aria-label": t("action.city.status") },
      h("p", { class: "empty" }, t("tile.waiting")),
    );
  const state = stateOf(level);
  const commander = ctx.pick(level.commander);
  const said = city.status_at
    ? t("city.since", {
        time: ctx.time.moment(city.status_at, ctx.now()),
        who: city.status_name || city.status_by,
      })
    : t("leader.undeclared");
  return h(
    "section",
    { class: `level-card is-${state}`, key: "level", "aria-labelledby": "level-title" },
    h(
      "div",
      { class: "level-now" },
      h("h2", { id: "level-title", class: "sr-only" }, t("action.city.status")),
      shape(state, t(`severity.${state}`)),
      h(
        "div",
        null,
        h("p", { class: "level-name", dir: "auto" }, ctx.pick(level.name)),
        commander
          ? h("p", { class: "commander", dir: "auto" }, h("span", null, t("leader.command")), ` ${commander}`)
          : null,
      ),
    ),
    h(
      "div",
      { class: "level-why" },
      city.status_text ? h("p", { class: "why", dir: "auto" }, city.status_text) : null,
      ctx.pick(level.meaning) ? h("p", { dir: "auto" }, ctx.pick(level.meaning)) : null,
      ctx.pick(level.instruction)
        ? h("p", { class: "instruction", dir: "auto" }, ctx.pick(level.instruction))
        : null,
      h("p", { class: "muted", dir: "auto" }, said),
      ctx.commands ? mark(ctx.commands.about(ABOUT), ctx) : null,
    ),
    h(
      "ol",
      { class: "ladder", "aria-label": t("leader.ladder") },
      [...boot.status].reverse().map((one) => step(one, city, ctx)),
    ),
  );
}

/** One level of the ladder; who may declare it presses it. */
function step(level, city, ctx) {
  const { t } = ctx;
  const here = level.code === city.status;
  const commander = ctx.pick(level.commander);
  const inside = [
    shape(stateOf(level), t(`severity.${stateOf(level)}`)),
    h("span", { class: "step-name", dir: "auto" }, ctx.pick(level.name)),
    commander ? h("span", { class: "step-who", dir: "auto" }, commander) : null,
  ];
  const may = ctx.may("city.status") && !here;
  return h(
    "li",
    {
      class: `step is-${stateOf(level)}${here ? " is-here" : ""}`,
      key: level.code,
      "aria-current": here ? "true" : null,
    },
    may
      ? h(
          "button",
          {
            type: "button",
            disabled: !ctx.online(),
            "aria-label": t("city.declare", { name: ctx.pick(level.name) }),
            onclick: () => declare(level, ctx),
          },
          inside,
        )
      : h("div", null, inside),
  );
}
