// What lies near an incident in place and time, as the server computed it: twins, cameras, calls, warnings, alerts.

import { h } from "../render.js";
import { shape } from "../shapes.js";

/** `near` is {told, fault}; told is the answer of /api/v1/incidents/{id}/story. */
export function around({ told, fault }, incident, ctx) {
  const { t } = ctx;
  if (!told)
    return h(
      "p",
      { class: "note", key: "around" },
      fault ? t("story.around_failed", { reason: fault }) : t("story.asking"),
    );
  const has = Number.isFinite(incident.place?.lon);
  return h(
    "div",
    { class: "around", key: "around" },
    part(ctx, "twins", told.twins, (row) => twin(row, ctx), has ? "story.none_twins" : "story.no_point"),
    told.linked.length ? part(ctx, "linked", told.linked, (row) => twin(row, ctx), "story.none_twins") : null,
    part(
      ctx,
      "cameras",
      told.cameras,
      (row) => camera(row, ctx),
      has ? "story.none_cameras" : "story.no_point",
    ),
    ctx.person.role === "agency"
      ? null
      : part(ctx, "calls", told.calls, (row) => call(row, ctx), "story.none_calls", "story.calls_hint"),
    part(ctx, "hazards", told.hazards, (row) => hazard(row, ctx), "story.none_hazards"),
    part(ctx, "alerts", told.alerts, (row) => alert(row, ctx), "story.none_alerts"),
  );
}

function part(ctx, name, rows, row, none, hint = null) {
  const { t } = ctx;
  return h(
    "section",
    { key: name, class: "around-part" },
    h("h3", null, t(`story.${name}`), rows.length ? h("b", null, String(rows.length)) : null),
    hint && rows.length ? h("small", { class: "hint" }, t(hint)) : null,
    rows.length ? h("ul", null, rows.map(row)) : h("p", { class: "none" }, t(none)),
  );
}

const metres = (m, { figures }) =>
  m >= 1000 ? `${figures.number(m / 1000, 1)} km` : `${figures.number(m)} m`;

function twin({ id, title, address, district_name: district, opened_at: opened, status, m, original }, ctx) {
  const { t } = ctx;
  return h(
    "li",
    { key: id },
    h("a", { href: `#incident/${encodeURIComponent(id)}`, dir: "auto" }, title || t("incidents.untitled")),
    h(
      "small",
      { dir: "auto" },
      [
        original ? t("story.original") : "",
        Number.isFinite(m) ? metres(m, ctx) : "",
        t(`status.${status}`),
        opened ? ctx.time.moment(opened, ctx.now()) : "",
        address || district,
      ]
        .filter(Boolean)
        .join(" · "),
    ),
  );
}

function camera({ id, name, state = "unknown", since, m }, ctx) {
  const { t } = ctx;
  const words = state === "online" ? t("story.camera_online") : t(`cctv.${state}`);
  return h(
    "li",
    { key: id },
    h("span", { class: `camera is-${state}`, dir: "auto" }, name || id),
    h(
      "small",
      null,
      [metres(m, ctx), words, state !== "online" && since ? ctx.figures.duration(ctx.now() - since) : ""]
        .filter(Boolean)
        .join(" · "),
    ),
  );
}

function call({ id, queue, joined_at: joined, agent, mark, caller, pranks }, ctx) {
  const { t } = ctx;
  return h(
    "li",
    { key: id },
    h("span", null, ctx.time.seconds(joined), caller ? h("code", null, caller) : null),
    h(
      "small",
      { dir: "auto" },
      [
        ctx.boot.queues?.[queue] ?? queue,
        ctx.store.get("agent", agent)?.name ?? agent,
        mark ? t(`mark.${mark}`) : "",
        pranks ? t("calls.pranks", { n: pranks }) : "",
      ]
        .filter(Boolean)
        .join(" · "),
    ),
  );
}

function hazard({ id, texts, state = "active", level, expires }, ctx) {
  const { t } = ctx;
  const words = texts?.[ctx.language] ?? texts?.id ?? texts?.en ?? Object.values(texts ?? {})[0] ?? {};
  return h(
    "li",
    { key: id },
    h(
      "span",
      { dir: "auto" },
      level ? shape(level, t(`severity.${level}`)) : null,
      words.headline || words.event || id,
    ),
    h(
      "small",
      null,
      [
        state === "soon" ? t("story.soon") : "",
        expires ? t("hazards.until", { time: ctx.time.moment(expires, ctx.now()) }) : "",
      ]
        .filter(Boolean)
        .join(" · "),
    ),
  );
}

function alert({ id, severity, state, texts, since }, ctx) {
  const { t } = ctx;
  const seen = {
    unacknowledged: "story.unseen",
    returned_unacknowledged: "alerts.returned",
    acknowledged: "alerts.acknowledged",
  };
  return h(
    "li",
    { key: id },
    h("span", { dir: "auto" }, shape(severity, t(`severity.${severity}`)), ctx.pick(texts) || id),
    h(
      "small",
      null,
      [t(seen[state] ?? "story.unseen"), since ? ctx.time.moment(since, ctx.now()) : ""]
        .filter(Boolean)
        .join(" · "),
    ),
  );
}
