// A small map to point at a place: the districts' borders from the boundaries' file, one pin. Drawn as SVG, for
// it is touched once in a while, by mouse, finger or keys.

import { h, render } from "../render.js";

/** Corners of the drawing; its height follows from the city's. */
const WIDTH = 1000;

/** How much closer one step of the wheel or a key brings it, and how close it can be. */
const STEP = 1.5;
const CLOSEST = 60;

/** A press that moves less than this (px) is a point, not a drag. */
const STILL_PX = 5;

/** The plane of a box of degrees: degrees to the drawing and back. Pure. */
export function planeOf([west, south, east, north]) {
  const narrow = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const scale = WIDTH / ((east - west) * narrow);
  return {
    width: WIDTH,
    height: (north - south) * scale,
    to: ([lon, lat]) => [(lon - west) * narrow * scale, (north - lat) * scale],
    from: ([x, y]) => [west + x / (narrow * scale), north - y / scale],
  };
}

/** A view {x, y, width, height} of the drawing, `by` times closer, so that the point (x, y) stays where it is. */
export function zoomed(view, by, [x, y], whole) {
  const width = Math.min(Math.max(view.width / by, whole.width / CLOSEST), whole.width);
  const height = (width * whole.height) / whole.width;
  const share = width / view.width;
  return kept({ x: x - (x - view.x) * share, y: y - (y - view.y) * share, width, height }, whole);
}

/** The view moved by a share of itself; it never leaves the drawing. */
export function moved(view, [right, down], whole) {
  return kept({ ...view, x: view.x + right * view.width, y: view.y + down * view.height }, whole);
}

function kept(view, whole) {
  return {
    ...view,
    x: Math.min(Math.max(view.x, 0), whole.width - view.width),
    y: Math.min(Math.max(view.y, 0), whole.height - view.height),
  };
}

/** The outline of a GeoJSON polygon or multipolygon as the text of an SVG path. */
export function outline(geometry, to) {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  const at = (point) =>
    to(point)
      .map((value) => value.toFixed(1))
      .join(" ");
  return polygons
    .flat()
    .map((ring) => `M${ring.map(at).join("L")}Z`)
    .join("");
}

export class Ground {
  #geo = null;
  #plane = null;
  #view = null;
  #pin = null;
  #press = null;
  #paths = [];

  constructor(root, ctx, { label, onPoint }) {
    Object.assign(this, { root, ctx, label, onPoint });
    this.#load();
  }

  async #load() {
    try {
      const response = await fetch(this.ctx.boot.geo);
      if (!response.ok) return;
      this.#geo = await response.json();
    } catch (fault) {
      console.warn("no map:", fault); // the address and the coordinates do without
      return;
    }
    if (!this.root.isConnected) return;
    this.#plane = planeOf(this.#geo.bounds);
    this.#view = { x: 0, y: 0, width: this.#plane.width, height: this.#plane.height };
    const lowest = Math.max(...this.#geo.features.map(({ properties }) => properties.level));
    const kind = (level) => (level === lowest ? "low" : level === lowest - 1 ? "high" : null);
    this.#paths = this.#geo.features
      .filter(({ properties, geometry }) => kind(properties.level) && geometry)
      .map(({ properties, geometry }) => ({
        kind: kind(properties.level),
        code: properties.code,
        name: properties.name,
        d: outline(geometry, this.#plane.to),
      }))
      .sort((a, b) => (a.kind === "low" ? 0 : 1) - (b.kind === "low" ? 0 : 1));
    this.#draw();
  }

  /** Show where [lon, lat] lies, or nothing. */
  pin(point) {
    this.#pin = point;
    if (this.#plane) this.#draw();
  }

  /** The boundaries' file, once it is there. */
  get geo() {
    return this.#geo;
  }

  stop() {
    this.#geo = null;
    render(this.root);
  }

  #draw() {
    const { t } = this.ctx;
    const { x, y, width, height } = this.#view;
    const dot = this.#pin && this.#plane.to(this.#pin);
    const unit = width / 300;
    render(
      this.root,
      h(
        "svg",
        {
          viewBox: `${x} ${y} ${width} ${height}`,
          role: "application",
          tabindex: 0,
          "aria-label": this.label,
          onpointerdown: (event) => this.#down(event),
          onpointermove: (event) => this.#drag(event),
          onpointerup: (event) => this.#up(event),
          onwheel: (event) => {
            event.preventDefault();
            this.#zoom(event.deltaY < 0 ? STEP : 1 / STEP, this.#at(event));
          },
          onkeydown: (event) => this.#key(event),
        },
        this.#paths.map(({ code, kind, name, d }) =>
          h(
            "path",
            { key: `${kind} ${code}`, class: `is-${kind}`, d },
            kind === "low" ? h("title", null, name) : null,
          ),
        ),
        dot ? h("circle", { key: "pin", class: "pin", cx: dot[0], cy: dot[1], r: unit * 3 }) : null,
        h("path", {
          key: "cross",
          class: "cross",
          d: `M${x + width / 2 - unit * 4} ${y + height / 2}h${unit * 8}M${x + width / 2} ${y + height / 2 - unit * 4}v${unit * 8}`,
        }),
      ),
      h(
        "div",
        { class: "ground-keys" },
        h("button", { type: "button", "aria-label": t("new.closer"), onclick: () => this.#zoom(STEP) }, "+"),
        h(
          "button",
          { type: "button", "aria-label": t("new.wider"), onclick: () => this.#zoom(1 / STEP) },
          "−",
        ),
      ),
    );
  }

  #zoom(by, at = null) {
    const view = this.#view;
    this.#view = zoomed(view, by, at ?? [view.x + view.width / 2, view.y + view.height / 2], this.#plane);
    this.#draw();
  }

  /** Where in the drawing an event is. */
  #at(event) {
    const svg = this.root.querySelector("svg");
    const [x, y] = [event.clientX, event.clientY];
    const found = new DOMPoint(x, y).matrixTransform(svg.getScreenCTM().inverse());
    return [found.x, found.y];
  }

  #down(event) {
    this.#press = { x: event.clientX, y: event.clientY, view: this.#view, far: false };
    event.currentTarget.setPointerCapture(event.pointerId);
  }

  #drag(event) {
    const press = this.#press;
    if (!press) return;
    const [right, down] = [event.clientX - press.x, event.clientY - press.y];
    press.far ||= Math.hypot(right, down) > STILL_PX;
    if (!press.far) return;
    const box = this.root.querySelector("svg").getBoundingClientRect();
    this.#view = moved(press.view, [-right / box.width, -down / box.height], this.#plane);
    this.#draw();
  }

  #up(event) {
    const press = this.#press;
    this.#press = null;
    if (press && !press.far) this.onPoint(this.#plane.from(this.#at(event)));
  }

  /** Arrows move, + and − bring closer and wider, Enter points at the cross in the middle. */
  #key(event) {
    const by = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] }[
      event.key
    ];
    const { x, y, width, height } = this.#view;
    if (by) this.#view = moved(this.#view, by, this.#plane);
    else if (event.key === "+")
      this.#view = zoomed(this.#view, STEP, [x + width / 2, y + height / 2], this.#plane);
    else if (event.key === "-")
      this.#view = zoomed(this.#view, 1 / STEP, [x + width / 2, y + height / 2], this.#plane);
    else if (event.key === "Enter") this.onPoint(this.#plane.from([x + width / 2, y + height / 2]));
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.#draw();
  }
}
