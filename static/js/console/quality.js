// Quality assurance: marked calls, which are chosen, the form for each, and how the shifts did.

import { h, render } from "../render.js";
import { MARKS } from "./calls.js";
import { element } from "./incidents.js";
import { mark as markOf } from "./mark.js";
import { reviewOrder, scoreOf, shiftRows } from "./quality_facts.js";
import { parse } from "./router.js";

/** Rows that are drawn; what is chosen and new comes first. */
const MOST = 200;

const MOST_REMARK = 1000;

const FILTERS = ["waiting", "chosen", "reviewed", "all"];

export function mount(root, ctx) {
  const { t, figures } = ctx;
  const questions = ctx.boot.questions ?? [];
  let filter = "waiting";
  let kind = "";
  let at = null;
  let open = null;
  let answers = {};
  let wrong = "";
  const head = element("div", "board-head", root);
  const split = element("div", "split", root);
  const list = element("div", "split-list review-list", split);
  const side = element("div", "split-story", split);

  function reviews() {
    const passes = {
      waiting: ({ reviewed_at: at }) => !at,
      chosen: ({ chosen_by: by }) => Boolean(by),
      reviewed: ({ reviewed_at: at }) => Boolean(at),
      all: () => true,
    }[filter];
    return ctx.store
      .all("review")
      .filter((review) => passes(review) && (!kind || review.mark === kind))
      .sort(reviewOrder);
  }

  const percent = (share) => (Number.isFinite(share) ? `${figures.percent(share)} %` : "–");

  function row(review) {
    return h(
      "a",
      {
        key: review.id,
        class: `review${review.id === at ? " is-here" : ""}`,
        href: `#quality/${encodeURIComponent(review.id)}`,
        "aria-current": review.id === at ? "true" : null,
      },
      h("b", null, ctx.time.moment(review.joined_at, ctx.now())),
      h("span", null, review.mark ? t(`mark.${review.mark}`) : t("quality.unmarked")),
      h("small", { dir: "auto" }, [agent(review), review.shift].filter(Boolean).join(" · ")),
      h(
        "span",
        { class: "review-state" },
        review.training ? t("quality.training") : review.chosen_by ? t("quality.chosen") : "",
        Number.isFinite(review.score) ? h("b", null, percent(review.score)) : null,
      ),
    );
  }

  const agent = ({ agent: id }) => ctx.store.get("agent", id)?.name ?? id;

  function shifts() {
    const rows = shiftRows(ctx.store.all("metric"));
    if (!rows.length) return h("p", { class: "note", key: "shifts" }, t("quality.no_shifts"));
    const columns = [
      "calls",
      "answered",
      "service_level",
      "service_level_net",
      "pranks",
      "reviewed",
      "score",
    ];
    const shares = new Set(["service_level", "service_level_net", "score"]);
    return h(
      "section",
      { key: "shifts" },
      h("h3", null, t("quality.by_shift")),
      h(
        "table",
        { class: "figures-table" },
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            h("th", { scope: "col" }, t("quality.shift")),
            columns.map((name) => h("th", { key: name, scope: "col" }, t(`quality.${name}`))),
          ),
        ),
        h(
          "tbody",
          null,
          rows.map(({ id, name, since, figures: of }) =>
            h(
              "tr",
              { key: id },
              h(
                "th",
                { scope: "row" },
                h("b", { dir: "auto" }, name),
                h("small", null, ctx.time.dayName(ctx.time.isoDay(since))),
              ),
              columns.map((column) =>
                h(
                  "td",
                  { key: column, "data-name": t(`quality.${column}`) },
                  shares.has(column) ? percent(of[column]) : figures.number(of[column] ?? 0),
                ),
              ),
            ),
          ),
        ),
      ),
    );
  }

  function form(review) {
    const off = !ctx.online();
    const standing = markOf(ctx.commands.about(`call:${review.id}`), ctx);
    const score = scoreOf(questions, answers);
    return h(
      "section",
      { class: "story", key: `form ${review.id}` },
      h(
        "button",
        {
          type: "button",
          class: "story-close quiet",
          "aria-label": t("console.close"),
          onclick: () => ctx.go("quality"),
        },
        "✕",
      ),
      h("h2", null, t("quality.of", { time: ctx.time.moment(review.joined_at, ctx.now()) })),
      h(
        "dl",
        null,
        [
          [
            t("quality.mark"),
            review.mark
              ? `${t(`mark.${review.mark}`)} (${ctx.nameOf(review.marked_by ?? "")})`
              : t("quality.unmarked"),
          ],
          [t("quality.agent"), agent(review)],
          [t("quality.queue"), ctx.boot.queues?.[review.queue] ?? review.queue],
          [t("quality.wait"), Number.isFinite(review.wait_s) ? figures.duration(review.wait_s) : ""],
          [t("quality.talk"), Number.isFinite(review.talk_s) ? figures.duration(review.talk_s) : ""],
          [t("quality.shift"), review.shift],
          [
            t("quality.reviewed_by"),
            review.reviewed_by
              ? `${ctx.nameOf(review.reviewed_by)} ${ctx.time.moment(review.reviewed_at, ctx.now())}`
              : "",
          ],
        ]
          .filter(([, value]) => value)
          .map(([name, value]) => [
            h("dt", { key: `t ${name}` }, name),
            h("dd", { key: `d ${name}`, dir: "auto" }, value),
          ]),
      ),
      h(
        "div",
        { class: "story-actions" },
        h(
          "button",
          {
            type: "button",
            disabled: off,
            "aria-pressed": review.chosen_by ? "true" : "false",
            onclick: () => choose(review, {}),
          },
          t(review.chosen_by ? "quality.unchoose" : "quality.choose"),
          h("kbd", null, "c"),
        ),
        h(
          "button",
          {
            type: "button",
            disabled: off,
            "aria-pressed": review.training ? "true" : "false",
            onclick: () => choose(review, { training: !review.training }),
          },
          t("quality.training"),
          h("kbd", null, "t"),
        ),
        off ? h("span", { class: "offline" }, t("story.offline")) : null,
      ),
      questions.length
        ? h(
            "form",
            { class: "review-form", onsubmit: (event) => submit(event, review) },
            questions.map((question) => asked(question)),
            h("label", { for: "review-remark" }, t("quality.remark")),
            h(
              "textarea",
              {
                id: "review-remark",
                name: "remark",
                rows: 3,
                maxlength: MOST_REMARK,
                key: `remark ${review.id}`,
              },
              review.remark ?? "",
            ),
            h("p", { class: "score", role: "status" }, t("quality.score"), h("b", null, percent(score))),
            wrong ? h("p", { class: "ask-wrong", role: "alert" }, wrong) : null,
            h("button", { type: "submit", class: "is-main", disabled: off }, t("quality.save")),
          )
        : h("p", { class: "note" }, t("quality.no_questions")),
      standing ? h("p", { class: "story-mark" }, standing) : null,
    );
  }

  /** One question, its points as a row of choices. */
  function asked({ code, text, points = 5 }) {
    return h(
      "fieldset",
      { key: code },
      h("legend", { dir: "auto" }, ctx.pick(text) || code),
      h(
        "div",
        { class: "points" },
        Array.from({ length: points + 1 }, (_, n) =>
          h(
            "label",
            { key: n, class: answers[code] === n ? "is-on" : "" },
            h("input", {
              type: "radio",
              name: code,
              value: n,
              onchange: () => {
                answers = { ...answers, [code]: n };
                draw();
              },
            }),
            String(n),
          ),
        ),
      ),
    );
  }

  function submit(event, review) {
    event.preventDefault();
    const missing = questions.find(({ code }) => answers[code] === undefined);
    wrong = missing ? `${ctx.pick(missing.text) || missing.code}: ${t("console.needed")}` : "";
    draw();
    if (wrong) return;
    const remark = side.querySelector("[name=remark]").value.trim();
    ctx.commands.send("call.review", { call: review.id, answers, ...(remark ? { remark } : {}) });
  }

  function choose(review, { training = review.training ?? false }) {
    const changed = training !== (review.training ?? false);
    const chosen = changed ? true : !review.chosen_by;
    ctx.commands.send("call.choose", { call: review.id, chosen, training: chosen && training });
  }

  function draw() {
    const all = reviews();
    render(
      head,
      h("h2", null, t("console.quality")),
      h(
        "div",
        { class: "segments", role: "group", "aria-label": t("quality.filter") },
        FILTERS.map((name) =>
          h(
            "button",
            {
              key: name,
              type: "button",
              "aria-pressed": filter === name ? "true" : "false",
              onclick: () => setFilter(name),
            },
            t(`quality.filter_${name}`),
          ),
        ),
      ),
      h(
        "select",
        {
          "aria-label": t("quality.mark"),
          onchange: (event) => {
            kind = event.target.value;
            draw();
          },
        },
        ["", ...MARKS].map((name) =>
          h("option", { key: name, value: name }, name ? t(`mark.${name}`) : t("quality.any_mark")),
        ),
      ),
      h(
        "span",
        { class: "filter-count", role: "status" },
        t("quality.count", { n: figures.number(all.length) }),
      ),
    );
    render(
      list,
      all.length
        ? all.slice(0, MOST).map(row)
        : h("p", { class: "note" }, t(ctx.store.synced ? "quality.none" : "console.loading")),
      all.length > MOST
        ? h("p", { class: "note", key: "more" }, t("tile.more", { n: all.length - MOST }))
        : null,
    );
    const review = open && ctx.store.get("review", open);
    render(side, review ? form(review) : shifts());
    // What is chosen now is a property of the field.
    for (const { code } of questions)
      for (const input of side.querySelectorAll(`input[name="${CSS.escape(code)}"]`))
        input.checked = Number(input.value) === answers[code];
  }

  function setFilter(name) {
    filter = name;
    draw();
  }

  function move(by) {
    const all = reviews().slice(0, MOST);
    const index = all.findIndex(({ id }) => id === at);
    at = all[Math.min(Math.max(index + by, 0), all.length - 1)]?.id ?? null;
    if (open && at) ctx.go("quality", at);
    else draw();
    list.querySelector(".is-here")?.scrollIntoView({ block: "nearest" });
  }

  draw();
  return {
    update(changed) {
      if (["review", "metric", "agent", "synced", "command", "link"].some((name) => changed.has(name)))
        draw();
    },
    get keys() {
      const review = open && ctx.store.get("review", open);
      return {
        j: { words: "key.down", act: () => move(1) },
        k: { words: "key.up", act: () => move(-1) },
        Enter: { words: "key.open", act: () => at && ctx.go("quality", at) },
        ...(review
          ? {
              c: { words: "quality.choose", act: () => choose(review, {}) },
              t: { words: "quality.training", act: () => choose(review, { training: !review.training }) },
            }
          : {}),
        Escape: { words: "key.close", act: () => ctx.go("quality") },
      };
    },
    route() {
      const { rest } = parse(ctx.hash());
      if (rest !== open) {
        open = rest || null;
        answers = { ...(open ? ctx.store.get("review", open)?.answers : {}) };
        wrong = "";
      }
      if (open) at = open;
      root.dataset.page = open ? "story" : "list";
      draw();
      if (!open) list.focus();
    },
    stop() {},
  };
}
