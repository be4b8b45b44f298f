// The page's own map: the districts, the warnings over them and the worst things, drawn as SVG. `sheet.js` shows it
// large, one thing at a time.

import { moved, outline, planeOf, zoomed } from "../console/ground.js";
import { h } from "../render.js";
import { CORNERS, SHAPE_OF } from "../shapes.js";
import { under } from "./cover.js";
import { LETTER_WIDTH, gathered, namesThatFit, siteOf, viewOf } from "./plan.js";
import { titleOf, whereOf } from "./things.js";
import { holds } from "./worst.js";

/** Sizes on the glass (px), however close the view is: a symbol, a camera, a name, a number. */
const SYMBOL = 17;
const CAMERA = 3.5;
const LETTER = 12;
const NUMBER = 15;

/** The letters of a page in a hand (px). */
const HAND_PX = 16;

/** What a card is wide (px) before it was ever drawn. */
const USUAL_WIDTH = 360;

/** How much larger than in a hand the page's letters are (leader.css): the drawing's grow with them. */
export const scale = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / HAND_PX;

export class CityMap {
  #plane = null;
  #shapes = new Map();
  #paths = [];
  #failed = false;
  /** The outline of each shape, drawn once: a page draws it again each second. */
  #outlines = new WeakMap();

  constructor(ctx) {
    this.ctx = ctx;
  }

