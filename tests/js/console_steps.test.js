import assert from "node:assert/strict";
import { test } from "node:test";

import { agencyOrder, behind, openBy, parseBehind } from "../../static/js/console/agency_facts.js";
import { callOrder, markedAs } from "../../static/js/console/calls.js";
import { moved, outline, planeOf, zoomed } from "../../static/js/console/ground.js";
import { reviewOrder, scoreOf, shiftRows } from "../../static/js/console/quality_facts.js";
import { STEP_KEYS, STORY_KEYS, argsOf, coordinates, nextStep, stepsFor, timeline } from "../../static/js/console/steps.js";
import { editOf, needsOf } from "../../static/js/console/story_asks.js";

const TABLE = [
  { to: "verified", was: ["received"], roles: ["operator"], needs: ["how"], action: "incident.status" },
  { to: "assigned", was: ["received"], roles: ["supervisor"], needs: ["agency"], action: "incident.assign" },
  { to: "accepted", was: ["received", "assigned"], roles: ["agency"], needs: [], action: "incident.status" },
  { to: "returned", was: ["assigned"], roles: ["agency"], needs: ["why"], action: "incident.status" },
  { to: "duplicate", was: ["received"], roles: ["operator"], needs: ["of"], action: "incident.status" },
];
const to = (steps) => steps.map((step) => step.to);
const ctx = {
  t: (key) => key,
  pick: (texts) => texts.id,
  boot: {
    agencies: { DPU: "Dinas PU" },
    categories: { flood: { id: "Banjir" } },
    lines: { 110: { id: "Polisi" } },
  },
  store: { all: () => [] },
  time: { moment: String },
  now: () => 0,
};

test("only steps of the server's table for this role and status are offered", () => {
  assert.deepEqual(to(stepsFor(TABLE, "operator", "received")), ["verified", "duplicate"]);
  assert.deepEqual(to(stepsFor(TABLE, "agency", "assigned")), ["accepted", "returned"]);
  assert.deepEqual(stepsFor(TABLE, "leader", "received"), []);
  assert.deepEqual(stepsFor(TABLE, "operator", "closed"), []);
});

test("every step has a key of its own, and none is a key of the list", () => {
  const keys = stepsFor(
    TABLE.map((step) => ({ ...step, was: ["x"], roles: ["r"] })),
    "r",
    "x",
  ).map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length);
  for (const key of ["j", "k", "n", "e", "l", "m", "+", "/", "?"]) assert.ok(!keys.includes(key), key);
});

test("the next step is the one that leads on without a reason", () => {
  assert.equal(nextStep(stepsFor(TABLE, "agency", "assigned")).to, "accepted");
  assert.equal(nextStep(stepsFor(TABLE, "supervisor", "received")), null);
});

test("a command names the status that was seen, and only what was given", () => {
  const [verify] = stepsFor(TABLE, "operator", "received");
  const [assign] = stepsFor(TABLE, "supervisor", "received");
  const incident = { id: "a/1", ours: {} };
  assert.deepEqual(argsOf(verify, incident, { how: "x", by: "" }), {
    incident: "a/1",
    how: "x",
    seen: "received",
    status: "verified",
  });
  assert.deepEqual(argsOf(assign, { id: "a/1", ours: { status: "verified" } }, { agency: "DPU" }), {
    incident: "a/1",
    agency: "DPU",
    seen: "verified",
  });
});

test("a step asks for what the table says it needs, and nothing where it needs nothing", () => {
  const [accept, giveBack] = stepsFor(TABLE, "agency", "assigned");
  const incident = { id: "a", source: { title: "x" } };
  assert.equal(needsOf(accept, incident, ctx), null);
  assert.deepEqual(
    needsOf(giveBack, incident, ctx).fields.map(({ name, needed }) => [name, needed]),
    [["why", true]],
  );
});

test("a duplicate is chosen from the twins, or typed; one of them is needed", () => {
  const [, duplicate] = stepsFor(TABLE, "operator", "received");
  const told = { twins: [{ id: "t", title: "Twin", m: 20, opened_at: 5 }] };
  const spec = needsOf(duplicate, { id: "a", source: {} }, ctx, told);
  assert.equal(spec.fields[0].value, "t");
  assert.notEqual(spec.check({ twin: "", other: "" }), "");
  assert.deepEqual(spec.read({ twin: "t", other: "" }), { of: "t" });
  assert.deepEqual(spec.read({ twin: "t", other: "z" }), { of: "z" });
});

test("an edit sends only what differs", () => {
  const incident = { id: "a", source: { title: "Old" }, category: "flood" };
  const { read } = editOf(incident, ctx);
  assert.deepEqual(read({ title: "Old", category: "flood", severity: "" }), {});
  assert.deepEqual(read({ title: "New", category: "flood", severity: "danger" }), {
    title: "New",
    severity: "danger",
  });
});

test("steps and notes stand in one line of time", () => {
  const line = timeline({
    source: { opened_at: 10, closed_at: 40 },
    ours: {
      steps: [{ at: 30, by: "b", was: "received", now: "verified" }],
      notes: [{ at: 20, by: "a", text: "x" }],
    },
  });
  assert.deepEqual(
    line.map(({ kind, at }) => [kind, at]),
    [
      ["opened", 10],
      ["note", 20],
      ["step", 30],
      ["closed", 40],
    ],
  );
});

