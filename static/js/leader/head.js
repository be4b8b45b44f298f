// The head of the page: which city, is it real, what time, how fresh, paper, language, who looks; and the foot:
// whether the sources can be trusted.

import { feedOrder } from "../facts.js";
import { isBad } from "../freshness.js";
import { h } from "../render.js";
import { SHAPE_OF, shape } from "../shapes.js";
import { reasonWords } from "../words.js";

/** Sources that fail are named; of more the number is told. */
const MOST_NAMED = 4;

export function headParts(ctx) {
  const { t, boot, store } = ctx;
  const now = ctx.now();
  const live = ctx.online();
  const city = store.get("city", "city") ?? {};
  return [
    h("h1", { class: "city", dir: "auto", key: "city" }, boot.city.name),
    boot.city.simulation || city.simulation
      ? h("span", { class: "simulation", key: "sim" }, t("page.simulation"))
      : null,
    h(
      "span",
      { class: "connected", key: "link" },
      h("span", { class: `link-dot ${live ? "is-on" : "is-off"}`, "aria-hidden": "true" }),
      h("span", null, t(live ? "console.live" : "console.not_live")),
    ),
    h(
      "span",
      { class: "clock", key: "clock" },
      h("span", { class: "date" }, ctx.time.date(now)),
      h("time", null, ctx.time.seconds(now)),
      h("small", null, ctx.time.zone(now)),
    ),
    h(
      "div",
      { class: "tools", key: "tools" },
      h("button", { type: "button", class: "quiet", onclick: () => print() }, t("leader.print")),
      h(
        "button",
        { type: "button", class: "quiet", onclick: ctx.switchLanguage, "aria-label": t("console.language") },
        boot.city.languages.map((code) =>
          h("span", { key: code, class: code === ctx.language ? "is-on" : "" }, code.toUpperCase()),
        ),
      ),
      ctx.person ? who(ctx) : null,
    ),
    ctx.newer.note(ctx, () => location.reload()),
    h("p", { class: "print-only printed", key: "printed" }, printed(ctx)),
  ];
}

function who(ctx) {
  const { t, person } = ctx;
  return h(
    "details",
    { class: "who" },
    h(
      "summary",
      { "aria-label": t("console.menu", { name: person.name }) },
      h("b", { dir: "auto" }, person.name),
      h("small", null, t(`role.${person.role}`)),
    ),
    h(
      "div",
      { class: "who-menu" },
      h("a", { href: "/console" }, t("console.title")),
      h("a", { href: "/" }, t("console.wall")),
      h("a", { href: "/login?change" }, t("console.password")),
      h("button", { type: "button", onclick: ctx.logout }, t("console.logout")),
    ),
  );
}

/** On paper: when it was printed, and of when its figures are. */
function printed(ctx) {
  const now = ctx.now();
  const at = ctx.dataAt();
  const time = (seconds) =>
    `${ctx.time.date(seconds)} ${ctx.time.seconds(seconds)} ${ctx.time.zone(seconds)}`;
  const values = { printed: time(now), at: at === null ? "–" : ctx.time.seconds(at) };
  return ctx.t("leader.printed", values);
}

export function footParts(ctx) {
  const { t, figures, store } = ctx;
  const feeds = [...store.all("feed")].sort(feedOrder);
  const bad = feeds.filter(isBad);
  const state = !feeds.length ? "unknown" : bad.length ? "caution" : "normal";
  const values = { n: figures.number(feeds.length), bad: figures.number(bad.length) };
  const words = !feeds.length
    ? t("feeds.none")
    : t(bad.length ? "leader.sources_bad" : "leader.sources", values);
  const named = bad.slice(0, MOST_NAMED).map((feed) => {
    const since = ctx.time.moment(feed.last_good_at ?? feed.since, ctx.now());
    return h(
      "li",
      { key: feed.id, dir: "auto" },
      `${feed.name || feed.id}: ${t(`feeds.${feed.state}`, { since })}${feed.reason ? ` · ${reasonWords(t, feed.reason)}` : ""}`,
    );
  });
  return [
    h("p", { class: `sources is-${state}`, key: "sources" }, shape(state), words),
    named.length ? h("ul", { key: "bad" }, named) : null,
    h(
      "p",
      { class: "legend", key: "legend" },
      Object.keys(SHAPE_OF).map((state) =>
        h("span", { key: state, class: `is-${state}` }, shape(state), t(`severity.${state}`)),
      ),
    ),
  ];
}
