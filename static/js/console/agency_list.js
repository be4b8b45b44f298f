// The list behind one number of an agency: what the server counts there, from its records and the state.

import { h, render } from "../render.js";
import { behind } from "./agency_facts.js";
import { line } from "./incidents.js";
import { nameOf } from "./story_parts.js";
import { agencyOf, chosen, isOverdue, NO_FILTER } from "./worklist.js";

/** A list is asked for again at most this often (s) while it is open. */
const AGAIN_S = 15;

/** What is drawn of it: who reads further has the incidents' own filters. */
const MOST = 300;

export class Behind {
  #asked = null; // {key, at, rows, total, fault, busy}
  #shown = null;

  constructor(root, ctx, { onClose }) {
    Object.assign(this, { root, ctx, onClose });
    this.part = document.createElement("section");
    this.part.className = "story behind";
    this.part.hidden = true;
    root.append(this.part);
  }

  hide() {
    this.#shown = null;
    this.part.hidden = true;
  }

  /** Show what is behind `about` {code, figure, span, district, category}; `extra` stands above the list. */
  show(about, agency, extra, fresh) {
    this.#shown = { about, agency, extra };
    this.part.hidden = false;
    if (about.figure && !this.#isLocal(about)) this.#ask(about, fresh);
    this.draw();
  }

  /** A cut by district or category is of what is open now, which this page has itself. */
  #isLocal({ district, category }) {
    return district !== null || category !== null;
  }

  async #ask(about, fresh) {
    const { ctx } = this;
    const key = behind(about.code, { figure: about.figure, span: about.span });
    const now = ctx.mono();
    const known = this.#asked?.key === key ? this.#asked : null;
    if (known?.busy || (known && !fresh && now - known.at < AGAIN_S) || !ctx.online()) return;
    const asked = (this.#asked = { key, at: now, rows: known?.rows ?? null, fault: "", busy: true });
    try {
      const query = new URLSearchParams({ span: about.span, figure: about.figure });
      const told = await ctx.api(`/api/v1/agencies/${encodeURIComponent(about.code)}/incidents?${query}`);
      Object.assign(asked, { rows: told.rows, total: told.total });
    } catch (fault) {
      asked.fault = String(fault?.message ?? fault);
    }
    asked.busy = false;
    if (this.#asked === asked && this.#shown) this.draw();
  }

  #local({ code, figure, district, category }) {
    const all = chosen(this.ctx.store.all("incident"), NO_FILTER);
    return all.filter(
      (incident) =>
        agencyOf(incident) === code &&
        (figure !== "overdue" || isOverdue(incident)) &&
        (district === null || (incident.place?.district ?? "") === district) &&
        (category === null || (incident.category ?? "") === category),
    );
  }

  draw() {
    const { ctx } = this;
    const { t } = ctx;
    const { about, agency, extra } = this.#shown;
    render(
      this.part,
      h(
        "button",
        {
          type: "button",
          class: "story-close quiet",
          key: "close",
          onclick: this.onClose,
          "aria-label": t("console.close"),
        },
        "✕",
      ),
      h("h2", { key: "title", dir: "auto" }, agency?.name ?? about.code),
      about.figure ? h("p", { key: "about", class: "behind-about" }, this.#words(about)) : null,
      about.figure ? h("div", { key: "list" }, this.#list(about)) : null,
      h("div", { key: "extra", class: "behind-extra" }, extra),
    );
  }

  #words({ figure, span, district, category }) {
    const { ctx } = this;
    const { t } = ctx;
    const now = figure === "open" || figure === "overdue";
    return [
      h("b", null, t(`figure.${figure}`)),
      now ? null : h("span", null, ` · ${t(`span.${span}`)}`),
      district === null
        ? null
        : h("span", null, ` · ${district ? ctx.places.name(district) : t("incidents.no_district")}`),
      category === null
        ? null
        : h("span", null, ` · ${nameOf(ctx, ctx.boot.categories, category) || t("incidents.no_category")}`),
    ];
  }

  #list(about) {
    const { t } = this.ctx;
    if (this.#isLocal(about)) return this.#rows(this.#local(about));
    const { rows = null, fault = "" } = this.#asked ?? {};
    if (fault) return h("p", { class: "note", role: "alert" }, t("board.list_failed", { reason: fault }));
    return rows ? this.#rows(rows, this.#asked.total) : h("p", { class: "note" }, t("board.listing"));
  }

  #rows(rows, total = rows.length) {
    const { ctx } = this;
    const { t } = ctx;
    if (!rows.length) return h("p", { class: "note" }, t("board.list_none"));
    return [
      h(
        "p",
        { class: "filter-count", role: "status" },
        t("incidents.count", { n: ctx.figures.number(total) }),
      ),
      h(
        "ul",
        { class: "behind-list" },
        rows.slice(0, MOST).map((row, index) => {
          const incident = ctx.store.get("incident", row.id);
          const children = incident
            ? line(incident, ctx)
            : [
                h("b", { class: "row-title", dir: "auto" }, row.title || row.id),
                h("small", { class: "row-about", dir: "auto" }, this.#past(row)),
              ];
          return h(
            "li",
            { key: `${row.id} ${index}` },
            incident
              ? h("a", { class: "row", href: `#incident/${encodeURIComponent(row.id)}` }, children)
              : h("span", { class: "row" }, children),
          );
        }),
      ),
      total > Math.min(rows.length, MOST)
        ? h("p", { class: "note" }, t("tile.more", { n: total - Math.min(rows.length, MOST) }))
        : null,
    ];
  }

  /** What is known of one that has left the board, or is another's now. */
  #past({ received_at: received, resolved_at: resolved, returned_at: returned, late_at: late, district }) {
    const { t, time, now, places } = this.ctx;
    const moment = (at) => time.moment(at, now());
    return [
      t("board.left"),
      district ? places.name(district) : "",
      received ? `${t("figure.received")} ${moment(received)}` : "",
      resolved ? `${t("figure.resolved")} ${moment(resolved)}` : "",
      returned ? `${t("figure.returned")} ${moment(returned)}` : "",
      late ? `${t("figure.late")} ${moment(late)}` : "",
    ]
      .filter(Boolean)
      .join(" · ");
  }
}
