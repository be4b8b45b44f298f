// When to try again. Full jitter: a thousand boards that lost one server do not come back at once. Pure.

const FIRST_S = 0.5;

/** A wall may not wait longer than this (s): it shows old data meanwhile, and two thousand boards over 6 s are few for a node. */
const MOST_S = 6;

/** A server may ask for this much (s): more would leave a wall behind long after it is well again. */
const MOST_FLOOR_S = 60;

/** Seconds to wait before attempt `n` (0, 1, …); `random` is in 0..1, `floor` what the server asked for. */
export function delay(n, random, floor = 0) {
  const most = Math.min(MOST_S, FIRST_S * 2 ** Math.min(n, 10));
  return Math.min(MOST_FLOOR_S, Math.max(0, floor)) + random * most;
}
