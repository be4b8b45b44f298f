// static/js/glass.js and paints.js: what is on the glass is told after it is painted, and counted within bounds.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Glass } from "../../static/js/glass.js";
import { Paints } from "../../static/js/paints.js";

function set() {
  const world = { mono: 10, hidden: false, heap: 1000, frames: [], tasks: [] };
  const glass = new Glass({
    frame: (fn) => world.frames.push(fn),
    task: (fn) => world.tasks.push(fn),
    mono: () => world.mono,
    hidden: () => world.hidden,
    heap: () => world.heap,
  });
  const paint = (at = world.mono) => {
    world.mono = at;
    world.frames.splice(0).forEach((fn) => fn());
    world.tasks.splice(0).forEach((fn) => fn());
  };
  return { world, glass, paint };
}

const clock = { now: () => 1000.5 };

test("what is asked for one paint is called before it and after it, in one frame", () => {
  const { world, glass, paint } = set();
  const calls = [];
  for (const name of ["a", "b"])
    glass.afterPaint(() => {
      calls.push(`before ${name}`);
      return () => calls.push(`after ${name}`);
    });
  assert.equal(world.frames.length, 1);
  paint();
  assert.deepEqual(calls, ["before a", "before b", "after a", "after b"]);
});

test("a page that paints nothing for weeks keeps a bounded number waiting", () => {
  const { glass } = set();
  let taken = 0;
  for (let i = 0; i < 10_000; i += 1) taken += glass.afterPaint(() => null);
  assert.equal(taken, 256);
});

test("a frame is measured from its arrival, its commit and its oldest event to the paint", () => {
  const { glass, paint } = set();
  glass.paints.ranges([0.1, 1]);
  glass.measure({ at: 1000.3, heard: 999 }, 9.95, clock);
  glass.measure({ at: 1000.3 }, 9.95, clock);
  paint();
  const { paints } = glass.report();
  assert.deepEqual(paints.frame.counts, [2, 0, 0]);
  assert.deepEqual(paints.commit.counts, [0, 2, 0]);
  assert.deepEqual(paints.event.counts, [0, 0, 1]);
  assert.ok(Math.abs(paints.event.sum - 1.5) < 1e-9);
  assert.deepEqual(glass.report().paints, {}, "it is told once");
});

test("a hidden page measures nothing: its paints would be hours late", () => {
  const { world, glass, paint } = set();
  glass.paints.ranges([0.1]);
  world.hidden = true;
  glass.measure({ at: 1000 }, 9, clock);
  paint();
  assert.deepEqual(glass.report().paints, {});
});

test("the frame rate is sampled, the longest frame kept until it is told", () => {
  const { world, glass, paint } = set();
  assert.equal(glass.report().fps, undefined);
  for (let i = 0; i < 12; i += 1) paint(world.mono + 0.05);
  assert.equal(world.frames.length, 0, "a sample ends");
  glass.took(180);
  const told = glass.report();
  assert.equal(Math.round(told.fps), 20);
  assert.equal(told.longest, 180);
  assert.equal(told.heap, 1000);
  world.heap = null;
  assert.equal("heap" in glass.report(), false);
});

test("counts are those of the server's ranges, and start anew when these change", () => {
  const paints = new Paints();
  paints.add("frame", 1);
  assert.deepEqual(paints.take(), {}, "no ranges are known yet");
  paints.ranges([1, 2]);
  for (const seconds of [0.5, 1, 1.5, 99, -3, NaN]) paints.add("frame", seconds);
  paints.ranges([1, 2]);
  assert.deepEqual(paints.take(), { frame: { counts: [3, 1, 1], sum: 102 } });
  paints.add("frame", 1);
  paints.ranges([5]);
  assert.deepEqual(paints.take(), {});
  paints.ranges("no list");
  paints.add("frame", 1);
  assert.deepEqual(paints.take(), {});
});
