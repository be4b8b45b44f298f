// The panels of a layout: mounts them, tells each of its own kinds only, and no oftener than it may change.

import * as agencies from "./panels/agencies.js";
import * as alerts from "./panels/alerts.js";
import * as calls from "./panels/calls.js";
import * as cctv from "./panels/cctv.js";
import * as districts from "./panels/districts.js";
import * as feeds from "./panels/feeds.js";
import * as gauges from "./panels/gauges.js";
import * as hazards from "./panels/hazards.js";
import * as header from "./panels/header.js";
import * as incidents from "./panels/incidents.js";
import * as map from "./panels/map.js";
import * as prices from "./panels/prices.js";
import { h, render } from "./render.js";

const PANELS = { agencies, alerts, calls, cctv, districts, feeds, gauges, hazards, header, incidents, map, prices };

/** An element that says what the panel is. */
const ELEMENTS = { header: "header", feeds: "footer" };

/** The least time between two changes of a panel (s): figures do not dance. An alert waits for nothing. */
const PACE_S = { alerts: 0, header: 0, incidents: 0.25 };
const USUAL_PACE_S = 1;

export class Stage {
  #places = [];
  #ctx;

  /** `layout` is {name, columns, rows, areas, panels: [{panel, area, options}]}; they become a page in `wall`. */
  constructor(wall, layout, ctx) {
    this.#ctx = ctx;
    const { name: layoutName, columns, rows, areas, panels } = layout;
    const page = document.createElement("div");
    page.className = "page";
    page.dataset.layout = layoutName;
    if (columns) page.style.setProperty("--columns", columns);
    if (rows) page.style.setProperty("--rows", rows);
    if (areas?.length)
      page.style.setProperty("--areas", areas.map((row) => `"${row.replaceAll('"', "")}"`).join(" "));
    this.el = wall.appendChild(page);
    for (const { panel: name, area, options = {} } of panels) {
      const el = document.createElement(ELEMENTS[name] ?? "section");
      el.className = `panel panel-${name}`;
      el.style.gridArea = area;
      page.append(el);
      const place = {
        name,
        el,
        panel: null,
        pending: new Set(),
        timer: null,
        changedAt: -Infinity,
        pace: PACE_S[name] ?? USUAL_PACE_S,
      };
      this.#places.push(place);
      if (PANELS[name]) this.#try(place, () => (place.panel = PANELS[name].mount(el, ctx, options)));
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
