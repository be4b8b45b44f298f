// What a board does with a frame of wallboard.v1. Pure: no socket, no clock, no store.
//
// accept(frame) answers what is to be done:
//   {do: "hello" | "bye" | "result" | "trouble", frame}
//   {do: "replace", state}            a snapshot is whole
//   {do: "apply", changes}            a delta, or a tick with no changes
//   {do: "wait"}                      a part of a snapshot
//   {do: "ask"}                       a gap: subscribe again without `since`
//   {do: "ignore"}                    seen already, or not ours

export const SUBPROTOCOL = "wallboard.v1";

/** 4500–4999: connecting again would be refused again. All else is worth another try. */
export function mayReconnect(code) {
  return !(code >= 4500 && code <= 4999);
}

export class Protocol {
  epoch = null;
  pos = 0;
  /** Commit time of the newest frame (s since 1970); the board's freshness is judged by it. */
  at = null;
  safeN = null;
  viewId = null;
  #asked = true;
  #parts = null;

  /** Whether a snapshot has arrived and no gap is open. */
  get whole() {
    return this.epoch !== null && !this.#asked;
  }

  /** What to say in `subscribe` beside the layout: where to go on from, if anything is known. */
  resume() {
    return this.epoch === null ? {} : { view_id: this.viewId, epoch: this.epoch, since: this.pos };
  }

  /** A new connection: half a snapshot from the old one is worth nothing. */
  connected() {
    this.#parts = null;
    this.#asked = this.epoch === null;
  }

  /** Nothing is known any more: the right to this view has ended. */
  forget() {
    Object.assign(this, { epoch: null, pos: 0, at: null, safeN: null, viewId: null });
    this.#asked = true;
    this.#parts = null;
  }

  accept(frame) {
    switch (frame?.type) {
      case "hello":
      case "bye":
      case "result":
      case "trouble":
        return { do: frame.type, frame };
      case "snapshot":
        return this.#snapshot(frame);
      case "delta":
      case "tick":
        return this.#step(frame);
      default:
        return { do: "ignore" };
    }
  }

  #snapshot(frame) {
    const name = `${frame.epoch} ${frame.pos} ${frame.view_id}`;
    const total = frame.parts ?? 1;
    if (this.#parts?.name !== name) this.#parts = { name, seen: new Set(), state: {} };
    const parts = this.#parts;
    parts.seen.add(frame.part ?? 1);
    for (const [kind, entities] of Object.entries(frame.state ?? {})) {
      parts.state[kind] = { ...parts.state[kind], ...entities };
    }
    if (parts.seen.size < total) return { do: "wait" };
    this.#parts = null;
    this.#asked = false;
    this.epoch = frame.epoch;
    this.pos = frame.pos;
    this.at = frame.at;
    this.safeN = frame.safe_n ?? this.safeN;
    this.viewId = frame.view_id;
    return { do: "replace", state: parts.state };
  }

  #step(frame) {
    if (this.#asked) return { do: "ignore" }; // one question at a time; the snapshot will hold this too
    if (frame.epoch !== this.epoch || frame.prev > this.pos) {
      this.#asked = true;
      return { do: "ask" };
    }
    if (frame.pos <= this.pos) return { do: "ignore" };
    this.pos = frame.pos;
    this.at = Math.max(this.at ?? 0, frame.at);
    this.safeN = frame.safe_n ?? this.safeN;
    return { do: "apply", changes: frame.changes ?? [] };
  }
}
