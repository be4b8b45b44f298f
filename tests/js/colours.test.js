import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { SHAPE_OF } from "../../static/js/shapes.js";
import { SEVERITIES } from "../../static/js/severity.js";

const css = new URL("../../static/css/", import.meta.url);
const read = (name) => readFileSync(new URL(name, css), "utf8");
const tokens = read("tokens.css");

/** Theme → token → "#rrggbb"; what a theme does not say is the dark one's. */
const THEMES = (() => {
  const own = (selector) => {
    const start = tokens.indexOf(`${selector} {`);
    assert.ok(start >= 0, selector);
    return Object.fromEntries(
      [...tokens.slice(start, tokens.indexOf("\n}", start)).matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map(
        ([, name, value]) => [name, value],
      ),
    );
  };
  const dark = own("\n:root");
  return {
    dark,
    light: { ...dark, ...own(':root[data-theme="light"]') },
    night: { ...dark, ...own(':root[data-theme="night"]') },
  };
})();

const parse = (hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
/** sRGB to linear light, IEC 61966-2-1. */
const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
/** Relative luminance and contrast of WCAG 2.2. */
const luminance = (rgb) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => sum + weight * linear(rgb[i]), 0);
function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}
/** A share of `over` on `under`, as color-mix(in srgb) and opacity do it. */
const mixed = (over, under, share) => over.map((c, i) => c * share + under[i] * (1 - share));

/** How much of a state's colour tints a surface, by theme. */
const TINT = Object.fromEntries(
  Object.keys(THEMES).map((theme) => {
    const share = (name) =>
      Number(
        (tokens.split(`:root[data-theme="${theme}"]`)[1] ?? "").split("\n}")[0].match(`--${name}: (\\d+)%`)?.[1] ??
          tokens.match(`--${name}: (\\d+)%`)[1],
      ) / 100;
    return [theme, { chip: share("chip"), pulse: share("pulse") }];
  }),
);

const STATES = ["danger", "severe", "caution", "safe", "unknown"];

/** What text is written in, and what it is written on: all that the wall's style sheets name. */
const WRITTEN = ["text", "muted", "accent", "info", ...STATES];
const UNDER = ["ground", "surface", "raised", "sea"];

/** WCAG 2.2 AA: text, and shapes. */
const TEXT = 4.5;
const SHAPE = 3;

for (const [theme, named] of Object.entries(THEMES)) {
  const colour = Object.fromEntries(Object.entries(named).map(([name, hex]) => [name, parse(hex)]));
  const atLeast = (least, what, over, under) => {
    const found = contrast(over, under);
    assert.ok(found >= least, `${theme}: ${what} has ${found.toFixed(2)} : 1, it needs ${least}`);
  };

  test(`${theme}: every text can be read on everything it stands on`, () => {
    for (const over of WRITTEN)
      for (const under of UNDER) atLeast(TEXT, `${over} on ${under}`, colour[over], colour[under]);
    for (const state of ["danger", "severe", "caution"])
      atLeast(TEXT, `on-state on ${state}`, colour["on-state"], colour[state]);
    for (const name of ["text", "ground-name"]) atLeast(TEXT, `${name} on halo`, colour[name], colour.halo);
  });

  test(`${theme}: on a surface that is tinted by a state, too`, () => {
    for (const state of ["danger", "severe", "caution"]) {
      const chip = mixed(colour[state], colour.surface, TINT[theme].chip);
      atLeast(TEXT, `${state} on its chip`, colour[state], chip);
      atLeast(TEXT, `text on the chip of ${state}`, colour.text, chip);
    }
    const pulse = mixed(colour.danger, colour.raised, TINT[theme].pulse);
    atLeast(TEXT, "text on a pulse", colour.text, pulse);
    atLeast(TEXT, "muted on a pulse", colour.muted, pulse);
    atLeast(SHAPE, "the shape on a pulse", colour.danger, pulse);
  });

  test(`${theme}: what a dead connection greys can still be read`, () => {
    const [, share] = /\[data-link="refused"\] \.tile \{ filter: grayscale\(1\); opacity: ([.\d]+); \}/.exec(read("wall.css"));
    const under = mixed(colour.surface, colour.ground, Number(share));
    atLeast(TEXT, "text", mixed(colour.text, colour.ground, Number(share)), under);
    atLeast(SHAPE, "muted", mixed(colour.muted, colour.ground, Number(share)), under);
  });

  test(`${theme}: shapes are seen on the land, and cameras`, () => {
    for (const state of [...STATES, "info", "camera"]) atLeast(SHAPE, `${state} on land`, colour[state], colour.land);
  });
}

/** Machado, Oliveira, Fernandes 2009, "A Physiologically-based Model for Simulation of Color Vision Deficiency",
    severity 1.0, on linear RGB. */
const VISION = {
  usual: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.303900],
  ],
};

/** CIE 1976 L*, a*, b* of a colour as somebody with this vision sees it (D65). */
function seen(hex, matrix) {
  const light = parse(hex).map(linear);
  const [r, g, b] = matrix.map((row) =>
    Math.min(1, Math.max(0, row.reduce((sum, weight, i) => sum + weight * light[i], 0))),
  );
  const f = (t) => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116);
  const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = f(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** A difference of 2.3 is just noticed side by side; these are several times that. */
const APART = { dark: 9, light: 6, night: 9 };
/** The graver is the darker one in every eye, by so much of L*: an order that a grey picture keeps, too. */
const DARKER = { dark: 8, light: 3, night: 8 };

for (const [theme, named] of Object.entries(THEMES))
  for (const [vision, matrix] of Object.entries(VISION))
    test(`${theme}, ${vision}: the states differ, and the graver is the darker`, () => {
      const lab = Object.fromEntries(STATES.map((state) => [state, seen(named[state], matrix)]));
      for (const [i, one] of STATES.entries())
        for (const other of STATES.slice(i + 1)) {
          const found = Math.hypot(...lab[one].map((v, k) => v - lab[other][k]));
          assert.ok(found >= APART[theme], `${one} and ${other} are ${found.toFixed(1)} apart`);
        }
      for (const [worse, better] of [["danger", "severe"], ["severe", "caution"]]) {
        const found = lab[better][0] - lab[worse][0];
        assert.ok(found >= DARKER[theme], `${worse} is ${found.toFixed(1)} darker than ${better}`);
      }
    });

test("colour never stands alone: every state has a shape of its own", () => {
  assert.deepEqual(Object.keys(SHAPE_OF), [...SEVERITIES, "normal", "unknown"]);
  assert.equal(new Set(Object.values(SHAPE_OF)).size, Object.keys(SHAPE_OF).length);
});

test("the wall writes in no colour that this test does not know", () => {
  const sheets = ["wall.css", "tile.css", "entrance.css", ...readdirSync(new URL("panels/", css)).map((n) => `panels/${n}`)];
  for (const name of sheets) {
    const text = read(name);
    assert.doesNotMatch(text, /#[0-9a-f]{3,8}\b|rgba?\(|hsl/i, `${name} has a colour of its own`);
    for (const [, token] of text.matchAll(/[;{\s]color: var\(--([\w-]+)/g))
      assert.ok([...WRITTEN, "state", "on-state"].includes(token), `${name}: --${token}`);
  }
});
