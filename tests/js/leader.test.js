import assert from "node:assert/strict";
import { test } from "node:test";

import { timeWriter } from "../../static/js/clock.js";
import { figureWriter } from "../../static/js/format.js";
import { covers, under } from "../../static/js/leader/cover.js";
import { lastHour, mostRisen, riseOf } from "../../static/js/leader/last_hour.js";
import { boxOf, gathered, namesThatFit, siteOf, viewOf } from "../../static/js/leader/plan.js";
import { toSay } from "../../static/js/leader/say.js";
import { sentences } from "../../static/js/leader/sentences.js";
import { titleOf, whereOf, whoWords } from "../../static/js/leader/things.js";
import { leaderTranslator } from "../../static/js/leader/words.js";
import { worstThings } from "../../static/js/leader/worst.js";
import { planeOf } from "../../static/js/console/ground.js";
import { Places } from "../../static/js/places.js";
import { Store } from "../../static/js/store.js";
import { pick } from "../../static/js/words.js";

const NOW = 1_790_000_000;
const store = (state = {}) => {
  const made = new Store(() => {});
  made.replace(state);
  return made;
};

/** What the page gives its modules, in one language. */
function context(language, state = {}) {
  const t = leaderTranslator(language);
  return {
    t,
    language,
    figures: figureWriter(language, t),
    time: timeWriter("Asia/Jakarta", language),
    now: () => NOW,
    pick: (texts) => pick(texts, language),
    places: new Places(0),
    store: store(state),
    boot: { agencies: { DPU: "Dinas PU" } },
  };
}

const alert = (id, severity, more = {}) => ({
  id,
  rule: "r",
  subject: `gauge:${id}`,
  severity,
  state: "unacknowledged",
  since: NOW - 60,
  texts: { id: `Alarm ${id}`, en: `Alert ${id}` },
  ...more,
});
const incident = (id, severity, more = {}) => ({
  id,
  severity,
  source: { title: `Laporan ${id}`, opened_at: NOW - 600 },
  ours: {},
  place: { confidence: "inside", district: "K1", name: "Rawa Indah" },
  ...more,
});
const gauge = (id, severity, more = {}) => ({
  id,
  name: `Pintu ${id}`,
  severity,
  value: 900,
  observed_at: NOW - 30,
  place: { lon: 110.01, lat: -5.01, confidence: "inside" },
  ...more,
});
const hazard = (id, level, more = {}) => ({
  id,
  type: "cap",
  level,
  where: "city",
  texts: { id: { headline: "Hujan lebat" }, en: { event: "Heavy rain" } },
  districts: [{ code: "K1", name: "Rawa Indah", share: 0.5 }],
  sent: NOW - 900,
  ...more,
});
const order = (things) => things.map(({ kind, id }) => `${kind[0]}${id}`).join(" ");
const worst = (more) => order(worstThings({ now: NOW, ...more }));

// -- the five worst ---------------------------------------------------------------------------------------

test("the worst severity stands first, of whatever kind it is", () => {
  const found = worst({
    alerts: [alert("1", "caution")],
    incidents: [incident("2", "danger")],
    gauges: [gauge("3", "severe")],
    hazards: [hazard("4", "severe", { people: 5 })],
  });
  assert.equal(found, "i2 h4 g3 a1");
});

test("of equal severity what nobody has goes before what somebody has, then what is late, then people, then age", () => {
  const alerts = [
    alert("seen", "severe", { state: "acknowledged", since: NOW - 9000 }),
    alert("young", "severe", { since: NOW - 10 }),
    alert("old", "severe", { since: NOW - 500 }),
    alert("people", "severe", { subject: "hazard:h", since: NOW - 5 }),
    alert("late", "severe", { subject: "incident:i", since: NOW - 5 }),
  ];
  const incidents = [incident("i", "severe", { overdue: ["resolve"] })];
  const hazards = [hazard("h", "severe", { people: 1000 })];
  assert.equal(worst({ alerts, incidents, hazards }), "alate apeople aold ayoung aseen");
});

test("what an alert speaks of stands there once", () => {
  const found = worst({
    alerts: [alert("1", "severe", { subject: "gauge:g" }), alert("2", "severe", { subject: "incident:i" })],
    gauges: [gauge("g", "severe")],
    incidents: [incident("i", "severe")],
  });
  assert.equal(found, "a1 a2");
});

test("what is over, set aside, closed, silent, an exercise or without a severity is none of the worst", () => {
  const found = worst({
    alerts: [
      alert("1", "danger", { state: "returned_unacknowledged" }),
      alert("2", "danger", { shelved: { by: "x" } }),
      alert("3", "danger", { suppressed: { by: "x" } }),
    ],
    incidents: [incident("4", null), incident("5", "danger", { over_at: 1 })],
    gauges: [gauge("6", null), gauge("7", "danger", { observed_at: NOW - 9000 })],
    hazards: [
      hazard("8", "danger", { status: "Exercise" }),
      hazard("9", "danger", { state: "ended" }),
      hazard("0", null),
      hazard("x", "danger", { where: "outside" }),
    ],
  });
  assert.equal(found, "");
});

