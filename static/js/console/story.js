// One incident's whole story: the source beside our part, what happened in time order, what lies near it, and
// what this person may do with it now.

import { openedAt } from "../facts.js";
import { h, render } from "../render.js";
import { shape } from "../shapes.js";
import { clocks } from "./clock_words.js";
import { mark } from "./mark.js";
import { around } from "./story_around.js";
import { needsOf, noteOf, editOf } from "./story_asks.js";
import { argsOf, nextStep, stepsFor, timeline } from "./steps.js";
import { agencyOf, isWork, sourceClosed, statusOf, titleOf } from "./worklist.js";

/** What is near may change without the incident: asked for again this often (s), while it is open. */
const AROUND_EVERY_S = 30;

export class Story {
  #id = null;
  #around = { id: null, at: -Infinity, told: null, fault: "", asking: false };

  constructor(root, ctx, { onClose }) {
    Object.assign(this, { root, ctx, onClose });
    this.part = document.createElement("section");
    this.part.className = "story";
    this.part.tabIndex = -1;
    this.part.setAttribute("aria-label", ctx.t("story.title"));
    this.part.hidden = true;
    root.append(this.part);
  }

  get incident() {
    return this.#id === null ? null : (this.ctx.store.get("incident", this.#id) ?? null);
  }

  show(id) {
    if (id !== this.#id) {
      this.#id = id;
      this.#around = { id, at: -Infinity, told: null, fault: "", asking: false };
      this.part.scrollTop = 0;
    }
    this.part.hidden = false;
    this.#ask();
    this.draw();
  }

  hide() {
    this.#id = null;
    this.part.hidden = true;
  }

