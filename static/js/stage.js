// The panels of a layout: mounts them, tells each of its own kinds only, and no oftener than it may change.

import { bound } from "./district_view.js";
import { h, render } from "./render.js";

/** The least time between two changes of a panel that names no other (s): figures do not dance. */
const PACE_S = 1;

/**
 * The modules of these panels, name → module; one that cannot be loaded is an Error in its place. A module exports
 * mount(el, ctx, options) and, where they are not the usual, `ELEMENT` and `PACE_S`.
 */
export async function loadPanels(names) {
  const load = (name) => import(`./panels/${name}.js`).catch((fault) => fault);
  return new Map(await Promise.all(names.map(async (name) => [name, await load(name)])));
}

export class Stage {
  #places = [];
  #ctx;

  /**
   * `arranged` is {columns, rows, areas, panels: [{panel, area, options}]}; they become a page in `wall`. What they
   * are comes from ctx.panels; the order of those is that of a column.
   */
  constructor(wall, layoutName, arranged, ctx) {
    this.#ctx = ctx;
    const { columns, rows, areas, panels } = arranged;
    const order = [...ctx.panels.keys()];
    const page = document.createElement("div");
    page.className = "page";
    page.dataset.layout = layoutName;
    if (columns) page.style.setProperty("--columns", columns);
    if (rows) page.style.setProperty("--rows", rows);
    if (areas?.length)
      page.style.setProperty("--areas", areas.map((row) => `"${row.replaceAll('"', "")}"`).join(" "));
    this.el = wall.appendChild(page);
    for (const { panel: name, area, options = {} } of panels) {
      const module = ctx.panels.get(name);
      const el = document.createElement(module?.ELEMENT ?? "section");
      el.className = `panel panel-${name}`;
      el.style.gridArea = area;
      el.style.order = order.indexOf(name);
      page.append(el);
      const place = {
        name,
        el,
        panel: null,
        pending: new Set(),
        timer: null,
        changedAt: -Infinity,
        pace: module?.PACE_S ?? PACE_S,
      };
      this.#places.push(place);
      const own = options.district ? bound(ctx, options.district) : ctx;
      if (module?.mount) this.#try(place, () => (place.panel = module.mount(el, own, options)));
      else render(el, h("p", { class: "note" }, ctx.t("page.panel_missing", { name })));
    }
  }

  /** Once a second: durations go on, and what was put off is shown. */
  tick() {
    for (const place of this.#places) this.#draw(place, "clock");
  }

  /** These kinds changed; null: everything may have. */
  update(changed) {
    const now = this.#ctx.mono();
    for (const place of this.#places) {
      const { panel, pending, pace, changedAt } = place;
      if (!panel) continue;
      if (changed === null) {
        this.#draw(place, "synced");
        continue;
      }
      const own = panel.kinds.filter((kind) => changed.has(kind));
      if (!own.length) continue;
      own.forEach((kind) => pending.add(kind));
      const wait = changedAt + pace - now;
      if (wait <= 0) this.#draw(place);
      else place.timer ??= setTimeout(() => this.#draw(place), wait * 1000);
    }
  }

  /** The colours of the page have changed: what paints by itself looks at them again. */
  dress() {
    for (const place of this.#places) this.#try(place, () => place.panel?.dress?.());
  }

  /** Take everything off the wall. */
  stop() {
    for (const { panel, timer } of this.#places) {
      clearTimeout(timer);
      panel?.stop();
    }
    this.#places = [];
    this.el.remove();
  }

  #draw(place, why = null) {
    clearTimeout(place.timer);
    place.timer = null;
    if (place.pending.size) place.changedAt = this.#ctx.mono();
    const changed = place.pending;
    place.pending = new Set();
    if (why) changed.add(why);
    this.#try(place, () => place.panel?.update(changed));
  }

  /** One panel that fails must not take the others away; it says so in its own place, and is tried again. */
  #try(place, act) {
    try {
      act();
      place.el.removeAttribute("data-failed");
    } catch (fault) {
      console.error(`panel ${place.name}`, fault);
      place.el.dataset.failed = this.#ctx.t("page.panel_failed", { reason: String(fault?.message ?? fault) });
    }
  }
}
