// One alert as a row of the list, and in a flood the districts instead.

import { isOver, isUnseen } from "../facts.js";
import { groups } from "../flood.js";
import { h } from "../render.js";
import { shape } from "../shapes.js";
import { flagsOf, ownerOf } from "./alert_facts.js";
import { mark } from "./mark.js";

/** Who has it, in words: assigned to, acknowledged by; nobody is said only while somebody should. */
export function holder(alert, ctx) {
  const { t } = ctx;
  const who = ownerOf(alert);
  if (!who) return isUnseen(alert) ? t("alert.nobody") : "";
  if (alert.assigned) return t("alert.assigned_to", { who: ctx.nameOf(who) });
  return alert.acked_at
    ? t("alerts.acknowledged_by", { who: ctx.nameOf(who), time: ctx.time.moment(alert.acked_at, ctx.now()) })
    : ctx.nameOf(who);
}

/** Words beside the state: shelved until, suppressed, chattering, stale, confirmed. */
export function tags(alert, ctx) {
  const { t } = ctx;
  const flags = flagsOf(alert).map(({ name, until }) =>
    until ? t(`alert.${name}_until`, { time: ctx.time.moment(until, ctx.now()) }) : t(`alerts.${name}`),
  );
  const own = ["chatter", "stale"].filter((name) => alert.flags?.includes(name)).map((name) => t(`alert.${name}`));
  return [...flags, ...own, alert.confirmed_at ? t("alert.confirmed") : ""].filter(Boolean);
}

/** The row: opens the alert; the button beside it acknowledges. `chosen` is a boolean, `ack` null where it may not. */
export function alertRow(alert, ctx, { chosen, where, ack, open }) {
  const { t } = ctx;
  const over = isOver(alert);
  const said = mark(ctx.commands.about(`alert:${alert.id}`), ctx);
  const about = [t(`severity.${alert.severity}`), where || t("alerts.city"), holder(alert, ctx), ...tags(alert, ctx)];
  return h(
    "li",
    { key: `${alert.id} ${alert.episode ?? 1}`, class: `is-${over ? "over" : alert.severity}${chosen ? " is-chosen" : ""}` },
    h(
      "button",
      {
        type: "button",
        class: "row",
        "data-id": alert.id,
        "aria-current": chosen ? "true" : null,
        onclick: open,
      },
      shape(alert.severity, t(`severity.${alert.severity}`), over),
      h("b", { dir: "auto" }, ctx.pick(alert.texts) || alert.id),
      h("span", { class: "since" }, alert.since ? ctx.figures.standing(ctx.now() - alert.since) : ""),
      h("small", { dir: "auto" }, about.filter(Boolean).join(" · ")),
    ),
    ack
      ? h(
          "button",
          {
            type: "button",
            class: "ack",
            disabled: !ctx.online() || ctx.commands.about(`alert:${alert.id}`)?.state === "pending",
            onclick: ack,
          },
          t("action.alert.ack"),
        )
      : null,
    said,
  );
}

/** In a flood: one fold a district, worst first, with how many of each severity; open where one is chosen. */
export function floodGroups(items, districtOf, ctx, rowOf, chosen, toggled) {
  const { t } = ctx;
  const by = new Map();
  for (const alert of items) by.set(districtOf(alert), [...(by.get(districtOf(alert)) ?? []), alert]);
  return groups(items, districtOf).map(({ key, name, worst, count }) => {
    const own = by.get(name) ?? [];
    const each = ["danger", "severe", "caution"]
      .map((severity) => [severity, own.filter((alert) => alert.severity === severity).length])
      .filter(([, n]) => n);
    return h(
      "details",
      { key, class: `flood-group is-${worst}`, open: own.some(({ id }) => id === chosen), ontoggle: toggled },
      h(
        "summary",
        null,
        shape(worst, t(`severity.${worst}`)),
        h("b", { dir: "auto" }, name || t("alerts.city")),
        h("small", null, each.map(([severity, n]) => `${t(`severity.${severity}`)} ${n}`).join(" · ")),
        h("span", { class: "count" }, ctx.figures.number(count)),
      ),
      h("ul", null, own.map(rowOf)),
    );
  });
}
