// One incident's whole story: the source beside our part, what happened in time order, what lies near it, and
// what this person may do with it now.

import { openedAt } from "../facts.js";
import { h, render } from "../render.js";
import { shape } from "../shapes.js";
import { clocks } from "./clock_words.js";
import { mark } from "./mark.js";
import { around } from "./story_around.js";
import { needsOf, noteOf, editOf } from "./story_asks.js";
import { drive } from "./drive.js";
import { category, oursPart, sourcePart, timePart } from "./story_parts.js";
import { STORY_KEYS, argsOf, nextStep, stepsFor } from "./steps.js";
import { sourceClosed, statusOf, titleOf } from "./worklist.js";

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
    if (
      ["incident", "synced", "clock", "command", "link", "district", "person"].some((kind) =>
        changed.has(kind),
      )
    )
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
    if (this.ctx.may("incident.note")) table[STORY_KEYS.note] = { words: "story.note", act: () => this.#note() };
    if (this.ctx.may("incident.edit")) table[STORY_KEYS.edit] = { words: "story.edit", act: () => this.#edit() };
    if (this.ctx.may("wall.drive")) table[STORY_KEYS.show] = { words: "drive.on_wall", act: () => this.#show() };
    return table;
  }

  /** On a wall, for all to see. */
  #show() {
    const incident = this.incident;
    if (incident) drive(this.ctx, { subject: `incident:${incident.id}` });
  }

  #steps(incident) {
    const { boot, person, may } = this.ctx;
    return stepsFor(boot.transitions ?? [], person.role, statusOf(incident)).filter(({ action }) =>
      may(action),
    );
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
      h("div", { class: "halves", key: "halves" }, sourcePart(incident, ctx), oursPart(incident, ctx)),
      timePart(incident, ctx),
      around(this.#around, incident, ctx),
    );
  }

  #close() {
    const { t } = this.ctx;
    return h(
      "button",
      {
        type: "button",
        class: "story-close quiet",
        key: "close",
        onclick: this.onClose,
        "aria-label": t("console.close"),
      },
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
      h(
        "h2",
        { dir: "auto" },
        shape(state, t(`severity.${state}`)),
        titleOf(incident) || t("incidents.untitled"),
      ),
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
        {
          key: words,
          type: "button",
          class: main ? "is-main" : "",
          disabled: off,
          onclick: act,
          title: off ? t("command.offline") : null,
        },
        words,
        h("kbd", null, key),
      );
    const ofStep = (step) => button(step.key, t(`step.${step.to}`), () => this.#take(step), step === next);
    const side = [
      ...steps.filter(({ exit }) => exit).map(ofStep),
      ctx.may("incident.note") ? button(STORY_KEYS.note, t("story.note"), () => this.#note()) : null,
      ctx.may("incident.edit") ? button(STORY_KEYS.edit, t("story.edit"), () => this.#edit()) : null,
      ctx.may("wall.drive") ? button(STORY_KEYS.show, t("drive.on_wall"), () => this.#show()) : null,
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
}
