// People who may log in, for the administrator: add, change, disable, a one-time link for a password.

import { h, render } from "../render.js";

const MOST_NAME = 80;
const MOST_ID = 32;

export function mount(root, ctx) {
  const { store, t, boot } = ctx;
  root.classList.add("page");
  let users = null; // as the server lists them: with who has no password yet
  let said = null; // {tone, words, link?}
  let busy = false;

  /** Whether it was done; if not, `said` has the reason. */
  async function over(act) {
    let done = true;
    busy = true;
    said = null;
    draw();
    try {
      await act();
      users = (await ctx.api("/api/v1/users")).users;
    } catch (fault) {
      said = { tone: "red", words: fault.status ? fault.message : t("command.offline") };
      done = false;
    }
    busy = false;
    draw();
    return done;
  }

  const districtsOf = (text) => {
    const codes = text
      .split(",")
      .map((part) => part.trim().split(" ")[0])
      .filter(Boolean);
    return codes.length ? codes : null;
  };

  /** `typed` is what was refused, for another try. */
  function fields(person, typed) {
    const old = typed ?? {
      id: "",
      name: "",
      role: "operator",
      agency: "",
      ...person,
      districts: (person?.districts ?? []).join(", "),
    };
    return [
      ...(person
        ? []
        : [{ name: "id", label: t("person.id"), value: old.id, hint: t("person.id_hint"), needed: true, most: MOST_ID, attributes: { autocapitalize: "none", spellcheck: "false" } }]),
      { name: "name", label: t("person.name"), value: old.name, needed: true, most: MOST_NAME },
      {
        name: "role",
        label: t("person.role"),
        kind: "select",
        value: old.role,
        options: boot.roles.map((role) => ({ value: role, label: `${t(`role.${role}`)} – ${t(`role_may.${role}`)}` })),
      },
      {
        name: "agency",
        label: t("person.agency"),
        hint: t("person.agency_hint"),
        kind: "select",
        value: old.agency ?? "",
        options: [
          { value: "", label: "–" },
          ...Object.entries(boot.agencies).map(([code, name]) => ({ value: code, label: name })),
        ],
      },
      {
        name: "districts",
        label: t("screen.districts"),
        hint: t("person.districts_hint"),
        value: old.districts,
        list: store.all("district").map(({ id, name }) => `${id} ${name}`),
      },
    ];
  }

  async function put(person, body) {
    const answer = await ctx.api("/api/v1/users", { method: "POST", body });
    said = answer.link
      ? { tone: "green", words: t("person.added", { name: body.name }), link: answer.link }
      : { tone: "green", words: t("person.changed", { name: body.name }) };
    return answer;
  }

  /** What is wrong with the form, as far as this page knows: an id that is taken would change somebody else. */
  function wrongWith(person, { id, role, agency, districts }) {
    if (!person && (users ?? []).some((one) => one.id === id.toLowerCase())) return t("person.taken", { id });
    if (role === "agency" && !agency) return t("person.agency_needed");
    const known = store.all("district").length > 0;
    const unknown = (districtsOf(districts) ?? []).filter((code) => known && !store.get("district", code));
    return unknown.length ? t("person.no_district", { code: unknown.join(", ") }) : "";
  }

  async function edit(person = null) {
    let typed = null;
    do {
      typed = await ctx.ask({
        title: person ? t("person.edit_title", { name: person.name }) : t("person.add"),
        submit: t(person ? "person.save" : "person.add"),
        fields: fields(person, typed),
        check: (values) => wrongWith(person, values),
        wrong: typed ? said.words : "",
      });
      // What was refused comes back as it was typed.
    } while (typed && !(await over(() => put(person, bodyOf(person, typed)))));
  }

  const bodyOf = (person, { id, name, role, agency, districts }) => ({
    id: person?.id ?? id.toLowerCase(),
    name,
    role,
    agency: role === "agency" ? agency : "",
    districts: districtsOf(districts),
    disabled: person?.disabled ?? false,
  });

  async function disable(person, disabled) {
    const values = disabled
      ? await ctx.ask({
          title: t("person.disable_title", { name: person.name }),
          intro: t("person.disable_intro"),
          submit: t("person.disable"),
          danger: true,
          fields: [],
        })
      : {};
    if (!values) return;
    const { id, name, role, agency = "", districts = null } = person;
    await over(() => put(person, { id, name, role, agency, districts, disabled }));
  }

  async function link(person) {
    const values = await ctx.ask({
      title: t("person.link_title", { name: person.name }),
      intro: t("person.link_intro"),
      submit: t("person.link"),
      fields: [],
    });
    if (!values) return;
    await over(async () => {
      const answer = await ctx.api(`/api/v1/users/${encodeURIComponent(person.id)}/link`, { method: "POST", body: {} });
      said = { tone: "green", words: t("person.link_made", { name: person.name }), link: answer.link };
    });
  }

  function message() {
    if (!said) return null;
    return h(
      "div",
      { class: "card said", key: "said", role: said.tone === "red" ? "alert" : "status" },
      h("p", { class: `mark is-${said.tone}` }, said.words),
      said.link
        ? [
            h("input", { readonly: true, value: said.link, "aria-label": t("person.link"), onfocus: ({ target }) => target.select() }),
            h("p", { class: "hint" }, t("person.link_once")),
          ]
        : null,
    );
  }

  function row(person) {
    const shown = store.get("person", person.id);
    const limit = person.districts?.length ? person.districts.map((code) => ctx.places.name(code)).join(", ") : "";
    const about = [
      person.disabled ? t("person.disabled") : "",
      person.invited ? t("person.invited") : "",
      person.demo ? t("person.demo") : "",
    ].filter(Boolean);
    return h(
      "tr",
      { key: person.id, class: person.disabled ? "is-past" : "" },
      h("td", null, h("b", { dir: "auto" }, person.name), h("small", null, ` ${person.id}`)),
      h("td", { "data-label": t("person.role") }, [t(`role.${person.role}`), boot.agencies[person.agency], limit].filter(Boolean).join(" · ")),
      h("td", { "data-label": t("person.state") }, about.join(" · ") || t("person.active")),
      h("td", { "data-label": t("person.seen") }, shown?.seen_at ? ctx.time.moment(shown.seen_at, ctx.now()) : "–"),
      h(
        "td",
        null,
        h(
          "div",
          { class: "acts" },
          h("button", { type: "button", disabled: busy || !ctx.online(), onclick: () => edit(person) }, t("person.edit")),
          h("button", { type: "button", disabled: busy || !ctx.online(), onclick: () => link(person) }, t("person.link")),
          person.id === ctx.person.id
            ? null
            : h(
                "button",
                { type: "button", disabled: busy || !ctx.online(), onclick: () => disable(person, !person.disabled) },
                t(person.disabled ? "person.enable" : "person.disable"),
              ),
        ),
      ),
    );
  }

  function draw() {
    const heads = ["person.name", "person.role", "person.state", "person.seen"];
    // Until the server has listed them, what the state shows of them.
    const list = [...(users ?? store.all("person"))].sort(
      (a, b) => Number(Boolean(a.disabled)) - Number(Boolean(b.disabled)) || a.name.localeCompare(b.name),
    );
    render(
      root,
      h(
        "header",
        { class: "page-head", key: "title" },
        h("h2", null, t("console.people")),
        h("button", { type: "button", class: "is-main", disabled: busy || !ctx.online(), onclick: () => edit() }, t("person.add"), h("kbd", { "aria-hidden": "true" }, "n")),
      ),
      ctx.online() ? null : h("p", { class: "cut", role: "status", key: "cut" }, t("alert.cut")),
      message(),
      h(
        "section",
        { class: "card", key: "people" },
        h(
          "table",
          { class: "grid-table" },
          h("thead", null, h("tr", null, heads.map((key) => h("th", { scope: "col", key }, t(key))), h("th", null))),
          h("tbody", null, list.map(row)),
        ),
      ),
    );
  }

  over(async () => {});
  return {
    update: draw,
    keys: { n: { words: "person.add", act: () => ctx.online() && edit() } },
  };
}
