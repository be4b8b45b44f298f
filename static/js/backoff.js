// When to try again. Full jitter: a thousand boards that lost one server do not come back at once. Pure.

const FIRST_S = 0.5;

/** A wall may not wait longer than this (s): it shows old data meanwhile, and two thousand boards over 6 s are few for a node. */
const MOST_S = 6;

/** Seconds to wait before attempt `n` (0, 1, …); `random` is in 0..1, `floor` what the server asked for. */
export function delay(n, random, floor = 0) {
  const most = Math.min(MOST_S, FIRST_S * 2 ** Math.min(n, 10));
  return floor + random * most;
}
