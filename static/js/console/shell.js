// The frame of the console: sections at the left, who is here at the top, one section in the middle.

import { h, render } from "../render.js";
import { worst } from "../severity.js";
import { shape } from "../shapes.js";
import { SLOW_S, standing } from "./mark.js";
import { sectionOf } from "./registry.js";
import { parse } from "./router.js";

/** Roles that may open the leaders' page (MAY_READ of wallboard/access.py). */
const LEADS = new Set(["leader", "supervisor"]);

export class Shell {
  #open = null; // {section, part, root, failed}
  #turn = 0;
  #pending = new Set();
  #drawing = false;
  #marked = null; // the section that the navigation was last scrolled to

  /** `places` are the elements {head, nav, main, foot}; `sections` those of this person's role. */
  constructor(places, sections, ctx, schedule) {
    Object.assign(this, { places, sections, ctx, schedule });
  }

  /** Kinds changed, or "clock", "command", "link": draw once with the next frame. */
  update(changed) {
    for (const kind of changed) this.#pending.add(kind);
    if (this.#drawing) return;
    this.#drawing = true;
    this.schedule(() => {
      this.#drawing = false;
      const told = this.#pending;
      this.#pending = new Set();
      this.#draw(told);
    });
  }

  /** Keys of the open section. */
  get keys() {
    return this.#open?.part?.keys ?? {};
  }

  /** The section that the address names. */
  async go(hash) {
    const { path, rest } = parse(hash);
    const section = sectionOf(this.sections, path) ?? this.sections[0];
    if (!section) return this.#say(this.ctx.t("console.none"));
    if (this.#open?.section === section && !this.#open.failed) {
      this.#safely(() => this.#open.part?.route?.(rest));
      this.update(["route"]);
      return undefined;
    }
    const turn = (this.#turn += 1);
    this.#safely(() => this.#open?.part?.stop?.());
    this.#open = { section, part: null, root: null, failed: "" };
    this.#say(this.ctx.t("console.loading"));
    this.update(["route"]);
    try {
      const module = await section.load();
      if (turn !== this.#turn) return undefined; // somebody went on meanwhile
      const root = document.createElement("div");
      root.className = `section section-${section.id}`;
      this.places.main.replaceChildren(root);
      this.#open.root = root;
      this.#open.part = module.mount(root, this.ctx);
      this.#open.part.route?.(parse(this.ctx.hash()).rest);
    } catch (fault) {
      if (turn === this.#turn) this.#fail(fault);
    }
    this.update(["synced", "route"]);
    return undefined;
  }

  #say(words) {
    const p = document.createElement("p");
    p.className = "note";
    p.textContent = words;
    this.places.main.replaceChildren(p);
  }

  #fail(fault) {
    console.error("section", fault);
    const { t } = this.ctx;
    this.#open.failed = String(fault?.message ?? fault);
    const root = document.createElement("div");
    root.className = "note";
    this.places.main.replaceChildren(root);
    render(
      root,
      h("p", { role: "alert" }, t("console.failed", { reason: this.#open.failed })),
      h("button", { type: "button", onclick: () => this.go(this.ctx.hash()) }, t("console.retry")),
    );
  }

  #safely(act) {
    try {
      act();
    } catch (fault) {
      this.#fail(fault);
    }
  }

  #draw(changed) {
    if (!this.#open?.failed) this.#safely(() => this.#open?.part?.update(changed));
    this.#head();
    this.#nav();
    this.#foot();
  }

  #head() {
    const { ctx } = this;
    const { t, boot, person } = ctx;
    const now = ctx.now();
    const live = ctx.online();
    const dot = h("span", { class: `link-dot ${live ? "is-on" : "is-off"}`, "aria-hidden": "true" });
    render(
      this.places.head,
      h("a", { class: "city", href: "/", title: t("console.wall"), dir: "auto" }, boot.city.name),
      boot.city.simulation ? h("span", { class: "simulation" }, t("page.simulation")) : null,
      h("span", { class: "link" }, dot, h("span", null, t(live ? "console.live" : "console.not_live"))),
      h("span", { class: "clock" }, ctx.time.seconds(now), h("small", null, ctx.time.zone(now))),
      h("button", { type: "button", class: "quiet", onclick: ctx.help, title: t("console.keys_title") }, "?"),
      h(
        "button",
        { type: "button", class: "quiet", onclick: ctx.switchLanguage, "aria-label": t("console.language") },
        boot.city.languages.map((code) =>
          h("span", { key: code, class: code === ctx.language ? "is-on" : "" }, code.toUpperCase()),
        ),
      ),
      h(
        "details",
        { class: "who" },
        h(
          "summary",
          { "aria-label": t("console.menu", { name: person.name }) },
          h("b", { dir: "auto" }, person.name),
          h("small", null, t(`role.${person.role}`)),
        ),
        h(
          "div",
          { class: "who-menu" },
          h("small", { class: "only-phone" }, t(`role.${person.role}`)),
          LEADS.has(person.role) ? h("a", { href: "/leader" }, t("console.leader")) : null,
          h("a", { href: "/" }, t("console.wall")),
          h("button", { type: "button", class: "only-phone", onclick: ctx.switchLanguage }, t("console.language")),
          h("a", { href: "/login?change" }, t("console.password")),
          h("button", { type: "button", onclick: ctx.logout }, t("console.logout")),
        ),
      ),
    );
  }

  #nav() {
    const { t, store } = this.ctx;
    render(
      this.places.nav,
      this.sections.map((section, index) => {
        const counted = store.synced ? section.count?.(store, this.ctx) : null;
        const state = worst(counted?.severities ?? []);
        const here = this.#open?.section === section;
        return h(
          "a",
          {
            key: section.id,
            href: `#${section.id}`,
            class: here ? "is-here" : "",
            "aria-current": here ? "page" : null,
            "data-key": index < 9 ? index + 1 : null,
          },
          h("span", { class: "nav-name" }, t(section.label)),
          state ? shape(state, t(`severity.${state}`)) : null,
          counted?.n ? h("span", { class: "count" }, this.ctx.figures.number(counted.n)) : null,
        );
      }),
    );
    // On a phone the sections are wider than the screen.
    if (this.#marked === this.#open?.section) return;
    this.#marked = this.#open?.section;
    this.places.nav.querySelector(".is-here")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** What was asked for elsewhere than where one looks now, until it is on disk; a refusal until it is read. */
  #foot() {
    const { ctx } = this;
    const now = ctx.mono();
    const shown = ctx.commands.shown.filter(
      ({ state, askedAt }) => state === "red" || (state === "pending" && now - askedAt >= SLOW_S),
    );
    render(
      this.places.foot,
      ctx.newer.note(ctx, () => location.reload()),
      shown.slice(-3).map((item) => {
        const { tone, words } = standing(item, ctx);
        return h(
          "div",
          { key: item.id, class: `toast is-${tone}`, role: tone === "red" ? "alert" : "status" },
          h("b", null, ctx.actionWords(item)),
          h("span", { dir: "auto" }, words),
          tone === "red"
            ? h(
                "button",
                {
                  type: "button",
                  class: "mark-close",
                  "aria-label": ctx.t("command.dismiss"),
                  onclick: () => ctx.commands.dismiss(item.id),
                },
                "✕",
              )
            : null,
        );
      }),
    );
  }
}
