// One stream that plays: hls.js with bounded buffers and a watchdog. What cannot be helped gives way to stills.

import { Watchdog } from "./watchdog.js";

/** Decoders at once on one page: each takes a tenth of a core, and some machines have no more. */
export const MOST_PLAYERS = 4;

/** A stream that failed is tried again after this (s); its camera's stills are shown meanwhile. */
export const REST_S = 300;

/** What a live picture needs, and no more: over weeks a buffer that grows is a page that ends. */
const LIMITS = {
  enableWorker: false, // a worker from a blob needs a policy of its own
  lowLatencyMode: false,
  maxBufferLength: 10,
  maxMaxBufferLength: 20,
  maxBufferSize: 8 * 1024 * 1024,
  backBufferLength: 10,
  liveSyncDurationCount: 3,
  liveMaxLatencyDurationCount: 10,
  capLevelToPlayerSize: true,
};

let playing = 0;
let library = null;

/** Whether one more may play. */
export const hasPlace = () => playing < MOST_PLAYERS;

/** hls.js, loaded when the first stream is to play. */
function hls() {
  library ??= import("../../vendor/hls.js/dist/hls.light.min.js")
    .then((module) => module.default ?? globalThis.Hls)
    .catch((fault) => {
      library = null;
      throw fault;
    });
  return library;
}

export class Player {
  #hls = null;
  #video;
  #ended;
  #watchdog;
  #stopped = false;
  #helped = false;

  /** Plays `url` in `video` from now on; `ended()` is called when it cannot. Takes a place until stop(). */
  constructor(video, url, ended, now) {
    playing += 1;
    this.#video = video;
    this.#ended = ended;
    this.#watchdog = new Watchdog(now);
    video.muted = true;
    hls()
      .then((Hls) => this.#begin(Hls, url))
      .catch(() => this.#fail());
  }

  /** {playing, since}; see picture.js. null: it has not begun. */
  state = null;

  #begin(Hls, url) {
    if (this.#stopped) return;
    if (!Hls?.isSupported()) return this.#fail();
    const one = new Hls(LIMITS);
    this.#hls = one;
    one.on(Hls.Events.ERROR, (_, { fatal, type }) => {
      if (!fatal) return;
      if (type === Hls.ErrorTypes.MEDIA_ERROR && !this.#helped) {
        this.#helped = true;
        one.recoverMediaError();
      } else this.#fail();
    });
    one.loadSource(url);
    one.attachMedia(this.#video);
    this.#play();
  }

  #play() {
    // Refused while it has nothing to play, or while the page lies in the background: the watchdog sees it.
    this.#video.play()?.catch(() => {});
  }

  /** Once a second. */
  tick(now) {
    const { currentTime } = this.#video;
    const seen = this.#watchdog.look(currentTime, now);
    const { since } = this.#watchdog;
    this.state = currentTime > 0 ? { playing: since === null, since } : null;
    if (seen === "lost") this.#fail();
    else if (seen === "recover") {
      this.#hls?.recoverMediaError();
      this.#hls?.startLoad(-1);
      this.#play();
    } else if (seen === "playing") this.#helped = false;
  }

  #fail() {
    if (this.#stopped) return;
    this.stop();
    this.#ended();
  }

  /** Give back decoder, buffers and place. */
  stop() {
    if (this.#stopped) return;
    this.#stopped = true;
    playing -= 1;
    this.#hls?.destroy();
    this.#hls = null;
    this.#video.removeAttribute("src");
    this.#video.load();
  }
}
