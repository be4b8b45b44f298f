// The head of the page: which city, how it stands, is it real, what day and time.

import { headline } from "../facts.js";
import { h, render } from "../render.js";
import { sentWords } from "../sent.js";
import { shape } from "../shapes.js";
import { pick } from "../words.js";

/** What the state of the city is made of. */
const KINDS = ["alert", "incident", "hazard", "gauge"];

export const ELEMENT = "header";
export const PACE_S = 0;

export function mount(el, ctx) {
  const { t, store, boot } = ctx;
  const standing = store.derived(KINDS, () =>
    headline({
      alerts: store.all("alert"),
      incidents: store.all("incident"),
      hazards: store.all("hazard"),
      gauges: store.all("gauge"),
      now: ctx.now(),
    }),
  );

  function level() {
    if (!store.synced) return null;
    const { severity, counts, unseen, open } = standing();
    const state = severity ?? "normal";
    const number = (n) => ctx.figures.number(n);
    // What makes it so: the reports first, and the other kinds only where no report is as bad.
    const kinds = counts.incident ? ["incident"] : ["hazard", "gauge"].filter((kind) => counts[kind]);
    const words = kinds.map((kind) => t(`header.${kind}`, { n: number(counts[kind]) }));
    if (unseen) words.push(t("header.unseen", { n: number(unseen) }));
    else if (open) words.push(t("header.seen"));
    return h(
      "span",
      { class: `level is-${state}${unseen || !open ? "" : " is-quiet"}`, key: "level" },
      shape(state),
      h("b", null, t(`severity.${state}`)),
      h("span", { class: "words" }, words.join(" · ") || t("header.quiet")),
    );
  }

  /** The level that holds, and who is in command at it; why, where leaders have said so. */
  function declared({ level, status_text: text }) {
    if (!level) return null;
    const state = level.severity ?? "normal";
    const commander = pick(level.commander, ctx.language);
    return h(
      "span",
      { class: `declared is-${state}`, key: "declared" },
      shape(state, t(`severity.${state}`)),
      h("b", { dir: "auto" }, pick(level.name, ctx.language)),
      commander && level.severity ? h("span", { class: "commander", dir: "auto" }, commander) : null,
      text && level.severity ? h("span", { class: "words", dir: "auto" }, text) : null,
    );
  }

  /** Whose wall it is: the city's, or that of one of its districts. */
  function named() {
    const own = h("span", { dir: "auto" }, boot.city.name);
    if (!ctx.district) return [own];
    const name = store.get("district", ctx.district)?.name ?? ctx.places.name(ctx.district);
    return [h("span", { dir: "auto" }, name), h("small", { dir: "auto" }, boot.city.name)];
  }

  function draw() {
    const now = ctx.now();
    const city = store.get("city", "city") ?? {};
    const simulated = boot.city.simulation || city.simulation;
    const quiet = !city.level?.severity;
    const grave = store.synced && standing().severity === "danger";
    const sent = ctx.sent();
    render(
      el,
      h("h1", { class: "city", key: "city" }, ...named()),
      simulated ? h("span", { class: "simulation", key: "sim" }, t("page.simulation")) : null,
      declared(city),
      // What leaders have declared goes before what is counted, but danger that nobody may overlook.
      quiet || grave ? level() : null,
      // Where this is not the wall's own page, that is worth more than the date.
      sent ? h("span", { class: "sent", key: "sent" }, sentWords(sent, ctx).map((words) => h("span", null, words))) : null,
      !sent && (quiet || !grave) ? h("span", { class: "date", key: "date" }, ctx.time.date(now)) : null,
      h(
        "span",
        { class: "clock", key: "clock" },
        ctx.time.seconds(now),
        h("small", null, ctx.time.zone(now)),
      ),
    );
  }

  return { kinds: [...KINDS, "city", "district", "wall", "synced"], update: draw, stop: () => el.replaceChildren() };
}
