// How many pictures a panel has room for, and how they stand. Pure; all lengths in rem.

/** From this width a picture is looked at with ease six metres away; where that is not to be had, from LEAST. */
const EASY_WIDTH = 14;
const LEAST_WIDTH = 8.5;

const ASPECT = 9 / 16;

/** Two lines below each picture: name, and state with age and district. */
export const CAPTION = 2.35;
export const GAP = 0.5;

/** More pictures than this nobody looks at. */
export const MOST_PICTURES = 16;

/**
 * {columns, rows, count}: the grid for at most `wanted` pictures that shows the most of them, as large as may be.
 * Nothing fits: count is 0.
 */
export function gridOf({ width, height, wanted }) {
  const easy = best({ width, height, wanted, least: EASY_WIDTH });
  return easy.count ? easy : best({ width, height, wanted, least: LEAST_WIDTH });
}

function best({ width, height, wanted, least }) {
  const most = Math.min(wanted, MOST_PICTURES);
  let found = { columns: 0, rows: 0, count: 0 };
  let worth = 0;
  for (let columns = 1; columns <= most; columns += 1) {
    const wide = (width - (columns - 1) * GAP) / columns;
    for (let rows = 1; rows <= Math.ceil(most / columns); rows += 1) {
      const high = (height - (rows - 1) * GAP) / rows - CAPTION;
      // A picture is never cut: it is as wide as its height lets it be.
      const own = Math.min(wide, high / ASPECT);
      if (own < least) break;
      const count = Math.min(most, columns * rows);
      // Twice as many pictures are worth more than one of twice the size, and less than one of four times.
      const gain = own * own * count ** 1.5;
      if (gain > worth * 1.001) {
        worth = gain;
        found = { columns, rows, count };
      }
    }
  }
  return found;
}
