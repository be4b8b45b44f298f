// One chart of trends on a canvas (uPlot): made once, given new data, taken off. Colours and sizes are the page's.

import { DAY_S, scale } from "./trends.js";

const HOUR_S = 3600;

/** From 6 m nobody reads more hours than these. */
const TICKS_H = [0, 6, 12, 18, 24];

/** Widths of lines and dots (rem), and the smallest text of a wall. */
const LINE_REM = 0.11;
const FAINT_REM = 0.07;
const DOT_REM = 0.24;
const TEXT_REM = 0.86;

/** Lower than this a line has no room above its hours (rem): the figure beside the title says what is. */
const LEAST_REM = 3.2;

/** What the axes keep free (rem): the hours below, the figures at the left, half an hour's name at the right. */
const BELOW_REM = 1.35;
const LEFT_REM = 2.9;
const RIGHT_REM = 0.9;

const library = () => import("../vendor/uplot/dist/uPlot.esm.js").then((module) => module.default);

/** Draws into `el`. `words` writes a value of the scale; `rem()` is the page's size of text in pixels. */
export class Plot {
  #chart = null;
  #made = null;
  #data = null;
  #stopped = false;

  constructor(el, { count, words, rem }) {
    Object.assign(this, { el, count, words, rem });
    this.resized = new ResizeObserver(() => this.#fit());
    this.resized.observe(el);
    // Without the library the figures beside the title still say what is.
    this.ready = library().then(
      (uPlot) => {
        this.uPlot = uPlot;
        this.#draw();
      },
      (fault) => console.warn("no charts:", fault),
    );
  }

  /** What chartData() gives. */
  show(data) {
    this.#data = data;
    this.#draw();
  }

  /** The colours of the page have changed. */
  dress() {
    this.#chart?.redraw();
  }

  stop() {
    this.#stopped = true;
    this.resized.disconnect();
    this.#chart?.destroy();
    this.#chart = null;
  }

  #fit() {
    const { clientWidth: width, clientHeight: height } = this.el;
    if (!this.#chart || !width || height < LEAST_REM * this.rem()) return this.#draw();
    if (this.#made !== this.rem()) this.#remake();
    else if (this.#chart.width !== width || this.#chart.height !== height) this.#chart.setSize({ width, height });
  }

  /** The text of axes has the size that it was made with. */
  #remake() {
    this.#chart.destroy();
    this.#chart = null;
    this.#draw();
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.el;
    if (this.#stopped || !this.uPlot || !this.#data || !width) return;
    if (height < LEAST_REM * this.rem()) {
      this.#chart?.destroy();
      this.#chart = null;
      return;
    }
    const { x, today, before } = this.#data;
    const rows = [x, before, today];
    this.scale = scale([...today, ...before, this.#data.running?.value ?? null], this.count);
    if (this.#chart) this.#chart.setData(rows);
    else {
      this.#made = this.rem();
      this.#chart = new this.uPlot(this.#options(width, height), rows, this.el);
    }
  }

  #options(width, height) {
    const rem = this.#made;
    const colour = (name) => () => getComputedStyle(this.el).getPropertyValue(name).trim();
    const font = `450 ${TEXT_REM * rem}px "Inter Variable", Inter, system-ui, sans-serif`;
    const axis = { stroke: colour("--muted"), font, ticks: { show: false }, gap: 0.25 * rem };
    const grid = { stroke: colour("--line"), width: 1 };
    return {
      width,
      height,
      padding: [0.5 * rem, RIGHT_REM * rem, 0, 0],
      cursor: { show: false },
      legend: { show: false },
      select: { show: false },
      scales: { x: { time: false, range: () => [0, DAY_S] }, y: { range: () => [0, this.scale.max] } },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: BELOW_REM * rem,
          splits: () => TICKS_H.map((hour) => hour * HOUR_S),
          values: (_, splits) => splits.map((at) => String(at / HOUR_S).padStart(2, "0")),
        },
        { ...axis, grid, size: LEFT_REM * rem, splits: () => this.scale.ticks, values: (_, list) => list.map(this.words) },
      ],
      series: [
        {},
        { stroke: colour("--faint"), width: FAINT_REM * rem, points: { show: false } },
        { stroke: colour("--accent"), width: LINE_REM * rem, points: { show: false } },
      ],
      hooks: { draw: [(chart) => this.#mark(chart, colour)] },
    };
  }

  /** A dot where the line ends, and a ring for the span that is not over. */
  #mark(chart, colour) {
    const { last, running } = this.#data;
    const { ctx } = chart;
    const dot = (point, fill) => {
      ctx.beginPath();
      const radius = DOT_REM * this.#made * devicePixelRatio;
      ctx.arc(chart.valToPos(point.x, "x", true), chart.valToPos(point.value, "y", true), radius, 0, 2 * Math.PI);
      ctx.fillStyle = fill;
      ctx.fill();
      ctx.lineWidth = LINE_REM * this.#made * devicePixelRatio;
      ctx.strokeStyle = colour("--accent")();
      ctx.stroke();
    };
    ctx.save();
    if (last) dot(last, colour("--accent")());
    if (running && running.value !== null) dot(running, colour("--surface")());
    ctx.restore();
  }
}
