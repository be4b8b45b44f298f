import assert from "node:assert/strict";
import { test } from "node:test";

import { NEAR_M, TURN_S, choose, hasPicture, metres } from "../../static/js/cctv/choice.js";
import { FROZEN_S, LATE_S, pictureState, shortName } from "../../static/js/cctv/picture.js";
import { MOST_PICTURES, gridOf } from "../../static/js/cctv/room.js";
import { lookOf } from "../../static/js/cctv/still.js";
import { RECOVERED_S, STALL_S, TRIES, Watchdog } from "../../static/js/cctv/watchdog.js";

const NOW = 1_750_000_000;
const north = (m) => -6.2 + m / 111_320;

const camera = (id, m = 0, more = {}) => ({
  id: `cctv/${id}`,
  name: id,
  picture: true,
  state: "online",
  place: { lon: 106.8, lat: north(m), district: "31.01.01", parents: [{ code: "31.01", level: 0 }] },
  ...more,
});
const alert = (id, severity, m, more = {}) => ({
  id,
  severity,
  state: "unacknowledged",
  subject: "gauge:g",
  since: NOW,
  place: { lon: 106.8, lat: north(m) },
  ...more,
});
const ids = (list) => list.map(({ name }) => name).join("");
const show = (more) => ids(choose({ cameras: [], count: 4, now: 0, ...more }));

test("no cameras, or none with a picture, are none to show", () => {
  assert.equal(show({}), "");
  assert.equal(show({ cameras: [camera("a", 0, { picture: false })] }), "");
  assert.ok(!hasPicture(camera("a", 0, { flags: ["gone"] })));
  assert.ok(hasPicture({ id: "a", streams: [{ type: "hls", url: "https://a.example/1.m3u8" }] }));
  assert.ok(!hasPicture({ id: "a", streams: [{ type: "hls" }, { type: "mjpeg", url: "https://a.example" }] }));
});

test("the worst unseen alert comes first, with its two nearest cameras", () => {
  const cameras = ["a", "b", "c", "d", "e", "f"].map((id, index) => camera(id, index * 400));
  const alerts = [alert("x", "caution", 0), alert("y", "danger", 2000)];
  assert.equal(show({ cameras, alerts }), "feab");
  assert.equal(show({ cameras, alerts: [alert("y", "danger", 2000, { state: "acknowledged" })], count: 2 }), "ab");
  const shelved = alert("y", "danger", 2000, { shelved: { by: "a" } });
  assert.equal(show({ cameras, alerts: [shelved], count: 2 }), "ab");
});

test("grave open incidents come after the alerts, and a small one moves no camera", () => {
  const cameras = ["a", "b", "c"].map((id, index) => camera(id, index * 1000));
  const incident = (severity, m, more = {}) => ({
    id: severity, severity, at: NOW, place: { lon: 106.8, lat: north(m) }, source: {}, ...more,
  });
  assert.equal(show({ cameras, incidents: [incident("severe", 2000)], count: 1 }), "c");
  assert.equal(show({ cameras, incidents: [incident("caution", 2000)], count: 1 }), "a");
  assert.equal(show({ cameras, incidents: [incident("danger", 2000, { over_at: NOW })], count: 1 }), "a");
});

test("what is too far to be seen, or has no place, moves no camera", () => {
  const cameras = [camera("a"), camera("b", NEAR_M + 1)];
  assert.equal(show({ cameras, alerts: [alert("x", "danger", 2 * NEAR_M + 10)], count: 1 }), "a");
  assert.equal(show({ cameras, alerts: [alert("x", "danger", 0, { place: {} })], count: 1 }), "a");
  assert.equal(show({ cameras: [camera("a", 0, { place: {} })], alerts: [alert("x", "danger", 0)] }), "a");
});

test("a camera that lives goes before a nearer one that does not", () => {
  const cameras = [camera("a", 0, { state: "offline" }), camera("b", 300)];
  assert.equal(show({ cameras, alerts: [alert("x", "danger", 0)] }), "ba");
});

test("where the wall was sent goes before all: a place, a district", () => {
  const cameras = ["a", "b", "c", "d"].map((id, index) => camera(id, index * (1000 + index)));
  const alerts = [alert("x", "danger", 3000)];
  assert.equal(show({ cameras, alerts, sent: { lon: 106.8, lat: north(0) }, count: 2 }), "ab");
  cameras[2].place = { ...cameras[2].place, district: "31.02.01", parents: [] };
  assert.equal(show({ cameras, sent: { district: "31.02.01" }, count: 1 }), "c");
  assert.equal(show({ cameras, sent: { district: "31.01" }, count: 3 }), "abd");
});

