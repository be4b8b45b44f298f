// The map large, in a sheet over the page: one thing, or the whole city. Moved by finger, mouse or keys.

import { h, render } from "../render.js";
import { scale } from "./map.js";
import { titleOf, whereOf, whoWords } from "./things.js";

/** How much closer one step brings it, and how far an arrow moves it (share of the view). */
const STEP = 1.6;
const MOVE = 0.15;

/** In a hand a sheet is never wider or higher (px; static/css/leader/map.css), and its head and foot take so much of that. */
const WIDEST = 960;
const HIGHEST = 800;
const BARS = 160;

/** Show `thing` on the map among the worst `things`; null: all of the city. */
export function openSheet(map, thing, things, ctx) {
  const { t } = ctx;
  const before = document.activeElement;
  const dialog = document.createElement("dialog");
  dialog.className = "map-sheet";
  dialog.setAttribute("aria-labelledby", "map-title");
  let view = map.viewOn(thing);
  let press = null;

  const look = (next) => {
    view = next;
    draw();
  };
  const zoom = (by) => look(map.closer(view, by));
  const move = (by) => look(map.beside(view, by));
  const keys = {
    ArrowLeft: () => move([-MOVE, 0]),
    ArrowRight: () => move([MOVE, 0]),
    ArrowUp: () => move([0, -MOVE]),
    ArrowDown: () => move([0, MOVE]),
    "+": () => zoom(STEP),
    "-": () => zoom(1 / STEP),
  };
  const hands = {
    onkeydown(event) {
      if (!keys[event.key]) return;
      event.preventDefault();
      keys[event.key]();
    },
    onpointerdown(event) {
      press = { x: event.clientX, y: event.clientY, view };
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onpointermove(event) {
      if (!press) return;
      const box = event.currentTarget.getBoundingClientRect();
      const by = [(press.x - event.clientX) / box.width, (press.y - event.clientY) / box.height];
      look(map.beside(press.view, by));
    },
    onpointerup: () => (press = null),
    onpointercancel: () => (press = null),
    onwheel(event) {
      event.preventDefault();
      zoom(event.deltaY < 0 ? STEP : 1 / STEP);
    },
  };

  function head() {
    const about = thing ? [whereOf(thing, ctx), whoWords(thing, ctx)].filter(Boolean).join(" · ") : "";
    return h(
      "header",
      { class: "sheet-head" },
      h(
        "div",
        null,
        h("h2", { id: "map-title", dir: "auto" }, thing ? titleOf(thing, ctx) : t("leader.map_all")),
        about ? h("p", { dir: "auto" }, about) : null,
      ),
      h("button", { type: "button", onclick: () => dialog.close() }, t("leader.close")),
    );
  }

  function foot() {
    const link = thing ? ctx.linkOf(thing) : null;
    return h(
      "div",
      { class: "sheet-foot" },
      h("button", { type: "button", "aria-label": t("new.closer"), onclick: () => zoom(STEP) }, "+"),
      h("button", { type: "button", "aria-label": t("new.wider"), onclick: () => zoom(1 / STEP) }, "−"),
      link ? h("a", { class: "button", href: link }, t("leader.in_console")) : null,
    );
  }

  function draw() {
    const large = scale();
    const room = {
      width: Math.min(innerWidth, WIDEST * large),
      height: Math.min(innerHeight, HIGHEST * large) - BARS * large,
    };
    const drawing = map.drawing(view, things, thing, room);
    const place = {
      class: "sheet-map",
      tabindex: 0,
      role: "group",
      "aria-label": t("leader.map_keys"),
      ...hands,
    };
    render(dialog, head(), h("div", place, drawing), foot());
  }

  draw();
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    before?.focus?.();
  });
  dialog.showModal();
}
