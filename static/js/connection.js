// The WebSocket of one board: subscribes, resumes, reconnects, judges its freshness, says what it painted.

import { delay } from "./backoff.js";
import { DEAD_S, STALE_S, freshness } from "./freshness.js";
import { ordered } from "./packed.js";
import { Protocol, SUBPROTOCOL, mayReconnect } from "./protocol.js";

/** What is on the glass is told this often (s), and at once after an alert. */
const PAINTED_EVERY_S = 5;

/** A handshake that takes longer than this (s) is given up. */
const CONNECT_LIMIT_S = 10;

/** The right to the view has ended: what is on the glass must go, too. */
const FORBIDDEN = 4502;

export class Connection {
  protocol = new Protocol();
  /** {phase: "connecting" | "open" | "waiting" | "refused", code, reason} */
  status = { phase: "connecting", code: null, reason: "" };
  /** Why the server writes nothing any more: {reason, since}, or null; as it said last. */
  trouble = null;
  #socket = null;
  #attempt = 0;
  #timer = null;
  #paintedAt = 0;
  #openedAt = 0;
  #floor = 0;
  #startedAt;
  #stopped = false;
  #painting = false;
  #unpack;

  /**
   * `env` holds what touches the world: {open(url, subprotocol) → WebSocket, later(fn, s) → id, cancel(id),
   * random() → 0..1, glass, unpack(bytes) → promise of a text, where the page can}. `glass` is a Glass; `subscribe` are the fields of that frame; `clock` is a
   * ServerClock. `edition` is the page's version; `onHello(frame)` is called with each first frame,
   * `onTrouble(trouble)` when the server says what is wrong with it.
   * `ticket()` resolves with what proves once who connects, for pages of people. `onFrame(protocol)` is called
   * after every frame that was taken: what `safeN` has reached is on disk.
   */
  constructor({
    url,
    subscribe,
    store,
    clock,
    env,
    ticket = null,
    onStatus = () => {},
    onResult = () => {},
    onFrame = () => {},
    onHello = () => {},
    onTrouble = () => {},
    edition = "",
  }) {
    Object.assign(this, { url, subscribe, store, clock, env, ticket, edition });
    Object.assign(this, { onStatus, onResult, onFrame, onHello, onTrouble });
    this.#startedAt = clock.now();
    this.#unpack = env.unpack;
  }

  start() {
    this.#open();
  }