test("an incident without a severity that is late is among them, last", () => {
  const incidents = [incident("1", null, { overdue: ["accept"] }), incident("2", "caution")];
  assert.equal(worst({ incidents }), "i2 i1");
});

test("300 alerts have one order, however they come", () => {
  const alerts = Array.from({ length: 300 }, (_, n) => alert(`${n}`, ["danger", "severe", "caution"][n % 3]));
  assert.equal(worst({ alerts }), worst({ alerts: [...alerts].reverse() }));
});

// -- the last hour ----------------------------------------------------------------------------------------

const news = (what, more = {}) => ({
  id: `${what}|${more.subject ?? "x"}`,
  what,
  at: NOW - 60,
  subject: "x:1",
  ...more,
});
const facts = (more) => lastHour({ news: [], metrics: [], gauges: [], now: NOW, ...more });
const whats = (more) => facts(more).map(({ what }) => what);

test("nothing that changed is nothing to say", () => {
  assert.deepEqual(facts({}), []);
  assert.deepEqual(facts({ metrics: [{ id: "reports.last_hour", value: 0, figures: { closed: 0 } }] }), []);
});

test("changes stand in one order, and each sort once", () => {
  const found = whats({
    news: [
      news("price_over", { name: "Cabai", value: 0.2 }),
      news("agency_late", { name: "DPU" }),
      news("hazard_ended", { subject: "hazard:2" }),
      news("hazard_began", { subject: "hazard:1" }),
      news("alert_ended"),
      news("alert_raised", { severity: "severe" }),
      news("status", { severity: "severe", worse: true }),
    ],
    metrics: [{ id: "reports.last_hour", value: 9, figures: { closed: 4 } }],
  });
  assert.deepEqual(found, [
    "status",
    "alerts",
    "ended",
    "reports",
    "hazard_began",
    "agency_late",
    "price_over",
    "hazard_ended",
  ]);
});

test("what is older than an hour is no news, though it still stands in the state", () => {
  assert.deepEqual(whats({ news: [news("alert_ended", { at: NOW - 3601 })] }), []);
});

test("gauges that rose to a higher level are named with it, the worst first", () => {
  const rose = [
    news("gauge_rose", { subject: "gauge:1", name: "Hulu", severity: "caution", level: "Siaga 3" }),
    news("gauge_rose", { subject: "gauge:2", name: "Hilir", severity: "danger", level: "Siaga 1" }),
  ];
  const [{ state, words }] = sentences(facts({ news: rose }), context("id"));
  assert.deepEqual([state, words], ["danger", "Muka air naik tingkat: Hilir (Siaga 1), Hulu (Siaga 3)."]);
});

test("alerts are counted by severity", () => {
  const raised = ["danger", "caution", "caution"].map((severity, n) =>
    news("alert_raised", { severity, subject: `a:${n}` }),
  );
  const [fact] = facts({ news: raised });
  assert.deepEqual(fact, { what: "alerts", n: 3, by: { danger: 1, severe: 0, caution: 2 }, worst: "danger" });
});

test("a commodity at nine markets is one thing to say, of many things three are named", () => {
  const cabai = Array.from({ length: 9 }, (_, n) =>
    news("price_over", { subject: `price:${n}`, name: "Cabai", value: 0.1 + n / 100 }),
  );
  const others = ["Beras", "Gula", "Telur", "Minyak"].map((name) =>
    news("price_over", { subject: name, name, value: 0.01 }),
  );
  const [fact] = facts({ news: [...cabai, ...others] });
  assert.deepEqual([fact.news[0].name, fact.news.length, fact.more], ["Cabai", 3, 2]);
});

const rising = (id, severity, by, over = 3000) =>
  gauge(id, severity, {
    history: [
      [NOW - over - 30, 900 - by],
      [NOW - 30, 900],
    ],
    levels: [],
  });

test("the gauge that has risen most, the worst level first; noise and short spans are none", () => {
  assert.equal(
    mostRisen([rising("a", "severe", 40), rising("b", "danger", 20), rising("c", null, 90)], NOW).gauge.id,
    "b",
  );
  assert.equal(mostRisen([rising("a", "severe", 40), rising("b", "severe", 60)], NOW).gauge.id, "b");
  assert.equal(mostRisen([rising("a", null, 1)], NOW), null);
  assert.equal(mostRisen([rising("a", null, 90, 120)], NOW), null);
  assert.equal(mostRisen([rising("a", null, -90)], NOW), null);
  assert.deepEqual(
    riseOf(
      {
        history: [
          [NOW - 9000, 1],
          [NOW - 3000, 5],
          [NOW, 8],
        ],
      },
      NOW,
    ),
    { by: 3, over: 3000 },
  );
});

