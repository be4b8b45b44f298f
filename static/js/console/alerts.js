// Alerts: a list at the left, worst first; at the right the one that is chosen, with what can be done about it.

import { h, render } from "../render.js";
import { alertActions } from "./alert_actions.js";
import { alertDetail } from "./alert_detail.js";
import { PARTS, held, mine, parts } from "./alert_facts.js";
import { alertRow, floodGroups } from "./alert_rows.js";

/** So long after the pointer last moved over the list (s) its rows keep their places. */
const HOLD_S = 1.5;

/** More rows than this are no list that somebody reads; the rest is counted. */
const MOST_ROWS = 300;

export function mount(root, ctx) {
  const { store, t } = ctx;
  const actions = alertActions(ctx);
  const list = root.appendChild(document.createElement("div"));
  const detail = root.appendChild(document.createElement("div"));
  list.className = "alert-list";
  detail.className = "alert-detail";
  root.classList.add("is-split");
  const found = store.derived(["alert"], () => parts(store.all("alert")));

  let chosen = null; // id of the alert that is shown at the right
  let next = null; // where "down" goes after an acknowledgement has taken the chosen one away
  let opened = false; // on a phone: the detail is in front
  let search = "";
  let flood = false;
  let foldedOpen = false;
  let pointedAt = -Infinity;
  let order = {};
  let rows = []; // ids as they stand on the glass, folded ones left out

  list.addEventListener("pointermove", () => (pointedAt = ctx.mono()));
  list.addEventListener("pointerleave", () => (pointedAt = -Infinity));

  function matches(alert) {
    const words = [ctx.pick(alert.texts), ctx.places.words(alert.place, t), alert.rule, alert.code, alert.subject];
    return words.join(" ").toLowerCase().includes(search);
  }

  function ordered() {
    const hold = ctx.mono() - pointedAt < HOLD_S;
    const shown = {};
    for (const part of PARTS) {
      const items = search ? found()[part].filter(matches) : found()[part];
      shown[part] = hold && order[part] ? held(items, order[part]) : items;
    }
    if (!hold) order = Object.fromEntries(PARTS.map((part) => [part, shown[part].map(({ id }) => id)]));
    return shown;
  }

  const districtOf = (alert) =>
    alert.place?.district ? ctx.places.short(alert.place, t) : ctx.places.name(alert.district ?? "");

  function choose(id, { focus = false } = {}) {
    chosen = id;
    next = null;
    draw();
    if (focus) list.querySelector('.row[aria-current="true"]')?.focus();
  }

  function move(step) {
    const at = rows.indexOf(chosen);
    const to = next !== null && step > 0 && rows.includes(next) ? rows.indexOf(next) : at + step;
    const id = rows[Math.max(0, Math.min(rows.length - 1, at < 0 && next === null ? 0 : to))];
    if (id !== undefined) choose(id, { focus: true });
  }

  const current = () => (chosen === null ? null : (store.get("alert", chosen) ?? null));

  function act(name) {
    const alert = current();
    if (!alert || !actions.allowed(name, alert)) return;
    // The row goes to another part of the list: "down" goes on from where it stood.
    const after = rows[rows.indexOf(alert.id) + 1] ?? null;
    actions[name](alert);
    next = name === "ack" ? after : null;
  }

  function open() {
    if (chosen !== null) ctx.go("alerts", chosen);
  }

  function group(part, items) {
    if (!items.length && part !== "unseen") return null;
    const head = [t(`alert.part.${part}`), h("span", { class: "count" }, ctx.figures.number(items.length))];
    const shown = items.slice(0, MOST_ROWS).map((alert) => rowOf(alert));
    const rest = items.length > MOST_ROWS ? t("tile.more", { n: items.length - MOST_ROWS }) : null;
    if (part === "aside") {
      return h(
        "details",
        {
          class: "part is-folded",
          key: part,
          open: foldedOpen || Boolean(search),
          ontoggle: (event) => {
            foldedOpen = event.target.open;
            collect();
          },
        },
        h("summary", null, head),
        h("ul", null, shown),
        rest,
      );
    }
    if (part === "unseen" && flood && !search) return floodPart(items, head);
    return h(
      "section",
      { class: `part part-${part}`, key: part },
      h("h2", null, head),
      items.length ? h("ul", null, shown) : nothing(),
      rest,
    );
  }

  /** Nothing is waiting: an all-clear only where the state is of now. */
  function nothing() {
    if (search) return h("p", { class: "nothing" }, t("alert.no_match"));
    if (!ctx.online()) return h("p", { class: "nothing" }, t("alert.unknown_now"));
    return h("p", { class: "nothing all-well" }, t("alert.none"));
  }

  function floodPart(items, head) {
    return h(
      "section",
      { class: "part part-unseen", key: "flood" },
      h("h2", null, head),
      h("p", { class: "flood", role: "status" }, t("alert.flood", { n: ctx.figures.number(items.length) })),
      floodGroups(items, districtOf, ctx, rowOf, chosen, collect),
    );
  }

  function rowOf(alert) {
    return alertRow(alert, ctx, {
      chosen: alert.id === chosen,
      where: districtOf(alert),
      ack: actions.allowed("ack", alert) ? () => actions.ack(alert) : null,
      open() {
        choose(alert.id);
        open();
      },
    });
  }

  /** What the keys move over: the rows that can be seen. */
  function collect() {
    rows = [...list.querySelectorAll(".row")]
      .filter((row) => !row.closest("details:not([open])"))
      .map((row) => row.dataset.id);
  }

  function draw() {
    const hadFocus = list.contains(document.activeElement) ? document.activeElement : null;
    const city = store.get("city", "city") ?? {};
    flood = city.flood ?? false;
    const shown = ordered();
    if (chosen === null && !opened) chosen = PARTS.flatMap((part) => shown[part])[0]?.id ?? null;
    const own = mine(store.all("alert"), ctx.person.id).length;
    render(
      list,
      h(
        "header",
        { class: "list-head", key: "head" },
        h("input", {
          type: "search",
          "aria-label": t("key.search"),
          placeholder: t("alert.search"),
          oninput: (event) => {
            search = event.target.value.trim().toLowerCase();
            draw();
          },
        }),
        ctx.may("alert.handover") && own
          ? h(
              "button",
              { type: "button", disabled: !ctx.online(), onclick: () => actions.handover() },
              t("alert.handover_mine", { n: own }),
            )
          : null,
      ),
      store.synced ? PARTS.map((part) => group(part, shown[part])) : h("p", { class: "note" }, t("tile.waiting")),
    );
    collect();
    if (hadFocus && document.activeElement !== hadFocus && hadFocus.isConnected) hadFocus.focus();
    root.classList.toggle("is-open", opened);
    render(detail, alertDetail(current(), ctx, { actions, act, where: districtOf, id: chosen }));
  }

  return {
    update: draw,
    /** "#alerts/ID": on a phone the alert alone. */
    route(rest) {
      opened = Boolean(rest);
      if (rest) chosen = rest;
      draw();
      if (opened) detail.querySelector("h2")?.focus();
      else list.querySelector('.row[aria-current="true"]')?.focus();
    },
    get keys() {
      return {
        j: { words: "key.down", act: () => move(1) },
        k: { words: "key.up", act: () => move(-1) },
        Enter: { words: "key.open", act: open },
        Escape: { words: "key.close", act: () => opened && ctx.go("alerts") },
        ...actions.keys(act),
      };
    },
  };
}
