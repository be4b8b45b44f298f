// What an agency has to do, on a phone: its own incidents, worst first, and one large button for what comes next.

import { h, render } from "../render.js";
import { shape } from "../shapes.js";
import { chip } from "./clock_words.js";
import { element } from "./incidents.js";
import { mark } from "./mark.js";
import { mount as mountNew } from "./new_incident.js";
import { parse } from "./router.js";
import { Story } from "./story.js";
import { needsOf } from "./story_asks.js";
import { argsOf, nextStep, stepsFor } from "./steps.js";
import { NO_FILTER, chosen, isWork, statusOf, titleOf } from "./worklist.js";

/** More than these are not read on a phone; what is late comes first. */
const MOST = 100;

export function mount(root, ctx) {
  const { t } = ctx;
  root.classList.add("agency-phone");
  let text = "";
  let done = false;
  let at = null;
  let form = null;
  const head = element("div", "phone-head", root);
  const split = element("div", "split", root);
  const left = element("div", "split-list phone-list", split);
  const right = element("div", "split-story", split);
  const back = () => ctx.go("incidents");
  const story = new Story(right, ctx, { onClose: back });

  function mine() {
    const filter = { ...NO_FILTER, text, status: done ? "" : "open" };
    const found = chosen(ctx.store.all("incident"), filter);
    return done ? found.filter((incident) => !isWork(incident)) : found;
  }

  const steps = (incident) =>
    stepsFor(ctx.boot.transitions ?? [], ctx.person.role, statusOf(incident)).filter(({ action }) =>
      ctx.may(action),
    );

  async function take(incident, step) {
    const spec = needsOf(step, incident, ctx);
    const values = spec ? await ctx.ask(spec) : {};
    if (values !== null) await ctx.commands.send(step.action, argsOf(step, incident, values));
  }

  function card(incident) {
    const state = incident.severity ?? "none";
    const all = steps(incident);
    const next = nextStep(all);
    const off = !ctx.online();
    const standing = mark(ctx.commands.about(`incident:${incident.id}`), ctx);
    const others = all.filter((step) => step !== next);
    return h(
      "article",
      { key: incident.id, class: `todo${incident.id === at ? " is-here" : ""}`, "data-id": incident.id },
      h(
        "a",
        { class: "todo-open", href: `#incident/${encodeURIComponent(incident.id)}` },
        h(
          "span",
          { class: "todo-top" },
          shape(state, t(`severity.${state}`)),
          h("span", { class: `status is-${statusOf(incident)}` }, t(`status.${statusOf(incident)}`)),
          chip(incident, ctx),
        ),
        h("b", { dir: "auto" }, titleOf(incident) || t("incidents.untitled")),
        h(
          "small",
          { dir: "auto" },
          [incident.source?.address, ctx.places.words(incident.place, t)].filter(Boolean).join(" · "),
        ),
      ),
      isWork(incident)
        ? h(
            "div",
            { class: "todo-buttons" },
            next
              ? h(
                  "button",
                  {
                    key: next.to,
                    type: "button",
                    class: "is-main",
                    disabled: off,
                    onclick: () => take(incident, next),
                  },
                  t(`step.${next.to}`),
                )
              : null,
            others.map((step) =>
              h(
                "button",
                { key: step.to, type: "button", disabled: off, onclick: () => take(incident, step) },
                t(`step.${step.to}`),
              ),
            ),
          )
        : null,
      off ? h("p", { class: "offline" }, t("story.offline")) : null,
      standing ? h("p", { class: "story-mark" }, standing) : null,
    );
  }

  function draw() {
    const all = mine();
    if (!all.some(({ id }) => id === at)) at = all[0]?.id ?? null;
    const late = all.filter((incident) => (incident.overdue ?? []).length).length;
    render(
      head,
      h("h2", { dir: "auto" }, ctx.boot.agencies?.[ctx.person.agency] ?? ctx.person.agency),
      h(
        "p",
        { role: "status" },
        h("span", null, t("phone.open", { n: all.length })),
        late && !done ? h("b", { class: "is-late" }, t("phone.late", { n: late })) : null,
      ),
      h(
        "div",
        { class: "phone-tools" },
        h("input", {
          type: "search",
          placeholder: t("incidents.search"),
          "aria-label": t("incidents.search"),
          oninput: (event) => {
            text = event.target.value;
            draw();
          },
        }),
        h(
          "button",
          { type: "button", class: "toggle", "aria-pressed": done ? "true" : "false", onclick: toggleDone },
          t("phone.done"),
        ),
        ctx.may("incident.new") ? h("a", { class: "button", href: "#new" }, t("incidents.new")) : null,
      ),
    );
    render(
      left,
      all.length
        ? all.slice(0, MOST).map(card)
        : h("p", { class: "note", key: "none" }, t(ctx.store.synced ? "phone.none" : "console.loading")),
      all.length > MOST
        ? h("p", { class: "note", key: "more" }, t("tile.more", { n: all.length - MOST }))
        : null,
    );
  }

  function toggleDone() {
    done = !done;
    draw();
  }

  function move(by) {
    const all = mine().slice(0, MOST);
    const index = all.findIndex(({ id }) => id === at);
    at = all[Math.min(Math.max(index + by, 0), all.length - 1)]?.id ?? null;
    draw();
    const here = left.querySelector(".todo.is-here");
    here?.scrollIntoView({ block: "nearest" });
    if (root.dataset.page === "story" && at) ctx.go("incident", at);
    else here?.querySelector("a")?.focus({ preventScroll: true });
  }

  /** Keys of the selected card, while no story is open. */
  function cardKeys() {
    const incident = ctx.store.get("incident", at);
    if (!incident || root.dataset.page !== "list") return {};
    return Object.fromEntries(
      steps(incident).map((step) => [
        step.key,
        { words: `step.${step.to}`, act: () => take(incident, step) },
      ]),
    );
  }

  draw();
  return {
    update(changed) {
      draw();
      story.update(changed);
      form?.update(changed);
    },
    get keys() {
      return {
        j: { words: "key.down", act: () => move(1) },
        k: { words: "key.up", act: () => move(-1) },
        Enter: { words: "key.open", act: () => at && ctx.go("incident", at) },
        "+": { words: "incidents.new", act: () => ctx.go("new") },
        ...cardKeys(),
        ...story.keys,
        Escape: { words: "key.close", act: back },
      };
    },
    route() {
      const { name, rest } = parse(ctx.hash());
      const page = name === "new" ? "new" : name === "incident" && rest ? "story" : "list";
      root.dataset.page = page;
      if (page === "new") {
        story.hide();
        form ??= mountNew(right, ctx, { onDone: (id) => ctx.go("incident", id), onClose: back });
        return;
      }
      form?.stop();
      form = null;
      if (page === "story") {
        at = rest;
        story.show(rest);
      } else story.hide();
      draw();
    },
    stop() {
      story.stop();
      form?.stop();
    },
  };
}
