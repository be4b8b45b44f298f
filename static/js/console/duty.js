// The duty roster: who is told now, by group; a supervisor may set others for some hours.

import { h, render } from "../render.js";
import { mark } from "./mark.js";

const HOUR_S = 3600;

/** Times for which the roster may be set aside (h); longer changes belong in the configuration. */
const HOURS = [1, 2, 4, 8, 12, 24, 48];

export function mount(root, ctx) {
  const { store, t, boot } = ctx;
  root.classList.add("page");
  const groups = Object.entries(boot.groups);

  const byName = (a, b) => a.name.localeCompare(b.name);

  const onDuty = (code) =>
    store
      .all("person")
      .filter(({ duty, disabled }) => duty?.includes(code) && !disabled)
      .sort(byName);

  async function change(code) {
    const name = ctx.pick(boot.groups[code]) || code;
    const now = new Set(onDuty(code).map(({ id }) => id));
    const values = await ctx.ask({
      title: t("duty.change_title", { group: name }),
      intro: t("duty.change_intro"),
      submit: t("action.duty.set"),
      fields: [
        {
          name: "people",
          label: t("duty.people"),
          kind: "checks",
          options: store
            .all("person")
            .filter(({ disabled }) => !disabled)
            .sort((a, b) => Number(now.has(b.id)) - Number(now.has(a.id)) || byName(a, b))
            .map((person) => ({
              value: person.id,
              label: `${person.name} · ${t(`role.${person.role}`)}`,
              checked: now.has(person.id),
            })),
        },
        {
          name: "hours",
          label: t("alert.shelve_for"),
          kind: "select",
          value: "8",
          options: HOURS.map((hours) => ({ value: String(hours), label: ctx.figures.duration(hours * HOUR_S) })),
        },
      ],
      check: ({ people }) => (people.length ? "" : t("duty.nobody_chosen")),
    });
    if (!values) return;
    const args = { group: code, people: values.people, until_s: Number(values.hours) * HOUR_S };
    ctx.commands.send("duty.set", args, `group:${code}`);
  }

  const back = (code) => ctx.commands.send("duty.set", { group: code, people: [], until_s: 0 }, `group:${code}`);

  function group([code, texts]) {
    const people = onDuty(code);
    const { always = [], shifts = {} } = boot.roster[code] ?? {};
    const ends = Math.max(...people.map(({ duty_until: until }) => until ?? 0), 0);
    return h(
      "section",
      { class: "card duty", key: code },
      h("h3", { dir: "auto" }, ctx.pick(texts) || code),
      h(
        "p",
        { class: "duty-now" },
        people.length
          ? people.map(({ name }) => name).join(", ")
          : h("span", { class: always.length ? "" : "is-caution nobody" }, t("duty.nobody")),
        ends ? h("small", null, ` ${t("duty.until", { time: ctx.time.moment(ends, ctx.now()) })}`) : null,
      ),
      always.length ? h("p", { class: "hint" }, t("duty.always", { who: always.map(ctx.nameOf).join(", ") })) : null,
      h(
        "dl",
        { class: "facts" },
        boot.shifts
          .filter(({ name }) => shifts[name]?.length)
          .map(({ name, begins, ends: until }) =>
            h("div", { key: name }, h("dt", null, `${name} ${begins}–${until}`), h("dd", null, shifts[name].map(ctx.nameOf).join(", "))),
          ),
      ),
      h(
        "div",
        { class: "acts" },
        ctx.may("duty.set")
          ? [
              h("button", { type: "button", key: "set", disabled: !ctx.online(), onclick: () => change(code) }, t("action.duty.set")),
              h("button", { type: "button", key: "back", disabled: !ctx.online(), onclick: () => back(code) }, t("duty.back")),
            ]
          : null,
        mark(ctx.commands.about(`group:${code}`), ctx),
      ),
    );
  }

  function draw() {
    render(
      root,
      h("h2", { key: "title" }, t("console.duty")),
      ctx.online() ? null : h("p", { class: "cut", role: "status", key: "cut" }, t("alert.cut")),
      groups.length ? groups.map(group) : h("p", { class: "note", key: "none" }, t("duty.none")),
    );
  }

  return { update: draw, keys: {} };
}
