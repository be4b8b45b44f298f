// The city's status, and where its walls are sent: what a supervisor or a leader says to everybody at once.

import { h, render } from "../render.js";
import { shape } from "../shapes.js";
import { mark } from "./mark.js";

const MINUTE_S = 60;

/** Times for which a wall is sent somewhere (min); it goes back by itself. The engine's own limit is 12 h. */
const MINUTES = [5, 15, 30, 60, 120, 240, 480];
const USUAL_MINUTES = 30;

/** Why, in one line of the wall; the engine's limit. */
const MOST_TEXT = 200;

/** Where a wall is sent at `now` (s): {layout?, subject?, until, by}, or null. */
export const sentOf = (wall, now) => (wall?.sent && now < wall.sent.until ? wall.sent : null);

export function mount(root, ctx) {
  const { store, t, boot } = ctx;
  root.classList.add("page");

  async function declare(level) {
    const name = ctx.pick(level.name);
    const values = await ctx.ask({
      title: t("city.declare", { name }),
      intro: [
        ctx.pick(level.commander) && t("city.commands", { who: ctx.pick(level.commander) }),
        ctx.pick(level.meaning),
        t(level.emergency ? "city.turns" : "city.shows"),
      ]
        .filter(Boolean)
        .join(" "),
      submit: t("city.declare", { name }),
      danger: Boolean(level.emergency),
      fields: [{ name: "text", label: t("city.why"), hint: t("city.why_hint"), most: MOST_TEXT }],
    });
    if (values) ctx.commands.send("city.status", { status: level.code, text: values.text }, "city:city");
  }

  async function drive([name, title]) {
    const values = await ctx.ask({
      title: t("drive.title", { name: title }),
      intro: t("drive.intro"),
      submit: t("action.wall.drive"),
      fields: [
        {
          name: "layout",
          label: t("drive.layout"),
          kind: "select",
          options: boot.layouts.map((layout) => ({ value: layout, label: layoutName(layout) })),
        },
        {
          name: "minutes",
          label: t("alert.shelve_for"),
          kind: "select",
          value: String(USUAL_MINUTES),
          options: MINUTES.map((minutes) => ({
            value: String(minutes),
            label: ctx.figures.duration(minutes * MINUTE_S),
          })),
        },
      ],
    });
    if (!values) return;
    const args = { wall: name, layout: values.layout, for_s: Number(values.minutes) * MINUTE_S };
    ctx.commands.send("wall.drive", args, `wall:${name}`);
  }

  const back = ([name]) => ctx.commands.send("wall.drive", { wall: name }, `wall:${name}`);

  /** A city's own layouts have no words but their names. */
  function layoutName(layout) {
    const key = `layout.${layout}`;
    return t(key) === key ? layout : t(key);
  }

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
                    onclick: () => declare(one),
                  },
                  shape(one.severity ?? "normal"),
                  t("city.declare", { name: ctx.pick(one.name) }),
                ),
              )
          : null,
        mark(ctx.commands.about("city:city"), ctx),
      ),
    );
  }

  /** Walls that somebody looks at now stand first; then as the city has them. */
  function inUse() {
    const lit = new Set(
      store
        .all("wall")
        .filter(({ state }) => state !== "gone")
        .map(({ id }) => id.split("/")[0]),
    );
    return [...boot.walls].sort(([a], [b]) => Number(lit.has(b)) - Number(lit.has(a)));
  }

  function wall(one) {
    const [name, title] = one;
    const sent = sentOf(store.get("wall", name), ctx.now());
    return h(
      "tr",
      { key: name },
      h("td", null, h("b", { dir: "auto" }, layoutName(title))),
      h(
        "td",
        { "data-label": t("drive.now") },
        sent
          ? t("drive.sent", {
              where: sent.layout ? layoutName(sent.layout) : t("drive.map"),
              time: ctx.time.moment(sent.until, ctx.now()),
              who: ctx.nameOf(sent.by),
            })
          : t("drive.own"),
      ),
      h(
        "td",
        null,
        h(
          "div",
          { class: "acts" },
          h("button", { type: "button", disabled: !ctx.online(), onclick: () => drive(one) }, t("action.wall.drive")),
          sent
            ? h("button", { type: "button", disabled: !ctx.online(), onclick: () => back(one) }, t("drive.back"))
            : null,
          mark(ctx.commands.about(`wall:${name}`), ctx),
        ),
      ),
    );
  }

  function draw() {
    const heads = ["screen.wall", "drive.now"];
    render(
      root,
      h("h2", { key: "title" }, t("console.city")),
      ctx.online() ? null : h("p", { class: "cut", role: "status", key: "cut" }, t("alert.cut")),
      status(),
      ctx.may("wall.drive")
        ? h(
            "section",
            { class: "card", key: "walls" },
            h("h3", null, t("drive.walls")),
            h(
              "table",
              { class: "grid-table" },
              h("thead", null, h("tr", null, heads.map((key) => h("th", { scope: "col", key }, t(key))), h("th", null))),
              h("tbody", null, inUse().map(wall)),
            ),
          )
        : null,
    );
  }

  return { update: draw, keys: {} };
}
