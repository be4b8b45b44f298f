// The leaders' page: connects, and draws the city in the order in which a leader reads it.

import { ServerClock, timeWriter } from "./clock.js";
import { Connection } from "./connection.js";
import { Commands } from "./console/commands.js";
import { ask } from "./console/form.js";
import { leaving } from "./console/leaving.js";
import { Newer } from "./console/newer.js";
import { api, ticket } from "./console/session.js";
import { figureWriter } from "./format.js";
import { glassOf } from "./glass.js";
import { agenciesCard } from "./leader/agencies.js";
import { alarmsCard } from "./leader/alarms.js";
import { callsCard } from "./leader/calls.js";
import { changesCard, worstCard, worstOf } from "./leader/first.js";
import { gaugesCard } from "./leader/gauges.js";
import { hazardsCard } from "./leader/hazards.js";
import { footParts, headParts } from "./leader/head.js";
import { levelCard } from "./leader/level.js";
import { CityMap } from "./leader/map.js";
import { pricesCard } from "./leader/prices.js";
import { reportsCard } from "./leader/reports.js";
import { toSay } from "./leader/say.js";
import { openSheet } from "./leader/sheet.js";
import { leaderTranslator } from "./leader/words.js";
import { MOST } from "./leader/worst.js";
import { FORBIDDEN, Link, everySecond } from "./link.js";
import { wire } from "./packed.js";
import { Places } from "./places.js";
import { h, render } from "./render.js";
import { Store } from "./store.js";
import { language, pick } from "./words.js";

/** Figures do not dance: they are drawn again after this (s) at the earliest. */
const STILL_S = 1;

/** The language that somebody chose stays theirs on this machine. */
const LANGUAGE_KEY = "wallboard.language";

const root = document.documentElement;
const at = (id) => document.getElementById(id);
const boot = JSON.parse(at("boot").textContent);
const asked = new URLSearchParams(location.search).get("lang") ?? localStorage.getItem(LANGUAGE_KEY);
const code = language(asked, boot.language);
root.lang = code;
const t = leaderTranslator(code);
const clock = new ServerClock(() => performance.now() / 1000, Date.now() / 1000);
const store = new Store((flush) => requestAnimationFrame(flush));
const places = new Places(boot.map_level ?? 0);
const opened = new Set();
const timers = {
  later: (fn, seconds) => setTimeout(fn, seconds * 1000),
  cancel: (id) => clearTimeout(id),
};

const connection = new Connection({
  url: new URL(boot.socket, location.href.replace(/^http/, "ws")).href,
  subscribe: { layout: "leader" },
  // The machine's own screen needs no proof.
  ticket: boot.person ? () => ticket().catch(ended) : null,
  store,
  clock,
  env: {
    ...timers,
    ...wire,
    random: Math.random,
    glass: glassOf(window),
  },
  onStatus(status) {
    if (status.phase === "open") commands?.connected();
    if (status.phase === "refused" && status.code === FORBIDDEN && boot.person) ended({ status: 401 });
    link.judge();
    soon();
  },
  onTrouble: () => link.judge(),
  onHello: ({ edition }) => newer.hello(edition),
  onResult: (frame) => commands?.result(frame),
  onFrame: (protocol) => commands?.frame(protocol),
});

const commands = boot.person
  ? new Commands({
      ...timers,
      send: (frame) => connection.send(frame),
      online: () => link.online,
      pos: () => connection.protocol.pos,
      now: () => clock.mono(),
      uuid: () => crypto.randomUUID(),
    })
  : null;

const { leave, ended } = leaving({
  stop() {
    commands?.stop();
    connection.stop();
  },
  store,
  here: location,
});

const newer = new Newer(boot.edition);

