// A long list of which only the rows in sight exist. All rows are equally high, so nothing has to be measured.

import { h, render } from "../render.js";

/** Rows above and below the window that exist as well, so that a turn of the wheel shows no gap. */
const SPARE = 6;

/** First and last (exclusive) of `n` rows of `height` that a window of `view` at `top` shows, with spare ones. */
export function span({ top, view, height, n, spare = SPARE }) {
  const first = Math.max(0, Math.floor(top / height) - spare);
  const last = Math.min(n, Math.ceil((top + view) / height) + spare);
  return [Math.min(first, last), last];
}

/** Where to scroll so that row `index` is in sight, by the least movement. */
export function scrolledTo({ top, view, height, index }) {
  if (index * height < top) return index * height;
  if ((index + 1) * height > top + view) return (index + 1) * height - view;
  return top;
}

/**
 * A listbox in `root`: show(items) with `id(item)`, `row(item)` → children of its row. One row is selected;
 * `onOpen(item)` is called for a click on it or open(). `height` is a row's height in px, by a function, for
 * it differs on a phone.
 */
export class Rows {
  #items = [];
  #selected = null;
  #asked = false;

  constructor(root, { id, row, height, label, onOpen, onSelect = () => {} }) {
    Object.assign(this, { root, id, row, height, onOpen, onSelect });
    this.list = document.createElement("div");
    this.list.className = "rows";
    this.list.tabIndex = 0;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", label);
    this.list.addEventListener("scroll", () => this.#soon(), { passive: true });
    this.sheet = document.createElement("div");
    this.sheet.className = "rows-sheet";
    this.sheet.setAttribute("role", "presentation");
    this.list.append(this.sheet);
    root.append(this.list);
    this.watch = new ResizeObserver(() => this.#soon());
    this.watch.observe(this.list);
  }

  get items() {
    return this.#items;
  }

  get selected() {
    return this.#items.find((item) => this.id(item) === this.#selected) ?? null;
  }

  /** Show these; what was selected stays so while it is there. */
  show(items) {
    const before = this.#items.findIndex((item) => this.id(item) === this.#selected);
    this.#items = items;
    if (items.length && !items.some((item) => this.id(item) === this.#selected)) {
      // The one that took its place: who works down a list goes on where they were.
      this.#selected = this.id(items[Math.min(Math.max(before, 0), items.length - 1)]);
    }
    this.paint();
  }

  /** Select the row `by` further down, and bring it into sight. */
  move(by) {
    if (!this.#items.length) return;
    const at = this.#items.findIndex((item) => this.id(item) === this.#selected);
    const index = Math.min(Math.max(at + by, 0), this.#items.length - 1);
    this.select(this.id(this.#items[index]));
  }

  select(id) {
    const index = this.#items.findIndex((item) => this.id(item) === id);
    if (index < 0) return;
    this.#selected = id;
    const height = this.height();
    const { scrollTop: top, clientHeight: view } = this.list;
    const wanted = scrolledTo({ top, view, height, index });
    if (wanted !== top) this.list.scrollTop = wanted;
    this.onSelect(this.#items[index]);
    this.paint();
  }

  /** Open what is selected. */
  open() {
    const item = this.selected;
    if (item) this.onOpen(item);
  }

  focus() {
    this.list.focus({ preventScroll: true });
  }

  /** The rows in sight, as they are now. */
  paint() {
    this.#asked = false;
    const height = this.height();
    const n = this.#items.length;
    const [first, last] = span({ top: this.list.scrollTop, view: this.list.clientHeight, height, n });
    this.sheet.style.height = `${n * height}px`;
    const prefix = this.list.id || "row";
    let active = null;
    const rows = this.#items.slice(first, last).map((item, i) => {
      const id = this.id(item);
      const selected = id === this.#selected;
      if (selected) active = `${prefix}-${first + i}`;
      return h(
        "div",
        {
          key: id,
          id: `${prefix}-${first + i}`,
          class: "row",
          role: "option",
          "aria-selected": selected ? "true" : "false",
          "aria-posinset": first + i + 1,
          "aria-setsize": n,
          style: { transform: `translateY(${(first + i) * height}px)`, height: `${height}px` },
          onclick: () => {
            this.select(id);
            this.onOpen(item);
          },
        },
        this.row(item),
      );
    });
    render(this.sheet, rows);
    if (active) this.list.setAttribute("aria-activedescendant", active);
    else this.list.removeAttribute("aria-activedescendant");
  }

  stop() {
    this.watch.disconnect();
  }

  #soon() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => this.paint());
  }
}
