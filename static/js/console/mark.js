// How a command stands, in colour, shape and words: amber while it is not proved to be on disk, green, red.

import { h } from "../render.js";

/** So long (s) a command may be on its way before there is anything to say of it. */
export const SLOW_S = 2;

/** Why a command was not done, in words; `ctx` has t, time, now, nameOf. */
export function whyRefused({ reason = "", by = "", at = null }, ctx) {
  const { t } = ctx;
  const who = by ? ctx.nameOf(by) : "";
  const time = at ? ctx.time.moment(at, ctx.now()) : "";
  if (reason === "already_acknowledged")
    return who && time ? t("command.already", { who, time }) : t("command.already_plain");
  const [code, detail] = reason.split(/: (.*)/s);
  if (code === "bad_args") return t("command.bad_args", { why: detail ?? "" });
  const key = `command.${code}`;
  const words = t(key) === key ? reason : t(key);
  return who && time ? `${words} · ${t("command.first", { who, time })}` : words;
}

/** {tone: "amber" | "green" | "red", words} of a command's item. */
export function standing(item, ctx) {
  const { t } = ctx;
  const { state, answer, askedAt } = item;
  if (state === "green") return { tone: "green", words: t("command.green") };
  if (state === "red") {
    if (answer.reason === "offline") return { tone: "red", words: t("command.offline") };
    const key = answer.reason === "no_answer" ? "command.lost" : "command.red";
    return { tone: "red", words: t(key, { why: whyRefused(answer, ctx) }) };
  }
  const waited = ctx.mono() - askedAt;
  const age = ctx.figures.duration(waited);
  if (!answer && !ctx.online()) return { tone: "amber", words: t("command.cut") };
  if (waited < SLOW_S) return { tone: "amber", words: t("command.pending") };
  return { tone: "amber", words: t(answer ? "command.unsafe" : "command.waiting", { age }) };
}

const SIGN = { amber: "…", green: "✓", red: "✕" };

/** The mark beside what a command is about, or null: for render(). */
export function mark(item, ctx) {
  if (!item) return null;
  const { tone, words } = standing(item, ctx);
  return h(
    "span",
    { class: `mark is-${tone}`, key: `mark ${item.id}`, role: tone === "red" ? "alert" : "status" },
    h("span", { class: "mark-sign", "aria-hidden": "true" }, SIGN[tone]),
    words,
    tone === "red"
      ? h(
          "button",
          {
            type: "button",
            class: "mark-close",
            "aria-label": ctx.t("command.dismiss"),
            onclick: () => ctx.commands.dismiss(item.id),
          },
          "✕",
        )
      : null,
  );
}
