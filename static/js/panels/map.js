// The map: where. Drawn again only when something changed, and no oftener than the stage allows.

import { isOpen } from "../facts.js";
import { feedsOf, isBad } from "../freshness.js";
import { captionsOf } from "../map/captions.js";
import { Director, graveThings } from "../map/director.js";
import { cityIn, insetOf } from "../map/inset.js";
import { legendOf } from "../map/legend.js";
import { Nearest } from "../map/nearest.js";
import { outlineOf } from "../map/outline.js";
import { nowhereOf, outsideOf } from "../map/outside.js";
import { paintMap } from "../map/painter.js";
import { cameraPoints, focusOf, gaugePoints, hazardAreas, incidentPoints } from "../map/scene.js";
import { districtFigures } from "../map/shade.js";
import { h, render } from "../render.js";
import { rank } from "../severity.js";
import { shape } from "../shapes.js";

const KINDS = ["district", "incident", "camera", "gauge", "hazard", "wall", "alert"];

export function mount(el, ctx, { shade = "open", level: asked = null, follow = true, overlays = null } = {}) {
  const { t, store, figures } = ctx;
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const feeds = store.derived([...KINDS, "feed"], () => feedsOf(store, ["incident"]));
  /** The level that it colours; of a district that it is bound to the one below, which only the boundaries know. */
  let level = asked ?? ctx.boot.map_level ?? 0;
  const figuresOf = () =>
    store.derived(["district", "hazard"], () =>
      districtFigures(store.all("district"), level, shade, store.all("hazard")),
    );
  let districts = figuresOf();
  const cameras = store.derived(["camera", "feed"], () => cameraPoints(store.all("camera"), silent()));
  const cameraStates = store.derived(["camera", "feed"], () => new Set(cameras().map(({ state }) => state)));
  const points = store.derived(["incident"], () => incidentPoints(store.all("incident")));
  const grave = store.derived(["alert", "incident"], () =>
    graveThings(store.all("alert"), store.all("incident"), isOpen),
  );
  const captions = captionsOf(ctx, shade);
  const director = new Director(follow);
  const nearest = new Nearest(askNearest, () => {
    dirty = true;
    draw();
  });
  let city = null;
  let outside = () => [];
  const nowhere = store.derived(["incident"], () => nowhereOf(store.all("incident")));
  let painter = null;
  let failed = null;
  let dirty = true;
  let stopped = false;
  let subject = "";

  el.classList.add("tile", "map");
  const canvas = el.appendChild(document.createElement("div"));
  canvas.className = "map-canvas";
  const head = el.appendChild(document.createElement("header"));
  const note = el.appendChild(document.createElement("div"));
  note.className = "map-note";
  const inset = el.appendChild(document.createElement("div"));
  inset.className = "map-inset";
  const foot = el.appendChild(document.createElement("footer"));
  const resized = new ResizeObserver(() => {
    painter?.resize(ctx.screen().rem);
  });

  /** The heights (px) that title and legend take; the inset keeps off them. */
  function margins() {
    const found = { top: head.offsetHeight, bottom: foot.offsetHeight };
    inset.style.setProperty("--head", `${found.top}px`);
    inset.style.setProperty("--foot", `${found.bottom}px`);
    return found;
  }

  async function begin() {
    const { geo, base } = await ctx.geo;
    // Text on a canvas is not drawn again when the font arrives later.
    await document.fonts?.load('600 20px "Inter Variable"').catch(() => null);
    if (stopped || !window.ol) return;
    if (ctx.district && asked === null) {
      level = ctx.places.levelBelow(ctx.district) ?? level;
      districts = figuresOf();
    }
    city = cityIn(outlineOf(geo.features), geo.bounds);
    outside = store.derived(["incident", "hazard"], () =>
      outsideOf(store.all("incident"), store.all("hazard"), middleOf(geo.bounds)),
    );
    render(foot, legend());
    const options = {
      geo,
      base,
      level,
      district: ctx.district ?? "",
      tiles: ctx.boot.tiles ?? {},
      overlays,
      now: ctx.now,
      margins,
      still: () => still.matches,
      insetSize: () => (inset.firstChild ? { width: inset.offsetWidth, height: inset.offsetHeight } : null),
      placeInset: (corner) => (inset.dataset.corner = corner),
    };
    painter = paintMap(window.ol, canvas, options, ctx.screen().rem);
    resized.observe(canvas);
  }

  begin()
    // Whatever stops the map: it says why, and the counts stand as a list in its place.
    .catch((fault) => (failed = fault))
    .then(() => stopped || update(new Set(["synced"])));

  async function askNearest(id) {
    const answer = await fetch(`/api/v1/incidents/${encodeURIComponent(id)}/cameras`);
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return answer.json();
  }

  /** What the map looks at: where somebody sent it, or where something grave has begun. */
  function look() {
    const now = ctx.now();
    const asked = ctx.sent()?.subject ?? "";
    const before = subject;
    if (store.synced) subject = director.subject(now, asked, grave(), (one) => focusOf(store, one) !== null);
    if (subject !== before) dirty = true;
  }

  /** Ids of the feeds that bring nothing. */
  function silent() {
    const bad = store.all("feed").filter(isBad);
    return new Set(bad.map((feed) => feed.id));
  }

  function scene() {
    const near = nearest.of(subject).flatMap(({ id, name, m }) => {
      const place = store.get("camera", id)?.place;
      const words = t("map.camera_near", { name: name || id, m: figures.number(m) });
      return Number.isFinite(place?.lon) ? [{ id, name: words, lon: place.lon, lat: place.lat }] : [];
    });
    return {
      figures: districts(),
      hazards: hazardAreas(store.all("hazard")),
      cameras: cameras(),
      gauges: gaugePoints(store.all("gauge"), silent(), ctx.now()),
      incidents: points(),
      focus: focusOf(store, subject),
      near,
      number: figures.number,
    };
  }

  /** Without the library the question "where" still has an answer. */
  function list() {
    const rows = [...districts()].sort(
      ([, a], [, b]) => rank(a.worst) - rank(b.worst) || b.count - a.count || a.name.localeCompare(b.name),
    );
    return rows.map(([code, { name, count, worst }]) =>
      h(
        "div",
        { class: "line", key: code },
        shape(worst ?? (count ? "none" : "normal")),
        h("span", { class: "name clamp-1", dir: "auto" }, name),
        h("b", null, figures.number(count)),
      ),
    );
  }

  function legend() {
    const tiles = painter?.tiles ?? null;
    const shown = { gauges: store.all("gauge").length > 0, hazards: store.all("hazard").length > 0 };
    const notes = captions.notes({ missing: nowhere(), outside: outside(), tiles });
    // A map of values is of a day: without it, a picture of years ago would pass for today's.
    const overlaid = (tiles?.overlays ?? []).map(({ name, asOf }) =>
      asOf ? `${name} · ${t("landvalue.as_of", { time: ctx.time.asOf(asOf) })}` : name,
    );
    return legendOf({ t, shade, states: cameraStates(), overlaid, ...shown }, notes);
  }

  function update(changed) {
    if ([...changed].some((kind) => KINDS.includes(kind) || kind === "feed" || kind === "synced"))
      dirty = true;
    look();
    const now = ctx.now();
    const bad = feeds().filter(isBad).length;
    const state = !store.synced ? "waiting" : bad ? "late" : "fresh";
    el.dataset.state = state;
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
      h("h2", { dir: "auto" }, captions.title(subject, level)),
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
    draw();
  }

  function draw() {
    if (!painter || !dirty) return;
    dirty = false;
    const now = scene();
    painter.look(now.focus);
    const shown = painter.shown();
    const extent = shown?.closer ? shown.extent : null;
    el.toggleAttribute("data-closer", extent !== null);
    render(inset, insetOf(city, extent, outside()));
    painter.draw(now);
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

const middleOf = ([west, south, east, north]) => [(west + east) / 2, (south + north) / 2];
