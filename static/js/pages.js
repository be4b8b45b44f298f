// The pages of a wall: one stage each, made when it is first shown, and only the one in sight is drawn.

import { arrange } from "./arrange.js";
import { pageAt } from "./rotation.js";
import { Stage } from "./stage.js";

export class Pages {
  #stages = new Map();
  #shown = null;
  #form;

  /** `boot` as the server wrote it: {wall, screen, pages, layouts, emergency}; they go into the element `into`. */
  constructor(into, boot, ctx) {
    this.into = into;
    this.boot = boot;
    this.ctx = ctx;
    this.#form = ctx.screen().form;
    this.#show(boot.pages[0].layout);
  }

  /** Where somebody has sent this screen, or all of its wall; null: nowhere. */
  sent() {
    const { wall, screen } = this.boot;
    const own = screen ? this.ctx.store.get("wall", `${wall}/${screen}`)?.sent : null;
    return own ?? this.ctx.store.get("wall", wall)?.sent ?? null;
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

  /** The screen has another size; of another form it has other grids. */
  resize() {
    const { form } = this.ctx.screen();
    if (form === this.#form) return this.update(null);
    this.#form = form;
    for (const stage of this.#stages.values()) stage.stop();
    this.#stages.clear();
    const shown = this.#shown;
    this.#shown = null;
    this.#show(shown);
  }

  /** The colours of the page have changed. */
  dress() {
    for (const stage of this.#stages.values()) stage.dress();
  }

  #turn() {
    const { store } = this.ctx;
    if (!store.synced) return;
    const { pages, layouts, emergency } = this.boot;
    const name = pageAt({
      pages,
      layouts,
      emergency,
      now: this.ctx.now(),
      city: store.get("city", "city"),
      sent: this.sent(),
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
      const arranged = arrange(this.boot.layouts[name], this.#form);
      const stage = new Stage(this.into, name, arranged, this.ctx);
      this.#stages.set(name, stage);
      if (this.ctx.store.synced) stage.update(null);
    }
  }
}
