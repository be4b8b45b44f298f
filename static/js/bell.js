// Sounds a severity, made on the spot: no file, no length that is not here. A browser may refuse; then it says so.

/** Tones of each severity: [hertz, begin s, length s]. Falling and thrice is danger, twice severe, once caution. */
export const TONES = {
  danger: [
    [880, 0, 0.22],
    [660, 0.26, 0.22],
    [880, 0.6, 0.22],
    [660, 0.86, 0.22],
  ],
  severe: [
    [660, 0, 0.2],
    [660, 0.32, 0.2],
  ],
  caution: [[520, 0, 0.18]],
};

/** No sound is longer (s), nor louder than this share of full: a room has to talk meanwhile. */
export const LONGEST_S = 1.2;
const GAIN = 0.35;

/** Of each tone so much is spent on its begin and its end (s): else it clicks. */
const EDGE_S = 0.015;

export class Bell {
  #audio = null;
  #blocked = false;

  /** `page` is the window; `tell(blocked)` is called when the browser begins or ends to hold sounds back. */
  constructor(page, tell) {
    this.page = page;
    this.tell = tell;
    // Whatever somebody does on the page is leave to sound.
    for (const event of ["pointerdown", "keydown"]) page.addEventListener(event, () => this.try());
    this.try();
  }

  /** Ask the browser whether it would sound. */
  async try() {
    this.#audio ??= new this.page.AudioContext();
    // It neither resolves nor rejects for as long as it waits for somebody to touch the page.
    this.#audio.resume().catch(() => {});
    await new Promise((done) => this.page.setTimeout(done, 250));
    const blocked = this.#audio.state !== "running";
    if (blocked !== this.#blocked) this.tell((this.#blocked = blocked));
  }

  /** Sound it once. */
  async ring(severity) {
    await this.try();
    if (this.#blocked) return false;
    const start = this.#audio.currentTime + EDGE_S;
    for (const [hertz, begin, length] of TONES[severity] ?? []) this.#tone(hertz, start + begin, length);
    return true;
  }

  #tone(hertz, at, length) {
    const tone = this.#audio.createOscillator();
    const gain = this.#audio.createGain();
    tone.frequency.value = hertz;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(GAIN, at + EDGE_S);
    gain.gain.setValueAtTime(GAIN, at + length - EDGE_S);
    gain.gain.linearRampToValueAtTime(0, at + length);
    tone.connect(gain).connect(this.#audio.destination);
    tone.onended = () => gain.disconnect();
    tone.start(at);
    tone.stop(at + length);
  }
}
