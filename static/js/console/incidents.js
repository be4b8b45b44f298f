// Incidents: the list of work beside one incident's story. An agency has a page of its own, for the phone.

import { isOpen } from "../facts.js";
import { h, render } from "../render.js";
import { SEVERITIES } from "../severity.js";
import { shape } from "../shapes.js";
import { mount as mountAgency } from "./agency_phone.js";
import { chip } from "./clock_words.js";
import { mount as mountNew } from "./new_incident.js";
import { parse } from "./router.js";
import { Rows } from "./rows.js";
import { Story } from "./story.js";
import * as work from "./worklist.js";

/** A list of thousands is put in order at most this often (s), however fast the city changes. */
const ORDER_EVERY_S = 0.25;

/** Height of a row (px at 16 px a rem); on a phone there are three lines. */
const ROW_REM = { wide: 3.5, phone: 4.6 };

/** A search is done when nobody has typed for this long (ms). */
const TYPING_MS = 80;

export function mount(root, ctx) {
  if (ctx.person.role === "agency") return mountAgency(root, ctx);
  const { t } = ctx;
  const phone = matchMedia("(max-width: 46rem)");
  let filter = { ...work.NO_FILTER };
  let orderedAt = -Infinity;
  let waiting = null;
  let typing = null;
  let form = null;
  let moreOpen = false;

  const bar = element("div", "filters", root);
  const split = element("div", "split", root);
  const left = element("div", "split-list", split);
  const right = element("div", "split-story", split);
  const empty = element("p", "note", left);
  const rows = new Rows(left, {
    id: ({ id }) => id,
    label: t("console.incidents"),
    row: (incident) => line(incident, ctx),
    height: () => ROW_REM[phone.matches ? "phone" : "wide"] * rem(),
    onOpen: ({ id }) => ctx.go("incident", id),
  });
  rows.list.id = "incident";
  const story = new Story(right, ctx, { onClose: () => ctx.go("incidents") });

  function order() {
    clearTimeout(waiting);
    waiting = null;
    orderedAt = ctx.mono();
    const all = ctx.store.all("incident");
    const found = work.chosen(all, filter, ctx.person);
    rows.show(found);
    drawBar(found.length);
    empty.hidden = found.length > 0 || !ctx.store.synced;
    empty.textContent = t(all.some(isOpen) ? "incidents.none_found" : "incidents.none");
  }

  /** Now, or when the list may be put in order again. */
  function soon() {
    const left = ORDER_EVERY_S - (ctx.mono() - orderedAt);
    if (left <= 0) order();
    else waiting ??= setTimeout(order, left * 1000);
  }

  function set(change) {
    filter = { ...filter, ...change };
    order();
  }

  function drawBar(n) {
    // Whoever has a list of choices open keeps it as it is; the count goes on.
    if (document.activeElement?.tagName === "SELECT" && bar.contains(document.activeElement)) {
      const count = bar.querySelector(".filter-count");
      if (count) render(count, t("incidents.count", { n: ctx.figures.number(n) }));
      return;
    }
    const all = ctx.store.all("incident");
    render(
      bar,
      h("input", {
        type: "search",
        class: "filter-search",
        placeholder: t("incidents.search"),
        "aria-label": t("incidents.search"),
        oninput: (event) => {
          const text = event.target.value;
          clearTimeout(typing);
          typing = setTimeout(() => set({ text }), TYPING_MS);
        },
        onkeydown: (event) => {
          if (event.key !== "Enter") return;
          clearTimeout(typing);
          set({ text: event.target.value });
          rows.focus();
        },
      }),
      select("status", [["open", t("incidents.status_open")], ...statuses()], t("incidents.status_any")),
      toggle("overdue", t("incidents.overdue"), all.filter(work.isOverdue).length),
      toggle("mine", t("incidents.mine")),
      h(
        "details",
        {
          class: "filter-more",
          ontoggle: (event) => {
            moreOpen = event.target.open;
            order();
          },
        },
        h("summary", null, t("incidents.more_filters"), used() ? h("b", null, ` ${used()}`) : null),
        h("div", { class: "filter-fields" }, moreOpen ? moreFields(all) : null),
      ),
      filtered() ? h("button", { type: "button", key: "clear", onclick: clear }, t("incidents.clear")) : null,
      h(
        "span",
        { class: "filter-count", role: "status" },
        t("incidents.count", { n: ctx.figures.number(n) }),
      ),
      ctx.may("incident.new")
        ? h(
            "a",
            { class: "button is-main", key: "new", href: "#new" },
            t("incidents.new"),
            h("kbd", null, "+"),
          )
        : null,
    );
    // An option's attribute is only where the choice starts from; what is chosen now is a property.
    for (const list of bar.querySelectorAll("select")) list.value = filter[list.name];
  }

  function clear() {
    const search = bar.querySelector("input[type=search]");
    if (search) search.value = "";
    set(work.NO_FILTER);
  }

  const used = () =>
    ["severity", "agency", "category", "district", "channel"].filter((name) => filter[name]).length;
  const filtered = () => Object.keys(work.NO_FILTER).some((name) => filter[name] !== work.NO_FILTER[name]);

  function select(name, options, any) {
    return h(
      "select",
      {
        key: name,
        name,
        "aria-label": any,
        class: filter[name] !== work.NO_FILTER[name] ? "is-used" : "",
        onchange: (event) => {
          event.target.blur();
          set({ [name]: event.target.value });
        },
      },
      [["", any], ...options].map(([value, label]) =>
        h("option", { key: value, value, selected: filter[name] === value }, label),
      ),
    );
  }

  function toggle(name, words, n = null) {
    return h(
      "button",
      {
        type: "button",
        key: name,
        class: `toggle${name === "overdue" && n ? " is-late" : ""}`,
        "aria-pressed": filter[name] ? "true" : "false",
        onclick: () => set({ [name]: !filter[name] }),
      },
      words,
      n === null ? null : h("b", null, ctx.figures.number(n)),
    );
  }

  /** Choices with how many have each; counted only while somebody looks at them. */
  function moreFields(all) {
    const { agencies, categories, channels } = ctx.boot;
    const category = ({ category: code = "" }) => code;
    const channel = ({ channel: code = "" }) => code;
    return [
      select("severity", severities(), t("incidents.severity_any")),
      select("agency", named(all, work.agencyOf, agencies, "incidents.no_agency"), t("incidents.agency_any")),
      select(
        "category",
        named(all, category, categories, "incidents.no_category"),
        t("incidents.category_any"),
      ),
      select("district", districts(all), t("incidents.district_any")),
      select("channel", named(all, channel, channels, "incidents.no_channel"), t("incidents.channel_any")),
    ];
  }

  const statuses = () => [...work.STATUSES, "source_closed"].map((status) => [status, t(`status.${status}`)]);
  const severities = () => [...SEVERITIES, "none"].map((state) => [state, t(`severity.${state}`)]);

  function named(all, valueOf, names, none) {
    return work.counted(all, valueOf).map(([value, n]) => {
      const name = value ? words(names?.[value]) || value : t(none);
      return [value || "none", `${name} (${ctx.figures.number(n)})`];
    });
  }

  /** Districts of the level that the city speaks of, by name. */
  function districts(all) {
    const found = work.counted(all, ({ place }) => place?.parents?.[0]?.code ?? place?.district ?? "");
    const list = found.map(([code, n]) => [
      code || "none",
      `${code ? ctx.places.name(code) : t("incidents.no_district")} (${ctx.figures.number(n)})`,
    ]);
    return list.sort(([, a], [, b]) => a.localeCompare(b));
  }

  const words = (name) => (typeof name === "string" ? name : ctx.pick(name));

  function route() {
    const { name, rest } = parse(ctx.hash());
    const page = name === "new" ? "new" : name === "incident" && rest ? "story" : "list";
    root.dataset.page = page;
    if (page === "new") {
      story.hide();
      form ??= mountNew(right, ctx, { call: rest, onDone: (id) => ctx.go("incident", id), onClose: back });
      form.prefill(rest);
    } else {
      form?.stop();
      form = null;
      if (page === "story") {
        rows.select(rest);
        story.show(rest);
      } else {
        story.hide();
        if (!phone.matches) rows.focus();
      }
    }
    rows.paint();
  }

  const back = () => ctx.go("incidents");

  order();
  return {
    update(changed) {
      if (changed.has("incident") || changed.has("synced")) soon();
      else if (changed.has("clock")) rows.paint();
      story.update(changed);
      form?.update(changed);
    },
    get keys() {
      return {
        j: { words: "key.down", act: () => step(1) },
        k: { words: "key.up", act: () => step(-1) },
        Enter: { words: "key.open", act: () => rows.open() },
        ...(ctx.may("incident.new") ? { "+": { words: "incidents.new", act: () => ctx.go("new") } } : {}),
        l: { words: "incidents.overdue", act: () => set({ overdue: !filter.overdue }) },
        m: { words: "incidents.mine", act: () => set({ mine: !filter.mine }) },
        ...story.keys,
        Escape: { words: "key.close", act: back },
      };
    },
    route,
    stop() {
      clearTimeout(waiting);
      clearTimeout(typing);
      rows.stop();
      story.stop();
      form?.stop();
    },
  };

  /** Move in the list; where a story is open beside it, the next one's opens. */
  function step(by) {
    rows.move(by);
    if (root.dataset.page === "story" && rows.selected) ctx.go("incident", rows.selected.id);
  }
}

