// The state as one district's post sees it: what lies in the district, and of the city what belongs to no place. Pure.

/** Kinds that lie somewhere; of these only the district's own are seen. Figures of the city stay as they are. */
const PLACED = new Set(["incident", "camera", "gauge", "hazard", "alert"]);

/** What a panel gets (ctx), bound to one district. */
export const bound = (ctx, district) => ({ ...ctx, district, store: new DistrictView(ctx.store, district) });

/** A Store's reading side, cut to the district `code`: that district, those in it, and the things that lie there. */
export class DistrictView {
  #store;
  #code;
  #lists = new Map();

  constructor(store, code) {
    this.#store = store;
    this.#code = code;
  }

  get synced() {
    return this.#store.synced;
  }

  version(kind) {
    return this.#store.version(kind);
  }

  get(kind, id) {
    const entity = this.#store.get(kind, id);
    return entity && this.#own(kind, entity) ? entity : undefined;
  }

  /** As Store.all: the same array until one of the kind changes. */
  all(kind) {
    const all = this.#store.all(kind);
    const known = this.#lists.get(kind);
    if (known?.all === all) return known.own;
    const own = all.filter((entity) => this.#own(kind, entity));
    this.#lists.set(kind, { all, own });
    return own;
  }

  derived(kinds, compute) {
    return this.#store.derived(kinds, () => compute(this));
  }

  subscribe(kinds, reader) {
    return this.#store.subscribe(kinds, reader);
  }

  #own(kind, entity) {
    if (kind === "district") return this.#within(entity);
    if (!PLACED.has(kind)) return true;
    return (entity.scope ?? []).includes(`d:${this.#code}`) || this.#at(entity.place);
  }

  /** The district itself, or one in it at any depth; the step limit ends a ring of parents that names itself. */
  #within(district) {
    for (let at = district, steps = 0; at && steps < 8; steps += 1) {
      if (at.id === this.#code) return true;
      at = at.parent ? this.#store.get("district", at.parent) : null;
    }
    return false;
  }

  /** An alert on a price is everybody's by its scope, and still lies at a market. */
  #at(place) {
    const { district, parents = [] } = place ?? {};
    return district === this.#code || parents.some(({ code }) => code === this.#code);
  }
}
