// The agency board: who answers and who does not, worst first; every number opens the list behind it.

import { h, render } from "../render.js";
import { SPANS, agencyOrder, behind, openBy, parseBehind } from "./agency_facts.js";
import { Behind } from "./agency_list.js";
import { element } from "./incidents.js";
import { address, parse } from "./router.js";
import { nameOf } from "./story_parts.js";

export function mount(root, ctx) {
  const { t, figures } = ctx;
  let span = "today";
  let chosen = null;
  let at = 0;
  const head = element("div", "board-head", root);
  const split = element("div", "split board-split", root);
  const board = element("div", "board", split);
  const side = element("div", "split-story", split);
  const list = new Behind(side, ctx, { onClose: () => ctx.go("agencies") });

  const agencies = () => [...ctx.store.all("agency")].sort(agencyOrder(span));
  const link = (code, about) => address("agencies", behind(code, { span, ...about }));

  /** A figure as a link to what is behind it; nothing is behind a nought. */
  function number(agency, value, figure, tone = "") {
    if (!value) return h("span", { class: "nought" }, value === 0 ? "0" : "–");
    return h(
      "a",
      {
        href: link(agency.id, { figure }),
        class: tone,
        "aria-label": `${agency.name}: ${t(`figure.${figure}`)} ${value}`,
      },
      figures.number(value),
    );
  }

  function time(agency, median, p90, figure) {
    if (!Number.isFinite(median)) return h("span", { class: "nought" }, "–");
    return h(
      "a",
      { href: link(agency.id, { figure }) },
      figures.duration(median),
      Number.isFinite(p90) ? h("small", null, t("board.p90", { age: figures.duration(p90) })) : null,
    );
  }

  function share(agency, { in_time: inTime = null, kept = 0, late = 0 }) {
    if (inTime === null) return h("span", { class: "nought" }, "–");
    return h(
      "a",
      {
        href: link(agency.id, { figure: late ? "late" : "kept" }),
        title: t("board.share_of", { kept, late }),
      },
      `${figures.percent(inTime)} %`,
    );
  }

  function row(agency, index) {
    const of = agency.spans?.[span] ?? {};
    const cell = (name, ...children) => h("td", { "data-name": t(`figure.${name}`) }, children);
    return h(
      "tr",
      { key: agency.id, class: index === at ? "is-here" : "", "aria-current": index === at ? "true" : null },
      h(
        "th",
        { scope: "row" },
        h("a", { href: link(agency.id, {}), dir: "auto" }, agency.name),
        agency.overdue && agency.overdue_since
          ? h(
              "small",
              null,
              t("board.late_since", { age: figures.duration(ctx.now() - agency.overdue_since) }),
            )
          : null,
      ),
      cell("overdue", number(agency, agency.overdue ?? 0, "overdue", "is-late")),
      cell("open", number(agency, agency.open ?? 0, "open")),
      cell("in_time", share(agency, of)),
      cell("accept", time(agency, of.accept_median_s, of.accept_p90_s, "accepted")),
      cell("resolve", time(agency, of.resolve_median_s, of.resolve_p90_s, "resolved")),
      cell("received", number(agency, of.received ?? 0, "received")),
      cell("accepted", number(agency, of.accepted ?? 0, "accepted")),
      cell("resolved", number(agency, of.resolved ?? 0, "resolved")),
      cell("returned", number(agency, of.returned ?? 0, "returned")),
    );
  }

  const COLUMNS = [
    "overdue",
    "open",
    "in_time",
    "accept",
    "resolve",
    "received",
    "accepted",
    "resolved",
    "returned",
  ];

  function draw() {
    const all = agencies();
    at = Math.min(at, Math.max(0, all.length - 1));
    render(
      head,
      h("h2", null, t("board.title")),
      h(
        "div",
        { class: "segments", role: "group", "aria-label": t("board.span") },
        SPANS.map((name) =>
          h(
            "button",
            {
              key: name,
              type: "button",
              "aria-pressed": span === name ? "true" : "false",
              onclick: () => setSpan(name),
            },
            t(`span.${name}`),
          ),
        ),
      ),
    );
    render(
      board,
      all.length
        ? h(
            "table",
            { class: "figures-table" },
            h("caption", null, t("board.caption")),
            h(
              "thead",
              null,
              h(
                "tr",
                null,
                h("th", { scope: "col" }, t("figure.agency")),
                COLUMNS.map((name) => h("th", { key: name, scope: "col" }, t(`figure.${name}`))),
              ),
            ),
            h("tbody", null, all.map(row)),
          )
        : h("p", { class: "note" }, t(ctx.store.synced ? "board.none" : "console.loading")),
    );
  }

  function setSpan(name) {
    span = name;
    draw();
    if (chosen) ctx.go("agencies", behind(chosen.code, { ...chosen, code: null, span }));
  }

  /** Where an agency's open ones lie, and of what kind: each number opens its list. */
  function parts(agency) {
    const table = (half, name, words) => {
      const rows = openBy(agency, half);
      return rows.length
        ? h(
            "section",
            { key: name },
            h("h3", null, t(`board.by_${name}`)),
            h(
              "table",
              { class: "small-table" },
              h(
                "thead",
                null,
                h(
                  "tr",
                  null,
                  h("th", null, ""),
                  h("th", null, t("figure.overdue")),
                  h("th", null, t("figure.open")),
                ),
              ),
              h(
                "tbody",
                null,
                rows.map(([code, open, overdue]) =>
                  h(
                    "tr",
                    { key: code },
                    h("th", { scope: "row", dir: "auto" }, words(code)),
                    h(
                      "td",
                      null,
                      overdue
                        ? h(
                            "a",
                            { class: "is-late", href: link(agency.id, { figure: "overdue", [name]: code }) },
                            figures.number(overdue),
                          )
                        : h("span", { class: "nought" }, "0"),
                    ),
                    h(
                      "td",
                      null,
                      h(
                        "a",
                        { href: link(agency.id, { figure: "open", [name]: code }) },
                        figures.number(open),
                      ),
                    ),
                  ),
                ),
              ),
            ),
          )
        : null;
    };
    return [
      table(0, "district", (code) => (code ? ctx.places.name(code) : t("incidents.no_district"))),
      table(1, "category", (code) => nameOf(ctx, ctx.boot.categories, code) || t("incidents.no_category")),
    ];
  }

  function showChosen(asked) {
    const agency = chosen && ctx.store.get("agency", chosen.code);
    root.dataset.page = chosen ? "story" : "list";
    if (!chosen) return list.hide();
    return list.show(chosen, agency, agency ? parts(agency) : [], asked);
  }

  function move(by) {
    const all = agencies();
    at = Math.min(Math.max(at + by, 0), Math.max(0, all.length - 1));
    draw();
    board.querySelector("tr.is-here a")?.focus();
  }

  function cycle(by) {
    const index = SPANS.indexOf(span);
    setSpan(SPANS[(index + by + SPANS.length) % SPANS.length]);
  }

  draw();
  return {
    update(changed) {
      if (["agency", "synced", "clock", "district"].some((kind) => changed.has(kind))) draw();
      if (chosen && ["agency", "synced", "incident", "clock"].some((kind) => changed.has(kind)))
        showChosen(false);
    },
    keys: {
      j: { words: "key.down", act: () => move(1) },
      k: { words: "key.up", act: () => move(-1) },
      Enter: {
        words: "key.open",
        act: () => agencies()[at] && ctx.go("agencies", behind(agencies()[at].id, { span })),
      },
      t: { words: "board.span", act: () => cycle(1) },
      Escape: { words: "key.close", act: () => ctx.go("agencies") },
    },
    route() {
      const { rest } = parse(ctx.hash());
      chosen = rest ? parseBehind(rest) : null;
      if (chosen && chosen.span !== span) {
        span = chosen.span;
        draw();
      }
      showChosen(true);
    },
    stop: () => list.hide(),
  };
}
