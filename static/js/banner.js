// What the wall says when it cannot be trusted: no data since, connecting, refused. Pure words, then one bar.

/** {level: "stale" | "dead" | "refused", words, detail} or null while all is well. */
export function bannerOf({ freshness, status, at, known }, ctx) {
  const { t } = ctx;
  if (status.phase === "refused") {
    const key = `link.${status.code}`;
    const why = t(key) === key ? status.reason : t(key);
    return { level: "refused", words: t("link.refused", { code: status.code }), detail: why };
  }
  if (freshness === "live") return null;
  if (freshness === "waiting")
    return known ? null : { level: "quiet", words: t("link.connecting"), detail: "" };
  const words = at === null ? t("link.never") : t("link.stale", { since: ctx.time.seconds(at) });
  return { level: freshness, words, detail: status.phase === "open" ? t("link.engine") : t("link.retry") };
}
