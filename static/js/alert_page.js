// One alert on the phone of who scanned its code: what it is, and the buttons of who is logged in here.

import { ServerClock, timeWriter } from "./clock.js";
import { Connection } from "./connection.js";
import { Commands } from "./console/commands.js";
import { leaving } from "./console/leaving.js";
import { ticket } from "./console/session.js";
import { consoleTranslator } from "./console/words.js";
import { isOver, isUnseen, standing } from "./facts.js";
import { glassOf } from "./glass.js";
import { FORBIDDEN, Link, everySecond } from "./link.js";
import { wire } from "./packed.js";
import { h, render } from "./render.js";
import { CORNERS, SHAPE_OF } from "./shapes.js";
import { Store } from "./store.js";
import { language, pick } from "./words.js";

/** A sentence on what was done; the engine refuses longer ones. */
const MOST_TEXT = 1000;

const root = document.documentElement;
const boot = JSON.parse(document.getElementById("boot").textContent);
const page = document.getElementById("alert");
const code = language(new URLSearchParams(location.search).get("lang"), boot.language);
root.lang = code;
const t = consoleTranslator(code);
const time = timeWriter(boot.city.time_zone, code);
const clock = new ServerClock(() => performance.now() / 1000, Date.now() / 1000);
const store = new Store((flush) => requestAnimationFrame(flush));
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
  uuid: () => crypto.randomUUID?.() ?? id(),
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
    show();
  },
  onTrouble: () => link.judge(),
  onResult: (frame) => commands.result(frame),
  onFrame: (protocol) => commands.frame(protocol),
});

const link = new Link(connection, { store, t, time }, { root, bar: document.getElementById("banner") });

/** Without https a browser gives no randomUUID. */
function id() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const { ended } = leaving({
  stop() {
    commands.stop();
    connection.stop();
  },
  store,
  here: location,
});

/** The alert of the page's code, while it stands. */
const found = () => store.all("alert").find((alert) => alert.code === boot.code && standing(alert));

function level(alert) {
  const shape = SHAPE_OF[alert.severity];
  const points = (CORNERS[shape] ?? []).map((corner) => corner.join(",")).join(" ");
  return h(
    "p",
    { class: `phone__level is-${alert.severity}` },
    h(
      "svg",
      { viewBox: "-1 -1 12 12", "aria-hidden": "true" },
      h("polygon", { points, fill: "currentColor" }),
    ),
    t(`severity.${alert.severity}`),
    " · ",
    boot.code,
  );
}

/** People are called by their names, as everywhere; who may not see people sees how they log in. */
const nameOf = (id) => (id ? (store.get("person", id)?.name ?? id) : "");

function facts(alert) {
  const rows = [
    ["alert.where", alert.district],
    ["alert.since", alert.since ? time.seconds(alert.since) : ""],
    ["alert.who", nameOf(alert.assigned || alert.acked_by) || t("alert.nobody")],
    ["alert.was.acked", alert.acked_at ? `${time.seconds(alert.acked_at)} · ${nameOf(alert.acked_by)}` : ""],
    ["alert.was.ended", alert.ended_at ? time.seconds(alert.ended_at) : ""],
  ].filter(([, words]) => words);
  return h(
    "dl",
    null,
    rows.flatMap(([key, words]) => [h("dt", { key }, t(key)), h("dd", { key: `${key} value` }, words)]),
  );
}

const seen = (alert) => ({
  alert: alert.id,
  episode: alert.episode ?? 1,
  version: alert.version ?? 1,
});

function press(action, alert, more = {}) {
  commands.send(action, { ...seen(alert), ...more });
}

function buttons(alert) {
  const may = (action) => boot.may.includes(action);
  const asked = commands.about(`alert:${alert.id}`);
  const off = !link.online || asked?.state === "pending";
  const unseen = isUnseen(alert) || isOver(alert);
  return [
    may("alert.ack") && unseen
      ? h(
          "button",
          {
            key: "ack",
            type: "button",
            class: "is-first",
            disabled: off,
            onclick: () => press("alert.ack", alert),
          },
          t("action.alert.ack"),
        )
      : null,
    may("alert.confirm") ? h("textarea", { key: "text", id: "said", rows: 2, maxlength: MOST_TEXT, "aria-label": t("alert.confirm_text"), placeholder: t("alert.confirm_text") }) : null,
    may("alert.confirm")
      ? h(
          "button",
          {
            key: "confirm",
            type: "button",
            disabled: off,
            onclick() {
              const box = document.getElementById("said");
              const text = box.value.trim();
              if (text) press("alert.confirm", alert, { text });
              else box.focus();
            },
          },
          t("action.alert.confirm"),
        )
      : null,
    asked ? said(asked) : null,
  ];
}

/** Green only when it is on disk; amber until then; red with the reason. */
function said({ state, action, answer }) {
  const words = { pending: "…", green: "✓", red: "✗" }[state];
  const key = `reason.${answer?.reason}`;
  const why = answer?.reason ? (t(key) === key ? answer.reason : t(key, { who: nameOf(answer.by) })) : "";
  const who = answer?.by ? ` · ${nameOf(answer.by)}${answer.at ? ` ${time.seconds(answer.at)}` : ""}` : "";
  return h(
    "p",
    { key: "said", class: `phone__said is-${state}`, role: "status" },
    `${words} ${t(`action.${action}`)}${why ? `: ${why}` : ""}${who}`,
  );
}

function show() {
  link.judge();
  const foot = h(
    "footer",
    { key: "foot" },
    `${boot.person.name} · `,
    h("a", { href: "/console" }, t("console.title") === "console.title" ? "/console" : t("console.title")),
  );
  const alert = found();
  if (!alert) {
    render(page, h("h1", { key: "none" }, store.synced ? t("alert.gone") : "…"), foot);
    return;
  }
  const instruction = pick(alert.instruction ?? {}, code);
  render(
    page,
    level(alert),
    h("h1", { key: "words" }, pick(alert.texts, code) || alert.id),
    instruction ? h("p", { key: "do", class: "phone__instruction" }, instruction) : null,
    facts(alert),
    ...buttons(alert),
    foot,
  );
}

document.getElementById("loading").remove();
store.subscribe(["alert"], show);
commands.subscribe(show);
everySecond(clock, () => {
  connection.tick();
  show();
});
connection.start();
