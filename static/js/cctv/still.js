// The still pictures of one camera: asked of the server again and again, painted on a canvas.

/** The server fetches a picture every 5 s while somebody asks (s). */
const PERIOD_S = 5;

/** The first one is on its way (s). */
const SOON_S = 1;

/** A server that does not answer is asked again (s). */
const ANSWER_S = 10;

/** What a response tells: {at, since, moves, reason}; times in s since 1970. Pure. */
export function lookOf(headers) {
  const number = (name) => {
    const value = Number.parseFloat(headers.get(name) ?? "");
    return Number.isFinite(value) ? value : null;
  };
  return {
    at: number("Picture-At"),
    since: number("Picture-Since"),
    moves: headers.get("Picture-Moves") === "1",
    reason: headers.get("Picture-Reason") ?? "",
  };
}

export class Still {
  #id;
  #changed;
  #canvas = null;
  #etag = "";
  #timer = null;
  #asking = null;

  /** The newest look: {at, since, moves, reason, shown}; see picture.js. */
  look = null;

  /** `changed()` is called when there is something new to say. */
  constructor(id, changed) {
    this.#id = id;
    this.#changed = changed;
  }

  /** Paint on this canvas from now on; null: ask no more. */
  on(canvas) {
    if (canvas === this.#canvas) return;
    this.#canvas = canvas;
    this.#etag = "";
    this.look = canvas && this.look ? { ...this.look, shown: null } : null;
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#asking = null;
    if (canvas) this.#ask();
  }

  async #ask() {
    const asking = new AbortController();
    this.#asking = asking;
    const late = setTimeout(() => asking.abort(), ANSWER_S * 1000);
    let next = PERIOD_S;
    try {
      const response = await fetch(`/api/v1/cameras/${encodeURIComponent(this.#id)}/snapshot.jpg`, {
        headers: this.#etag ? { "If-None-Match": this.#etag } : {},
        cache: "no-store",
        signal: asking.signal,
      });
      next = await this.#take(response, asking);
    } catch {
      // The server is away: the picture stays, and grows old before everybody's eyes.
    }
    clearTimeout(late);
    if (this.#asking !== asking) return;
    this.#timer = setTimeout(() => this.#ask(), next * 1000);
    this.#changed();
  }

  /** Take an answer; after how many seconds to ask again. */
  async #take(response, asking) {
    const look = lookOf(response.headers);
    const shown = this.look?.shown ?? null;
    if (response.status === 200) {
      const painted = await this.#paint(await response.blob(), asking);
      if (this.#asking !== asking) return PERIOD_S;
      if (painted) this.#etag = response.headers.get("ETag") ?? "";
      this.look = painted
        ? { ...look, shown: look.at }
        : { ...look, reason: "not_a_picture", shown };
    } else if (response.status === 304) {
      this.look = { ...look, shown: look.at };
    } else if (response.status === 204) {
      this.look = { ...look, shown };
      if (look.reason === "waiting") return SOON_S;
    } else {
      // A right that has ended, or a camera that has left: the state says so within seconds.
      this.look = { at: null, since: null, moves: false, reason: "no_picture", shown };
    }
    return PERIOD_S;
  }

  /** Whether the picture is on the glass. One that cannot be decoded leaves what was there. */
  async #paint(blob, asking) {
    let bitmap;
    try {
      bitmap = await createImageBitmap(blob);
    } catch {
      return false;
    }
    const canvas = this.#canvas;
    if (canvas && this.#asking === asking) {
      const scale = Math.min(1, (canvas.clientWidth * devicePixelRatio) / bitmap.width || 1);
      canvas.width = Math.max(1, Math.round(bitmap.width * scale));
      canvas.height = Math.max(1, Math.round(bitmap.height * scale));
      canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    }
    // Not left to the collector: at 4K each holds 33 MB outside of its sight.
    bitmap.close();
    return true;
  }
}