const ctx = {
  boot,
  newer,
  person: boot.person,
  store,
  places,
  commands,
  opened,
  t,
  language: code,
  figures: figureWriter(code, t),
  time: timeWriter(boot.city.time_zone, code),
  now: () => clock.now(),
  mono: () => clock.mono(),
  dataAt: () => connection.protocol.at,
  online: () => link.online,
  may: (action) => boot.may.includes(action),
  ask: (spec) => ask(ctx, spec),
  pick: (texts) => pick(texts, code),
  nameOf: (id) => (id === boot.person?.id ? boot.person.name : id),
  /** Open the list behind a figure, or close it; a card has one list open. */
  toggle(card, name) {
    const was = opened.has(name);
    for (const other of [...opened]) if (other.startsWith(`${card}-`)) opened.delete(other);
    if (!was) opened.add(name);
    draw();
  },
  showOnMap: (thing) => map.ready && openSheet(map, thing, worst().slice(0, MOST), ctx),
  /** Where the console shows a thing, for who may go there. */
  linkOf({ kind, id }) {
    if (!boot.person || !["incident", "alert"].includes(kind)) return null;
    return kind === "incident" ? `/console#incident/${encodeURIComponent(id)}` : "/console#alerts";
  },
  switchLanguage() {
    const all = boot.city.languages;
    localStorage.setItem(LANGUAGE_KEY, all[(all.indexOf(code) + 1) % all.length]);
    const here = new URL(location.href);
    here.searchParams.delete("lang");
    if (here.href === location.href) location.reload();
    else location.assign(here);
  },
  async logout() {
    try {
      await api("/api/v1/logout", { method: "POST", body: {} });
    } finally {
      leave("/login");
    }
  },
};

const link = new Link(connection, ctx, { root, bar: at("banner") });
const map = new CityMap(ctx);
const worst = worstOf(store, ctx.now);
let drawing = false;
let drawnAt = -Infinity;
let saying = null;

/** Draw with the next frame, but no sooner than figures may change. */
function soon() {
  if (drawing) return;
  drawing = true;
  setTimeout(() => requestAnimationFrame(draw), Math.max(0, drawnAt + STILL_S - clock.mono()) * 1000);
}

function draw() {
  drawing = false;
  drawnAt = clock.mono();
  const things = worst();
  render(at("head"), headParts(ctx));
  render(
    at("main"),
    levelCard(ctx),
    h("div", { class: "part part-first", key: "first" }, changesCard(ctx), worstCard(things, ctx)),
    h(
      "div",
      { class: "part part-map", key: "map" },
      h(
        "section",
        { class: "card card-map", "aria-labelledby": "map-card" },
        h("header", { class: "card-head" }, h("h2", { id: "map-card" }, t("leader.map_title"))),
        map.card(things.slice(0, MOST)),
      ),
    ),
    h(
      "div",
      { class: "part part-work", key: "work" },
      [alarmsCard, callsCard, reportsCard, hazardsCard].map((made) => made(ctx)),
    ),
    h(
      "div",
      { class: "part part-rest", key: "rest" },
      [agenciesCard, gaugesCard, pricesCard].map((made) => made(ctx)),
    ),
  );
  render(at("foot"), footParts(ctx));
  say(things);
}

/** Tell who listens what has become another: the level, and what is worst. */
function say(things) {
  if (!store.synced) return;
  const [next, words] = toSay(saying, { city: store.get("city", "city"), worst: things[0] ?? null }, ctx);
  saying = next;
  if (words) at("said").textContent = words;
}

/** Dark or light as the device has it. */
const bright = matchMedia("(prefers-color-scheme: light)");
const dress = () => (root.dataset.theme = bright.matches ? "light" : "dark");
bright.addEventListener("change", dress);
dress();

at("loading")?.remove();
const skip = at("skip");
skip.textContent = t("console.skip");
skip.onclick = (event) => {
  event.preventDefault();
  at("main").focus();
};
document.title = `${t("leader.title")} · ${boot.city.name}`;
store.subscribe(null, soon);
commands?.subscribe(soon);
addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll("details.who[open]"))
    if (!menu.contains(target)) menu.open = false;
});
addEventListener("beforeunload", (event) => {
  if (commands?.open.some(({ answer }) => answer === null)) event.preventDefault();
});
fetch(boot.geo)
  .then((response) => (response.ok ? response.json() : Promise.reject(new Error(`HTTP ${response.status}`))))
  .then((geo) => {
    places.load(geo);
    map.load(geo);
    soon();
  })
  .catch((fault) => {
    console.warn("no map:", fault);
    map.failed();
    soon();
  });
everySecond(clock, () => {
  connection.tick();
  link.judge();
  soon();
});
connection.start();
