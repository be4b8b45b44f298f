// Where a thing is, in words: names of districts from the boundaries' file and the district entities. Pure.

/** Names of districts by code, for one level that the wall speaks of. `geo` is /geo/districts.json or null. */
export class Places {
  #names = new Map();
  #level;
  #label = "";
  #lowestLabel = "";
  #labels = new Map();

  constructor(level = 0) {
    this.#level = level;
  }

  /** The boundaries have arrived. */
  load(geo) {
    for (const { properties } of geo.features ?? []) this.#names.set(properties.code, properties);
    this.#labels = new Map(geo.levels?.map(({ level, label }) => [level, label ?? ""]));
    this.#label = this.labelOf(this.#level);
    this.#lowestLabel = geo.levels?.at(-1)?.label ?? "";
  }

  /** What the map's level is called in this city ("Kecamatan"), or "". */
  get label() {
    return this.#label;
  }

  /** The level of a district's parts: the one below its own, where the city has such a one; else null. */
  levelBelow(code) {
    const level = this.#names.get(code)?.level;
    return this.#labels.has(level + 1) ? level + 1 : null;
  }

  /** What a level is called, or "". */
  labelOf(level) {
    return this.#labels.get(level) ?? "";
  }

  /** What the lowest level is called ("Kelurahan"), to which everything is assigned, or "". */
  get lowestLabel() {
    return this.#lowestLabel;
  }

  /** Names of all districts, each once. */
  names() {
    return [...new Set([...this.#names.values()].map(({ name }) => name))];
  }

  name(code) {
    return this.#names.get(code)?.name ?? code;
  }

  /** "Kampung Tengah", "Rawa Indah, Kampung Tengah", or why there is no district. */
  words(place, t) {
    if (!place || place.confidence === "no_location") return t("incidents.no_location");
    if (!place.district)
      return place.confidence === "outside" ? t("incidents.outside") : t("incidents.no_location");
    const parent = place.parents?.find((entry) => entry.level === this.#level);
    const own = place.name || this.name(place.district);
    return parent && parent.code !== place.district
      ? `${own}, ${parent.name ?? this.name(parent.code)}`
      : own;
  }

  /** The district of the map's level alone: the name that stands on the map. */
  short(place, t) {
    const parent = place?.parents?.find((entry) => entry.level === this.#level);
    return parent ? (parent.name ?? this.name(parent.code)) : this.words(place, t);
  }
}