test("cameras that were named come next, by their id with or without the feed's name", () => {
  const cameras = ["a", "b", "c", "d/1"].map((id) => camera(id));
  assert.equal(show({ cameras, named: ["d/1", "cctv/c", "x"], count: 3 }), "d/1ca");
});

test("the rest takes turns by the server's time: all screens agree, and everyone has a turn", () => {
  const cameras = [..."abcdefg"].map((id) => camera(id)).reverse();
  const at = (turns) => show({ cameras, count: 2, now: turns * TURN_S + 1 });
  assert.deepEqual([0, 1, 2, 3, 4].map(at), ["ab", "cd", "ef", "ga", "bc"]);
  assert.equal(show({ cameras, count: 2, now: TURN_S - 1 }), "ab");
  assert.equal(show({ cameras, count: 20 }), "abcdefg");
  cameras[6].state = "offline";
  assert.equal(show({ cameras, count: 2 }), "bc", "a dead one needs no turn: it stands among the down");
});

test("269 cameras and 300 alerts are chosen from at once, each once", () => {
  const cameras = Array.from({ length: 269 }, (_, index) => camera(String(index).padStart(3, "0"), index * 10));
  const alerts = Array.from({ length: 300 }, (_, index) => alert(String(index), "severe", index * 9));
  const chosen = choose({ cameras, alerts, count: 16, now: NOW });
  assert.equal(chosen.length, 16);
  assert.equal(new Set(chosen).size, 16);
});

test("metres are metres", () => {
  assert.ok(Math.abs(metres({ lon: 106.8, lat: -6.2 }, { lon: 106.8, lat: north(1000) }) - 1000) < 1);
  assert.ok(Math.abs(metres({ lon: 106.8, lat: -6.2 }, { lon: 106.81, lat: -6.2 }) - 1107) < 2);
});

const look = (more = {}) => ({ at: NOW - 2, since: NOW - 2, moves: true, reason: "", shown: NOW - 2, ...more });
const state = (entity, seen, stream) => pictureState({ camera: entity, look: seen, stream, now: NOW });

test("a picture that moves and is of now is live, with its age", () => {
  assert.deepEqual(state(camera("a"), look()), { state: "live", since: 0, at: NOW - 2, reason: "" });
  const unchecked = camera("a", 0, { state: "unknown", reason: "no_stream" });
  assert.equal(state(unchecked, look()).state, "live");
});

test("one picture proves no movement; a stream that moves does", () => {
  const first = look({ moves: false });
  assert.equal(state(camera("a"), first).state, "live");
  assert.equal(state(camera("a", 0, { state: "unknown" }), first).state, "checking");
});

test("a picture that stands still is frozen since then, never live, however lately it was fetched", () => {
  const still = look({ moves: false, since: NOW - 2 - FROZEN_S });
  const { state: found, since, at } = state(camera("a"), still);
  assert.deepEqual([found, since, at], ["frozen", NOW - 2 - FROZEN_S, NOW - 2 - FROZEN_S]);
});

test("a frozen stream makes the picture frozen, whatever the still says", () => {
  const frozen = camera("a", 0, { state: "frozen", since: NOW - 600, reason: "stands_still" });
  for (const seen of [look(), look({ moves: false }), null]) assert.equal(state(frozen, seen).state, "frozen");
  assert.equal(state(frozen, look()).since, NOW - 600);
  assert.equal(state(frozen, look({ moves: false, since: NOW - 900 })).since, NOW - 900);
  assert.equal(state(frozen, look(), { playing: true, since: null }).state, "frozen");
});

test("a camera that is down is down, and its last picture has its age", () => {
  const down = camera("a", 0, { state: "offline", since: NOW - 60, reason: "unreachable" });
  assert.deepEqual(state(down, look({ shown: NOW - 90 })), {
    state: "offline", since: NOW - 60, at: NOW - 90, reason: "unreachable",
  });
  assert.equal(state(down, null, { playing: true, since: null }).state, "live", "it plays before our eyes");
});

test("no picture says why, and a late one is none of now", () => {
  const none = { at: NOW, since: NOW - 9, moves: false, reason: "not_a_picture", shown: null };
  assert.deepEqual(state(camera("a"), none), { state: "unknown", since: NOW - 9, at: null, reason: "not_a_picture" });
  assert.equal(state(camera("a"), { ...none, shown: NOW - 5 }).state, "unknown");
  const late = look({ at: NOW - LATE_S - 1, shown: NOW - LATE_S - 1 });
  assert.deepEqual([state(camera("a"), late).state, state(camera("a"), late).reason], ["unknown", "late"]);
  assert.equal(state(camera("a"), null).state, "checking");
  assert.equal(state(camera("a"), { ...none, at: null, reason: "waiting" }).state, "checking");
  assert.equal(state(camera("a"), look({ reason: "waiting" })).state, "live", "asked for anew after a pause");
});

