// Warnings that hold over the city: which districts, how many people and cameras they cover, and for how long yet.

import { hazardOrder, isReal } from "../facts.js";
import { h } from "../render.js";
import { worst } from "../severity.js";
import { shape } from "../shapes.js";
import { card, firstOf, others, table, well } from "./cards.js";
import { under } from "./cover.js";
import { mapButton } from "./rows.js";
import { FEW, districtsOf, hazardTitle } from "./things.js";
import { holds } from "./worst.js";

/** What is no real warning, by its status. */
const DRILLS = { Exercise: "hazards.exercise", Test: "hazards.test" };

/** Warnings that are told one by one. */
const MOST = 3;

export function hazardsCard(ctx) {
  const { t, store } = ctx;
  const all = [...store.all("hazard")].sort(hazardOrder);
  const holding = all.filter(holds);
  const drills = all.filter(
    (hazard) => !isReal(hazard) && hazard.where === "city" && hazard.state !== "ended",
  );
  return card(
    {
      id: "hazards",
      title: t("leader.hazards"),
      kinds: ["hazard"],
      state: worst(holding.map(({ level }) => level)),
      body: () => [
        holding.length ? null : well(t("hazards.none")),
        firstOf(holding, "hazards", ctx, MOST).map((hazard) => one(hazard, ctx)),
        others(holding, "hazards", ctx, MOST),
        drills.length
          ? h(
              "p",
              { class: "more", key: "drills", dir: "auto" },
              h("span", { class: "simulation" }, t(DRILLS[drills[0].status] ?? "hazards.not_real")),
              ` ${hazardTitle(drills[0], ctx)}`,
            )
          : null,
      ],
    },
    ctx,
  );
}

/** How long it holds yet: "sampai 16.30 · 1 j 12 m lagi". */
function holdsFor({ onset, expires }, ctx) {
  const { t } = ctx;
  const now = ctx.now();
  const time = (at) => ctx.time.moment(at, now);
  if (onset && onset > now)
    return t("leader.begins", { time: time(onset), age: ctx.figures.duration(onset - now) });
  if (!expires) return t("hazards.no_end");
  return t("leader.holds", { time: time(expires), age: ctx.figures.duration(Math.max(0, expires - now)) });
}

function one(hazard, ctx) {
  const { t, figures } = ctx;
  const name = `hazards-${hazard.id}`;
  const open = ctx.opened.has(name);
  const number = (n) => figures.number(n);
  const reach = [
    [
      "districts",
      number(hazard.districts?.length ?? 0),
      (ctx.places.lowestLabel || t("map.district")).toLowerCase(),
    ],
    ...(Number.isFinite(hazard.people) ? [["people", number(hazard.people), t("leader.people_word")]] : []),
    ["cameras", number(hazard.cameras ?? 0), t("leader.cameras_word")],
    ["incidents", number(hazard.incidents ?? 0), t("leader.reports_word")],
  ];
  return h(
    "article",
    { class: `hazard is-${hazard.level}`, key: hazard.id },
    h(
      "div",
      { class: "hazard-head" },
      shape(hazard.level),
      h(
        "div",
        { class: "thing-body" },
        h("h3", { class: "clamp-2", dir: "auto" }, hazardTitle(hazard, ctx)),
        h("p", null, h("strong", null, t(`severity.${hazard.level}`), " · "), holdsFor(hazard, ctx)),
        (hazard.districts ?? []).length <= FEW
          ? h("p", { class: "clamp-2", dir: "auto" }, districtsOf(hazard, ctx))
          : null,
      ),
      mapButton({ kind: "hazard", id: hazard.id, entity: hazard }, ctx),
    ),
    h(
      "button",
      {
        type: "button",
        class: `reach${open ? " is-open" : ""}`,
        "aria-expanded": open ? "true" : "false",
        onclick: () => ctx.toggle("hazards", name),
      },
      reach.map(([key, value, label]) =>
        h("span", { key, class: "count" }, h("b", null, value), ` ${label}`),
      ),
    ),
    open ? h("div", { class: "card-list", key: "list" }, covered(hazard, ctx)) : null,
  );
}

function covered(hazard, ctx) {
  const { t, figures, store } = ctx;
  const cameras = under(hazard.geometry, store.all("camera"));
  return [
    table(ctx, {
      caption: t("leader.covered"),
      heads: [
        ctx.places.lowestLabel || t("map.district"),
        t("leader.share"),
        ...(Number.isFinite(hazard.people) ? [t("leader.people_word")] : []),
      ],
      rows: [...(hazard.districts ?? [])]
        .sort((a, b) => b.share - a.share)
        .map(({ code, name, share }) => ({
          key: code,
          cells: [
            name || ctx.places.name(code),
            `${figures.percent(share)} %`,
            ...(Number.isFinite(hazard.people)
              ? [figures.number(Math.round(share * (store.get("district", code)?.population ?? 0)))]
              : []),
          ],
        })),
    }),
    cameras.length
      ? h(
          "p",
          { class: "names", dir: "auto", key: "cameras" },
          h("b", null, `${t("cctv.title")}: `),
          cameras.map(({ name, id }) => name || id).join(", "),
        )
      : null,
  ];
}