/** One incident in the list: what, how late, who has it, where, since when. */
export function line(incident, ctx) {
  const { t } = ctx;
  const state = incident.severity ?? "none";
  const status =
    work.isWork(incident) || !work.sourceClosed(incident) ? work.statusOf(incident) : "source_closed";
  const agency = work.agencyOf(incident);
  const command = ctx.commands.about(`incident:${incident.id}`);
  const age = ctx.figures.duration(ctx.now() - work.record(incident).opened);
  const clock = chip(incident, ctx);
  const tone = command && { pending: "amber", green: "green", red: "red" }[command.state];
  return [
    shape(state, t(`severity.${state}`)),
    h("b", { class: "row-title", dir: "auto" }, work.titleOf(incident) || t("incidents.untitled")),
    h(
      "span",
      { class: "row-right" },
      tone
        ? h("i", { class: `row-mark is-${tone}`, key: "mark" }, { amber: "…", green: "✓", red: "✕" }[tone])
        : null,
      clock ?? h("span", { class: "row-age" }, age),
    ),
    h(
      "small",
      { class: "row-about", dir: "auto" },
      h("span", { class: `status is-${status}` }, t(`status.${status}`)),
      agency ? ` · ${ctx.boot.agencies?.[agency] ?? agency}` : ` · ${t("incidents.no_agency")}`,
      ` · ${ctx.places.words(incident.place, t)}`,
      clock ? ` · ${t("incidents.ago", { age })}` : "",
    ),
  ];
}

/** Pixels of a rem now. */
export const rem = () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;

/** A new element in `parent`. */
export function element(tag, name, parent) {
  const made = document.createElement(tag);
  made.className = name;
  parent.append(made);
  return made;
}
