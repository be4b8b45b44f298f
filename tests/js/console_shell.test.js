// The console's pure parts: addresses, keys, sections of a role, words of commands, the log-in page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { keyed } from "../../static/js/console/keys.js";
import { standing, whyRefused } from "../../static/js/console/mark.js";
import { SECTIONS, sectionOf, sectionsOf } from "../../static/js/console/registry.js";
import { address, parse } from "../../static/js/console/router.js";
import { prettyCode, screenRows } from "../../static/js/console/screen_facts.js";
import { consoleTranslator } from "../../static/js/console/words.js";
import { figureWriter } from "../../static/js/format.js";
import { faultWords, fieldsOf, nextPath } from "../../static/js/login_facts.js";

const t = consoleTranslator("en");

test("an address and its parts are each other's inverse, whatever an id holds", () => {
  for (const id of ["a", "rule|gauge:x/y", "50 %", "é#?&"])
    assert.deepEqual(parse(address("alerts", id)), {
      path: `alerts/${encodeURIComponent(id)}`,
      name: "alerts",
      rest: id,
    });
  assert.equal(parse("").name, "");
  assert.equal(parse("#/alerts").name, "alerts");
  assert.equal(parse("#incident/%E0%A4%A").rest, "%E0%A4%A");
});

test("every role of people has a section, and an address leads to the section that owns it", () => {
  for (const role of ["operator", "agency", "supervisor", "leader", "quality", "helpdesk", "admin"])
    assert.ok(sectionsOf(role).length, role);
  assert.equal(sectionOf(SECTIONS, "incident/42").id, "incidents");
  assert.equal(sectionOf(sectionsOf("admin"), "alerts"), null);
});

const table = { a: { act() {} }, j: { act() {} }, Enter: { act() {} } };
const press = (key, more = {}) => ({ key, ctrlKey: false, altKey: false, metaKey: false, ...more });
const nowhere = { target: null, modal: false };

test("a key acts; arrows are j and k; the first table that has it counts", () => {
  assert.equal(keyed(press("a"), [table], nowhere), table.a);
  assert.equal(keyed(press("ArrowDown"), [table], nowhere), table.j);
  assert.equal(keyed(press("a"), [{}, table], nowhere), table.a);
  assert.equal(keyed(press("x"), [table], nowhere), null);
});

test("no key acts while a field has the focus, a dialog is open, or with Ctrl, Alt or Meta", () => {
  for (const tagName of ["INPUT", "TEXTAREA", "SELECT"])
    assert.equal(keyed(press("a"), [table], { target: { tagName }, modal: false }), null);
  assert.equal(keyed(press("a"), [table], { target: { tagName: "DIV", isContentEditable: true }, modal: false }), null);
  assert.equal(keyed(press("a"), [table], { target: null, modal: true }), null);
  for (const held of ["ctrlKey", "altKey", "metaKey", "isComposing"])
    assert.equal(keyed(press("a", { [held]: true }), [table], nowhere), null);
});

test("Enter on a button is the button's, other keys act there", () => {
  const target = { tagName: "BUTTON" };
  assert.equal(keyed(press("Enter"), [table], { target, modal: false }), null);
  assert.equal(keyed(press("a"), [table], { target, modal: false }), table.a);
});

const ctx = {
  t,
  nameOf: (id) => ({ budi: "Budi" })[id] ?? id,
  time: { moment: () => "14:07" },
  now: () => 100,
  mono: () => 10,
  online: () => true,
  figures: figureWriter("en", t),
};

test("a refusal says why, and who was first and when", () => {
  const why = (answer) => whyRefused(answer, ctx);
  assert.equal(why({ reason: "already_acknowledged", by: "budi", at: 5 }), "already acknowledged by Budi at 14:07");
  assert.equal(why({ reason: "already_acknowledged" }), "somebody else has already acknowledged it");
  assert.match(why({ reason: "already_out_of_service", by: "budi", at: 5 }), /out of service.*Budi was first/);
  assert.match(why({ reason: "bad_args: to: nobody" }), /to: nobody/);
  assert.equal(why({ reason: "something_new" }), "something_new");
});

test("a mark is amber, green or red, and says what is known", () => {
  const mark = (item, more = {}) => standing({ askedAt: 0, answer: null, ...item }, { ...ctx, ...more });
  assert.equal(mark({ state: "green" }).tone, "green");
  assert.deepEqual(mark({ state: "pending", askedAt: 9.5 }), { tone: "amber", words: "sending …" });
  assert.match(mark({ state: "pending" }).words, /has not answered yet/);
  assert.match(mark({ state: "pending", answer: { n: 4 } }).words, /not proved to be on disk/);
  assert.match(mark({ state: "pending" }, { online: () => false }).words, /sent again/);
  assert.match(mark({ state: "red", answer: { reason: "offline" } }).words, /^Not sent/);
  assert.match(mark({ state: "red", answer: { reason: "no_answer" } }).words, /^No word/);
});

test("a code is written as the screen shows it", () => {
  assert.equal(prettyCode("bcdf ghjk"), "BCDF-GHJK");
  assert.equal(prettyCode("bcdf"), "BCDF");
  assert.equal(prettyCode("BCDF-GHJKLM"), "BCDF-GHJK");
});

test("screens: what is wrong first, revoked ones last; a wall that belongs to none is told apart", () => {
  const screens = [
    { id: "a", name: "A", wall: "operations" },
    { id: "b", name: "B", wall: "operations", doubled_at: 5 },
    { id: "c", name: "C", wall: "operations", state: "revoked" },
    { id: "d", name: "D", wall: "operations" },
  ];
  const walls = [
    { id: "operations/a", state: "painting" },
    { id: "operations", state: "behind" },
    { id: "market", state: "gone" },
  ];
  const { paired, others } = screenRows(screens, walls, t);
  assert.deepEqual(
    paired.map(({ screen, state }) => [screen.id, state]),
    [
      ["b", "severe"],
      ["d", "unknown"],
      ["a", "normal"],
      ["c", "none"],
    ],
  );
  assert.deepEqual(
    others.map(({ wall }) => wall.id),
    ["operations"],
  );
});

test("after the log-in one goes on only to a path of this server", () => {
  assert.equal(nextPath("/console#alerts/x"), "/console#alerts/x");
  for (const bad of [null, "", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:x", "/login", "/first?code=1", "/a\tb"])
    assert.equal(nextPath(bad), "/console", String(bad));
  assert.equal(nextPath(null, "leader"), "/leader");
  assert.equal(nextPath("/console#city", "leader"), "/console#city");
  assert.equal(nextPath("//evil.example", "leader"), "/leader");
});

test("what went wrong with a log-in is said in plain words", () => {
  const said = (fault) => faultWords(fault, t);
  assert.equal(said({}), "The server cannot be reached. Look at the network, then try again.");
  assert.equal(said({ status: 401, detail: "name or password is wrong" }), "The name or the password is wrong");
  assert.match(said({ status: 429, retryAfter: 61 }), /2 minutes/);
  assert.match(said({ status: 422, detail: "at least 12 characters" }), /At least 12 characters/);
  assert.match(said({ status: 410 }), /used, or too old/);
  assert.match(said({ status: 503 }), /just now/);
  assert.equal(said({ status: 418, detail: "a teapot" }), "a teapot");
  for (const mode of ["login", "must", "change", "first", "invited"]) assert.ok(fieldsOf(mode).length);
});
