// The state on this page: a keyed map (kind, id) → entity, that tells its readers once a frame what changed.

const NOTHING = new Map();

export class Store {
  #kinds = new Map();
  #versions = new Map();
  #lists = new Map();
  #readers = new Set();
  #changed = new Set();
  #scheduled = false;
  #schedule;

  /** False until the first snapshot is whole: an empty list means nothing before that. */
  synced = false;

  /** `schedule(fn)` calls fn once, later; on a page it is requestAnimationFrame. */
  constructor(schedule) {
    this.#schedule = schedule;
  }

  get(kind, id) {
    return this.#kinds.get(kind)?.get(id);
  }

  /** All entities of a kind; the same array until one of them changes. Do not write into it. */
  all(kind) {
    let list = this.#lists.get(kind);
    if (!list) this.#lists.set(kind, (list = [...(this.#kinds.get(kind) ?? NOTHING).values()]));
    return list;
  }

  /** Rises with every change of the kind. */
  version(kind) {
    return this.#versions.get(kind) ?? 0;
  }

  /** Changes are [kind, id, entity or null]; whole upserts, so an overlap is harmless. */
  apply(changes) {
    for (const [kind, id, entity] of changes) {
      let entities = this.#kinds.get(kind);
      if (entity === null || entity === undefined) {
        if (!entities?.delete(id)) continue;
      } else {
        if (!entities) this.#kinds.set(kind, (entities = new Map()));
        entities.set(id, entity);
      }
      this.#touch(kind);
    }
    this.#notify();
  }

  /** A snapshot replaces everything: {kind: {id: entity}}. */
  replace(state) {
    const before = [...this.#kinds.keys()];
    this.#kinds = new Map(
      Object.entries(state).map(([kind, entities]) => [kind, new Map(Object.entries(entities))]),
    );
    this.synced = true;
    for (const kind of new Set([...before, ...this.#kinds.keys(), "synced"])) this.#touch(kind);
    this.#notify();
  }

  /** As if nothing had ever arrived. */
  clear() {
    this.replace({});
    this.synced = false;
  }

  /** The state as plain objects, kinds without entities left out; for tests and for saving. */
  plain() {
    const filled = [...this.#kinds].filter(([, entities]) => entities.size);
    return Object.fromEntries(filled.map(([kind, entities]) => [kind, Object.fromEntries(entities)]));
  }

  /** A function that computes from these kinds, and again only when one of them changed. */
  derived(kinds, compute) {
    let seen = null;
    let value;
    return () => {
      const now = kinds.map((kind) => this.version(kind)).join();
      if (now !== seen) {
        seen = now;
        value = compute(this);
      }
      return value;
    };
  }

  /** Call reader(changed kinds) at most once a frame when one of the kinds changed; returns its end. */
  subscribe(kinds, reader) {
    const entry = { kinds: kinds && new Set([...kinds, "synced"]), reader };
    this.#readers.add(entry);
    return () => this.#readers.delete(entry);
  }

  /** Tell the readers now; what they change themselves is told at the next frame. */
  flush() {
    this.#scheduled = false;
    const changed = this.#changed;
    this.#changed = new Set();
    if (!changed.size) return;
    for (const { kinds, reader } of [...this.#readers]) {
      if (!kinds || [...changed].some((kind) => kinds.has(kind))) reader(changed);
    }
  }

  #touch(kind) {
    this.#versions.set(kind, this.version(kind) + 1);
    this.#lists.delete(kind);
    this.#changed.add(kind);
  }

  #notify() {
    if (this.#scheduled || !this.#changed.size) return;
    this.#scheduled = true;
    this.#schedule(() => this.flush());
  }
}
