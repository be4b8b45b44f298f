// The wall page: reads what the server put into the page, puts the panels on the stage, and keeps time.

import { ServerClock, timeWriter } from "./clock.js";
import { Connection } from "./connection.js";
import { ticket } from "./console/session.js";
import { figureWriter } from "./format.js";
import { glassOf } from "./glass.js";
import { Keeper } from "./keeper.js";
import { FORBIDDEN, Link, everySecond } from "./link.js";
import { wire } from "./packed.js";
import { Pages } from "./pages.js";
import { Places } from "./places.js";
import { measure } from "./screen.js";
import { loadPanels } from "./stage.js";
import { Store } from "./store.js";
import { themeAt } from "./theme.js";
import { language, translator } from "./words.js";

/** Half a period of the only thing that moves: an unseen alert of the highest level, at 1 Hz. */
const PULSE_MS = 500;

/** So many commits may be on their way to the disk: some seconds of beats and batches. */
const UNSAFE_COMMITS = 200;

/** So long the wall says that its right has ended before it asks anew. */
const ENDED_MS = 5000;

const root = document.documentElement;
const boot = JSON.parse(document.getElementById("boot").textContent);

const code = language(new URLSearchParams(location.search).get("lang"), boot.language);
root.lang = code;
const t = translator(code);
const clock = new ServerClock(() => performance.now() / 1000, Date.now() / 1000);
const store = new Store((flush) => requestAnimationFrame(flush));
const places = new Places(boot.map_level ?? 0);
let screen = measure({ width: innerWidth, height: innerHeight }, boot.view);

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
  subscribe: { layout: boot.wall, screen: boot.screen ?? "" },
  store,
  clock,
  env: {
    ...wire,
    later: (fn, seconds) => setTimeout(fn, seconds * 1000),
    cancel: (id) => clearTimeout(id),
    random: Math.random,
    glass: glassOf(window),
  },
  ticket: boot.ticket ? proof : null,
  edition: boot.edition,
  // What lay over the wall goes with the frame that proves it wrong, not with the next second.
  onFrame: () => root.dataset.link !== "live" && link.judge(),
  onTrouble: () => link.judge(),
  onHello: (frame) => keeper.renewal.hello(frame.edition),
  onStatus: (status) => {
    link.judge();
    // Nobody stands at a wall with a keyboard: a screen whose right has ended shows how to pair it again.
    if (boot.ticket && status.code === FORBIDDEN) setTimeout(() => keeper.renewal.now(), ENDED_MS);
  },
});

/** What proves this screen or person once; who is nobody any more is shown the way in by the server. */
async function proof() {
  try {
    return await ticket();
  } catch (fault) {
    if (fault.status === 401) keeper.renewal.now();
    throw fault;
  }
}

let stage = null;

/** What every panel gets. */
const ctx = {
  boot,
  /** What the panels are, by name. */
  panels: await loadPanels(boot.panels),
  /** The state; where a page is bound to a district (`district`, else ""), what lies there. */
  store,
  district: "",
  places,
  geo,
  t,
  language: code,
  figures: figureWriter(code, t),
  time: timeWriter(boot.city.time_zone, code),
  now: () => clock.now(),
  mono: () => clock.mono(),
  screen: () => screen,
  /** Whether new frames arrive as they should, and when the newest was committed. */
  live: () => connection.freshness() === "live",
  newestFrame: () => connection.protocol.at,
  /** Where somebody has sent this screen, while it is there: {layout, subject, until, role}, or null. */
  sent: () => stage?.sent() ?? null,
  /** Whether what is shown is not proved to be on disk for longer than a moment. */
  unsafe() {
    const { safeN, pos } = connection.protocol;
    return store.synced && safeN !== null && safeN < pos - UNSAFE_COMMITS;
  },
};

const link = new Link(connection, ctx, { root, bar: document.getElementById("banner") });

function size() {
  screen = measure({ width: innerWidth, height: innerHeight }, boot.view);
  root.style.fontSize = `${screen.rem.toFixed(2)}px`;
  root.dataset.mode = screen.mode;
}

/** The theme of this minute; the map paints with the page's colours, so it is drawn anew. */
function dress() {
  const theme = themeAt(boot.view, ctx.time.minute(clock.now()));
  if (root.dataset.theme === theme) return;
  root.dataset.theme = theme;
  stage?.dress();
}

/** What happens at each second. */
function second() {
  connection.tick();
  dress();
  link.judge();
  stage.tick();
  keeper.tick();
}

document.querySelector(".entrance").ariaLabel = t("page.entrance");
size();
dress();
const keeper = new Keeper(window, ctx, () => stage.dress());
stage = new Pages(document.getElementById("wall"), boot, ctx);
document.getElementById("loading").remove();
store.subscribe(null, (changed) => stage.update(changed));
const again = () => stage.update(null);
geo.then(again, again);
document.fonts?.ready.then(again);
addEventListener("resize", () => {
  size();
  stage.resize();
});

const still = matchMedia("(prefers-reduced-motion: reduce)");
setInterval(() => {
  const pulses = !still.matches && document.querySelector(".pulses") !== null;
  root.classList.toggle("beat", pulses && !root.classList.contains("beat"));
}, PULSE_MS);

everySecond(clock, second);
connection.start();
