// Alerts: what nobody has seen first, worst first. Only an unseen one of the highest level pulses.

import { alertOrder, aside, isActive, isOver, isUnseen, standing } from "../facts.js";
import { groups } from "../flood.js";
import { h } from "../render.js";
import { shape } from "../shapes.js";
import { tile } from "../tile.js";
import { pick } from "../words.js";

/** An alert waits for nothing. */
export const PACE_S = 0;

/** `code` of the options: "text" (default) shows each unseen alert's code, "qr" as a square for a phone, too; "" none. */
export function mount(el, ctx, { code: codes = "text" } = {}) {
  const { t } = ctx;
  let flood = false;

  function seenBy(alert, now) {
    const { acked_by: by, acked_at: at, confirmed_by: acted, assigned, names = {} } = alert;
    const who = (id) => ({ who: names[id] ?? id });
    const seen =
      by && at
        ? t("alerts.acknowledged_by", { ...who(by), time: ctx.time.moment(at, now) })
        : t("alerts.acknowledged");
    const more = acted
      ? t("alerts.confirmed", who(acted))
      : assigned && assigned !== by
        ? t("alerts.assigned", who(assigned))
        : "";
    return [seen, more].filter(Boolean).join(", ");
  }

  function state(alert, now) {
    const set = aside(alert);
    if (set) return t(`alerts.${set}`);
    if (alert.state === "acknowledged") return seenBy(alert, now);
    return isOver(alert) ? t("alerts.returned") : "";
  }

  function districtOf(alert) {
    return alert.place?.district ? ctx.places.short(alert.place, t) : (alert.district ?? "");
  }

  /** In a flood a row is a district: how many alerts, and the worst of them. */
  function groupRow({ key, name, worst, count, first }, now) {
    const pulses = worst === "danger" ? " pulses" : "";
    return h(
      "article",
      { key, class: `alert is-${worst}${pulses}` },
      shape(worst, t(`severity.${worst}`)),
      h("b", { class: "clamp-1", dir: "auto" }, name || t("alerts.city")),
      h("span", { class: "since" }, ctx.figures.number(count)),
      h(
        "small",
        { class: "clamp-1", dir: "auto" },
        [
          t(`severity.${worst}`),
          first.since ? ctx.figures.standing(now - first.since) : "",
          pick(first.texts, ctx.language),
        ]
          .filter(Boolean)
          .join(" · "),
      ),
    );
  }

  /** "2 open · 8 over": what is over is counted, and never among what is there now. */
  function detail(alerts) {
    const active = alerts.filter(isActive).length;
    const over = alerts.length - active;
    const words = flood ? "alerts.flood" : "alerts.open";
    return [
      active ? t(words, { n: ctx.figures.number(active) }) : "",
      over ? t("alerts.over", { n: ctx.figures.number(over) }) : "",
    ]
      .filter(Boolean)
      .join(" · ");
  }

  function rows(alerts) {
    flood = ctx.store.get("city", "city")?.flood ?? false;
    return flood ? groups(alerts, districtOf) : alerts;
  }

  function row(alert, now) {
    if (alert.count) return groupRow(alert, now);
    const quiet = !isUnseen(alert) || aside(alert);
    const over = isOver(alert);
    const pulses = alert.severity === "danger" && !quiet;
    const mark = quiet && !over ? "✓" : "";
    const since = !quiet && alert.since ? ctx.figures.standing(now - alert.since) : mark;
    const where = districtOf(alert);
    const code = quiet || !codes ? "" : (alert.code ?? "");
    const about = [t(`severity.${alert.severity}`), where, state(alert, now), code].filter(Boolean).join(" · ");
    const instruction = quiet ? "" : pick(alert.instruction, ctx.language);
    return h(
      "article",
      {
        key: `${alert.id} ${alert.episode ?? 1}`,
        class: `alert is-${over ? "over" : alert.severity}${quiet ? " is-quiet" : ""}${pulses ? " pulses" : ""}`,
      },
      shape(alert.severity, t(`severity.${alert.severity}`), over),
      h("b", { class: "clamp-2", dir: "auto" }, pick(alert.texts, ctx.language) || alert.id),
      h("span", { class: "since" }, since),
      h(
        "small",
        { class: "clamp-2", dir: "auto" },
        about,
        instruction ? h("span", { class: "instruction", dir: "auto" }, ` → ${instruction}`) : null,
      ),
      // A phone that scans it opens this alert, and its person acknowledges there.
      code && codes === "qr"
        ? h("img", { class: "code", alt: code, src: `/qr.svg?path=/a/${encodeURIComponent(code)}` })
        : null,
    );
  }

  return tile(el, ctx, {
    story: "alert",
    list: "alerts",
    kinds: ["alert", "city"],
    feeds: false,
    title: () => t("alerts.title"),
    detail,
    model: (store) => store.all("alert").filter(standing).sort(alertOrder),
    count: (alerts) => alerts.length,
    empty: "alerts.none",
    rows,
    row,
  });
}
