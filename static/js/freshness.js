// How old is what the wall shows? Of the connection as a whole, and of one tile. Pure.

/** From this age (s) of the newest frame the wall says "no data since …". */
export const STALE_S = 5;

/** From this age (s) the tiles turn grey and the board connects anew. */
export const DEAD_S = 15;

/** "live", "stale" or "dead", by the commit time of the newest frame; null: nothing has arrived yet. */
export function freshness(at, now, startedAt) {
  const age = now - (at ?? startedAt);
  if (age >= DEAD_S) return "dead";
  if (age >= STALE_S) return "stale";
  return at === null ? "waiting" : "live";
}

/** Among the `kinds` of a feed: its sender chooses what it brings (feeds/base.py). */
const ANYTHING = "*";

/**
 * Which kinds may be looked for behind a source that can bring anything. It can bring warnings and cameras too, but
 * that it has brought none so far is no news: "no warning in force" is only said by a source of warnings.
 */
const LOOKED_FOR = ["incident", "call", "queue", "agent"];

/** Whether some feed may yet bring these kinds: one of theirs, or one that has brought some of them. */
export function mayCome(store, kinds) {
  return (
    feedsOf(store, kinds).length > 0 ||
    (LOOKED_FOR.some((kind) => kinds.includes(kind)) &&
      store.all("feed").some((feed) => feed.kinds?.includes(ANYTHING)))
  );
}

/** The feeds that bring these kinds: by what they are a source of, or because an entity names them. */
export function feedsOf(store, kinds, named = []) {
  const ids = new Set(named);
  for (const kind of kinds) for (const entity of store.all(kind)) if (entity.feed) ids.add(entity.feed);
  return store
    .all("feed")
    .filter((feed) => ids.has(feed.id) || feed.kinds?.some((kind) => kinds.includes(kind)));
}

const BAD = new Set(["failing", "silent", "stopped"]);

/** Whether a feed brings nothing now. */
export function isBad(feed) {
  return BAD.has(feed.state);
}

/** The newest `at` of some entities, or null. */
export function newestAt(entities) {
  let newest = null;
  for (const { at } of entities) if (at && (newest === null || at > newest)) newest = at;
  return newest;
}

/** Since when a feed brings nothing: its last good document, or when its state began. */
export function badSince(feed) {
  return feed.last_good_at ?? feed.since ?? null;
}

/**
 * The condition of a tile: {state: "waiting" | "unsourced" | "fresh" | "late" | "dead", at, since, reason, bad, of}.
 *
 * `feeds` bring its data; none means that the engine computes it, and then `newest` is the frame's own time.
 * "Nothing" from a source is news; where no source may come, nothing is known.
 */
export function tileCondition({ synced, feeds, newest, hasData, expected = true }) {
  if (!synced) return { state: "waiting" };
  if (!hasData && !feeds.length && !expected) return { state: "unsourced" };
  const bad = feeds.filter(isBad);
  const good = feeds.filter((feed) => feed.state === "ok").map((feed) => feed.last_good_at ?? 0);
  const at = Math.max(newest ?? 0, ...good) || null;
  if (bad.length) {
    const worstFeed = bad.reduce((a, b) => ((badSince(b) ?? 0) < (badSince(a) ?? 0) ? b : a));
    const told = {
      at,
      since: badSince(worstFeed),
      reason: worstFeed.reason ?? "",
      bad: bad.length,
      of: feeds.length,
    };
    return { state: bad.length === feeds.length ? "dead" : "late", ...told };
  }
  if (!hasData && feeds.length && feeds.every((feed) => feed.state === "waiting"))
    return { state: "waiting" };
  return { state: "fresh", at };
}
