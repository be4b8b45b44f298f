// The pages of a wall: one stage each, made when it is first shown, and only the one in sight is drawn.

import { pageAt } from "./rotation.js";
import { Stage } from "./stage.js";

export class Pages {
  #stages = new Map();
  #layouts = new Map();
  #shown = null;

  /** `pages` [{layout, show_s}], `emergency` a layout or null, `wall` the element that they go into. */
  constructor(wall, { pages, emergency, screen }, ctx) {
    this.wall = wall;
    this.pages = pages;
    this.emergency = emergency;
    this.screen = screen;
    this.ctx = ctx;
    for (const { layout } of pages) this.#layouts.set(layout.name, layout);
    if (emergency) this.#layouts.set(emergency.name, emergency);
    this.#show(pages[0].layout.name);
  }

  /** Turn to the page of this moment, and let its durations go on. */
  tick() {
    this.#turn();
    this.#stages.get(this.#shown).tick();
  }

  /** These kinds changed; null: everything may have. */
  update(changed) {
    // An alarm and an emergency turn the wall at once, not with the next second.
    if (changed === null || changed.has("alert") || changed.has("city") || changed.has("wall")) this.#turn();
    this.#stages.get(this.#shown).update(changed);
  }

  #turn() {
    const { store } = this.ctx;
    if (!store.synced) return;
    const name = pageAt({
      pages: this.pages,
      emergency: this.emergency,
      known: [...this.#layouts.keys()],
      now: this.ctx.now(),
      city: store.get("city", "city"),
      sent: store.get("wall", this.screen)?.sent ?? null,
      alerts: store.all("alert"),
    });
    if (name !== this.#shown) this.#show(name);
  }

  #show(name) {
    if (this.#shown) this.#stages.get(this.#shown).el.hidden = true;
    this.#shown = name;
    const known = this.#stages.get(name);
    if (known) {
      known.el.hidden = false;
      known.update(null);
    } else {
      const stage = new Stage(this.wall, this.#layouts.get(name), this.ctx);
      this.#stages.set(name, stage);
      if (this.ctx.store.synced) stage.update(null);
    }
  }
}
