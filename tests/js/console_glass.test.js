// static/js/console/glass_facts.js: what is wrong with a wall's glass, and which comes first.
import assert from "node:assert/strict";
import { test } from "node:test";

import { glassRows, troubles } from "../../static/js/console/glass_facts.js";

const NOW = 1000;
const well = { name: "utama", layout: "walls", node: "n", host: "h", since: 1, at: 999, painted_when: 998, painted_at: 997.5, fps: 60, longest: 40, heap: 5e7 };
const keys = (board) => troubles({ ...well, ...board }, NOW).map(({ key }) => key);

test("a wall that paints what is new has no trouble", () => {
  assert.deepEqual(keys({}), []);
  assert.deepEqual(keys({ fps: undefined, longest: undefined, heap: undefined }), [], "what a browser does not tell is no trouble");
});

test("each trouble has its word, the worst first", () => {
  assert.deepEqual(keys({ painted_at: 988 }), ["behind"]);
  assert.deepEqual(keys({ at: 990, painted_when: 988, painted_at: 985 }), [], "what the way took makes no wall late");
  assert.deepEqual(keys({ at: 980 }), ["late"]);
  assert.deepEqual(keys({ painted_when: 980, painted_at: 980 }), ["silent"]);
  assert.deepEqual(keys({ painted_when: 0 }), ["unseen"]);
  assert.deepEqual(keys({ painted_at: 988, fps: 4, longest: 900, heap: 1e9, current: false }), ["behind", "slow", "halts", "heavy", "old_page"]);
});

test("what is wrong stands first, pages of people are no walls, paired screens bear their names", () => {
  const boards = [
    { ...well, name: "a" },
    { ...well, name: "utama/abc", painted_at: 900 },
    { ...well, name: "console", layout: "console" },
    { ...well, name: "leader", layout: "leader", painted_when: 0 },
    { ...well, name: "b", fps: 3 },
  ];
  const rows = glassRows(boards, [{ id: "abc", wall: "utama", name: "Kiri" }], NOW);
  assert.deepEqual(
    rows.map(({ name, state }) => [name, state]),
    [
      ["utama/Kiri", "severe"],
      ["b", "caution"],
      ["a", "normal"],
    ],
  );
});
