// The map: where. Drawn again only when something changed, and no oftener than the stage allows.

import {
  cameraPoints,
  districtFigures,
  focusOf,
  gaugePoints,
  hazardAreas,
  incidentPoints,
  offMap,
} from "../map/scene.js";
import { paintMap } from "../map/painter.js";
import { nameOf } from "../facts.js";
import { feedsOf, isBad } from "../freshness.js";
import { h, render } from "../render.js";
import { rank } from "../severity.js";
import { shape } from "../shapes.js";

const KINDS = ["district", "incident", "camera", "gauge", "hazard", "wall"];

export function mount(el, ctx) {
  const { t, store, boot, figures } = ctx;
  const level = boot.map_level ?? 0;
  const feeds = store.derived([...KINDS, "feed"], () => feedsOf(store, ["incident"]));
  const off = store.derived(["incident"], () => offMap(store.all("incident")));
  let painter = null;
  let failed = null;
  let dirty = true;
  let stopped = false;

  el.classList.add("tile", "map");
  const canvas = el.appendChild(document.createElement("div"));
  canvas.className = "map-canvas";
  const head = el.appendChild(document.createElement("header"));
  const note = el.appendChild(document.createElement("div"));
  note.className = "map-note";
  const foot = el.appendChild(document.createElement("footer"));
  const resized = new ResizeObserver(() => {
    painter?.resize(ctx.screen().rem);
  });

  async function begin() {
    const { geo, base } = await ctx.geo;
    // Text on a canvas is not drawn again when the font arrives later.
    await document.fonts?.load('600 20px "Inter Variable"').catch(() => null);
    if (stopped || !window.ol) return;
    render(foot, legend());
    painter = paintMap(window.ol, canvas, geo, base, level, ctx.screen().rem, () => ({
      top: head.offsetHeight,
      bottom: foot.offsetHeight,
    }));
    resized.observe(canvas);
  }

  begin()
    // Whatever stops the map: it says why, and the counts stand as a list in its place.
    .catch((fault) => (failed = fault))
    .then(() => stopped || update(new Set(["synced"])));

  function scene() {
    const silent = new Set(
      store
        .all("feed")
        .filter(isBad)
        .map((feed) => feed.id),
    );
    return {
      figures: districtFigures(store.all("district"), level),
      hazards: hazardAreas(store.all("hazard")),
      cameras: cameraPoints(store.all("camera"), silent),
      gauges: gaugePoints(store.all("gauge"), silent, ctx.now()),
      incidents: incidentPoints(store.all("incident")),
      focus: focusOf(store, ctx.sent()?.subject),
      number: figures.number,
    };
  }

  /** Without the library the question "where" still has an answer. */
  function list() {
    const rows = [...districtFigures(store.all("district"), level)].sort(
      ([, a], [, b]) => rank(a.worst) - rank(b.worst) || b.open - a.open || a.name.localeCompare(b.name),
    );
    return rows.map(([code, { name, open, worst }]) =>
      h(
        "div",
        { class: "line", key: code },
        shape(worst ?? (open ? "none" : "normal")),
        h("span", { class: "name clamp-1", dir: "auto" }, name),
        h("b", null, figures.number(open)),
      ),
    );
  }

  function legend() {
    const { outside, nowhere } = off();
    const lost = [
      outside ? t("map.outside", { n: figures.number(outside) }) : "",
      nowhere ? t("map.no_location", { n: figures.number(nowhere) }) : "",
    ].filter(Boolean);
    return [
      ["danger", "severe", "caution", "none"].map((state) =>
        h("span", { key: state }, shape(state), t(`severity.${state}`)),
      ),
      ["camera", "gauge", "hazard"].map((name) =>
        h("span", { key: name }, h("i", { class: `sign-${name}` }), t(`map.${name}`)),
      ),
      lost.length ? h("b", { key: "off" }, lost.join(" · ")) : null,
    ];
  }

  function update(changed) {
    const now = ctx.now();
    if ([...changed].some((kind) => KINDS.includes(kind) || kind === "feed" || kind === "synced"))
      dirty = true;
    const bad = feeds().filter(isBad).length;
    const state = !store.synced ? "waiting" : bad ? "late" : "fresh";
    el.dataset.state = state;
    const about = ctx.sent()?.subject;
    const focus = about ? nameOf(store, about, ctx.language) : "";
    const title = focus || (ctx.places.label
      ? t("map.title", { level: ctx.places.label.toLowerCase() })
      : t("map.title_plain"));
    const at = ctx.newestFrame();
    const age =
      state === "waiting"
        ? t("tile.no_age")
        : bad
          ? t("tile.late", { bad, of: feeds().length })
          : at
            ? figures.age(now - at)
            : "";
    render(
      head,
      h("h2", null, title),
      h("span", { class: state === "fresh" && ctx.live() ? "age" : "age late" }, age),
    );
    render(foot, legend());
    if (failed)
      render(
        note,
        h("p", { class: "note" }, t("map.no_geo", { reason: failed.message })),
        h("div", { class: "rows" }, list()),
      );
    else if (!window.ol)
      render(note, h("p", { class: "note" }, t("map.no_library")), h("div", { class: "rows" }, list()));
    else render(note, painter ? null : h("p", { class: "note" }, t("map.loading")));
    if (painter && dirty) {
      dirty = false;
      painter.draw(scene());
    }
  }

  return {
    kinds: [...KINDS, "feed", "synced"],
    update,
    dress: () => painter?.resize(ctx.screen().rem),
    stop() {
      stopped = true;
      resized.disconnect();
      painter?.stop();
      el.replaceChildren();
    },
  };
}
