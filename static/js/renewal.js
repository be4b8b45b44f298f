// Loads the page anew when vigil.js says so, and never before the server has answered with such a page.

import { delay } from "./backoff.js";
import { heavy, nightDue, quiet, upgradeDue } from "./vigil.js";

/** A server that does not answer within this time (s) does not answer. */
const PROBE_S = 5;

/** After a probe without success the next one waits this long (s): the reason will still be there. */
const AGAIN_S = 60;

/** So many editions are remembered as tried. */
const MOST_TRIED = 8;

const KEY = "wallboard.renewal";

export class Renewal {
  #wanted = "";
  #wantedSince = 0;
  #waitUntil = 0;
  #busy = false;
  #ending = false;
  #gone = false;
  #attempt = 0;

  /**
   * `edition` and `name` are the page's and the screen's; `window` is that of the planned load. `env` is
   * {mono(), probe(s) → the page's text, "" for another answer, rejects without one; reload(); memory() {used,
   * limit} or null; storage: {getItem, setItem}; later(fn, s); random()}.
   */
  constructor({ edition, name, window, env }) {
    Object.assign(this, { edition, name, window, env });
    this.begun = env.mono();
  }

  /** The edition that the node would make now. */
  hello(edition) {
    if (edition === this.#wanted) return;
    this.#wanted = edition ?? "";
    this.#wantedSince = this.env.mono();
  }

  /** Once a second. `state` is {now, minute, dayAgo, live, city, alarmed, sent}. Returns why it loads, or "". */
  async tick(state) {
    const mono = this.env.mono();
    if (this.#busy || this.#gone || mono < this.#waitUntil || !quiet(state)) return "";
    const why = this.#why(state, mono - this.begun);
    if (!why) return "";
    this.#busy = true;
    const text = await this.env.probe(PROBE_S).catch(() => "");
    this.#busy = false;
    this.#waitUntil = this.env.mono() + AGAIN_S;
    // Where one node has the new pages and another the old ones, only a new one is worth the load.
    if (!text || (why === "upgrade" && !text.includes(this.#wanted))) return "";
    // What cannot be remembered could go round for ever.
    if (why === "upgrade" && !this.#remember(state.now)) return "";
    this.#reload();
    return why;
  }

  /**
   * The right to what is shown has ended: load as soon as the server answers with a page. The error of a proxy in
   * front of it has no program that could ever load again.
   */
  async now() {
    if (this.#gone || this.#ending) return;
    this.#ending = true;
    const text = await this.env.probe(PROBE_S).catch(() => "");
    if (text) return this.#reload();
    const again = () => {
      this.#ending = false;
      return this.now();
    };
    this.env.later(again, delay(this.#attempt, this.env.random()));
    this.#attempt += 1;
  }

  #why({ now, minute, dayAgo }, uptime) {
    const { edition: mine, name, window } = this;
    const seen = this.env.mono() - this.#wantedSince;
    if (upgradeDue({ mine, wanted: this.#wanted, name, seen, tried: this.#tried(), now })) return "upgrade";
    if (nightDue({ window, name, minute, dayAgo, uptime })) return "night";
    return heavy({ memory: this.env.memory(), uptime }) ? "heavy" : "";
  }

  #reload() {
    if (this.#gone) return;
    this.#gone = true;
    this.env.reload();
  }

  #tried() {
    try {
      return JSON.parse(this.env.storage.getItem(KEY) ?? "{}") ?? {};
    } catch {
      return {};
    }
  }

  #remember(now) {
    const tried = Object.entries({ ...this.#tried(), [this.#wanted]: now }).sort(([, a], [, b]) => b - a);
    try {
      this.env.storage.setItem(KEY, JSON.stringify(Object.fromEntries(tried.slice(0, MOST_TRIED))));
      return this.#wanted in this.#tried();
    } catch {
      return false;
    }
  }
}

/** The one of this page. */
export function renewalOf(page, { edition, name, window }) {
  return new Renewal({
    edition,
    name,
    window,
    env: {
      mono: () => page.performance.now() / 1000,
      random: Math.random,
      later: (fn, seconds) => page.setTimeout(fn, seconds * 1000),
      reload: () => page.location.reload(),
      // A page may be kept from it, by a setting of its browser; the access itself throws then.
      storage: {
        getItem: (key) => page.sessionStorage.getItem(key),
        setItem: (key, value) => page.sessionStorage.setItem(key, value),
      },
      memory() {
        const { usedJSHeapSize: used, jsHeapSizeLimit: limit } = page.performance.memory ?? {};
        return limit ? { used, limit } : null;
      },
      async probe(seconds) {
        const signal = page.AbortSignal.timeout(seconds * 1000);
        const answer = await page.fetch(page.location.href, { cache: "no-store", signal });
        return answer.ok ? answer.text() : "";
      },
    },
  });
}