const SAID = {
  news: [
    news("status", {
      texts: { id: "Siaga II", en: "Siaga II" },
      severity: "severe",
      worse: true,
      by: "Bambang",
    }),
    news("alert_raised", { severity: "danger" }),
    news("hazard_began", {
      subject: "hazard:1",
      texts: { id: "Hujan lebat", en: "Heavy rain" },
      severity: "severe",
    }),
    news("agency_late", { name: "Dinas PU", value: 3 }),
    news("price_over", { name: "Cabai rawit", value: 0.18 }),
  ],
  metrics: [{ id: "reports.last_hour", value: 1463, figures: { closed: 41, usual: 20.4 } }],
  gauges: [rising("1", "danger", 84)],
};

test("the changes are said in Indonesian", () => {
  assert.deepEqual(
    sentences(facts(SAID), context("id")).map(({ words }) => words),
    [
      "Status naik ke Siaga II pukul 21.12 oleh Bambang.",
      "1 alarm baru: 1 Awas.",
      "1.463 laporan masuk, 41 selesai; biasanya 20 masuk.",
      "Pintu 1 naik 84 cm dalam 50 mnt, kini 900 cm.",
      "Peringatan mulai berlaku: Hujan lebat.",
      "Mulai terlambat: Dinas PU.",
      "Harga melewati acuan: Cabai rawit (+18,0\u202f%).",
    ],
  );
});

test("and in English, from the same facts", () => {
  const said = sentences(facts(SAID), context("en"));
  assert.equal(said[2].words, "Reports: 1,463 came in, 41 closed; usually 20 come in.");
  assert.equal(said[4].words, "Warnings now in force: Heavy rain.");
  assert.ok(said.every(({ words }) => !/[{}]/.test(words)));
});

// -- things in words --------------------------------------------------------------------------------------

test("a thing says what it is, where, and who has it", () => {
  const ctx = context("id");
  const about = (thing) => [titleOf(thing, ctx), whereOf(thing, ctx), whoWords(thing, ctx)];
  const seen = alert("1", "danger", { acked_by: "rl", names: { rl: "R. Lestari" }, district: "K1" });
  assert.deepEqual(about({ kind: "alert", entity: seen }), ["Alarm 1", "K1", "ditangani R. Lestari"]);
  assert.deepEqual(about({ kind: "alert", entity: alert("2", "danger") }), [
    "Alarm 2",
    "Seluruh kota",
    "belum ditangani",
  ]);
  const given = { kind: "incident", entity: incident("3", null, { agency: "DPU" }), waits: true };
  assert.deepEqual(about(given), ["Laporan 3", "Rawa Indah", "di Dinas PU, belum diterima"]);
  assert.deepEqual(about({ ...given, waits: false })[2], "ditangani Dinas PU");
  assert.deepEqual(about({ kind: "hazard", entity: hazard("4", "severe") }), [
    "Hujan lebat",
    "Rawa Indah",
    "",
  ]);
  assert.deepEqual(about({ kind: "gauge", entity: gauge("5", "danger") })[0], "Pintu 5 900 cm");
});

test("an alert on a warning is where the warning is", () => {
  const ctx = context("id", { hazard: { h: hazard("h", "severe") } });
  assert.equal(
    whereOf({ kind: "alert", entity: alert("1", "severe", { subject: "hazard:h" }) }, ctx),
    "Rawa Indah",
  );
});

// -- on the map -------------------------------------------------------------------------------------------

const ring = (west, south, side) => [
  [west, south],
  [west + side, south],
  [west + side, south + side],
  [west, south + side],
  [west, south],
];
const holed = { type: "Polygon", coordinates: [ring(0, 0, 10), ring(4, 4, 2)] };

test("what lies under a warning lies in its shape and not in its holes", () => {
  assert.deepEqual(
    [
      [1, 1],
      [5, 5],
      [11, 1],
    ].map((point) => covers(holed, point)),
    [true, false, false],
  );
  assert.equal(
    covers({ type: "MultiPolygon", coordinates: [holed.coordinates, [ring(20, 20, 1)]] }, [20.5, 20.5]),
    true,
  );
  assert.equal(covers(null, [1, 1]), false);
  assert.equal(covers({ type: "Point", coordinates: [1, 1] }, [1, 1]), false);
  const cameras = [
    { id: "a", place: { lon: 1, lat: 1 } },
    { id: "b", place: { lon: 11, lat: 1 } },
    { id: "c", place: {} },
  ];
  assert.deepEqual(
    under(holed, cameras).map(({ id }) => id),
    ["a"],
  );
});

