// The console's page: connects as the person who is logged in, opens sections, turns keys into acts.

import { ServerClock, timeWriter } from "./clock.js";
import { Connection } from "./connection.js";
import { Commands } from "./console/commands.js";
import { ask } from "./console/form.js";
import { help } from "./console/help.js";
import { keyed } from "./console/keys.js";
import { leaving } from "./console/leaving.js";
import { Newer } from "./console/newer.js";
import { sectionsOf } from "./console/registry.js";
import { address } from "./console/router.js";
import { api, ticket } from "./console/session.js";
import { Shell } from "./console/shell.js";
import { consoleTranslator } from "./console/words.js";
import { figureWriter } from "./format.js";
import { glassOf } from "./glass.js";
import { FORBIDDEN, Link, everySecond } from "./link.js";
import { wire } from "./packed.js";
import { Places } from "./places.js";
import { Store } from "./store.js";
import { language, pick } from "./words.js";

/** The language that somebody chose stays theirs on this machine. */
const LANGUAGE_KEY = "wallboard.language";

const root = document.documentElement;
const boot = JSON.parse(document.getElementById("boot").textContent);
const asked = new URLSearchParams(location.search).get("lang") ?? localStorage.getItem(LANGUAGE_KEY);
const code = language(asked, boot.language);
root.lang = code;
const t = consoleTranslator(code);
const clock = new ServerClock(() => performance.now() / 1000, Date.now() / 1000);
const store = new Store((flush) => requestAnimationFrame(flush));
const places = new Places(boot.map_level ?? 0);

const timers = {
  later: (fn, seconds) => setTimeout(fn, seconds * 1000),
  cancel: (id) => clearTimeout(id),
};
const commands = new Commands({
  ...timers,
  send: (frame) => connection.send(frame),
  online: () => link.online,
  pos: () => connection.protocol.pos,
  now: () => clock.mono(),
  uuid: () => crypto.randomUUID(),
});

const connection = new Connection({
  url: new URL(boot.socket, location.href.replace(/^http/, "ws")).href,
  subscribe: { layout: "console" },
  ticket: () => ticket().catch(ended),
  store,
  clock,
  env: {
    ...timers,
    ...wire,
    random: Math.random,
    glass: glassOf(window),
  },
  onStatus(status) {
    if (status.phase === "open") commands.connected();
    if (status.phase === "refused" && status.code === FORBIDDEN) ended({ status: 401 });
    link.judge();
    shell?.update(["link"]);
  },
  onTrouble: () => link.judge(),
  onHello: ({ edition }) => newer.hello(edition),
  onResult: (frame) => commands.result(frame),
  onFrame: (protocol) => commands.frame(protocol),
});

const { leave, ended } = leaving({
  stop() {
    commands.stop();
    connection.stop();
  },
  store,
  here: location,
});

const newer = new Newer(boot.edition);

/** What the shell and every section get. */
const ctx = {
  boot,
  person: boot.person,
  store,
  places,
  commands,
  t,
  language: code,
  figures: figureWriter(code, t),
  time: timeWriter(boot.city.time_zone, code),
  now: () => clock.now(),
  mono: () => clock.mono(),
  online: () => link.online,
  newer,
  api,
  /** Whether this role may ask for the action at all; the engine decides about the thing itself. */
  may: (action) => boot.may.includes(action),
  /** Ask for something, and for what it needs to know. */
  ask: (spec) => ask(ctx, spec),
  hash: () => location.hash,
  /** Open "#name/rest". */
  go: (name, rest) => location.assign(address(name, rest)),
  pick: (texts) => pick(texts, code),
  /** The name of a person, by the log-in name; "" is nobody. */
  nameOf: (id) => (id === boot.person.id ? boot.person.name : (store.get("person", id)?.name ?? id)),
  /** What a command is, in words: of its action, and of what it is done to. */
  actionWords({ action, about }) {
    const key = `action.${action}`;
    const words = t(key) === key ? action : t(key);
    const [kind, id] = about ? about.split(/:(.*)/s) : [];
    const thing = kind && store.get(kind, id);
    const name = thing ? pick(thing.texts, code) || thing.source?.title || thing.name || "" : "";
    return name ? `${words}: ${name}` : words;
  },
  help: () => help(ctx, [{ words: "console.title", keys: globalKeys }, { words: "", keys: shell.keys }]),
  switchLanguage() {
    const all = boot.city.languages;
    const next = all[(all.indexOf(code) + 1) % all.length];
    localStorage.setItem(LANGUAGE_KEY, next);
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

const link = new Link(connection, ctx, { root, bar: document.getElementById("banner") });
const sections = sectionsOf(boot.person.role);
const shell = new Shell(
  Object.fromEntries(["head", "nav", "main", "foot"].map((id) => [id, document.getElementById(id)])),
  sections,
  ctx,
  (draw) => requestAnimationFrame(draw),
);

const globalKeys = {
  "?": { words: "key.help", act: () => ctx.help() },
  "/": {
    words: "key.search",
    act: () => document.querySelector("#main input[type=search]")?.focus(),
  },
  ...Object.fromEntries(
    sections.slice(0, 9).map(({ id }, index) => [
      String(index + 1),
      { words: "key.section", act: () => ctx.go(id) },
    ]),
  ),
};

addEventListener("keydown", (event) => {
  const modal = document.querySelector("dialog[open]") !== null;
  const field = document.activeElement;
  if (event.key === "Escape" && !modal && field?.matches("#main input, #main textarea, #main select")) {
    field.blur(); // back to the keys of the section
    return;
  }
  const entry = keyed(event, [shell.keys, globalKeys], { target: field, modal });
  if (!entry) return;
  event.preventDefault();
  entry.act(event);
});

// A menu that was left is closed.
addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll("details.who[open]")) if (!menu.contains(target)) menu.open = false;
});

// Who leaves while a command has no answer yet would never see what came of it.
addEventListener("beforeunload", (event) => {
  if (commands.open.some(({ answer }) => answer === null)) event.preventDefault();
});

document.getElementById("loading")?.remove();
const skip = document.getElementById("skip");
skip.textContent = t("console.skip");
skip.onclick = (event) => {
  event.preventDefault(); // the address after "#" is the section's
  document.getElementById("main").focus();
};
document.getElementById("nav").setAttribute("aria-label", t("console.sections"));
document.title = `${t("console.title")} · ${boot.city.name}`;
store.subscribe(null, (changed) => shell.update(changed));
commands.subscribe(() => shell.update(["command"]));
addEventListener("hashchange", () => shell.go(location.hash));
fetch(boot.geo)
  .then((response) => (response.ok ? response.json() : Promise.reject(new Error(`HTTP ${response.status}`))))
  .then((geo) => {
    places.load(geo);
    shell.update(["district"]);
  })
  .catch((fault) => console.warn("no names of districts:", fault));

// A phone that read the square of a new screen goes on to its code.
if (boot.pair && !location.hash && ctx.may("screen.pair")) history.replaceState(null, "", address("screens"));
shell.go(location.hash);
everySecond(clock, () => {
  connection.tick();
  link.judge();
  shell.update(["clock"]);
});
connection.start();
