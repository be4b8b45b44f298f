// What every page on a connection has: the bar that says when it cannot be trusted, and the second of its clock.

import { bannerOf } from "./banner.js";
import { h, render } from "./render.js";

/** The right to the view has ended, or the session. */
export const FORBIDDEN = 4502;

export class Link {
  #timer = null;

  /** `root` tells the style sheets by data-link how far the page can be trusted; `ctx` is {store, t, time}. */
  constructor(connection, ctx, { root, bar }) {
    Object.assign(this, { connection, ctx, root, bar });
  }

  /** Whether a command that is given now can reach the server: what is shown is of now, too. */
  get online() {
    return this.connection.status.phase === "open" && this.connection.freshness() === "live";
  }

  /** Look at the connection, and say what is wrong with it. */
  judge() {
    const { connection, ctx, root, bar } = this;
    const { status, protocol, trouble } = connection;
    const found = bannerOf(
      { freshness: connection.freshness(), status, trouble, at: protocol.at, known: ctx.store.synced },
      ctx,
    );
    root.dataset.link = found?.level ?? "live";
    bar.hidden = !found;
    bar.className = found ? `banner is-${found.level}` : "banner";
    // Said at the very moment, not with the next second: a page that stops receiving says so within 5 s.
    clearTimeout(this.#timer);
    const left = connection.untilWorse();
    if (left !== null) this.#timer = setTimeout(() => this.judge(), left * 1000 + 1);
    render(bar, found ? [h("b", null, found.words), found.detail ? h("span", null, found.detail) : null] : []);
  }
}

/**
 * Call `act` at each second of the city's clock, so that all pages in a room change together. The next second is
 * asked for first: whatever fails in one, a page goes on to judge itself.
 */
export function everySecond(clock, act) {
  setTimeout(() => everySecond(clock, act), 1000 - ((clock.now() * 1000) % 1000));
  act();
}
