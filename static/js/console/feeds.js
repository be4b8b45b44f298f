// Sources, for the administrator: how each is, its last document and fault, and what of it could not be used.

import { h, render } from "../render.js";
import { shape } from "../shapes.js";
import { reasonWords } from "../words.js";
import { begun, condition, feedRows, glimpse, mayAskLetters, recordText, size, skew } from "./feed_facts.js";
import { address } from "./router.js";

/** The feeds' process tells it every 5 s; asked for oftener it says the same. */
const EVERY_S = 5;

/** What of no source is kept: notices that nobody took, what the engine could not keep. */
const OTHERS = "-";

export function mount(root, ctx) {
  const { store, t, figures } = ctx;
  root.classList.add("page");
  let told = null; // {now, feeds}
  let fault = "";
  let askedAt = -Infinity;
  let asking = false;
  let name = ""; // of the one that is open
  let dead = null; // {letters, next}
  let said = null; // {tone, words, since?}
  let busy = false;

  async function ask() {
    if (asking || document.hidden || ctx.mono() - askedAt < EVERY_S) return;
    asking = true;
    askedAt = ctx.mono();
    try {
      told = await ctx.api("/api/v1/feeds");
      fault = "";
      if (mayAskLetters(name, dead)) await letters();
    } catch (failed) {
      fault = words(failed);
    }
    asking = false;
    draw();
  }

  const words = (failed) => (failed.status ? failed.message : t("command.offline"));

  /** The newest; or those after what is shown. */
  async function letters(next = "") {
    const of = name;
    const query = next ? `?before=${encodeURIComponent(next)}` : "";
    const answer = await ctx.api(`/api/v1/feeds/${encodeURIComponent(of)}/dead${query}`);
    if (of !== name) return; // somebody has gone on
    dead = { letters: [...(next ? dead.letters : []), ...answer.dead], next: answer.next, more: Boolean(next) };
  }

  async function over(act) {
    busy = true;
    draw();
    try {
      await act();
    } catch (failed) {
      said = { tone: "red", words: words(failed) };
    }
    busy = false;
    draw();
  }

  const again = () =>
    over(async () => {
      const since = ctx.now();
      await ctx.api(`/api/v1/feeds/${encodeURIComponent(name)}/again`, { method: "POST", body: {} });
      said = { tone: "amber", words: t("source.asked"), since };
      askedAt = -Infinity;
    });

  const moment = (at) => ctx.time.moment(at, ctx.now());
  const ago = (at) => t("source.ago", { age: figures.duration(ctx.now() - at) });
  const known = (value, say) => (value === null || value === undefined ? "–" : say(value));
  const titleOf = (feed, entity) => entity?.name || feed.name;
  const state = ({ state: tone, word }) =>
    h("span", { class: `state-word is-${tone}` }, shape(tone), t(`source.state.${word}`));
  // What is 0 is left out on its way here.
  const count = (entity, field) => known(entity && (entity[field] ?? 0), figures.number);
  const rate = (feed) => known(feed.told?.per_minute, (n) => figures.number(n, n > 0 && n < 10 ? 1 : 0));

  function clockWords(entity) {
    const { late, early } = skew(entity);
    if (late) return t("source.late", { age: figures.duration(late) });
    if (early) return t("source.early", { age: figures.duration(early) });
    return known(entity?.skew_s, () => t("source.on_time"));
  }

  function sizeWords(bytes) {
    const [n, digits, unit] = size(bytes);
    return `${figures.number(n, digits)} ${unit}`;
  }

  function row({ feed, entity, ...is }) {
    const cell = (label, ...inner) => h("td", { "data-label": t(`source.${label}`), key: label }, inner);
    const document = feed.told?.document;
    return h(
      "tr",
      { key: feed.name, class: feed.enabled ? "" : "is-past" },
      h(
        "td",
        { dir: "auto" },
        h("a", { href: address("feeds", feed.name) }, h("b", null, titleOf(feed, entity))),
        h("small", null, feed.type),
      ),
      cell("state", state(is), entity?.reason ? h("small", { dir: "auto" }, reasonWords(t, entity.reason)) : null),
      cell("document", known(document?.at ?? entity?.last_good_at, (at) => [h("span", null, moment(at)), h("small", null, ago(at))])),
      cell("rate", rate(feed)),
      cell("clock", clockWords(entity)),
      cell("faults", count(entity, "faults")),
    );
  }

  function list() {
    const rows = feedRows(told.feeds, store.all("feed"));
    const heads = ["name", "state", "document", "rate", "clock", "faults"];
    return h(
      "section",
      { class: "card", key: "list" },
      rows.length
        ? h(
            "table",
            { class: "grid-table" },
            h("thead", null, h("tr", null, heads.map((key) => h("th", { scope: "col", key }, t(`source.${key}`))))),
            h("tbody", null, rows.map(row)),
          )
        : h("p", { class: "hint" }, t("source.none")),
      h("p", { class: "hint feed-others" }, h("a", { href: address("feeds", OTHERS) }, t("source.others"))),
    );
  }

  function fact(label, value, ...small) {
    return h("div", { class: "fact", key: label }, h("dt", null, t(`source.${label}`)), h("dd", { dir: "auto" }, value, small));
  }

  function facts(feed, entity) {
    const { document, fault: last, again_at: begunAt } = feed.told ?? {};
    const since = entity?.since ? h("small", null, t("source.since", { at: moment(entity.since) })) : null;
    return h(
      "section",
      { class: "card", key: "facts" },
      h(
        "dl",
        { class: "facts" },
        fact("state", state(condition(feed, entity)), since, entity?.reason ? h("small", { dir: "auto" }, reasonWords(t, entity.reason)) : null),
        fact(
          "document",
          known(document?.at ?? entity?.last_good_at, (at) => `${moment(at)} · ${ago(at)}`),
          document
            ? h("small", null, [document.bytes ? sizeWords(document.bytes) : "", t("source.made", { events: figures.number(document.events ?? 0), faults: figures.number(document.faults ?? 0) })].filter(Boolean).join(" · "))
            : null,
          document?.address ? h("small", { dir: "auto" }, document.address) : null,
        ),
        fact(
          "last_fault",
          last ? `${moment(last.at)} · ${ago(last.at)}` : t("source.no_fault"),
          last?.where ? h("small", { dir: "auto" }, t("source.where", { where: last.where })) : null,
          last ? h("small", { dir: "auto", class: "fault-why" }, reasonWords(t, last.why)) : null,
        ),
        fact("rate", rate(feed)),
        fact("counts", t("source.counted", { documents: count(entity, "documents"), events: count(entity, "events"), faults: count(entity, "faults"), lost: count(entity, "lost") })),
        fact("clock", clockWords(entity), entity?.skew_s == null ? null : h("small", null, t("source.clock_how"))),
        begunAt ? fact("again_at", `${moment(begunAt)} · ${ago(begunAt)}`) : null,
      ),
      feed.enabled && !feed.pushed
        ? h("button", { type: "button", disabled: busy || !ctx.online(), onclick: again }, t("source.again"))
        : h("p", { class: "hint" }, t(feed.pushed ? "source.pushed" : "source.not_enabled")),
      said ? h("p", { class: `mark is-${said.tone}`, role: said.tone === "red" ? "alert" : "status", key: "said" }, said.words) : null,
    );
  }

  function letter({ id, at, reason, record }) {
    const text = recordText(record);
    return h(
      "li",
      { key: id, class: "dead" },
      h("p", null, h("span", { dir: "auto" }, reason), h("small", null, `${moment(at)} · ${ago(at)}`)),
      text ? h("details", null, h("summary", null, t("source.record"), h("span", { dir: "auto" }, glimpse(record))), h("pre", { dir: "auto" }, text)) : null,
    );
  }

  function deadLetters() {
    return h(
      "section",
      { class: "card", key: "dead" },
      h("h3", null, t("source.dead")),
      h("p", { class: "hint" }, t(name === OTHERS ? "source.others_how" : "source.dead_how")),
      dead === null
        ? h("p", { class: "hint" }, t("tile.waiting"))
        : dead.letters.length
          ? h("ul", null, dead.letters.map(letter))
          : h("p", { class: "hint" }, t("source.no_dead")),
      dead?.next ? h("button", { type: "button", disabled: busy, onclick: () => over(() => letters(dead.next)) }, t("source.older")) : null,
    );
  }

  function one() {
    const feed = told?.feeds.find((each) => each.name === name);
    const entity = store.get("feed", name) ?? null;
    const title = name === OTHERS ? t("source.others") : feed ? titleOf(feed, entity) : name;
    return [
      h(
        "header",
        { class: "page-head", key: "title" },
        h("h2", { dir: "auto" }, title),
        h("a", { class: "button", href: address("feeds") }, t("source.all")),
      ),
      feed ? facts(feed, entity) : told && name !== OTHERS ? h("p", { class: "note", key: "unknown" }, t("source.unknown", { name })) : null,
      name === OTHERS || feed ? deadLetters() : null,
    ];
  }

  function draw() {
    const feed = told?.feeds.find((each) => each.name === name);
    if (said?.since !== undefined && begun(feed?.told, said.since)) said = { tone: "green", words: t("source.begun") };
    render(
      root,
      name ? null : h("h2", { key: "title" }, t("console.feeds")),
      ctx.online() ? null : h("p", { class: "cut", role: "status", key: "cut" }, t("alert.cut")),
      fault ? h("p", { class: "cut", role: "status", key: "fault" }, fault) : null,
      name ? one() : told ? list() : h("p", { class: "note", key: "waiting" }, t("tile.waiting")),
    );
  }

  return {
    keys: {},
    update() {
      ask();
      draw();
    },
    route(rest) {
      if (rest === name) return;
      name = rest;
      dead = null;
      said = null;
      if (name) over(() => letters());
    },
    stop() {
      asking = true;
    },
  };
}
