// How large a letter must be. Pure; wall.js sets what comes out on the root element.

import { formOf } from "./arrange.js";

/** Up to this width (CSS px) the page is one column with text of 16 px: a phone in a hand. */
export const PHONE_PX = 700;

/** From this width the page is a wall, read from the back row. Between the two: a desk or tablet. */
export const WALL_PX = 1280;

/** 16 arc-minutes as a share of the distance: the height of the smallest capital. */
const ARC = 0.00465;

/** Height of Inter's capitals, and the smallest text on the wall in rem. */
const CAP_EM = 0.73;
const SMALLEST_REM = 0.86;

/** The layouts need this height; a page that is lower for its width states a wrong width of its wall. */
const LEAST_HEIGHT_REM = 40;

const HAND_PX = 16;

/**
 * {mode: "phone" | "desk" | "wall" | "portrait", form, rem: px} for a page of width × height seen under `view`; the
 * form is that of arrange.js.
 */
export function measure({ width, height }, view = {}) {
  return { form: formOf({ width, height }), ...sized({ width, height }, view) };
}

function sized({ width, height }, view) {
  if (width <= PHONE_PX) return { mode: "phone", rem: HAND_PX };
  if (width < WALL_PX && height < WALL_PX) return { mode: "desk", rem: HAND_PX };
  const { distance_m: distance = 6, width_m: wide = 3.6 } = view;
  const smallest = ((ARC * distance * 1000) / CAP_EM) * (width / (wide * 1000));
  const portrait = height > width;
  const most = portrait ? width / 45 : height / LEAST_HEIGHT_REM;
  const rem = Math.max(12, Math.min(smallest / SMALLEST_REM, most));
  return { mode: portrait ? "portrait" : "wall", rem: portrait ? Math.max(rem, width / 52) : rem };
}