  stop() {
    this.#stopped = true;
    this.env.cancel(this.#timer);
    this.#drop();
  }

  /** "waiting", "live", "stale" or "dead": how old the newest frame is now. */
  freshness() {
    return freshness(this.protocol.at, this.clock.now(), this.#startedAt);
  }

  /** Seconds until the freshness gets worse by itself, or null when it cannot. */
  untilWorse() {
    const age = this.clock.now() - (this.protocol.at ?? this.#startedAt);
    return [STALE_S, DEAD_S].map((limit) => limit - age).find((left) => left > 0) ?? null;
  }

  /** Once a second: a connection that brings nothing new is given up; a painted glass is reported. */
  tick() {
    const now = this.clock.mono();
    const quiet = this.freshness() === "dead" && now - this.#openedAt >= DEAD_S;
    const stuck = this.status.phase === "connecting" && now - this.#openedAt >= CONNECT_LIMIT_S;
    if (this.#socket && (quiet || stuck)) this.#lost(1006, "");
    else if (now - this.#paintedAt >= PAINTED_EVERY_S) this.painted();
  }

  /** Say what is on the glass, after the next frame is painted; a hidden page paints nothing. */
  painted() {
    if (this.#painting || this.status.phase !== "open" || !this.protocol.whole) return;
    this.#paintedAt = this.clock.mono();
    this.#painting = true;
    const waits = this.env.glass.afterPaint(() => {
      const { pos, at } = this.protocol;
      return () => {
        this.#painting = false;
        if (at === null) return;
        const age = Math.max(0, this.clock.now() - at);
        this.#send({ type: "painted", pos, at, age, edition: this.edition, ...this.env.glass.report() });
      };
    });
    if (!waits) this.#painting = false;
  }

  #open() {
    if (this.#stopped) return;
    this.#openedAt = this.clock.mono();
    this.#floor = 0;
    this.#say("connecting");
    let socket;
    try {
      socket = this.env.open(this.url, SUBPROTOCOL);
    } catch (fault) {
      // A wrong address throws at once; it is as lost as a connection that closes.
      this.#lost(1006, String(fault?.message ?? fault));
      return;
    }
    this.#socket = socket;
    const ours = (act) => (event) => socket === this.#socket && act(event);
    const take = ordered(
      this.#unpack,
      (text) => socket === this.#socket && this.#receive(text),
      () => socket === this.#socket && this.#packedLost(),
    );
    socket.onmessage = ours((event) => take(event.data));
    socket.onclose = ours((event) => this.#lost(event.code, event.reason));
  }

  /** What cannot be unpacked once cannot be the next time either: from now on all is asked for plain. */
  #packedLost() {
    this.#unpack = null;
    this.#lost(1003, "a frame cannot be unpacked");
  }

  #receive(text) {
    const arrived = this.clock.mono();
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      this.#lost(1003, "a frame is no JSON"); // half a frame proves that more may be missing
      return;
    }
    const answer = this.protocol.accept(frame);
    if (answer.do === "hello") {
      if (Number.isFinite(frame.server_time)) {
        // The wait began in this machine's time, which may be an hour off: it goes on in the server's.
        const waited = this.clock.now() - this.#startedAt;
        this.clock.sync(frame.server_time);
        this.#startedAt = this.clock.now() - waited;
      }
      this.env.glass.paints.ranges(frame.limits?.paint_bounds_s);
      this.#trouble(frame.trouble);
      this.onHello(frame);
      this.protocol.connected();
      if (this.ticket) this.#introduce();
      else this.#opened({});
      return;
    }
    if (answer.do === "trouble") this.#trouble(frame);
    if (answer.do === "bye") this.#bye(frame);
    if (answer.do === "result") this.onResult(frame);
    if (answer.do === "ask") this.#send(this.#subscribe());
    if (answer.do !== "replace" && answer.do !== "apply") return;
    this.#attempt = 0;
    this.clock.observe(this.protocol.at);
    if (answer.do === "replace") this.store.replace(answer.state);
    else if (answer.changes.length) this.store.apply(answer.changes);
    this.onFrame(this.protocol);
    // A snapshot is as old as it is; only what is news has a way that can be measured.
    if (answer.do === "apply" && answer.changes.length) this.env.glass.measure(frame, arrived, this.clock);
    if (answer.do === "replace" || answer.changes.some(([kind]) => kind === "alert")) this.painted();
  }

  /** A ticket is asked for anew each time: it proves one connection, and that the session still stands. */
  async #introduce() {
    const socket = this.#socket;
    try {
      const ticket = await this.ticket();
      if (socket === this.#socket) this.#opened({ ticket });
    } catch (fault) {
      if (socket === this.#socket) this.#lost(1006, String(fault?.message ?? fault));
    }
  }

  #opened(proof) {
    // First of all frames: who is told of "open" may send the next.
    this.#send({ ...this.#subscribe(), ...proof, ...this.protocol.resume() });
    this.#say("open");
  }

  #subscribe() {
    return { type: "subscribe", ...this.subscribe, ...(this.#unpack ? { packed: true } : {}) };
  }

  /** Send a frame now; false where there is no connection that could take it. */
  send(message) {
    if (this.status.phase !== "open" || this.#socket?.readyState !== 1) return false;
    this.#send(message);
    return true;
  }

  #trouble({ reason = "", since } = {}) {
    this.trouble = reason ? { reason, since } : null;
    this.onTrouble(this.trouble);
  }

  #bye({ retry_after: wait, code, reason }) {
    if (Number.isFinite(wait)) this.#floor = wait;
    this.status = { ...this.status, code, reason: reason ?? "" };
  }

  #lost(code, reason) {
    const floor = this.#floor;
    this.#drop();
    if (!mayReconnect(code)) {
      if (code === FORBIDDEN) {
        this.protocol.forget();
        this.store.clear();
      }
      this.#say("refused", code, reason || this.status.reason);
      return;
    }
    this.#say("waiting", code, reason);
    const wait = delay(this.#attempt, this.env.random(), floor);
    this.#attempt += 1;
    this.#timer = this.env.later(() => this.#open(), wait);
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #send(message) {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(message));
  }

  #say(phase, code = null, reason = "") {
    this.status = { phase, code, reason };
    this.onStatus(this.status);
  }
}
