// Screens: pair one by its code, see whether each is up to date, rename, revoke.

import { h, render } from "../render.js";
import { shape } from "../shapes.js";
import { layoutName, targets } from "./drive.js";
import { glass } from "./glass.js";
import { mark } from "./mark.js";
import { prettyCode, screenRows } from "./screen_facts.js";

/** A name stands on the console and in alerts. */
const MOST_NAME = 64;

export function mount(root, ctx) {
  const { store, t, boot } = ctx;
  root.classList.add("page");
  const titles = Object.fromEntries(boot.walls);
  let said = null; // {tone, words} of the last pairing
  let found = null; // the screen that shows the code, before it is approved
  let busy = false;
  let seen = null; // what the walls say of their glass

  const code = () => root.querySelector('[name="user_code"]')?.value.trim() ?? "";

  /** First look which screen shows the code, then approve it: nobody lets in what they have not seen. */
  async function look(event) {
    event.preventDefault();
    if (!code()) return;
    await over(async () => {
      found = { code: code(), ...(await ctx.api(`/api/v1/pairings/${encodeURIComponent(code())}`)) };
      said = null;
      const values = await ctx.ask({
        title: t("screen.pair_title", { code: found.user_code }),
        intro: t("screen.pair_intro", { address: found.address, agent: found.agent || "–" }),
        submit: t("action.screen.pair"),
        fields: [
          { name: "name", label: t("screen.name"), needed: true, most: MOST_NAME },
          {
            name: "wall",
            label: t("screen.wall"),
            kind: "select",
            needed: true,
            options: targets(boot, [], [], (title) => layoutName(title, t)),
          },
          {
            name: "districts",
            label: t("screen.districts"),
            hint: t("screen.districts_hint"),
            list: store.all("district").map(({ id, name }) => `${id} ${name}`),
          },
        ],
      });
      if (values === null) return;
      const { name } = await ctx.api("/api/v1/screens", {
        method: "POST",
        body: {
          user_code: found.user_code,
          name: values.name,
          wall: values.wall.split("/")[0],
          slot: values.wall.split("/")[1] ?? "",
          // "31.74.01 Manggarai, 31.74.02": the codes alone.
          districts: values.districts
            .split(",")
            .map((part) => part.trim().split(" ")[0])
            .filter(Boolean),
        },
      });
      said = { tone: "green", words: t("screen.paired_now", { name }) };
      root.querySelector('[name="user_code"]').value = "";
    });
  }

  async function over(act) {
    busy = true;
    draw();
    try {
      await act();
    } catch (fault) {
      said = { tone: "red", words: reason(fault) };
    }
    busy = false;
    draw();
  }

  function reason({ status, retryAfter, message }) {
    if (status === 404) return t("screen.no_code");
    if (status === 429) return t("screen.too_many", { s: retryAfter ?? 60 });
    return status ? message : t("command.offline");
  }

  async function rename(screen) {
    const values = await ctx.ask({
      title: t("screen.rename_title", { name: screen.name }),
      submit: t("action.screen.name"),
      fields: [{ name: "name", label: t("screen.name"), value: screen.name, needed: true, most: MOST_NAME }],
    });
    if (values) ctx.commands.send("screen.name", { id: screen.id, name: values.name }, `screen:${screen.id}`);
  }

  async function revoke(screen) {
    const values = await ctx.ask({
      title: t("screen.revoke_title", { name: screen.name }),
      intro: t("screen.revoke_intro"),
      submit: t("action.screen.revoke"),
      danger: true,
      fields: [],
    });
    if (values) ctx.commands.send("screen.revoke", { id: screen.id }, `screen:${screen.id}`);
  }

  function pairing() {
    if (!ctx.may("screen.pair")) return null;
    return h(
      "form",
      { class: "card pair-form", key: "pair", onsubmit: look },
      h("h3", null, t("screen.pair")),
      h("p", { class: "hint" }, t("screen.pair_how")),
      h(
        "div",
        { class: "pair-line" },
        h("label", { for: "user-code" }, t("screen.code")),
        h("input", {
          id: "user-code",
          name: "user_code",
          value: boot.pair ?? "",
          placeholder: "BCDF-GHJK",
          autocomplete: "off",
          autocapitalize: "characters",
          spellcheck: "false",
          maxlength: 12,
          oninput: ({ target }) => {
            const pretty = prettyCode(target.value);
            if (pretty !== target.value && target.selectionStart === target.value.length) target.value = pretty;
          },
        }),
        h("button", { type: "submit", class: "is-main", disabled: busy || !ctx.online() }, t("screen.look")),
      ),
      said
        ? h("p", { class: `mark is-${said.tone}`, role: said.tone === "red" ? "alert" : "status", key: "said" }, said.words)
        : null,
    );
  }

  function row({ screen, state, words, wall }) {
    const revoked = screen.state === "revoked";
    return h(
      "tr",
      { key: screen.id, class: revoked ? "is-past" : "" },
      h("td", null, h("b", { dir: "auto" }, screen.name)),
      h("td", { "data-label": t("screen.wall") }, [titles[screen.wall] ?? screen.wall, screen.slot].filter(Boolean).join(" · ")),
      h(
        "td",
        { "data-label": t("screen.districts") },
        screen.districts?.length ? screen.districts.map((one) => ctx.places.name(one)).join(", ") : t("alerts.city"),
      ),
      h(
        "td",
        { "data-label": t("screen.state") },
        h("span", { class: `state-word is-${state}` }, shape(state), words),
        wall?.age_s !== undefined && wall.state === "behind"
          ? h("small", null, ` ${t("screen.old", { age: ctx.figures.duration(wall.age_s) })}`)
          : null,
      ),
      h(
        "td",
        { "data-label": t("screen.paired_by") },
        ctx.nameOf(screen.paired_by ?? ""),
        h("small", null, ` ${screen.paired_at ? ctx.time.moment(screen.paired_at, ctx.now()) : ""}`),
      ),
      h(
        "td",
        null,
        h(
          "div",
          { class: "acts" },
          mark(ctx.commands.about(`screen:${screen.id}`), ctx),
          !revoked && ctx.may("screen.name")
            ? h("button", { type: "button", disabled: !ctx.online(), onclick: () => rename(screen) }, t("action.screen.name"))
            : null,
          !revoked && ctx.may("screen.revoke")
            ? h("button", { type: "button", disabled: !ctx.online(), onclick: () => revoke(screen) }, t("action.screen.revoke"))
            : null,
        ),
      ),
    );
  }

  function draw() {
    const { paired, others } = screenRows(store.all("screen"), store.all("wall"), t, ctx.now());
    const heads = ["screen.name", "screen.wall", "screen.districts", "screen.state", "screen.paired_by"];
    render(
      root,
      h("h2", { key: "title" }, t("console.screens")),
      ctx.online() ? null : h("p", { class: "cut", role: "status", key: "cut" }, t("alert.cut")),
      pairing(),
      h(
        "section",
        { class: "card", key: "paired" },
        h("h3", null, t("screen.paired")),
        paired.length
          ? h(
              "table",
              { class: "grid-table" },
              h("thead", null, h("tr", null, heads.map((key) => h("th", { scope: "col", key }, t(key))), h("th", null))),
              h("tbody", null, paired.map(row)),
            )
          : h("p", { class: "hint" }, t(store.synced ? "screen.none" : "tile.waiting")),
      ),
      others.length
        ? h(
            "section",
            { class: "card", key: "others" },
            h("h3", null, t("screen.others")),
            h("p", { class: "hint" }, t("screen.others_how")),
            h(
              "ul",
              null,
              others.map(({ wall, state, words }) =>
                h("li", { key: wall.id, class: "other" }, h("b", { dir: "auto" }, wall.name || wall.id), h("span", { class: `state-word is-${state}` }, shape(state), words)),
              ),
            ),
          )
        : null,
      // Who looks after screens.
      ctx.may("screen.pair")
        ? h(
            "section",
            { class: "card", key: "glass" },
            h("h3", null, t("glass.title")),
            h("p", { class: "hint" }, t("glass.how")),
            h("div", { key: "glass", "data-glass": true }),
          )
        : null,
    );
    const place = root.querySelector("[data-glass]");
    if (place) seen ??= glass(place, ctx);
    seen?.update();
  }

  return { update: draw, keys: {}, stop: () => seen?.stop() };
}
