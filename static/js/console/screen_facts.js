// Screens and what is known of their glass. Pure.

/** Worst first. */
const ORDER = ["danger", "severe", "caution", "unknown", "normal", "none"];

/** A code as the screen shows it: letters in two groups of four; what is none of its letters falls away. */
export function prettyCode(text) {
  const letters = text
    .toUpperCase()
    .replace(/[^A-Z]/g, "")
    .slice(0, 8);
  return letters.length > 4 ? `${letters.slice(0, 4)}-${letters.slice(4)}` : letters;
}

/** The board that a screen shows itself as: named "wall/screen id", see web/sockets.py. */
const boardOf = (screen, walls) =>
  walls.find(({ id }) => id === `${screen.wall}/${screen.id}`);

/** {state, words} of a screen's health. */
export function health(screen, wall, t) {
  if (screen.state === "revoked") return { state: "none", words: t("screen.revoked") };
  if (screen.doubled_at) return { state: "severe", words: t("screen.doubled") };
  if (!wall) return { state: "unknown", words: t("screen.unseen") };
  return glass(wall, t);
}

function glass(wall, t) {
  const state = { painting: "normal", behind: "caution", gone: "severe" }[wall.state] ?? "unknown";
  return { state, words: t(`screen.glass.${wall.state}`) };
}

/**
 * {paired: [{screen, wall, state, words}], others: [{wall, state, words}]}: paired screens, what is wrong first,
 * revoked ones last; and boards that no paired screen accounts for.
 */
export function screenRows(screens, walls, t) {
  const taken = new Set();
  const paired = screens.map((screen) => {
    const wall = boardOf(screen, walls);
    if (wall) taken.add(wall.id);
    return { screen, wall, ...health(screen, wall, t) };
  });
  const weight = ({ state }) => ORDER.indexOf(state);
  paired.sort((a, b) => weight(a) - weight(b) || (a.screen.name ?? "").localeCompare(b.screen.name ?? ""));
  const others = walls
    .filter(({ id, state }) => !taken.has(id) && state !== "gone")
    .map((wall) => ({ wall, ...glass(wall, t) }))
    .sort((a, b) => weight(a) - weight(b) || (a.wall.id < b.wall.id ? -1 : 1));
  return { paired, others };
}
