// What each board last told of its glass, as /api/v1/boards has it: which rows, and what is wrong with each. Pure.

/** As the server judges: what was painted is older than this (s), or nothing was said for this long. */
export const BEHIND_S = 10;
export const SILENT_S = 15;

/** Below this a frame rate (frames/s) is seen as stutter; a frame that takes longer than this (ms) as a halt. */
const LEAST_FPS = 20;
const LONGEST_MS = 500;

/** A wall needs some tens of MiB; a page above this (bytes) grows. */
const MUCH_HEAP = 512 * 2 ** 20;

/** Pages of people, which are no walls. */
const OF_PEOPLE = ["console", "leader"];

const ORDER = ["severe", "caution", "unknown", "normal"];

/** A node tells every 5 s; what is older than this (s) at `now` is not known any more. */
const LATE_S = 15;

/**
 * What is wrong with a board, worst first: words' keys after "glass.", each with its state. It is judged by the moment
 * at which its node told of it, for that and the asking take some seconds themselves.
 */
export function troubles(board, now) {
  if (now - board.at > LATE_S) return [{ state: "unknown", key: "late" }];
  if (!board.painted_when) return [{ state: "unknown", key: "unseen" }];
  const found = [];
  if (board.at - board.painted_when > SILENT_S) found.push({ state: "severe", key: "silent" });
  else if (board.at - board.painted_at > BEHIND_S) found.push({ state: "severe", key: "behind" });
  if (board.fps !== undefined && board.fps < LEAST_FPS) found.push({ state: "caution", key: "slow" });
  if (board.longest > LONGEST_MS) found.push({ state: "caution", key: "halts" });
  if (board.heap > MUCH_HEAP) found.push({ state: "caution", key: "heavy" });
  if (board.current === false) found.push({ state: "caution", key: "old_page" });
  return found;
}

/**
 * Rows of the walls among the boards, what is wrong first: [{board, name, state, troubles}]. A console and a leader's
 * page are no walls: their person looks at another window. `screens` are the paired ones, whose boards are named "wall/ID".
 */
export function glassRows(boards, screens, now) {
  const names = new Map(screens.map(({ id, wall, name }) => [`${wall}/${id}`, `${wall}/${name}`]));
  return boards
    .filter(({ layout }) => !OF_PEOPLE.includes(layout))
    .map((board) => {
      const wrong = troubles(board, now);
      return { board, name: names.get(board.name) ?? board.name, state: wrong[0]?.state ?? "normal", troubles: wrong };
    })
    .sort(
      (a, b) =>
        ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.name.localeCompare(b.name) || a.board.since - b.board.since,
    );
}
