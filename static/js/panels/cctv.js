// Cameras: how many live, and which do not, since when.

import { CAMERA_ORDER, cameraFigures, cameraState } from "../facts.js";
import { h } from "../render.js";
import { shape } from "../shapes.js";
import { tile } from "../tile.js";

export function mount(el, ctx) {
  const { t, figures } = ctx;

  function rest({ counts }) {
    const states = CAMERA_ORDER.filter((state) => counts[state]);
    return states.map((state) => `${figures.number(counts[state])} ${t(`cctv.${state}`)}`).join(" · ");
  }

  function row(camera, now) {
    const state = cameraState(camera);
    const words =
      camera.since && state !== "checking"
        ? t("cctv.since", { state: t(`cctv.${state}`), age: figures.duration(now - camera.since) })
        : t(`cctv.${state}`);
    return h(
      "div",
      { class: `line camera is-${state}`, key: camera.id },
      shape(state === "frozen" ? "caution" : "unknown"),
      h("span", { class: "clamp-1 name", dir: "auto" }, camera.name || camera.id),
      h("span", { class: "value" }, words),
    );
  }

  return tile(el, ctx, {
    kinds: ["camera"],
    title: () => t("cctv.title"),
    detail: ({ counts, total }) =>
      total ? t("cctv.of", { n: figures.number(counts.online), total: figures.number(total) }) : "",
    model: (store) => cameraFigures(store.all("camera")),
    count: ({ total }) => total,
    empty: "cctv.none",
    well: false,
    rows: ({ down }) => down,
    done: "cctv.all",
    rest,
    row,
  });
}