  /** The boundaries have arrived. */
  load(geo) {
    this.#plane = planeOf(geo.bounds);
    const level = this.ctx.boot.map_level ?? 0;
    this.#shapes = new Map(geo.features.map(({ properties, geometry }) => [properties.code, geometry]));
    this.#paths = geo.features
      .filter(({ properties, geometry }) => properties.level === level && geometry)
      .map(({ properties, geometry }) => ({ ...properties, d: outline(geometry, this.#plane.to) }));
  }

  #outline(geometry) {
    let d = this.#outlines.get(geometry);
    if (d === undefined) this.#outlines.set(geometry, (d = outline(geometry, this.#plane.to)));
    return d;
  }

  failed() {
    this.#failed = true;
  }

  /** The map of the whole city on the page, with the worst things by their numbers. */
  card(things) {
    const { ctx } = this;
    const { t } = ctx;
    if (!this.#plane) return h("p", { class: "empty" }, t(this.#failed ? "leader.no_map" : "map.loading"));
    const whole = { x: 0, y: 0, width: this.#plane.width, height: this.#plane.height };
    return h(
      "button",
      {
        type: "button",
        class: "map-button",
        "aria-label": t("leader.open_map"),
        onclick: () => ctx.showOnMap(null),
      },
      this.drawing(whole, things, null, this.#cardRoom()),
    );
  }

  /** Whether there is anything to draw on. */
  get ready() {
    return this.#plane !== null;
  }

  /** The view that shows a thing, or the whole city where it is null. */
  viewOn(thing) {
    const site = thing ? siteOf(thing, this.ctx.store) : { point: null, geometry: null, codes: [] };
    return viewOf(site, this.#plane, this.#shapes);
  }

  /** The same view `by` times closer, around its middle. */
  closer(view, by) {
    return zoomed(view, by, [view.x + view.width / 2, view.y + view.height / 2], this.#plane);
  }

  /** The same view moved by shares of itself, within the city. */
  beside(view, by) {
    return moved(view, by, this.#plane);
  }

  #cardRoom() {
    const shown = document.querySelector(".map-button .city-map");
    return shown?.clientWidth
      ? { width: shown.clientWidth, height: shown.clientHeight }
      : { width: USUAL_WIDTH, height: Infinity };
  }

  /** The drawing for a place of {width, height} px: as large as both let it be. */
  drawing(view, things, thing, { width, height }) {
    const { ctx } = this;
    const { store, t } = ctx;
    const unit = Math.max(view.width / width, view.height / height) * scale();
    const hazards = store.all("hazard").filter((one) => holds(one) && one.geometry);
    const district = (code) => store.get("district", code) ?? {};
    const site = thing ? siteOf(thing, store) : null;
    const shown =
      thing && !things.some(({ kind, id }) => kind === thing.kind && id === thing.id)
        ? [thing, ...things]
        : things;
    const groups = this.#groups(shown, unit, thing);
    const cameras = thing?.kind === "hazard" ? under(thing.entity.geometry, store.all("camera")) : [];
    return h(
      "svg",
      {
        class: "city-map",
        viewBox: `${view.x} ${view.y} ${view.width} ${view.height}`,
        role: "img",
        "aria-label": this.#words(things),
      },
      this.#paths.map(({ code, d }) =>
        h("path", { key: code, class: `land is-${district(code).worst ?? "none"}`, d }),
      ),
      site?.codes.map((code) => {
        const geometry = this.#shapes.get(code);
        return geometry ? h("path", { key: `m${code}`, class: "meant", d: this.#outline(geometry) }) : null;
      }),
      hazards.map((one) =>
        h("path", {
          key: `h${one.id}`,
          class: `hazard is-${one.level}${thing?.id === one.id ? " is-meant" : ""}`,
          d: this.#outline(one.geometry),
        }),
      ),
      cameras.map(({ id, place }) => {
        const [cx, cy] = this.#plane.to([place.lon, place.lat]);
        return h("circle", { key: `c${id}`, class: "camera", cx, cy, r: unit * CAMERA });
      }),
      this.#names(unit, view, groups),
      // The worst lies on top.
      groups.map((group) => this.#symbol(group, unit, thing)).reverse(),
    );
  }

  /** Symbols that can be told apart: [[{thing, x, y, label}, …]], the number of a thing in its label. */
  #groups(shown, unit, meant) {
    const symbols = shown.flatMap((thing, i) => {
      const { point } = siteOf(thing, this.ctx.store);
      if (!point) return [];
      const [x, y] = this.#plane.to(point);
      return [{ thing, x, y, number: meant ? "" : String(i + 1) }];
    });
    if (meant) return symbols.map((one) => [{ ...one, label: "" }]);
    return gathered(symbols, unit * SYMBOL).map((group) => {
      const label = group.map(({ number }) => number).join(", ");
      return group.map((one) => ({ ...one, label }));
    });
  }

  /** The names of the districts, where neither each other nor a symbol covers them. */
  #names(unit, view, groups) {
    const size = unit * LETTER;
    const names = this.#paths
      .filter(({ label }) => label)
      .map(({ code, name, label }) => {
        const [x, y] = this.#plane.to(label);
        return { code, name, x, y };
      });
    const taken = groups.map(([{ x, y, label }]) => {
      const half = unit * SYMBOL * 0.7;
      return [x - half, y - half, x + half + label.length * LETTER_WIDTH * unit * NUMBER, y + half];
    });
    return namesThatFit(names, size, view, taken).map(({ code, name, x, y }) =>
      h("text", { key: `n${code}`, class: "name", x, y, style: { "font-size": `${size}px` } }, name),
    );
  }

  #symbol([{ thing, x, y, label }], unit, meant) {
    const is = meant && thing.kind === meant.kind && thing.id === meant.id;
    const size = unit * SYMBOL * (is ? 1.5 : 1);
    const kind = SHAPE_OF[thing.severity] ?? "circle";
    const corners = CORNERS[kind]
      ?.map(([a, b]) => `${x + (a / 10 - 0.5) * size} ${y + (b / 10 - 0.5) * size}`)
      .join(" ");
    return h(
      "g",
      {
        key: `s${thing.kind}${thing.id}`,
        class: `symbol is-${thing.severity ?? "none"}${is ? " is-meant" : ""}`,
      },
      is ? h("circle", { class: "halo", cx: x, cy: y, r: size * 1.3 }) : null,
      corners ? h("polygon", { points: corners }) : h("circle", { cx: x, cy: y, r: size * 0.4 }),
      !label
        ? null
        : h(
            "text",
            {
              class: "number",
              x: x + size * 0.75,
              y: y + size * 0.35,
              style: { "font-size": `${unit * NUMBER}px` },
            },
            label,
          ),
    );
  }

  /** What the drawing says to who does not see it. */
  #words(things) {
    const { t } = this.ctx;
    const told = things.map(
      (thing, i) => `${i + 1}. ${titleOf(thing, this.ctx)}, ${whereOf(thing, this.ctx)}`,
    );
    return told.length ? `${t("leader.map_all")}: ${told.join("; ")}` : t("leader.map_calm");
  }
}
