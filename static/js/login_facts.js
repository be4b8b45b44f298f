// What the log-in page asks in each of its modes, where it leads, and what went wrong in plain words. Pure.

const FIELDS = {
  login: ["name", "password"],
  must: ["fresh", "again"],
  change: ["password", "fresh", "again"],
  first: ["name", "shown", "fresh", "again"],
  invited: ["fresh", "again"],
};

/** Names of the fields of a mode, in their order. */
export const fieldsOf = (mode) => FIELDS[mode];

/** Where somebody of this role begins: who leads the city sees it whole. */
const homeOf = (role) => (role === "leader" ? "/leader" : "/console");

/** Where to go on: only a path of this server. "//host" and "/\host" lead elsewhere, the log-in nowhere. */
export function nextPath(asked, role = "") {
  return asked && /^\/(?![/\\])[^\s\\]*$/.test(asked) && !/^\/(login|first)\b/.test(asked) ? asked : homeOf(role);
}

/** Sentences of the server (web/passwords.py, people.py) → key of the words for them. */
const SENTENCES = [
  [/^at least (?<n>\d+) characters$/, "login.weak.short"],
  [/^at most (?<n>\d+) characters$/, "login.weak.long"],
  [/^at least (?<n>\d+) different characters$/, "login.weak.same"],
  [/^not your own name\b/, "login.weak.name"],
  [/^another one than before$/, "login.weak.before"],
  [/^the old password is wrong$/, "login.old_wrong"],
  [/^the demo's people keep/, "login.demo_keep"],
  [/^id: /, "login.bad_id"],
  [/^name: /, "login.bad_name"],
];

/** What went wrong, for a person; `fault` is session.js's Refused, or what fetch throws without a network. */
export function faultWords({ status, detail = "", retryAfter }, t) {
  if (!status) return t("login.no_server");
  for (const [pattern, key] of SENTENCES) {
    const found = pattern.exec(detail);
    if (found) return t(key, found.groups ?? {});
  }
  if (status === 401) return t("login.wrong");
  if (status === 429) return t("login.too_many", { minutes: Math.max(1, Math.ceil((retryAfter ?? 60) / 60)) });
  if (status === 410) return t("login.link_gone");
  if (status === 409) return t("login.not_first");
  if (status >= 500) return t("login.no_store");
  return detail || `HTTP ${status}`;
}
