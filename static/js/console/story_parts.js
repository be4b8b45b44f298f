// The parts of one incident's story: what its source says, what we did, what happened when. Each gives what is
// to be drawn for an incident.

import { h } from "../render.js";
import { timeline } from "./steps.js";
import { agencyOf, isWork, statusOf, titleOf } from "./worklist.js";

/** What the source says. */
export function sourcePart(incident, ctx) {
  const { t } = ctx;
  const { source = {}, place = {} } = incident;
  const feed = ctx.store.get("feed", incident.feed);
  return h(
    "section",
    { class: "half", key: "source" },
    h("h3", null, t("story.source")),
    source.text ? h("p", { class: "story-text", dir: "auto" }, source.text) : null,
    list([
      [t("story.channel"), nameOf(ctx, ctx.boot.channels, incident.channel)],
      [t("story.feed"), incident.feed === "console" ? t("story.console") : (feed?.name ?? incident.feed)],
      [
        t("story.status"),
        [t(`status.source_${source.status ?? "open"}`), source.status_raw].filter(Boolean).join(" · "),
      ],
      [t("story.status_notes"), source.status_notes],
      [t("story.agency"), source.agency_raw],
      [t("story.category"), source.category_name || source.category_raw],
      [t("story.opened"), moment(ctx, source.opened_at)],
      [t("story.closed"), moment(ctx, source.closed_at)],
      [t("story.expected"), moment(ctx, source.expected_at)],
      [t("story.address"), source.address],
      [t("story.place"), ctx.places.words(place, t)],
      [t("story.confidence"), confidence(place, ctx)],
      [
        t("story.point"),
        Number.isFinite(place.lon) ? `${place.lat.toFixed(5)}, ${place.lon.toFixed(5)}` : "",
      ],
      [t("story.media"), link(source.media_url)],
    ]),
  );
}

/** What people and rules here did. */
export function oursPart(incident, ctx) {
  const { t } = ctx;
  const { ours = {} } = incident;
  const agency = agencyOf(incident);
  return h(
    "section",
    { class: "half", key: "ours" },
    h("h3", null, t("story.ours")),
    list([
      [t("story.status"), t(`status.${statusOf(incident)}`)],
      [t("story.agency"), agency ? nameOf(ctx, ctx.boot.agencies, agency) : t("incidents.no_agency")],
      [t("story.agency_since"), agency ? moment(ctx, incident.agency_since) : ""],
      [t("story.category"), category(incident, ctx)],
      [
        t("story.verified"),
        ours.verified_by && `${ctx.nameOf(ours.verified_by)} ${moment(ctx, ours.verified_at)}`,
      ],
      [t("story.accepted"), moment(ctx, ours.accepted_at)],
      [t("story.started"), moment(ctx, ours.started_at)],
      [t("story.resolved"), moment(ctx, ours.resolved_at)],
      [t("story.returned"), ours.returned ? t("story.times", { n: ours.returned }) : ""],
      [t("story.duplicate_of"), incidentLink(ctx, ours.duplicate_of)],
      [t("story.duplicates"), ours.duplicates ? ctx.figures.number(ours.duplicates) : ""],
      [
        t("story.referred"),
        ours.referred_to &&
          `${nameOf(ctx, ctx.boot.lines, ours.referred_to)} ${moment(ctx, ours.referred_at)}`,
      ],
      [t("story.call"), ours.call && callWords(ctx, ours.call)],
      [t("story.ended"), isWork(incident) ? "" : moment(ctx, incident.over_at)],
    ]),
  );
}

/** What happened, in order of time. */
export function timePart(incident, ctx) {
  const { t } = ctx;
  const said = {
    opened: () =>
      t("story.event_opened", {
        channel: nameOf(ctx, ctx.boot.channels, incident.channel) || t("story.source"),
      }),
    closed: () => t("story.event_closed"),
    note: ({ text }) => text,
    step: ({ was, now }) =>
      !was
        ? t("story.event_first")
        : t("story.event_step", { was: t(`status.${was}`), now: t(`status.${now}`) }),
  };
  return h(
    "section",
    { class: "story-time", key: "time" },
    h("h3", null, t("story.time")),
    h(
      "ol",
      null,
      timeline(incident).map((entry, index) =>
        h(
          "li",
          { key: `${entry.at} ${index}`, class: `is-${entry.kind}` },
          h("time", null, ctx.time.moment(entry.at, ctx.now())),
          h("span", { dir: "auto" }, said[entry.kind](entry), detail(entry, ctx)),
          entry.by ? h("small", { dir: "auto" }, ctx.nameOf(entry.by)) : null,
        ),
      ),
    ),
  );
}

/** What a step says beside from where to where: to whom, and why. */
function detail({ kind, to = "", why = "" }, ctx) {
  if (kind !== "step" || !(to || why)) return null;
  const name = nameOf(ctx, ctx.boot.agencies, to, null) ?? nameOf(ctx, ctx.boot.lines, to, null) ?? to;
  return h("em", { dir: "auto" }, [name, why].filter(Boolean).join(" – "));
}

function list(pairs) {
  const shown = pairs.filter(([, value]) => value);
  return h(
    "dl",
    null,
    shown.map(([name, value]) => [
      h("dt", { key: `t ${name}` }, name),
      h("dd", { key: `d ${name}`, dir: "auto" }, value),
    ]),
  );
}

const moment = (ctx, at) => (at ? ctx.time.moment(at, ctx.now()) : "");

/** The name of a code in a table of the boot data: text, or texts by language. */
export function nameOf(ctx, names, code, missing = code) {
  const name = names?.[code];
  if (!name) return missing;
  return typeof name === "string" ? name : ctx.pick(name);
}

export const category = ({ category: code, source }, ctx) =>
  nameOf(ctx, ctx.boot.categories, code, "") ||
  source?.category_name ||
  source?.category_raw ||
  ctx.t("incidents.no_category");

/** How sure the place is, in words, with the metres to the nearest border where that matters. */
function confidence(place, ctx) {
  const { t } = ctx;
  const words = t(`confidence.${place.confidence ?? "no_location"}`);
  const edge = Number.isFinite(place.edge_m) && place.confidence !== "inside";
  const parts = [
    words,
    edge ? t("confidence.edge", { m: ctx.figures.number(Math.round(place.edge_m)) }) : "",
  ];
  if (place.candidates?.length)
    parts.push(
      t("confidence.or", { names: place.candidates.map((code) => ctx.places.name(code)).join(", ") }),
    );
  if (place.flags?.includes("swapped_suspected")) parts.push(t("incidents.swapped"));
  return parts.filter(Boolean).join(" · ");
}

/** When a call came and who took it, while that is known. */
function callWords(ctx, id) {
  const call = ctx.store.get("call", id) ?? ctx.store.get("review", id);
  if (!call) return id;
  return [moment(ctx, call.joined_at), ctx.store.get("agent", call.agent)?.name ?? call.agent]
    .filter(Boolean)
    .join(" · ");
}

/** An address from outside is only ever opened as https or http, without telling it where from. */
function link(url) {
  if (!/^https?:\/\//i.test(url ?? "")) return "";
  return h(
    "a",
    { href: url, target: "_blank", rel: "noopener noreferrer", referrerpolicy: "no-referrer" },
    url,
  );
}

function incidentLink(ctx, id) {
  if (!id) return "";
  const other = ctx.store.get("incident", id);
  return h("a", { href: `#incident/${encodeURIComponent(id)}` }, other ? titleOf(other) || id : id);
}
