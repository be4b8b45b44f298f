// What a person asks the engine for, from the press of a button to the proof that it is on disk. Pure: `env`
// holds what touches the world.
//
// A command is "pending" (amber) until the engine has answered and its commit is proved to be on disk, "green"
// after that, and "red" when it was refused. One that was sent keeps its id and is sent again over every new
// connection, so it is done once whatever breaks. What cannot be sent is not kept for later: an
// acknowledgement that leaves minutes after the press is no acknowledgement of what was seen.

/** Nobody waits longer than this for an answer (s); a late one still counts. */
export const ANSWER_LIMIT_S = 120;

/** A server whose store is away is asked again after this (s). */
const AGAIN_S = 2;

/** What has settled is shown this long (s), then forgotten; a refusal stands longer, it has to be read. */
const SHOWN_S = { green: 8, red: 60 };

/** Reasons that mean "not now": the same command is sent again. */
const NOT_NOW = new Set(["try_again"]);

export class Commands {
  #items = new Map();
  #readers = new Set();
  #epoch = null;
  #safeN = null;
  #timers = new Set();

  /**
   * `env` is {send(frame) → whether it left, online() → bool, pos() → commit on the glass, now() → seconds that
   * never jump, uuid(), later(fn, s) → id, cancel(id)}.
   */
  constructor(env) {
    this.env = env;
  }

  /**
   * Ask for `action`; `about` ("kind:id") is what it is done to, for `about()`. Resolves, never rejects, with
   * the engine's answer {status: "done" | "refused", reason, by, at, n, version, id}; reason "offline" or
   * "no_answer" where there is none. Whether it is on disk is said by the item's state.
   */
  send(action, args = {}, about = aboutOf(args)) {
    return new Promise((resolve) => {
      const item = {
        id: this.env.uuid(),
        action,
        args,
        about,
        state: "pending",
        answer: null,
        askedAt: this.env.now(),
        settledAt: null,
        pos: this.env.pos(),
        resolve,
      };
      this.#items.set(item.id, item);
      if (!this.env.online() || !this.#put(item)) this.#settle(item, "red", refusal("offline"));
      else this.#later(() => this.#giveUp(item), ANSWER_LIMIT_S);
      this.#tell();
    });
  }

  /** The newest command about a thing that is still worth showing, or null: {state, action, answer, askedAt}. */
  about(about) {
    let found = null;
    for (const item of this.#items.values()) if (item.about === about) found = item;
    return found;
  }

  /** Commands whose end is not proved yet. */
  get open() {
    return [...this.#items.values()].filter(({ state }) => state === "pending");
  }

  /** Everything that is still worth showing, oldest first. */
  get shown() {
    return [...this.#items.values()];
  }

  /** Take a refusal off the screen. */
  dismiss(id) {
    if (this.#items.get(id)?.state === "pending") return;
    if (this.#items.delete(id)) this.#tell();
  }

  /** Call reader() whenever something here changed; returns its end. */
  subscribe(reader) {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  /** A `result` frame. */
  result(frame) {
    const item = this.#items.get(frame.command_id);
    if (!item || frame.status === "pending" || item.state === "green") return;
    if (frame.status === "refused" && NOT_NOW.has(frame.reason)) {
      this.#later(() => item.answer === null && this.#put(item), AGAIN_S);
      return;
    }
    const { type, command_id, ...answer } = frame;
    if (answer.status === "refused") this.#settle(item, "red", answer);
    else {
      Object.assign(item, { state: "pending", answer }); // also of one that was given up: a late answer counts
      item.resolve(answer);
      if (this.#safe(item)) this.#settle(item, "green", answer);
    }
    this.#tell();
  }

  /** A new connection stands: what has no answer yet is sent again under its own id. */
  connected() {
    for (const item of this.open) if (item.answer === null) this.#put(item);
  }

  /** A frame has come: what `safe_n` has reached is on disk. */
  frame({ epoch, safeN }) {
    const renewed = this.#epoch !== null && epoch !== null && epoch !== this.#epoch;
    this.#epoch = epoch;
    this.#safeN = safeN;
    let changed = false;
    for (const item of this.open) {
      if (item.answer === null) continue;
      if (renewed) {
        // Done, but not proved, and the store has begun anew: it may have lost it. The same id asks again.
        item.answer = null;
        this.#put(item);
      } else if (this.#safe(item)) {
        this.#settle(item, "green", item.answer);
        changed = true;
      }
    }
    if (changed) this.#tell();
  }

  #safe(item) {
    return item.answer.n !== undefined && this.#safeN !== null && item.answer.n <= this.#safeN;
  }

  #put({ id, action, args, pos }) {
    return this.env.send({ type: "command", command_id: id, action, args, pos });
  }

  #giveUp(item) {
    if (item.answer !== null || item.state !== "pending") return;
    this.#settle(item, "red", refusal("no_answer"));
    this.#tell();
  }

  #settle(item, state, answer) {
    Object.assign(item, { state, answer, settledAt: this.env.now() });
    item.resolve(answer);
    this.#later(() => {
      if (item.state === state && this.#items.delete(item.id)) this.#tell();
    }, SHOWN_S[state]);
  }

  #later(act, seconds) {
    const timer = this.env.later(() => {
      this.#timers.delete(timer);
      act();
    }, seconds);
    this.#timers.add(timer);
  }

  /** Nothing is asked any more: the page goes. */
  stop() {
    for (const timer of this.#timers) this.env.cancel(timer);
    this.#timers.clear();
    this.#items.clear();
  }

  #tell() {
    for (const reader of [...this.#readers]) reader();
  }
}

const refusal = (reason) => ({ status: "refused", reason });

/** What the arguments name: the first of alert, incident, call and so on, as "kind:id". */
function aboutOf(args) {
  const kind = ["alert", "incident", "call", "screen", "group"].find((name) => typeof args[name] === "string");
  return kind ? `${kind}:${args[kind]}` : "";
}