  update(changed) {
    if (this.#id === null) return;
    this.#ask();
    if (["incident", "synced", "clock", "command", "link", "district", "person"].some((kind) => changed.has(kind)))
      this.draw();
  }

  stop() {
    this.#id = null;
  }

  /** Keys of what may be done now. */
  get keys() {
    const incident = this.incident;
    if (!incident) return {};
    const table = {};
    for (const step of this.#steps(incident))
      table[step.key] = { words: `step.${step.to}`, act: () => this.#take(step) };
    if (this.ctx.may("incident.note")) table.n = { words: "story.note", act: () => this.#note() };
    if (this.ctx.may("incident.edit")) table.e = { words: "story.edit", act: () => this.#edit() };
    return table;
  }

  #steps(incident) {
    const { boot, person, may } = this.ctx;
    return stepsFor(boot.transitions ?? [], person.role, statusOf(incident)).filter(({ action }) => may(action));
  }

  async #take(step) {
    const { ctx } = this;
    const incident = this.incident;
    if (!incident) return;
    const spec = needsOf(step, incident, ctx, this.#around.told);
    const values = spec ? await ctx.ask(spec) : {};
    if (values === null) return;
    // What was seen when the button was pressed counts, not what has come since: `seen` is of that incident.
    await ctx.commands.send(step.action, argsOf(step, incident, spec?.read?.(values) ?? values));
    this.#around.at = -Infinity;
  }

  async #note() {
    const incident = this.incident;
    if (!incident) return;
    const values = await this.ctx.ask(noteOf(incident, this.ctx));
    if (values) await this.ctx.commands.send("incident.note", { incident: incident.id, ...values });
  }

  async #edit() {
    const incident = this.incident;
    if (!incident) return;
    const spec = editOf(incident, this.ctx);
    const values = await this.ctx.ask(spec);
    const changed = values && spec.read(values);
    if (changed && Object.keys(changed).length)
      await this.ctx.commands.send("incident.edit", { incident: incident.id, ...changed });
  }

  /** Ask what lies near, at first and again after a while; one question at a time. */
  async #ask() {
    const near = this.#around;
    const now = this.ctx.mono();
    if (near.asking || now - near.at < AROUND_EVERY_S || !this.ctx.online()) return;
    Object.assign(near, { asking: true, at: now });
    try {
      near.told = await this.ctx.api(`/api/v1/incidents/${encodeURIComponent(near.id)}/story`);
      near.fault = "";
    } catch (fault) {
      near.fault = String(fault?.message ?? fault);
    }
    near.asking = false;
    if (near.id === this.#id) this.draw();
  }

  draw() {
    const { ctx } = this;
    const { t } = ctx;
    const incident = this.incident;
    if (!incident) {
      const words = this.ctx.store.synced ? t("story.gone") : t("console.loading");
      render(this.part, this.#close(), h("p", { class: "note" }, words));
      return;
    }
    render(
      this.part,
      this.#close(),
      this.#head(incident),
      h("div", { class: "clock-cards", key: "clocks" }, clocks(incident, ctx)),
      this.#actions(incident),
      h("div", { class: "halves", key: "halves" }, this.#source(incident), this.#ours(incident)),
      this.#time(incident),
      around(this.#around, incident, ctx),
    );
  }

  #close() {
    const { t } = this.ctx;
    return h(
      "button",
      { type: "button", class: "story-close quiet", key: "close", onclick: this.onClose, "aria-label": t("console.close") },
      "✕",
    );
  }

  #head(incident) {
    const { ctx } = this;
    const { t } = ctx;
    const state = incident.severity ?? "none";
    const status = statusOf(incident);
    return h(
      "header",
      { class: "story-head", key: "head" },
      h("h2", { dir: "auto" }, shape(state, t(`severity.${state}`)), titleOf(incident) || t("incidents.untitled")),
      h(
        "p",
        null,
        h("span", { class: `status is-${status}` }, t(`status.${status}`)),
        sourceClosed(incident) ? h("span", { class: "status is-closed" }, t("status.source_closed")) : null,
        h("span", null, t(`severity.${state}`)),
        h("span", { dir: "auto" }, category(incident, ctx)),
        h("span", null, t("incidents.ago", { age: ctx.figures.duration(ctx.now() - openedAt(incident)) })),
        h("code", null, incident.id),
      ),
    );
  }

  #actions(incident) {
    const { ctx } = this;
    const { t } = ctx;
    const steps = this.#steps(incident);
    const next = nextStep(steps);
    const off = !ctx.online();
    const button = (key, words, act, main = false) =>
      h(
        "button",
        { key: words, type: "button", class: main ? "is-main" : "", disabled: off, onclick: act, title: off ? t("command.offline") : null },
        words,
        h("kbd", null, key),
      );
    const ofStep = (step) => button(step.key, t(`step.${step.to}`), () => this.#take(step), step === next);
    const side = [
      ...steps.filter(({ exit }) => exit).map(ofStep),
      ctx.may("incident.note") ? button("n", t("story.note"), () => this.#note()) : null,
      ctx.may("incident.edit") ? button("e", t("story.edit"), () => this.#edit()) : null,
    ];
    const standing = mark(ctx.commands.about(`incident:${incident.id}`), ctx);
    return h(
      "div",
      { class: "story-actions", key: "actions" },
      h("div", { key: "on" }, steps.filter(({ exit }) => !exit).map(ofStep)),
      h("div", { key: "side", class: "is-side" }, side),
      off ? h("span", { class: "offline", key: "off" }, t("story.offline")) : null,
      standing ? h("p", { class: "story-mark", key: "standing" }, standing) : null,
    );
  }

  #source(incident) {
    const { ctx } = this;
    const { t } = ctx;
    const { source = {}, place = {} } = incident;
    const feed = ctx.store.get("feed", incident.feed);
    return h(
      "section",
      { class: "half", key: "source" },
      h("h3", null, t("story.source")),
      source.text ? h("p", { class: "story-text", dir: "auto" }, source.text) : null,
      list([
        [t("story.channel"), nameOf(ctx, ctx.boot.channels, incident.channel)],
        [t("story.feed"), incident.feed === "console" ? t("story.console") : (feed?.name ?? incident.feed)],
        [t("story.status"), [t(`status.source_${source.status ?? "open"}`), source.status_raw].filter(Boolean).join(" · ")],
        [t("story.status_notes"), source.status_notes],
        [t("story.agency"), source.agency_raw],
        [t("story.category"), source.category_name || source.category_raw],
        [t("story.opened"), moment(ctx, source.opened_at)],
        [t("story.closed"), moment(ctx, source.closed_at)],
        [t("story.expected"), moment(ctx, source.expected_at)],
        [t("story.address"), source.address],
        [t("story.place"), ctx.places.words(place, t)],
        [t("story.confidence"), confidence(place, ctx)],
        [t("story.point"), Number.isFinite(place.lon) ? `${place.lat.toFixed(5)}, ${place.lon.toFixed(5)}` : ""],
        [t("story.media"), link(source.media_url)],
      ]),
    );
  }

  #ours(incident) {
    const { ctx } = this;
    const { t } = ctx;
    const { ours = {} } = incident;
    const agency = agencyOf(incident);
    return h(
      "section",
      { class: "half", key: "ours" },
      h("h3", null, t("story.ours")),
      list([
        [t("story.status"), t(`status.${statusOf(incident)}`)],
        [t("story.agency"), agency ? nameOf(ctx, ctx.boot.agencies, agency) : t("incidents.no_agency")],
        [t("story.agency_since"), agency ? moment(ctx, incident.agency_since) : ""],
        [t("story.category"), category(incident, ctx)],
        [t("story.verified"), ours.verified_by && `${ctx.nameOf(ours.verified_by)} ${moment(ctx, ours.verified_at)}`],
        [t("story.accepted"), moment(ctx, ours.accepted_at)],
        [t("story.started"), moment(ctx, ours.started_at)],
        [t("story.resolved"), moment(ctx, ours.resolved_at)],
        [t("story.returned"), ours.returned ? t("story.times", { n: ours.returned }) : ""],
        [t("story.duplicate_of"), incidentLink(ctx, ours.duplicate_of)],
        [t("story.duplicates"), ours.duplicates ? ctx.figures.number(ours.duplicates) : ""],
        [t("story.referred"), ours.referred_to && `${nameOf(ctx, ctx.boot.lines, ours.referred_to)} ${moment(ctx, ours.referred_at)}`],
        [t("story.call"), ours.call && callWords(ctx, ours.call)],
        [t("story.ended"), isWork(incident) ? "" : moment(ctx, incident.over_at)],
      ]),
    );
  }

  #time(incident) {
    const { ctx } = this;
    const { t } = ctx;
    const said = {
      opened: () => t("story.event_opened", { channel: nameOf(ctx, ctx.boot.channels, incident.channel) || t("story.source") }),
      closed: () => t("story.event_closed"),
      note: ({ text }) => text,
      step: ({ was, now }) =>
        !was ? t("story.event_first") : t("story.event_step", { was: t(`status.${was}`), now: t(`status.${now}`) }),
    };
    return h(
      "section",
      { class: "story-time", key: "time" },
      h("h3", null, t("story.time")),
      h(
        "ol",
        null,
        timeline(incident).map((entry, index) =>
          h(
            "li",
            { key: `${entry.at} ${index}`, class: `is-${entry.kind}` },
            h("time", null, ctx.time.moment(entry.at, ctx.now())),
            h("span", { dir: "auto" }, said[entry.kind](entry), detail(entry, ctx)),
            entry.by ? h("small", { dir: "auto" }, ctx.nameOf(entry.by)) : null,
          ),
        ),
      ),
    );
  }
}

/** What a step says beside from where to where: to whom, and why. */
function detail({ kind, to = "", why = "" }, ctx) {
  if (kind !== "step" || !(to || why)) return null;
  const name = nameOf(ctx, ctx.boot.agencies, to, null) ?? nameOf(ctx, ctx.boot.lines, to, null) ?? to;
  return h("em", { dir: "auto" }, [name, why].filter(Boolean).join(" – "));
}

function list(pairs) {
  const shown = pairs.filter(([, value]) => value);
  return h(
    "dl",
    null,
    shown.map(([name, value]) => [h("dt", { key: `t ${name}` }, name), h("dd", { key: `d ${name}`, dir: "auto" }, value)]),
  );
}

const moment = (ctx, at) => (at ? ctx.time.moment(at, ctx.now()) : "");

/** The name of a code in a table of the boot data: text, or texts by language. */
export function nameOf(ctx, names, code, missing = code) {
  const name = names?.[code];
  if (!name) return missing;
  return typeof name === "string" ? name : ctx.pick(name);
}

export const category = ({ category: code, source }, ctx) =>
  nameOf(ctx, ctx.boot.categories, code, "") || source?.category_name || source?.category_raw || ctx.t("incidents.no_category");

/** How sure the place is, in words, with the metres to the nearest border where that matters. */
function confidence(place, ctx) {
  const { t } = ctx;
  const words = t(`confidence.${place.confidence ?? "no_location"}`);
  const edge = Number.isFinite(place.edge_m) && place.confidence !== "inside";
  const parts = [words, edge ? t("confidence.edge", { m: ctx.figures.number(Math.round(place.edge_m)) }) : ""];
  if (place.candidates?.length)
    parts.push(t("confidence.or", { names: place.candidates.map((code) => ctx.places.name(code)).join(", ") }));
  if (place.flags?.includes("swapped_suspected")) parts.push(t("incidents.swapped"));
  return parts.filter(Boolean).join(" · ");
}

/** When a call came and who took it, while that is known. */
function callWords(ctx, id) {
  const call = ctx.store.get("call", id) ?? ctx.store.get("review", id);
  if (!call) return id;
  return [moment(ctx, call.joined_at), ctx.store.get("agent", call.agent)?.name ?? call.agent].filter(Boolean).join(" · ");
}

/** An address from outside is only ever opened as https or http, without telling it where from. */
function link(url) {
  if (!/^https?:\/\//i.test(url ?? "")) return "";
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer", referrerpolicy: "no-referrer" }, url);
}

function incidentLink(ctx, id) {
  if (!id) return "";
  const other = ctx.store.get("incident", id);
  return h("a", { href: `#incident/${encodeURIComponent(id)}` }, other ? titleOf(other) || id : id);
}
