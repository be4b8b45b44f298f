// Cameras: pictures of what matters now, each as live as it is; and which cameras do not live, since when.

import { choose, hasPicture, streamOf } from "../cctv/choice.js";
import { pictureState, shortName } from "../cctv/picture.js";
import { Player, REST_S, hasPlace } from "../cctv/player.js";
import { gridOf } from "../cctv/room.js";
import { Still } from "../cctv/still.js";
import { CAMERA_ORDER, cameraFigures, cameraState } from "../facts.js";
import { h } from "../render.js";
import { shape } from "../shapes.js";
import { focusOf } from "../map/scene.js";
import { tile } from "../tile.js";

/** Pictures of a panel that names no other number, where the room is. */
const USUAL_PICTURES = 12;

/** On a phone: the first two; the thumb has the rest of the page to go. */
const PHONE_PICTURES = 2;

/** Lines of the list of cameras that do not live, below the pictures, by the height of the panel (rem). */
const DOWN_LINES = [
  [26, 3],
  [15, 2],
  [11, 1],
];
const LINE_REM = 1.75;
const MORE_REM = 1.6;

const SHAPE = { live: "normal", frozen: "caution", offline: "unknown", unknown: "unknown", checking: "unknown" };

/** `options`: mode ("auto", "snapshot", "hls" or "list"), pictures (at most so many), cameras (ids to show). */
export function mount(el, ctx, options = {}) {
  const { t, figures, store } = ctx;
  const { mode = "auto", pictures = USUAL_PICTURES, cameras: named = [] } = options;
  /** id → {still, player, restsUntil}; the cameras on the glass */
  const watched = new Map();
  /** those to be on the glass after the last drawing */
  let wanted = [];
  let seen = false;

  function rest({ counts }) {
    const states = CAMERA_ORDER.filter((state) => counts[state]);
    return states.map((state) => `${figures.number(counts[state])} ${t(`cctv.${state}`)}`).join(" · ");
  }

  const since = (state, at, now) =>
    at ? t("cctv.since", { state: t(`cctv.${state}`), age: figures.duration(now - at) }) : t(`cctv.${state}`);

  function row(camera, now) {
    const state = cameraState(camera);
    return h(
      "div",
      { class: `line camera is-${state}`, key: `down ${camera.id}` },
      shape(SHAPE[state]),
      h("span", { class: "clamp-1 name", dir: "auto" }, shortName(camera.name || camera.id)),
      h("span", { class: "value" }, since(state, state === "checking" ? 0 : camera.since, now)),
    );
  }

  function detail(model) {
    const { counts, total } = model;
    const n = figures.number(counts.online);
    if (!total) return "";
    if (!wanted.length) return t("cctv.of", { n, total: figures.number(total) });
    return [t("cctv.short", { n, total: figures.number(total) }), rest(model)].filter(Boolean).join(" · ");
  }

  /** The camera that the wall was sent to: it is shown alone, as large as may be, or why it cannot. */
  function only() {
    const subject = ctx.sent?.()?.subject ?? "";
    return subject.startsWith("camera:") ? (store.get("camera", subject.slice("camera:".length)) ?? null) : null;
  }

  /** Where the wall was sent else, as choice.js takes it. */
  function sentTo() {
    const subject = ctx.sent?.()?.subject ?? "";
    const focus = focusOf(store, subject);
    return focus?.code ? { district: focus.code } : focus;
  }

  function room() {
    const body = el.querySelector(".tile-body");
    const { rem, mode: screen } = ctx.screen();
    const box = body.getBoundingClientRect();
    const width = box.width / rem;
    if (screen === "phone") return { width, height: 0, phone: true };
    return { width, height: box.height / rem, phone: false };
  }

  function picture(camera, now) {
    const { still, player } = watched.get(camera.id) ?? {};
    const { state, since: from, at, reason } = pictureState({
      camera,
      look: still?.look,
      stream: player?.state ?? null,
      now,
    });
    const age = state === "live" && at ? figures.age(Math.max(0, now - at)) : "";
    const waits = state === "checking" && at === null;
    const never = waits && !hasPicture(camera);
    const why = never ? "no_picture" : state === "unknown" ? reason : "";
    const word = why ? t(`cctv.why.${why}`) : waits ? t("cctv.waiting") : since(state, from, now);
    const quiet = state === "live" || state === "checking";
    return h(
      "figure",
      { class: `picture is-${state}${at === null ? " is-blank" : ""}`, key: camera.id, "data-state": state },
      h(
        "div",
        { class: "glass", "data-camera": camera.id },
        h("canvas", { "aria-hidden": "true" }),
        h("video", { playsinline: true, hidden: !player?.state, "aria-hidden": "true" }),
        quiet && at !== null ? null : h("span", { class: "veil" }, shape(SHAPE[state]), word),
      ),
      h(
        "figcaption",
        null,
        h("span", { class: "clamp-1 name", dir: "auto" }, shortName(camera.name || camera.id)),
        h(
          "span",
          { class: "about" },
          shape(SHAPE[state]),
          waits ? null : h("span", { class: "word" }, t(`cctv.${state}`)),
          at && state !== "live" ? h("span", null, ctx.time.moment(at, now)) : age ? h("span", null, age) : null,
          camera.seen ? h("span", { class: "sees" }, t(`cctv.sees.${camera.seen}`)) : null,
          h("span", { class: "clamp-1 where", dir: "auto" }, ctx.places.short(camera.place, t)),
        ),
      ),
    );
  }

  /** The pictures, or null where there are none to show: then the list stands there. */
  function body(model, now) {
    wanted = [];
    if (mode === "list") return null;
    const alone = only();
    if (alone) return sole(alone, now);
    if (!model.able) return null;
    const { width, height, phone } = room();
    const lines = Math.min(model.down.length, DOWN_LINES.find(([least]) => height >= least)?.[1] ?? 0);
    // Where no line fits, the title alone counts them.
    const more = lines > 0 && model.down.length > lines;
    const foot = lines * LINE_REM + (more ? MORE_REM : 0);
    const grid = phone
      ? { columns: 1, count: Math.min(PHONE_PICTURES, pictures) }
      : gridOf({ width, height: height - foot, wanted: Math.min(pictures, model.able) });
    if (!grid.count) return null;
    wanted = choose({
      cameras: store.all("camera"),
      alerts: store.all("alert"),
      incidents: store.all("incident"),
      sent: sentTo(),
      named,
      count: grid.count,
      now,
    });
    return [
      h(
        "div",
        {
          class: phone ? "pictures is-phone" : "pictures",
          key: "pictures",
          style: { "--columns": String(Math.min(grid.columns, wanted.length) || 1) },
        },
        wanted.map((camera) => picture(camera, now)),
      ),
      lines ? h("div", { class: "rows", key: "down" }, model.down.slice(0, lines).map((each) => row(each, now))) : null,
      more
        ? h(
            "div",
            { class: "more", key: "more" },
            t("tile.more", { n: figures.number(model.down.length - lines) }),
          )
        : null,
    ];
  }

  /** One camera and nothing beside it. */
  function sole(camera, now) {
    wanted = [camera];
    const phone = ctx.screen().mode === "phone";
    return h(
      "div",
      { class: `pictures is-sole${phone ? " is-phone" : ""}`, key: "pictures", style: { "--columns": "1" } },
      picture(camera, now),
    );
  }

  /** Ask for pictures of what is on the glass, and of nothing else. */
  function wire() {
    const glasses = new Map(
      [...el.querySelectorAll(".glass")].map((glass) => [glass.dataset.camera, glass]),
    );
    for (const [id, one] of watched) if (!seen || !glasses.has(id)) leave(id, one);
    if (!seen) return;
    for (const camera of wanted) {
      const glass = glasses.get(camera.id);
      if (!glass) continue;
      if (!watched.has(camera.id))
        watched.set(camera.id, { still: new Still(camera.id, redraw), player: null, restsUntil: -Infinity });
      const one = watched.get(camera.id);
      stream(camera, one, glass);
      const still = camera.picture && mode !== "hls" && !one.player?.state?.playing;
      one.still.on(still ? glass.querySelector("canvas") : null);
    }
  }

  function stream(camera, one, glass) {
    const url = mode === "snapshot" ? "" : streamOf(camera);
    if (one.player && (one.url !== url || one.video !== glass.querySelector("video"))) drop(one);
    if (one.player) return one.player.tick(ctx.now());
    if (!url || ctx.mono() < one.restsUntil || !hasPlace()) return;
    one.url = url;
    one.video = glass.querySelector("video");
    one.player = new Player(
      one.video,
      url,
      () => {
        one.player = null;
        one.restsUntil = ctx.mono() + REST_S;
      },
      ctx.now(),
    );
  }

  function drop(one) {
    one.player?.stop();
    one.player = null;
  }

  function leave(id, one) {
    drop(one);
    one.still.on(null);
    watched.delete(id);
  }

  const base = tile(el, ctx, {
    kinds: ["camera", "alert", "incident"],
    feedKinds: ["camera"],
    title: () => t("cctv.title"),
    detail,
    model: () => {
      const all = store.all("camera");
      return { ...cameraFigures(all), able: all.filter(hasPicture).length };
    },
    count: ({ total }) => total,
    empty: "cctv.none",
    well: false,
    body,
    rows: ({ down }) => down,
    done: "cctv.all",
    rest,
    row,
  });

  function redraw() {
    base.update(new Set(["clock"]));
  }

  // A page that lies behind another asks for nothing, and no decoder runs for it.
  const sight = new IntersectionObserver((entries) => {
    seen = entries.at(-1).isIntersecting;
    wire();
  });
  sight.observe(el);

  return {
    kinds: base.kinds,
    update(changed) {
      base.update(changed);
      wire();
    },
    stop() {
      sight.disconnect();
      for (const [id, one] of watched) leave(id, one);
      base.stop();
    },
  };
}
