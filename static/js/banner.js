// What the wall says when it cannot be trusted: no data since, and why; connecting, refused. Pure words.

/** What can be wrong with the server's store, as it says it (wallboard/errors.py, wallboard/web/trouble.py). */
const TROUBLES = new Set(["disk_full", "disk_fails", "memory_full", "read_only", "refuses", "forbids", "away"]);

/** {level: "stale" | "dead" | "refused", words, detail} or null while all is well. */
export function bannerOf({ freshness, status, at, known, trouble = null }, ctx) {
  const { t } = ctx;
  if (status.phase === "refused") {
    const key = `link.${status.code}`;
    const why = t(key) === key ? status.reason : t(key);
    return { level: "refused", words: t("link.refused", { code: status.code }), detail: why };
  }
  if (freshness === "live") return null;
  if (freshness === "waiting")
    return known ? null : { level: "quiet", words: t("link.connecting"), detail: "" };
  if (trouble && TROUBLES.has(trouble.reason)) {
    const since = ctx.time.seconds(Math.min(trouble.since, at ?? Infinity));
    return {
      level: freshness,
      words: t(`trouble.${trouble.reason}`, { since }),
      detail: t(`trouble.${trouble.reason}.do`),
    };
  }
  const words = at === null ? t("link.never") : t("link.stale", { since: ctx.time.seconds(at) });
  return { level: freshness, words, detail: status.phase === "open" ? t("link.engine") : t("link.retry") };
}
