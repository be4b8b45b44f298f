// The pages of a wall: one stage each, made when it is first shown, and only the one in sight is drawn.

import { arrange } from "./arrange.js";
import { bound } from "./district_view.js";
import { h, render } from "./render.js";
import { obeyed, pageAt } from "./rotation.js";
import { sentWords } from "./sent.js";
import { Stage } from "./stage.js";

const keyOf = ({ layout, district = "" }) => `${layout} ${district}`;

/** Pages kept beside those that turn: where a wall is sent now and then. A map at 4K holds 33 MB of pixels. */
const SPARE = 3;

export class Pages {
  #stages = new Map();
  /** {layout, district, stage} */
  #shown = null;
  #form;
  #note = null;

  /** `boot` as the server wrote it: {wall, screen, pages, layouts, emergency, district}; they go into `into`. */
  constructor(into, boot, ctx) {
    this.into = into;
    this.boot = boot;
    this.ctx = ctx;
    this.#form = ctx.screen().form;
    this.#show(boot.pages[0]);
  }

  /** Where somebody has sent this screen, or all of its wall, and it has gone; null: nowhere. */
  sent() {
    return obeyed(this.#state());
  }

  #asked() {
    const { wall, screen, device } = this.boot;
    // The paired device alone, then its slot on the wall, then the wall.
    const boards = [device && `${wall}/${device}`, screen && `${wall}/${screen}`, wall];
    for (const board of boards) {
      const sent = board && this.ctx.store.get("wall", board)?.sent;
      if (sent) return sent;
    }
    return null;
  }

  /** Turn to the page of this moment, and let its durations go on. */
  tick() {
    this.#turn();
    this.#shown.stage.tick();
  }

  /** These kinds changed; null: everything may have. */
  update(changed) {
    // An alarm and an emergency turn the wall at once, not with the next second.
    if (changed === null || changed.has("alert") || changed.has("city") || changed.has("wall")) this.#turn();
    this.#shown.stage.update(changed);
  }

  /** The screen has another size; of another form it has other grids. */
  resize() {
    const { form } = this.ctx.screen();
    if (form === this.#form) return this.update(null);
    this.#form = form;
    for (const stage of this.#stages.values()) stage.stop();
    this.#stages.clear();
    this.#show(this.#shown);
  }

  /** The colours of the page have changed. */
  dress() {
    for (const stage of this.#stages.values()) stage.dress();
  }

  /** What decides about the page, as rotation.js takes it. */
  #state() {
    const { store } = this.ctx;
    const { pages, layouts, emergency, district } = this.boot;
    return {
      ...{ pages, layouts, emergency, district },
      now: this.ctx.now(),
      city: store.get("city", "city"),
      sent: this.#asked(),
      alerts: store.all("alert"),
    };
  }

  #turn() {
    if (!this.ctx.store.synced) return;
    const page = pageAt(this.#state());
    const { layout, district: code } = this.#shown;
    if (page.layout !== layout || page.district !== code) this.#show(page);
    this.#tell();
  }

  /** A page that has no title line says below it that it was sent. */
  #tell() {
    const sent = this.sent();
    const titled = this.boot.layouts[this.#shown.layout].panels.some(({ panel }) => panel === "header");
    const told = sent && !titled;
    if (!told && !this.#note) return;
    if (!this.#note) {
      this.#note = this.into.appendChild(document.createElement("p"));
      this.#note.className = "sent-note";
    }
    this.#note.hidden = !told;
    render(this.#note, told ? h("span", { class: "sent" }, sentWords(sent, this.ctx).join(" · ")) : []);
  }

  #show({ layout, district = "" }) {
    if (this.#shown) this.#shown.stage.el.hidden = true;
    const key = keyOf({ layout, district });
    const known = this.#stages.get(key);
    const stage = known ?? this.#made(layout, district);
    // The newest last.
    this.#stages.delete(key);
    this.#stages.set(key, stage);
    this.#shown = { layout, district, stage };
    stage.el.hidden = false;
    if (known || this.ctx.store.synced) stage.update(null);
    this.#forget();
  }

  /** A supervisor may send a wall to each district of a city once; those pages must not pile up over weeks. */
  #forget() {
    const turning = new Set(this.boot.pages.map(keyOf));
    const spare = [...this.#stages.keys()].filter((key) => !turning.has(key));
    for (const key of spare.slice(0, -SPARE)) {
      this.#stages.get(key).stop();
      this.#stages.delete(key);
    }
  }

  #made(layout, district) {
    const ctx = district ? bound(this.ctx, district) : this.ctx;
    return new Stage(this.into, layout, arrange(this.boot.layouts[layout], this.#form), ctx);
  }
}
