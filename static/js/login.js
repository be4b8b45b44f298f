// Log in, choose a first password by a one-time link, or another one where the old is known.

import { api } from "./console/session.js";
import { consoleTranslator } from "./console/words.js";
import { faultWords, fieldsOf, nextPath } from "./login_facts.js";
import { h, render } from "./render.js";
import { language } from "./words.js";

/** The language that somebody chose stays theirs on this machine, here and in the console. */
const LANGUAGE_KEY = "wallboard.language";

const boot = JSON.parse(document.getElementById("boot").textContent);
const root = document.getElementById("login");
const query = new URLSearchParams(location.search);
let code = language(query.get("lang") ?? localStorage.getItem(LANGUAGE_KEY), boot.language);
let t = consoleTranslator(code);
/** "login", "first" (the first admin), "invited", "change", or "must" (logged in, but with a password to change). */
let mode = boot.first ? (boot.first.id ? "invited" : "first") : query.has("change") ? "change" : "login";
let fault = boot.gone ? t("login.link_gone") : "";
let busy = false;
let shown = false;
let old = ""; // the password that has to be changed, until it is

let me = ""; // who changes their password

if (boot.first || boot.gone) {
  // The code is a secret: it leaves the address bar, and the history with it.
  history.replaceState(null, "", "/first");
}

const value = (name) => root.querySelector(`[name="${name}"]`)?.value ?? "";
const post = (path, body) => api(path, { method: "POST", body });

/** Who has logged in. */
let role = "";

/** What each mode asks of the server; gives true when the person may go on. */
const ACTS = {
  async login() {
    const password = value("password");
    const told = await post("/api/v1/login", { name: value("name").trim(), password });
    role = told.person?.role ?? "";
    if (!told.must_change) return true;
    [mode, old, me] = ["must", password, value("name").trim()];
    return false;
  },
  async must() {
    await post("/api/v1/password", { old, new: value("fresh") });
    return true;
  },
  async change() {
    await post("/api/v1/password", { old: value("password"), new: value("fresh") });
    return true;
  },
  async first() {
    await post("/api/v1/first", {
      code: boot.first.code,
      id: value("name").trim(),
      name: value("shown").trim(),
      password: value("fresh"),
    });
    return true;
  },
  async invited() {
    role = (await post("/api/v1/first", { code: boot.first.code, password: value("fresh") })).person?.role ?? "";
    return true;
  },
};

async function submit(event) {
  event.preventDefault();
  const missing = fieldsOf(mode).find((name) => !value(name));
  if (missing) {
    fault = t("login.missing", { field: t(`login.${missing}`) });
    draw();
    root.querySelector(`[name="${missing}"]`).focus();
    return;
  }
  if (fieldsOf(mode).includes("again") && value("fresh") !== value("again")) {
    fault = t("login.differ");
    draw();
    root.querySelector('[name="again"]').focus();
    return;
  }
  [busy, fault] = [true, ""];
  draw();
  const before = mode;
  try {
    if (await ACTS[mode]()) {
      location.assign(nextPath(query.get("next"), role));
      return;
    }
  } catch (failed) {
    // A change of a password that is nobody's any more begins with the log-in.
    if (failed.status === 401 && mode === "change" && failed.title === "Log in first") mode = "login";
    fault = faultWords(failed, t);
  }
  busy = false;
  draw();
  if (mode !== before || fault) root.querySelector(mode === "must" ? '[name="fresh"]' : '[name="password"]')?.focus();
}

const AUTOCOMPLETE = {
  name: "username",
  shown: "name",
  password: "current-password",
  fresh: "new-password",
  again: "new-password",
};

function field(name) {
  const secret = ["password", "fresh", "again"].includes(name);
  return h(
    "div",
    { class: "field", key: name },
    h("label", { for: `field-${name}` }, t(mode === "change" && name === "password" ? "login.old" : `login.${name}`)),
    h("input", {
      id: `field-${name}`,
      name,
      type: secret && !shown ? "password" : "text",
      autocomplete: AUTOCOMPLETE[name],
      autocapitalize: name === "shown" ? "words" : "none",
      spellcheck: "false",
      maxlength: secret ? 128 : 80,
      "aria-describedby": name === "fresh" ? "hint-fresh" : null,
    }),
    name === "fresh" ? h("small", { id: "hint-fresh" }, t("login.fresh_hint")) : null,
  );
}

function demo() {
  if (mode !== "login" || !boot.demo.length) return null;
  return h(
    "section",
    { class: "demo", key: "demo" },
    h("h2", null, t("login.demo")),
    h(
      "div",
      { class: "demo-people" },
      boot.demo.map(({ id, name, role }) =>
        h(
          "button",
          {
            key: id,
            type: "button",
            onclick() {
              root.querySelector('[name="name"]').value = id;
              root.querySelector('[name="password"]').value = `demo-${id}`;
              root.querySelector('button[type="submit"]').focus();
            },
          },
          h("b", { dir: "auto" }, name),
          h("small", null, t(`role.${role}`)),
        ),
      ),
    ),
  );
}

function draw() {
  document.documentElement.lang = code;
  document.title = `${t(`login.title.${mode}`)} · ${boot.city.name}`;
  render(
    root,
    h("h1", { key: "city", dir: "auto" }, boot.city.name),
    h("p", { class: "what", key: "what" }, t(`login.title.${mode}`)),
    h("p", { class: "intro", key: "intro" }, t(`login.intro.${mode}`)),
    h(
      "form",
      { key: "form", onsubmit: submit, novalidate: true },
      // For the browser's own store of passwords, which wants to know whose it is.
      me ? h("input", { key: "who", class: "unseen", name: "name", tabindex: -1, "aria-hidden": "true", autocomplete: "username", value: me }) : null,
      fieldsOf(mode).map(field),
      h(
        "label",
        { class: "show", key: "show" },
        h("input", {
          type: "checkbox",
          onchange: ({ target }) => {
            shown = target.checked;
            draw();
          },
        }),
        t("login.show"),
      ),
      h("p", { class: "fault", role: "alert", key: "fault" }, fault),
      h("button", { type: "submit", class: "is-main", key: "go", disabled: busy }, t(busy ? "login.busy" : `login.go.${mode}`)),
    ),
    demo(),
    h(
      "footer",
      { key: "foot" },
      boot.city.languages.map((one) =>
        h(
          "button",
          {
            key: one,
            type: "button",
            class: "quiet",
            "aria-pressed": String(one === code),
            onclick() {
              code = language(one, boot.language);
              localStorage.setItem(LANGUAGE_KEY, code);
              t = consoleTranslator(code);
              fault = "";
              draw();
            },
          },
          one.toUpperCase(),
        ),
      ),
      mode === "change" ? h("a", { href: "/console", key: "back" }, t("console.back")) : h("a", { href: "/", key: "wall" }, t("console.wall")),
    ),
  );
}

/** Who changes a password has to be somebody; who is nobody logs in, and comes back. */
async function knowMe() {
  try {
    const { person } = await api("/api/v1/me");
    [me, role] = [person?.id ?? "", person?.role ?? ""];
  } catch (failed) {
    if (failed.status !== 401) fault = faultWords(failed, t);
  }
  if (me || fault) draw();
  else location.replace(`/login?next=${encodeURIComponent("/console")}`);
}

root.replaceChildren();
draw();
if (mode === "change") knowMe();
root.querySelector("input")?.focus();