test("coordinates are read in both orders and with decimal commas, and nothing else is", () => {
  assert.deepEqual(coordinates("-6.2088, 106.8456"), [106.8456, -6.2088]);
  assert.deepEqual(coordinates("106.8456,-6.2088"), [106.8456, -6.2088]);
  assert.deepEqual(coordinates("-6,2088; 106,8456"), [106.8456, -6.2088]);
  assert.deepEqual(coordinates("-6,2088 106,8456"), [106.8456, -6.2088]);
  for (const text of ["", "Jl. Mawar 3", "106.8", "1,2,3", "-6.2, 206.8", "NaN, 3"])
    assert.equal(coordinates(text), null, text);
});

test("agencies: most overdue first, then overdue for longest, then least in time", () => {
  const agency = (name, overdue, since, share) => ({
    id: name,
    name,
    overdue,
    overdue_since: since,
    spans: { today: { in_time: share } },
  });
  const list = [
    agency("e"),
    agency("d", 0, null, 0.9),
    agency("c", 0, null, 0.2),
    agency("b", 2, 50),
    agency("a", 2, 10),
  ];
  assert.equal(
    list
      .sort(agencyOrder("today"))
      .map(({ name }) => name)
      .join(""),
    "abcde",
  );
});

test("what an agency has open is summed by either half, the worst first", () => {
  const agency = { by: { "1|flood": [2, 1], "2|flood": [5, 0], "1|tree": [1, 1] } };
  assert.deepEqual(openBy(agency, 0), [
    ["1", 3, 2],
    ["2", 5, 0],
  ]);
  assert.deepEqual(openBy(agency, 1), [
    ["flood", 7, 1],
    ["tree", 1, 1],
  ]);
  assert.deepEqual(openBy({}, 0), []);
});

test("the address of a list leads back to what it is about", () => {
  const about = { figure: "open", span: "7d", district: "1.2", category: null };
  assert.deepEqual(parseBehind(behind("DPU", about)), { code: "DPU", ...about });
  assert.deepEqual(parseBehind("DPU?span=never"), {
    code: "DPU",
    figure: "",
    span: "today",
    district: null,
    category: null,
  });
  assert.equal(parseBehind(behind("DPU", { figure: "open", district: "" })).district, "");
});

test("calls: who talks, rings, waits, then the newest of the ended", () => {
  const call = (id, state, joined_at, since) => ({ id, state, joined_at, since });
  const list = [
    call("e", "ended", 1, 10),
    call("f", "ended", 2, 5),
    call("c", "waiting", 1),
    call("d", "waiting", 2),
    call("b", "ringing", 9),
    call("a", "talking", 9),
  ];
  assert.equal(
    list
      .sort(callOrder)
      .map(({ id }) => id)
      .join(""),
    "abcdef",
  );
  assert.equal(markedAs({ mark: "prank" }, { mark: "ghost" }), "prank");
  assert.equal(markedAs({}, { mark: "ghost" }), "ghost");
  assert.equal(markedAs({}, undefined), "");
});

test("reviews: chosen first, then new ones, then what is done; a score needs every answer", () => {
  const list = [
    { id: "c", reviewed_at: 5, joined_at: 9 },
    { id: "b", joined_at: 9 },
    { id: "a", chosen_by: "x", joined_at: 1 },
  ];
  assert.equal(
    list
      .sort(reviewOrder)
      .map(({ id }) => id)
      .join(""),
    "abc",
  );
  const questions = [
    { code: "p", points: 5 },
    { code: "q", points: 3 },
  ];
  assert.equal(scoreOf(questions, { p: 5, q: 1 }), 0.75);
  assert.ok(Number.isNaN(scoreOf(questions, { p: 5 })));
  assert.ok(Number.isNaN(scoreOf([], {})));
});

test("shifts are the metrics called so, newest first", () => {
  const rows = shiftRows([
    { id: "other", since: 3 },
    { id: "shift|1|a", name: "a", since: 1 },
    { id: "shift|2|a", name: "a", since: 2 },
  ]);
  assert.deepEqual(
    rows.map(({ id }) => id),
    ["shift|2|a", "shift|1|a"],
  );
});

test("a point on the little map leads to its degrees and back", () => {
  const plane = planeOf([106, -7, 107, -6]);
  const [x, y] = plane.to([106.4, -6.3]);
  const [lon, lat] = plane.from([x, y]);
  assert.ok(Math.abs(lon - 106.4) < 1e-9 && Math.abs(lat + 6.3) < 1e-9);
  assert.equal(
    outline(
      {
        type: "Polygon",
        coordinates: [
          [
            [106, -6],
            [107, -6],
            [107, -7],
            [106, -6],
          ],
        ],
      },
      plane.to,
    ).slice(0, 8),
    "M0.0 0.0",
  );
});

test("the little map never leaves the city, and comes closer to where one points", () => {
  const whole = { width: 1000, height: 500 };
  const all = { x: 0, y: 0, width: 1000, height: 500 };
  assert.deepEqual(zoomed(all, 0.5, [0, 0], whole), all);
  const near = zoomed(all, 2, [1000, 500], whole);
  assert.deepEqual(near, { x: 500, y: 250, width: 500, height: 250 });
  assert.deepEqual(moved(near, [9, 9], whole), near);
  assert.deepEqual(moved(near, [-0.5, 0], whole).x, 250);
});

test("no two things that can be done with a report share a key", () => {
  const keys = [...Object.values(STEP_KEYS), ...Object.values(STORY_KEYS)];
  assert.equal(new Set(keys).size, keys.length);
});
