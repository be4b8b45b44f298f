// Declaring a level of the city's status: asked with what it means and who commands, then a command.

/** Why, in one line of the wall; the engine's limit. */
const MOST_TEXT = 200;

/** What the city's status is about, for the mark beside it. */
export const ABOUT = "city:city";

/** Ask for the reason and declare `level` of [[status]]; whoever leaves the question declares nothing. */
export async function declare(level, ctx) {
  const { t } = ctx;
  const name = ctx.pick(level.name);
  const commander = ctx.pick(level.commander);
  const intro = [
    commander ? t("city.commands", { who: commander }) : "",
    ctx.pick(level.meaning),
    t(level.emergency ? "city.turns" : "city.shows"),
  ];
  const values = await ctx.ask({
    title: t("city.declare", { name }),
    intro: intro.filter(Boolean).join(" "),
    submit: t("city.declare", { name }),
    danger: Boolean(level.emergency),
    fields: [{ name: "text", label: t("city.why"), hint: t("city.why_hint"), most: MOST_TEXT }],
  });
  if (values) ctx.commands.send("city.status", { status: level.code, text: values.text }, ABOUT);
}
