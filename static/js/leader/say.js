// What is said aloud by itself: that the city's level has become another, and what is worst now. Pure.

import { titleOf, whereOf } from "./things.js";

/**
 * [state, words]: `before` is the state that the last call gave, null at first; words "" where nothing has changed.
 * The first state is read with the page, so nothing is said of it.
 */
export function toSay(before, { city, worst }, ctx) {
  const { t } = ctx;
  const now = {
    level: city?.status ?? "",
    worst: worst ? `${worst.kind}:${worst.id}:${worst.severity}` : "",
  };
  if (before === null) return [now, ""];
  const said = [];
  if (now.level !== before.level && city?.level) {
    const who = ctx.pick(city.level.commander);
    said.push(
      t(who ? "leader.say_level" : "leader.say_level_plain", { level: ctx.pick(city.level.name), who }),
    );
  }
  if (now.worst !== before.worst) {
    said.push(
      worst
        ? t("leader.say_worst", {
            severity: t(`severity.${worst.severity ?? "none"}`),
            title: titleOf(worst, ctx),
            where: whereOf(worst, ctx),
          })
        : t("leader.nothing"),
    );
  }
  return [now, said.join(" ")];
}
