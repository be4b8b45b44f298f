// A small line of the last readings. Pure.

/** [[x, y], …] in a box of width × height, y downwards, for readings [[time, value], …], oldest first. */
export function points(readings, width, height) {
  const [first, last] = [readings[0][0], readings.at(-1)[0]];
  const values = readings.map(([, value]) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const round = (n) => Math.round(n * 10) / 10;
  const x = (time) => (last > first ? ((time - first) / (last - first)) * width : width);
  // A level line lies in the middle: the bottom would look like "lowest".
  const y = (value) => (high > low ? height - ((value - low) / (high - low)) * height : height / 2);
  return readings.map(([time, value]) => [round(x(time)), round(y(value))]);
}
