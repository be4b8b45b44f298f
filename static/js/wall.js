// The wall page: reads what the server put into the page, mounts the layout's panels, and keeps them going.

import { bannerOf } from "./banner.js";
import { ServerClock, timeWriter } from "./clock.js";
import { Connection } from "./connection.js";
import { figureWriter } from "./format.js";
import * as alerts from "./panels/alerts.js";
import * as calls from "./panels/calls.js";
import * as cctv from "./panels/cctv.js";
import * as feeds from "./panels/feeds.js";
import * as gauges from "./panels/gauges.js";
import * as hazards from "./panels/hazards.js";
import * as header from "./panels/header.js";
import * as incidents from "./panels/incidents.js";
import * as map from "./panels/map.js";
import * as prices from "./panels/prices.js";
import { Places } from "./places.js";
import { h, render } from "./render.js";
import { measure } from "./screen.js";
import { Store } from "./store.js";
import { language, translator } from "./words.js";

const PANELS = { alerts, calls, cctv, feeds, gauges, hazards, header, incidents, map, prices };

/** Half a period of the only thing that moves: an unseen alert of the highest level, at 1 Hz. */
const PULSE_MS = 500;

const root = document.documentElement;
const boot = JSON.parse(document.getElementById("boot").textContent);
const wall = document.getElementById("wall");
const bar = document.getElementById("banner");

const code = language(new URLSearchParams(location.search).get("lang"), boot.language);
root.lang = code;
const t = translator(code);
const clock = new ServerClock(() => performance.now() / 1000, Date.now() / 1000);
const store = new Store((flush) => requestAnimationFrame(flush));
const places = new Places(boot.map_level ?? 0);
let screen = { mode: "wall", rem: 16 };

async function load(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.json();
}

const geo = Promise.all([
  load(boot.geo),
  // The districts alone make a map; the ground below them may be missing.
  boot.basemap ? load(boot.basemap).catch((fault) => console.warn("no base map:", fault)) : null,
]).then(([districts, base]) => {
  places.load(districts);
  return { geo: districts, base: base ?? null };
});

const connection = new Connection({
  url: new URL(boot.socket, location.href.replace(/^http/, "ws")).href,
  subscribe: { layout: boot.layout.name, screen: boot.screen ?? "" },
  store,
  clock,
  env: {
    open: (url, subprotocol) => new WebSocket(url, subprotocol),
    later: (fn, seconds) => setTimeout(fn, seconds * 1000),
    cancel: clearTimeout.bind(window),
    random: Math.random,
    afterPaint: requestAnimationFrame.bind(window),
  },
  onStatus: () => judge(),
});

const ctx = {
  boot,
  store,
  places,
  geo,
  t,
  language: code,
  figures: figureWriter(code, t),
  time: timeWriter(boot.city.time_zone, code),
  now: () => clock.now(),
  screen: () => screen,
  /** Whether new frames arrive as they should. */
  live: () => connection.freshness() === "live",
  newestFrame: () => connection.protocol.at,
  /** Commits that are not proved to be on disk for longer than a moment. */
  unsafe: () => store.synced && connection.protocol.safeN !== null && connection.protocol.safeN < connection.protocol.pos - UNSAFE_COMMITS,
};

/** So many commits may be on their way to the disk: some seconds of beats and batches. */
const UNSAFE_COMMITS = 200;

const panels = [];

function size() {
  screen = measure({ width: innerWidth, height: innerHeight }, boot.view);
  root.style.fontSize = `${screen.rem.toFixed(2)}px`;
  root.dataset.mode = screen.mode;
}

function grid({ columns, rows, areas }) {
  if (columns) wall.style.setProperty("--columns", columns);
  if (rows) wall.style.setProperty("--rows", rows);
  if (areas?.length) wall.style.setProperty("--areas", areas.map((row) => `"${row.replaceAll('"', "")}"`).join(" "));
}

function mountPanels() {
  for (const { panel: name, area, options = {} } of boot.layout.panels) {
    const el = document.createElement(name === "header" ? "header" : name === "feeds" ? "footer" : "section");
    el.className = `panel panel-${name}`;
    el.style.gridArea = area;
    wall.append(el);
    const place = { name, el, panel: null };
    if (PANELS[name]) place.panel = PANELS[name].mount(el, ctx, options);
    else render(el, h("p", { class: "note" }, t("page.panel_missing", { name })));
    panels.push(place);
  }
}

/** One panel that fails must not take the others away; it says so in its own place, and tries again. */
function update(changed) {
  for (const place of panels) {
    try {
      place.panel?.update(changed);
      place.el.removeAttribute("data-failed");
    } catch (fault) {
      console.error(`panel ${place.name}`, fault);
      place.el.dataset.failed = t("page.panel_failed", { reason: String(fault?.message ?? fault) });
    }
  }
  root.classList.toggle("has-pulse", document.querySelector(".pulses") !== null);
}

function judge() {
  const freshness = connection.freshness();
  const found = bannerOf({ freshness, status: connection.status, at: connection.protocol.at, known: store.synced }, ctx);
  root.dataset.link = found?.level ?? "live";
  bar.hidden = !found;
  bar.className = found ? `banner is-${found.level}` : "banner";
  render(bar, found ? [h("b", null, found.words), found.detail ? h("span", null, found.detail) : null] : []);
}

function everySecond() {
  connection.tick();
  judge();
  update(new Set(["clock"]));
  // At the second of the city's clock, so that all walls in a room change together.
  setTimeout(everySecond, 1000 - ((clock.now() * 1000) % 1000));
}

size();
grid(boot.layout);
mountPanels();
document.getElementById("loading").remove();
store.subscribe(null, update);
geo.then(() => update(null), () => update(null));
addEventListener("resize", () => {
  size();
  update(null);
});
const still = matchMedia("(prefers-reduced-motion: reduce)");
setInterval(() => {
  if (root.classList.contains("has-pulse") && !still.matches) root.classList.toggle("beat");
  else root.classList.remove("beat");
}, PULSE_MS);
document.fonts?.ready.then(() => update(null));
everySecond();
connection.start();
