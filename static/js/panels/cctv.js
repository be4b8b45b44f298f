// Cameras: how many live, and which do not, since when.

import { cameraFigures } from "../facts.js";
import { h } from "../render.js";
import { shape } from "../shapes.js";
import { tile } from "../tile.js";

export function mount(el, ctx) {
  const { t, figures } = ctx;

  function head({ counts }) {
    const parts = ["frozen", "offline", "unknown"].filter((state) => counts[state]);
    return h(
      "div",
      { class: "camera-counts", key: "head" },
      h("b", null, figures.number(counts.online), h("i", null, ` ${t("cctv.alive")}`)),
      parts.map((state) => h("span", { class: `is-${state}` }, `${figures.number(counts[state])} ${t(`cctv.${state}`)}`)),
    );
  }

  function row(camera, now) {
    const state = camera.state ?? "unknown";
    const words = camera.since ? t("cctv.since", { state: t(`cctv.${state}`), age: figures.duration(now - camera.since) }) : t(`cctv.${state}`);
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
    detail: ({ total }) => (total ? figures.number(total) : ""),
    model: (store) => cameraFigures(store.all("camera")),
    count: ({ total }) => total,
    empty: "cctv.none",
    well: false,
    head,
    rows: ({ down }) => down,
    row,
  });
}
