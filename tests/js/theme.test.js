import assert from "node:assert/strict";
import { test } from "node:test";

import { themeAt } from "../../static/js/theme.js";

test("the night holds between its times, over midnight too", () => {
  const view = { theme: "light", night: "22:00-05:00" };
  assert.deepEqual(
    [21 * 60 + 59, 22 * 60, 0, 4 * 60 + 59, 5 * 60].map((minute) => themeAt(view, minute)),
    ["light", "night", "night", "night", "light"],
  );
  assert.equal(themeAt({ theme: "dark", night: "01:00-02:00" }, 90), "night");
  assert.equal(themeAt({ theme: "dark", night: "01:00-02:00" }, 120), "dark");
  assert.equal(themeAt({ theme: "light" }, 0), "light");
  assert.equal(themeAt({}, 0), "dark");
});
