// Against burn-in the whole page moves by a few pixels, one at a time. Pure path, then one style.

/** So far from its place the page goes (CSS px); vigil.css leaves as much free around it. */
export const REACH_PX = 4;

/** Seconds between two steps; each paints the whole glass once. */
export const STEP_S = 120;

const SIDE = 2 * REACH_PX + 1;

/** Where the page is at `now` (s): {x, y} in px. By the server's time, so that neighbours move together. */
export function shiftAt(now) {
  const last = SIDE * SIDE - 1;
  // Row by row there and the same way back: never more than one pixel a step.
  const step = Math.floor(now / STEP_S) % (2 * last);
  const place = step <= last ? step : 2 * last - step;
  const row = Math.floor(place / SIDE);
  const column = row % 2 ? SIDE - 1 - (place % SIDE) : place % SIDE;
  return { x: column - REACH_PX, y: row - REACH_PX };
}

/** Move the page to where it is at `now`; `on` is false where it must not: on a phone, or switched off. */
export function move(root, now, on) {
  root.toggleAttribute("data-shift", on);
  const { x, y } = on ? shiftAt(now) : { x: 0, y: 0 };
  const text = [x, y].map((px) => `${px}px`).join(" ");
  if (root.style.getPropertyValue("--shift") !== text) root.style.setProperty("--shift", text);
}