test("a stream that plays is live; one that stalls is frozen since then", () => {
  assert.deepEqual(state(camera("a"), null, { playing: true, since: null }), {
    state: "live", since: 0, at: NOW, reason: "",
  });
  const { state: found, since, at } = state(camera("a"), look(), { playing: false, since: NOW - 12 });
  assert.deepEqual([found, since, at], ["frozen", NOW - 12, NOW - 12]);
});

test("what an answer's headers tell, and what they do not", () => {
  const headers = new Headers({ "Picture-At": "12.5", "Picture-Since": "11", "Picture-Moves": "1" });
  assert.deepEqual(lookOf(headers), { at: 12.5, since: 11, moves: true, reason: "" });
  const none = new Headers({ "Picture-Reason": "too_large", "Picture-At": "soon" });
  assert.deepEqual(lookOf(none), { at: null, since: null, moves: false, reason: "too_large" });
});

test("the room decides how many pictures there are; none is too small to be looked at", () => {
  assert.deepEqual(gridOf({ width: 23, height: 7.8, wanted: 12 }), { columns: 2, rows: 1, count: 2 });
  assert.equal(gridOf({ width: 23, height: 4, wanted: 12 }).count, 0);
  assert.equal(gridOf({ width: 7, height: 40, wanted: 12 }).count, 0);
  assert.equal(gridOf({ width: 23, height: 7.8, wanted: 0 }).count, 0);
  assert.equal(gridOf({ width: 52, height: 30, wanted: 12 }).count, 6);
  assert.equal(gridOf({ width: 52, height: 30, wanted: 1 }).count, 1);
  assert.ok(gridOf({ width: 200, height: 100, wanted: 99 }).count <= MOST_PICTURES);
  for (let width = 4; width < 150; width += 3)
    for (let height = 2; height < 90; height += 3) {
      const { columns, rows, count } = gridOf({ width, height, wanted: 12 });
      assert.ok(count <= 12 && count <= columns * rows && columns * (rows - 1) < Math.max(1, count));
    }
});

test("the watchdog sees a video that stands still, helps it, and gives it up", () => {
  const dog = new Watchdog(0);
  assert.equal(dog.look(0, 1), "waiting");
  assert.equal(dog.look(0.5, 2), "playing");
  assert.equal(dog.look(0.5, 3), "playing");
  assert.equal(dog.since, null);
  let now = 2;
  for (let turn = 0; turn < TRIES; turn += 1) {
    now += STALL_S;
    assert.equal(dog.look(0.5, now), "recover");
    assert.equal(dog.since, 2);
    assert.equal(dog.look(0.5, now + 1), "waiting");
  }
  assert.equal(dog.look(0.5, now + STALL_S), "lost");
});

test("a video that was helped and plays for a while has all its tries again", () => {
  const dog = new Watchdog(0);
  dog.look(1, 1);
  assert.equal(dog.look(1, 1 + STALL_S), "recover");
  let now = 1 + STALL_S;
  for (let second = 0; second <= RECOVERED_S + 1; second += 1) {
    now += 1;
    assert.equal(dog.look(2 + second, now), "playing");
  }
  assert.equal(dog.since, null);
  const time = 2 + RECOVERED_S + 1;
  for (let turn = 0; turn < TRIES; turn += 1) assert.equal(dog.look(time, now + STALL_S * (turn + 1)), "recover");
});

test("one that never begins is given up, too", () => {
  const dog = new Watchdog(0);
  const seen = [];
  for (let now = 1; now <= STALL_S * (TRIES + 1); now += 1) seen.push(dog.look(0, now));
  assert.equal(seen.at(-1), "lost");
});

test("a name does not say again that it is a camera's, and a number alone keeps its word", () => {
  assert.equal(shortName("CCTV Pintu Air Hulu"), "Pintu Air Hulu");
  assert.equal(shortName("Kamera: Simpang Lima"), "Simpang Lima");
  assert.equal(shortName("Kamera 12"), "Kamera 12");
  assert.equal(shortName("CCTV"), "CCTV");
  assert.equal(shortName("Cameramen House"), "Cameramen House");
});