test("an alert is where what it is about is", () => {
  const state = store({
    gauge: { g: gauge("g", "danger") },
    hazard: { h: hazard("h", "severe", { geometry: holed }) },
  });
  const site = (subject, more) =>
    siteOf({ kind: "alert", entity: alert("1", "danger", { subject, ...more }) }, state);
  assert.deepEqual(site("gauge:g").point, [110.01, -5.01]);
  assert.equal(site("hazard:h").geometry, holed);
  assert.deepEqual(site("gauge:gone", { district: "K1" }).codes, ["K1"]);
});

test("the view holds what is shown, stays in the city, and has its form", () => {
  const plane = planeOf([0, 0, 10, 10]);
  const inside = ({ x, y, width, height }) =>
    x >= -1e-6 && y >= -1e-6 && x + width <= plane.width + 1e-6 && y + height <= plane.height + 1e-6;
  const shapes = new Map([["K1", { type: "Polygon", coordinates: [ring(8, 8, 2)] }]]);
  for (const site of [
    { point: [0.1, 9.9], geometry: null, codes: [] },
    { point: null, geometry: null, codes: ["K1"] },
    { point: null, geometry: { type: "Polygon", coordinates: [ring(1, 1, 2)] }, codes: [] },
    { point: null, geometry: null, codes: ["unknown"] },
  ]) {
    const view = viewOf(site, plane, shapes);
    assert.ok(inside(view), JSON.stringify(view));
    assert.ok(Math.abs(view.width / view.height - plane.width / plane.height) < 1e-6);
  }
  assert.deepEqual(boxOf(holed), [0, 0, 10, 10]);
  assert.equal(boxOf(null), null);
});

// -- aloud ------------------------------------------------------------------------------------------------

test("what is said aloud by itself is what has become another", () => {
  const ctx = context("id");
  const city = { status: "s2", level: { name: { id: "Siaga II" }, commander: { id: "Sekda" } } };
  const one = { kind: "incident", id: "1", severity: "danger", entity: incident("1", "danger") };
  const [first, silent] = toSay(null, { city, worst: one }, ctx);
  assert.equal(silent, "");
  assert.equal(toSay(first, { city, worst: one }, ctx)[1], "");
  const [, said] = toSay(first, { city: { ...city, status: "s1" }, worst: null }, ctx);
  assert.equal(said, "Status kota Siaga II. Komando: Sekda. Tidak ada yang gawat.");
  assert.equal(
    toSay({ level: "s2", worst: "" }, { city, worst: one }, ctx)[1],
    "Terburuk sekarang: Awas. Laporan 1, Rawa Indah.",
  );
});

test("a name on the map is whole: inside it, beside a symbol, and none covers another", () => {
  const view = { x: 0, y: 0, width: 100, height: 100 };
  const size = 4;
  const half = (name) => (name.length * 0.58 * size) / 2;
  const names = [
    { name: "Tanjung Bahari", x: 99, y: 50 },
    { name: "Karang Sari", x: 1, y: 1 },
    { name: "Kampung Tengah", x: 50, y: 50 },
    { name: "Elsewhere", x: 140, y: 50 },
    { name: "Alun-Alun", x: 50, y: 51 },
  ];
  const symbol = [45, 45, 60, 52];
  const shown = namesThatFit(names, size, view, [symbol]);
  assert.deepEqual(shown.map(({ name }) => name), ["Tanjung Bahari", "Karang Sari", "Kampung Tengah", "Alun-Alun"]);
  const boxes = [symbol, ...shown.map(({ name, x, y }) => [x - half(name), y - size, x + half(name), y + size * 0.4])];
  for (const [left, top, right, bottom] of boxes.slice(1))
    assert.ok(left >= 0 && top >= 0 && right <= 100 && bottom <= 100);
  for (const [i, a] of boxes.entries())
    for (const b of boxes.slice(i + 1))
      assert.ok(a[0] >= b[2] || b[0] >= a[2] || a[1] >= b[3] || b[1] >= a[3], `${a} lies on ${b}`);
  // Where there is no room at all a name is left out rather than cut.
  assert.deepEqual(namesThatFit(names.slice(2, 3), size, view, [[0, 0, 100, 100]]), []);
});

test("symbols that lie on each other are one, with the numbers of all", () => {
  const at = (x, y, n) => ({ x, y, n });
  const groups = gathered([at(10, 10, 1), at(12, 9, 2), at(30, 10, 3), at(13, 30, 4), at(9, 11, 5)], 5);
  assert.deepEqual(groups.map((group) => group.map(({ n }) => n)), [[1, 2, 5], [3], [4]]);
});
