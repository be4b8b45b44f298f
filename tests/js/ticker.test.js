// The line at the foot: what is told, in what words, and which of it comes next.

import assert from "node:assert/strict";
import { test } from "node:test";

import { figureWriter } from "../../static/js/format.js";
import { MOST_ITEMS, lately, nextPage, said } from "../../static/js/ticker.js";
import { translator } from "../../static/js/words.js";

const NOW = 1_790_182_800;
const t = translator("id");
const ctx = { t, figures: figureWriter("id", t), language: "id" };
const news = (id, what, age, more = {}) => ({ id, what, at: NOW - age, subject: `x:${id}`, ...more });
const told = (list, incidents = []) => lately({ news: list, incidents, now: NOW });

test("newest first, an hour back, and no more than can be read", () => {
  const list = [news("a", "alert_raised", 100), news("b", "alert_raised", 5), news("old", "status", 3601)];
  assert.deepEqual(told(list).map(({ id }) => id), ["b", "a"]);
  const many = Array.from({ length: 300 }, (_, i) => news(`n${i}`, "alert_raised", i));
  assert.equal(told(many).length, MOST_ITEMS);
});

test("an open report of the highest severity is news, a closed or lesser one is not", () => {
  const incident = (id, more) => ({ id, at: NOW - 60, source: { title: "Kebakaran" }, severity: "danger", ...more });
  const list = [incident("a"), incident("b", { severity: "severe" }), incident("c", { over_at: NOW })];
  const found = told([], list);
  assert.deepEqual(found.map(({ id }) => id), ["incident|a"]);
  assert.equal(said(found[0], ctx), "Laporan awas: Kebakaran");
});

test("what ends keeps no colour, and what has no severity has its own", () => {
  const list = [
    news("a", "hazard_ended", 1, { severity: "danger" }),
    news("b", "agency_late", 2),
    news("c", "price_over", 3),
    news("d", "status", 4),
  ];
  assert.deepEqual(told(list).map(({ state }) => state), ["over", "severe", "caution", "info"]);
});

test("a commodity over its ceiling at nine markets is one line", () => {
  const list = Array.from({ length: 9 }, (_, i) => news(`${i}`, "price_over", i, { name: "Cabai rawit", value: 0.18 }));
  const found = told(list);
  assert.equal(found.length, 1);
  assert.equal(said(found[0], ctx), "Cabai rawit +18,0\u202f% dari acuan");
});

test("a gauge is told with its level and value, in its unit", () => {
  const rose = news("a", "gauge_rose", 1, { name: "Kali Jernih", level: "Siaga 1", value: 952, unit: "cm" });
  assert.equal(said(told([rose])[0], ctx), "Kali Jernih naik ke Siaga 1, 952 cm");
  const fell = news("b", "gauge_fell", 1, { name: "Kali Jernih", level: "", value: 1.234, unit: "m" });
  assert.equal(said(told([fell])[0], ctx), "Kali Jernih turun ke Normal, 1,23 m");
});

test("every change has words", () => {
  for (const what of ["alert_raised", "alert_ended", "hazard_began", "agency_caught_up", "price_under", "status"])
    assert.ok(!said({ what, about: { name: "N" } }, ctx).startsWith("ticker."), what);
});

const items = (ids) => [...ids].map((id) => ({ id }));
const ids = (list) => list.map(({ id }) => id).join("");

test("the newest comes first, and by turns the oldest that nobody has seen", () => {
  assert.equal(ids(nextPage(items("edcba"), new Set(), 0, 2)), "ed");
  assert.equal(ids(nextPage(items("edcba"), new Set("ed"), 1, 2)), "ba");
  assert.equal(ids(nextPage(items("fedcba"), new Set("edba"), 2, 2)), "fc");
  assert.equal(ids(nextPage(items("edcba"), new Set("edcba"), 3, 2)), "ed");
});

test("however fast news come, the oldest is seen before the hour is over", () => {
  const seen = new Set();
  let list = items("a");
  for (let turn = 0; turn < 6; turn += 1) {
    for (const { id } of nextPage(list, seen, turn, 2)) seen.add(id);
    if (seen.has("a")) break;
    list = [{ id: `n${turn}x` }, { id: `n${turn}y` }, { id: `n${turn}z` }, ...list];
  }
  assert.ok(seen.has("a"));
});
