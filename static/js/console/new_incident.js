// A new incident by hand, from a call or over the counter: words, where, by which channel.

import { h, render } from "../render.js";
import { Ground } from "./ground.js";
import { field } from "./form.js";
import { mark } from "./mark.js";
import { coordinates } from "./steps.js";
import { MOST, choices, severities } from "./story_asks.js";

/** Calls that are offered for the link: those live now, and those that ended this shortly ago (s). */
const CALL_S = 900;

/** The channel that a call comes by, where the city has it. */
const CALL_CHANNEL = "112";

export function mount(root, ctx, { call = "", onDone, onClose }) {
  const { t, boot } = ctx;
  const part = document.createElement("section");
  part.className = "new-incident";
  part.setAttribute("aria-label", t("new.title"));
  root.append(part);
  let wrong = "";
  let about = null;
  let sending = false;
  let linked = call;
  let ground = null;

  const names = () => [...new Set([...(boot.places ?? []), ...ctx.places.names()])];

  /** Calls of now and of the last minutes, newest first. */
  function calls() {
    const now = ctx.now();
    return ctx.store
      .all("call")
      .filter((one) => one.state !== "ended" || now - (one.since ?? 0) < CALL_S)
      .sort((a, b) => (b.joined_at ?? 0) - (a.joined_at ?? 0));
  }

  function values() {
    const data = new FormData(part.querySelector("form"));
    return Object.fromEntries([...data].map(([name, value]) => [name, String(value).trim()]));
  }

  /** The arguments of the command, or words for what is wrong. */
  function argsOf({ title, text, category, severity, channel, address, point, call: from }) {
    if (!title) return { wrong: `${t("ask.title")}: ${t("console.needed")}`, at: "title" };
    if (!address && !point) return { wrong: t("new.no_place"), at: "address" };
    const args = { title };
    for (const [name, value] of Object.entries({ text, category, severity, channel, address, call: from }))
      if (value) args[name] = value;
    if (point) {
      const found = coordinates(point);
      if (!found) return { wrong: t("new.bad_point"), at: "point" };
      [args.lon, args.lat] = found;
    }
    return { args };
  }

  async function submit(event) {
    event.preventDefault();
    if (sending) return;
    const found = argsOf(values());
    wrong = found.wrong ?? "";
    if (wrong) {
      draw();
      part.querySelector(`[name="${found.at}"]`)?.focus();
      return;
    }
    sending = true;
    about = `new:${ctx.mono()}`;
    draw();
    const answer = await ctx.commands.send("incident.new", found.args, about);
    sending = false;
    if (answer.status === "done" && answer.id) onDone(answer.id);
    else draw(); // what was typed stays; the mark says why
  }

  function draw() {
    const off = !ctx.online();
    const standing = about && mark(ctx.commands.about(about), ctx);
    render(
      part,
      h(
        "button",
        {
          type: "button",
          class: "story-close quiet",
          key: "close",
          onclick: onClose,
          "aria-label": t("console.close"),
        },
        "✕",
      ),
      h("h2", { key: "title" }, t("new.title")),
      h(
        "form",
        { key: "form", onsubmit: submit, novalidate: true, autocomplete: "off" },
        field({
          name: "title",
          label: t("ask.title"),
          needed: true,
          most: MOST.title,
          hint: t("new.title_hint"),
        }),
        field({ name: "text", label: t("ask.text"), kind: "area", most: MOST.text }),
        h(
          "div",
          { class: "pair", key: "pair" },
          field({
            name: "category",
            label: t("ask.category"),
            kind: "select",
            options: choices(boot.categories, ctx.pick, t("ask.choose")),
          }),
          field({ name: "severity", label: t("ask.severity"), kind: "select", options: severities(t) }),
        ),
        h(
          "fieldset",
          { key: "where" },
          h("legend", null, t("new.where")),
          field({
            name: "address",
            label: t("ask.address"),
            most: MOST.address,
            list: names(),
            hint: t("new.address_hint"),
          }),
          field({ name: "point", label: t("ask.point"), most: 60, hint: t("new.point_hint") }),
          h("div", { class: "ground", key: "ground", "data-ground": true }),
        ),
        h(
          "div",
          { class: "pair", key: "from" },
          field({
            name: "channel",
            label: t("ask.channel"),
            kind: "select",
            value: CALL_CHANNEL in (boot.channels ?? {}) ? CALL_CHANNEL : "",
            options: choices(boot.channels, ctx.pick, t("ask.choose")),
          }),
          ctx.person.role === "agency"
            ? null
            : field({
                name: "call",
                label: t("ask.call"),
                kind: "select",
                value: linked,
                options: [{ value: "", label: t("new.no_call") }, ...calls().map(callOption)],
              }),
        ),
        wrong ? h("p", { class: "ask-wrong", role: "alert", key: "wrong" }, wrong) : null,
        h(
          "div",
          { class: "ask-foot", key: "foot" },
          standing ?? null,
          h("button", { type: "button", onclick: onClose }, t("console.cancel")),
          h(
            "button",
            { type: "submit", class: "is-main", disabled: off || sending },
            off ? t("story.offline") : t("new.send"),
          ),
        ),
      ),
    );
  }

  const callOption = (one) => ({
    value: one.id,
    label: [ctx.time.seconds(one.joined_at), boot.queues?.[one.queue] ?? one.queue, one.agent, one.caller]
      .filter(Boolean)
      .join(" · "),
  });

  draw();
  part.querySelector("[name=title]").focus();
  // An element of its own: what the form draws anew is not the map's.
  const box = document.createElement("div");
  part.querySelector("[data-ground]").append(box);
  ground = new Ground(box, ctx, {
    label: t("new.map"),
    onPoint([lon, lat]) {
      part.querySelector("[name=point]").value = `${lat.toFixed(6)}, ${lon.toFixed(6)}`;
      ground.pin([lon, lat]);
    },
  });
  const point = part.querySelector("[name=point]");
  point.addEventListener("change", () => ground.pin(coordinates(point.value)));

  return {
    /** The call that the address names. */
    prefill(id) {
      if (!id || id === linked) return;
      linked = id;
      draw();
      const list = part.querySelector("[name=call]");
      if (list) list.value = id;
    },
    update(changed) {
      // Only what can be seen of it: a list of calls that moves under the fingers is worse than an old one.
      if (["command", "link", "district"].some((kind) => changed.has(kind))) draw();
    },
    stop() {
      ground?.stop();
      part.remove();
    },
  };
}
