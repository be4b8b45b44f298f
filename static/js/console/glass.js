// The glass of every wall: position, age, frame rate, memory, since when and where it is connected.

import { h, render } from "../render.js";
import { shape } from "../shapes.js";
import { glassRows } from "./glass_facts.js";

/** The pages tell it every 5 s, and so do the nodes; asked for oftener it says the same. */
const EVERY_S = 5;

const MIB = 2 ** 20;

/** Mount it in `root`: {update, stop}. */
export function glass(root, ctx) {
  const { t, store, figures } = ctx;
  let told = null;
  let fault = "";
  let askedAt = -Infinity;
  let asking = false;

  async function ask() {
    if (asking || document.hidden || ctx.mono() - askedAt < EVERY_S) return;
    asking = true;
    askedAt = ctx.mono();
    try {
      told = await ctx.api("/api/v1/boards");
      fault = "";
    } catch (failed) {
      fault = failed.status ? failed.message : t("command.offline");
    }
    asking = false;
    draw();
  }

  const known = (value, words) => (value === undefined || value === null ? "–" : words(value));

  function row({ board, name, state, troubles }) {
    const now = ctx.now();
    const cell = (label, ...words) => h("td", { "data-label": t(`glass.${label}`) }, words);
    const age = board.painted_when ? Math.max(0, board.at - board.painted_at) : null;
    return h(
      "tr",
      { key: `${board.node} ${board.name} ${board.since}` },
      h("td", { dir: "auto" }, h("b", null, name)),
      h(
        "td",
        { "data-label": t("screen.state") },
        h("span", { class: `state-word is-${state}` }, shape(state), t(`glass.${troubles[0]?.key ?? "well"}`)),
        troubles.slice(1).map(({ key }) => h("small", { key }, t(`glass.${key}`))),
      ),
      cell("position", known(board.painted_pos, figures.number), h("small", null, known(age, figures.duration))),
      cell(
        "rate",
        known(board.fps, (fps) => t("glass.fps", { n: figures.number(fps) })),
        h("small", null, known(board.longest, (ms) => t("glass.longest", { n: figures.number(ms) }))),
      ),
      cell("memory", known(board.heap, (bytes) => t("glass.mib", { n: figures.number(bytes / MIB) }))),
      cell("since", known(board.since, (at) => ctx.time.moment(at, now))),
      cell("node", h("span", { dir: "auto" }, `${board.host} · ${board.node}`), h("small", null, board.address || "–")),
    );
  }

  function draw() {
    const rows = told ? glassRows(told.boards, store.all("screen"), ctx.now()) : [];
    const heads = ["glass.wall", "screen.state", "glass.position", "glass.rate", "glass.memory", "glass.since", "glass.node"];
    render(
      root,
      fault ? h("p", { class: "cut", role: "status", key: "fault" }, fault) : null,
      rows.length
        ? h(
            "table",
            { class: "grid-table", key: "table" },
            h("thead", null, h("tr", null, heads.map((key) => h("th", { scope: "col", key }, t(key))))),
            h("tbody", null, rows.map(row)),
          )
        : h("p", { class: "hint", key: "none" }, t(told ? "glass.none" : "tile.waiting")),
    );
  }

  draw();
  return {
    update() {
      ask();
      draw();
    },
    stop() {
      asking = true;
    },
  };
}
