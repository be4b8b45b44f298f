// What the map says in words: its title, and the notes at its foot. `ctx` is what every panel gets.

import { nameOf } from "../facts.js";

/** {title(subject, level), notes({missing, outside, tiles})} of a map shaded by `shade`. */
export function captionsOf({ t, figures, places, store, language, now, time }, shade) {
  function outsideLine({ kind, km, wind, count, magnitude }) {
    if (!wind) return t("map.outside_doubt", { n: figures.number(count) });
    const where = { km: figures.number(Math.max(1, Math.round(km))), wind: t(`map.wind.${wind}`) };
    if (kind !== "quake") return t("map.outside", { n: figures.number(count), ...where });
    return t("map.outside_quake", { magnitude: figures.number(magnitude, 1), ...where });
  }

  /** The worst of what lies outside, and how much more there is. */
  function outsideWords([first, ...others]) {
    if (!first) return "";
    const rest = others.reduce((sum, { count }) => sum + count, 0);
    const more = rest ? ` ${t("map.outside_more", { n: figures.number(rest) })}` : "";
    return t("map.outside_all", { what: outsideLine(first) + more });
  }

  /** Which tiles do not come, since when; else whose they are, as their licences want it said. */
  function tileWords(tiles) {
    const dead = tiles.dead().map(({ name, since }) =>
      t("map.tiles_dead", { name: name || t("map.base"), since: time.moment(since, now()) }),
    );
    return dead.join(" · ") || tiles.attributions.join(" · ");
  }

  return {
    title(subject, level) {
      const focus = subject ? nameOf(store, subject, language) : "";
      if (focus) return focus;
      const label = places.labelOf(level);
      return label ? t(`map.title.${shade}`, { level: label.toLowerCase() }) : t(`map.title_plain.${shade}`);
    },
    /** `missing` incidents without a place, `outside` of outsideOf, `tiles` of tilesOf or null. */
    notes: ({ missing, outside, tiles }) => [
      tiles ? tileWords(tiles) : "",
      outsideWords(outside),
      missing ? t("map.no_location", { n: figures.number(missing) }) : "",
    ],
  };
}
