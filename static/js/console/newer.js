// A page of a person is told of a new edition, and loaded anew when that person says so: half a sentence may stand in
// a field. (A wall loads itself: renewal.js.)

import { h } from "../render.js";

export class Newer {
  #named = "";

  /** `mine` is the edition that the page was made with; "" never calls another one newer. */
  constructor(mine) {
    this.mine = mine;
  }

  /** What the node would make now, as its hello says. */
  hello(edition) {
    this.#named = edition ?? "";
  }

  get due() {
    return Boolean(this.mine && this.#named && this.#named !== this.mine);
  }

  /** The note with its button, or null; `load()` loads the page. */
  note({ t, online }, load) {
    if (!this.due) return null;
    return h(
      "div",
      { class: "toast is-newer", key: "newer", role: "status" },
      h("b", null, t("console.newer")),
      h("span", null, t("console.newer_why")),
      h("button", { type: "button", class: "newer-load", disabled: !online(), onclick: load }, t("console.newer_load")),
    );
  }
}
