// How many rows fit. A panel that runs out of room shows fewer things, never smaller ones. Pure.

/** More rows than this fit on no wall; what is beyond is counted, not laid out. */
export const MOST_ROWS = 40;

/**
 * The number of rows to show of `total`, given the bottoms of the rows that were laid out, from the list's
 * top, the height there is, and the height that the line "+N more" takes (all in the same unit).
 */
export function howMany(bottoms, total, available, moreHeight) {
  const laid = bottoms.length;
  if (laid === total && (laid === 0 || bottoms[laid - 1] <= available + 0.5)) return laid;
  let fits = 0;
  while (fits < laid && bottoms[fits] + moreHeight <= available + 0.5) fits += 1;
  return Math.min(fits, total);
}
