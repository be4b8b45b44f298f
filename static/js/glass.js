// What is on the glass, and how well it gets there: measured where it happens, told to the server.

import { Paints } from "./paints.js";

/** So many may wait for one paint; a page that is hidden paints nothing, and what waits must not pile up. */
const MOST_WAITING = 256;

/** Frames are counted for this long (s) at each report: always would keep the machine awake for nothing. */
const SAMPLE_S = 0.5;

export class Glass {
  paints = new Paints();
  #env;
  #waiting = [];
  #asked = false;
  #fps = null;
  #longest = 0;
  #sampling = false;

  /**
   * `env` is {frame(fn): before the next paint, task(fn): soon after it, mono() seconds, hidden(), heap() bytes
   * or null}.
   */
  constructor(env) {
    this.#env = env;
  }

  /**
   * Call `before()` just before the next paint, and what it returns just after; false where too many wait. On a
   * page that is hidden that is when it is seen again.
   */
  afterPaint(before) {
    if (this.#waiting.length >= MOST_WAITING) return false;
    this.#waiting.push(before);
    if (this.#asked) return true;
    this.#asked = true;
    this.#env.frame(() => {
      this.#asked = false;
      const after = this.#waiting.splice(0).map((each) => each());
      this.#env.task(() => after.forEach((each) => each?.()));
    });
    return true;
  }

  /** A frame with changes came at `arrived` (mono s): count how long it takes to the glass. */
  measure(frame, arrived, clock) {
    if (this.#env.hidden()) return;
    this.afterPaint(() => () => {
      if (this.#env.hidden()) return;
      const now = clock.now();
      this.paints.add("frame", this.#env.mono() - arrived);
      this.paints.add("commit", now - frame.at);
      if (Number.isFinite(frame.heard)) this.paints.add("event", now - frame.heard);
    });
  }

  /** A frame took this long (ms). */
  took(ms) {
    this.#longest = Math.max(this.#longest, ms);
  }

  /** What goes with `painted`: {fps, longest, heap, paints}, of the time since the last call. */
  report() {
    const told = { paints: this.paints.take() };
    if (this.#fps !== null) Object.assign(told, { fps: this.#fps, longest: this.#longest });
    const heap = this.#env.heap();
    if (heap !== null) told.heap = heap;
    this.#longest = 0;
    this.#sample();
    return told;
  }

  #sample() {
    if (this.#sampling || this.#env.hidden()) return;
    this.#sampling = true;
    let frames = 0;
    let begun;
    let last;
    const count = () => {
      const now = this.#env.mono();
      this.took((now - last) * 1000);
      last = now;
      frames += 1;
      if (now - begun < SAMPLE_S) return this.#env.frame(count);
      this.#sampling = false;
      this.#fps = Math.round((frames / (now - begun)) * 10) / 10;
    };
    this.#env.frame(() => {
      begun = last = this.#env.mono();
      this.#env.frame(count);
    });
  }
}

/** The glass of this page. */
export function glassOf(page) {
  const { port1, port2 } = new MessageChannel();
  const tasks = [];
  port1.onmessage = () => tasks.shift()?.();
  const glass = new Glass({
    frame: (fn) => page.requestAnimationFrame(fn),
    task(fn) {
      tasks.push(fn);
      port2.postMessage(null);
    },
    mono: () => page.performance.now() / 1000,
    hidden: () => page.document.hidden,
    heap: () => page.performance.memory?.usedJSHeapSize ?? null,
  });
  watchFrames(page, glass);
  return glass;
}

/** Long frames are told of by the browser itself; an older one knows long tasks. */
function watchFrames(page, glass) {
  const known = page.PerformanceObserver?.supportedEntryTypes ?? [];
  const type = ["long-animation-frame", "longtask"].find((name) => known.includes(name));
  if (!type) return;
  new page.PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => glass.took(duration))).observe({
    type,
  });
}
