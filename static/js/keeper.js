// What keeps a wall up for weeks without a hand on it: awake, moving by a pixel, loaded anew, heard.

import { keepAwake } from "./awake.js";
import { Bell } from "./bell.js";
import { aside, isUnseen } from "./facts.js";
import { renewalOf } from "./renewal.js";
import { Ringer } from "./ringer.js";
import { move } from "./shift.js";

const alarming = (alert) => alert.severity === "danger" && isUnseen(alert) && !aside(alert);

export class Keeper {
  #ctx;
  #ringer = new Ringer();
  #bell = null;

  /** `boot.keep` is {name, reload, pixel_shift, sound}; `redraw()` paints all that paints by itself. */
  constructor(page, ctx, redraw) {
    this.page = page;
    this.#ctx = ctx;
    const { keep, edition } = ctx.boot;
    this.renewal = renewalOf(page, { edition, name: keep.name, window: keep.reload });
    keepAwake(page);
    // A canvas whose memory the browser took away comes back empty; the event goes down, never up.
    page.document.addEventListener("contextrestored", redraw, true);
    if (keep.sound) this.#bell = new Bell(page, (blocked) => this.#say(blocked));
  }

  /** Once a second. */
  tick() {
    const { store, boot, time, live, sent, mono, screen, now: clock } = this.#ctx;
    const now = clock();
    const walls = ["wall", "portrait"].includes(screen().mode);
    move(this.page.document.documentElement, now, boot.keep.pixel_shift && walls);
    const alerts = store.all("alert");
    if (this.#bell && store.synced) {
      const severity = this.#ringer.next(alerts, mono());
      if (severity) this.#bell.ring(severity);
    }
    const city = store.all("city")[0];
    const dayAgo = (minutes) => time.isoDay(now - minutes * 60);
    this.renewal.tick({
      ...{ now, minute: time.minute(now), dayAgo },
      ...{ live: live(), city, alarmed: alerts.some(alarming), sent: sent() },
    });
  }

  #say(blocked) {
    const { document } = this.page;
    document.getElementById("unheard")?.remove();
    if (!blocked) return;
    const note = document.body.appendChild(document.createElement("p"));
    note.id = "unheard";
    note.setAttribute("role", "status");
    note.textContent = this.#ctx.t("sound.blocked");
  }
}
