import assert from "node:assert/strict";
import { test } from "node:test";

import { ServerClock, timeWriter } from "../../static/js/clock.js";
import { figureWriter } from "../../static/js/format.js";
import { translator } from "../../static/js/words.js";

const id = figureWriter("id", translator("id"));
const en = figureWriter("en", translator("en"));

test("figures as each language writes them", () => {
  assert.equal(id.number(13450), "13.450");
  assert.equal(en.number(13450), "13,450");
  assert.equal(id.number(-3), "−3");
  assert.equal(id.number(null), "–");
  assert.equal(id.number(5.25, 1), "5,3");
  assert.equal(id.percent(0.714), "71");
});

test("differences have a sign unless they are nothing, and one decimal always", () => {
  assert.equal(id.difference(0.18), "+18,0\u202f%");
  assert.equal(id.difference(-0.0037), "−0,4\u202f%");
  assert.equal(id.difference(0.0001), "0,0\u202f%");
  assert.equal(en.difference(0.055), "+5.5%");
});

test("changes have an arrow; unknown is not nought", () => {
  assert.equal(id.change(4100), "▲\u202f4.100");
  assert.equal(id.change(-600), "▼\u202f600");
  assert.equal(id.change(0.256, 2), "▲\u202f0,26");
  assert.equal(id.change(0), "0");
  assert.equal(id.change(null), "–");
  assert.equal(id.change(undefined), "–");
});

test("durations in the room's words", () => {
  assert.deepEqual([0, 59.9, 60, 3599, 3600, 11520, 86399, 86400, 200000].map(id.duration), [
    "0 dtk",
    "59 dtk",
    "1 mnt",
    "59 mnt",
    "1 j",
    "3 j 12 m",
    "23 j 59 m",
    "1 hr",
    "2 hr",
  ]);
  assert.equal(id.duration(-5), "0 dtk");
});

test("an age goes by tens after ten seconds", () => {
  assert.deepEqual([3, 10, 19, 59, 60].map(id.age), ["3 dtk", "10 dtk", "10 dtk", "50 dtk", "1 mnt"]);
});

test("for how long something has been is said as people say it, and is never taken for a number", () => {
  assert.deepEqual([-1, 0, 59, 60, 119, 600, 11520].map(id.standing), [
    "baru saja", "baru saja", "baru saja", "1 mnt", "1 mnt", "10 mnt", "3 j 12 m",
  ]);
  assert.equal(en.standing(42), "just now");
});

test("of a wait the seconds count for two minutes", () => {
  assert.deepEqual([-1, 48, 119, 120, 3599, 3600].map(id.wait), [
    ["0", "dtk"], ["48", "dtk"], ["119", "dtk"], ["2", "mnt"], ["59", "mnt"], ["1 j", ""],
  ]);
});

const NOON = Date.UTC(2026, 10, 22, 7, 7, 32) / 1000; // 14.07.32 in Jakarta

test("times stand in the city's zone, with its name, whatever the zone of the machine", () => {
  const jakarta = timeWriter("Asia/Jakarta", "id");
  assert.equal(jakarta.time(NOON), "14.07");
  assert.equal(jakarta.seconds(NOON), "14.07.32");
  assert.equal(jakarta.zone(NOON), "WIB");
  assert.equal(timeWriter("Asia/Makassar", "en").zone(NOON), "WITA");
  assert.equal(jakarta.date(NOON), "Minggu, 22 November 2026");
  assert.equal(jakarta.isoDay(NOON), "2026-11-22");
  assert.equal(timeWriter("Asia/Jayapura", "id").seconds(NOON), "16.07.32");
  assert.equal(timeWriter("Asia/Jakarta", "en").seconds(NOON), "14:07:32");
});

test("midnight is 00, and the day is the city's", () => {
  const late = Date.UTC(2026, 10, 22, 17, 0, 5) / 1000;
  const jakarta = timeWriter("Asia/Jakarta", "id");
  assert.equal(jakarta.seconds(late), "00.00.05");
  assert.equal(jakarta.isoDay(late), "2026-11-23");
});

test("a moment of another day names its day", () => {
  const jakarta = timeWriter("Asia/Jakarta", "id");
  assert.equal(jakarta.moment(NOON, NOON + 60), "14.07");
  assert.equal(jakarta.moment(NOON - 86400, NOON), "21 Nov 14.07");
  assert.equal(jakarta.dayName("2026-11-20"), "20 Nov");
});

/** A clock whose monotonic time the test holds. */
function held(guess = 1000) {
  const world = { mono: 50 };
  return { world, clock: new ServerClock(() => world.mono, guess) };
}

test("the server's time goes on from hello", () => {
  const { world, clock } = held();
  assert.equal(clock.now(), 1000);
  clock.sync(2000);
  world.mono += 7;
  assert.equal(clock.now(), 2007);
});

test("a frame from our future proves that we lag: step at once", () => {
  const { clock } = held();
  clock.sync(2000);
  clock.observe(2003);
  assert.equal(clock.now(), 2003);
});

test("a quartz that runs fast for a day raises no false alarm, an engine that stands still is seen", () => {
  const { world, clock } = held();
  clock.sync(0);
  let server = 0;
  for (let i = 0; i < 86400; i += 1) {
    world.mono += 1.00005; // 50 ppm fast
    server += 1;
    clock.observe(server);
  }
  assert.ok(clock.now() - server < 1.1, `${clock.now() - server}`);
  for (let i = 0; i < 6; i += 1) {
    world.mono += 1;
    clock.observe(server);
  }
  assert.ok(clock.now() - server > 5);
});

test("a day that is none breaks no panel", () => {
  const time = timeWriter("Asia/Jakarta", "id");
  assert.equal(time.dayName("2026-11-20"), "20 Nov");
  assert.equal(time.dayName("<b>besok</b>"), "<b>besok</b>");
});
