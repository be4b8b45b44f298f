// The facts of the last hour in words, by the keys of the catalogues: [{key, state, words}]. Pure.

import { gaugeDigits } from "../facts.js";
import { SEVERITIES } from "../severity.js";
import { pick } from "../words.js";

/** `ctx` has t, figures, time, language, now. */
export function sentences(facts, ctx) {
  return facts.map((fact) => {
    const said = SAY[fact.what](fact, ctx);
    // A name that ends with a full stop brings the sentence's own along.
    return { key: fact.what, ...said, words: said.words.replace(/\.{2,}$/, ".") };
  });
}

const nameOf = (news, ctx) => pick(news.texts, ctx.language) || news.name || news.subject;

/** Names one after another, and how many more. */
function named({ news, more }, ctx, say = (one) => nameOf(one, ctx)) {
  const words = news.map(say);
  if (more) words.push(ctx.t("leader.and_more", { n: ctx.figures.number(more) }));
  return words.join(", ");
}

const worstOf = ({ news }) => news[0].severity ?? null;

const SAY = {
  status: ({ news }, ctx) => ({
    state: news.severity ?? "normal",
    words: ctx.t(news.worse ? "leader.status_up" : "leader.status_down", {
      level: nameOf(news, ctx),
      time: ctx.time.moment(news.at, ctx.now()),
      who: news.by ?? "",
    }),
  }),
  alerts: ({ n, by, worst }, ctx) => {
    const parts = SEVERITIES.filter((severity) => by[severity]).map(
      (severity) => `${ctx.figures.number(by[severity])} ${ctx.t(`severity.${severity}`)}`,
    );
    return {
      state: worst,
      words: ctx.t("leader.alerts", { n: ctx.figures.number(n), by: parts.join(", ") }),
    };
  },
  ended: ({ n }, ctx) => ({ state: "normal", words: ctx.t("leader.ended", { n: ctx.figures.number(n) }) }),
  reports: ({ received, closed, usual }, ctx) => {
    const number = (value) => ctx.figures.number(value);
    const values = {
      received: number(received),
      closed: number(closed),
      usual: number(Math.round(usual ?? 0)),
    };
    return { state: null, words: ctx.t(usual === null ? "leader.reports" : "leader.reports_usual", values) };
  },
  rose: ({ gauge, by, over }, ctx) => {
    const digits = gaugeDigits(gauge.unit);
    const unit = gauge.unit ?? "cm";
    return {
      state: gauge.severity ?? null,
      words: ctx.t("leader.rose", {
        name: gauge.name || gauge.id,
        by: `${ctx.figures.number(by, digits)} ${unit}`,
        over: ctx.figures.duration(over),
        value: `${ctx.figures.number(gauge.value, digits)} ${unit}`,
      }),
    };
  },
  gauge_rose: (fact, ctx) => ({
    state: worstOf(fact),
    words: ctx.t("leader.gauge_rose", {
      names: named(fact, ctx, (one) => [nameOf(one, ctx), one.level && `(${one.level})`].filter(Boolean).join(" ")),
    }),
  }),
  hazard_began: (fact, ctx) => ({
    state: worstOf(fact),
    words: ctx.t("leader.hazard_began", { names: named(fact, ctx) }),
  }),
  hazard_ended: (fact, ctx) => ({
    state: "normal",
    words: ctx.t("leader.hazard_ended", { names: named(fact, ctx) }),
  }),
  agency_late: (fact, ctx) => ({
    state: "severe",
    words: ctx.t("leader.agency_late", { names: named(fact, ctx) }),
  }),
  agency_caught_up: (fact, ctx) => ({
    state: "normal",
    words: ctx.t("leader.agency_caught_up", { names: named(fact, ctx) }),
  }),
  price_over: (fact, ctx) => ({
    state: "caution",
    words: ctx.t("leader.price_over", {
      names: named(fact, ctx, (one) => `${nameOf(one, ctx)} (${ctx.figures.difference(one.value ?? 0)})`),
    }),
  }),
};
