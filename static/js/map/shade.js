// What the districts are shaded by: how much of it each has, and how grave that is. Pure.

import { worst } from "../severity.js";

/** The panel's option `shade`, and what of a district it looks at. */
const MEASURES = {
  open: ({ counts, worst: grave }) => ({ count: counts?.open ?? 0, grave }),
  // Late is late: the colour that late figures have everywhere.
  overdue: ({ counts }) => ({ count: counts?.overdue ?? 0, grave: "severe" }),
  // What somebody rang about is information: no colour of a state.
  calls: ({ counts }) => ({ count: counts?.calls ?? 0, grave: null }),
  hazard: ({ hazards = [] }, levels) => ({
    count: hazards.length,
    // One warning is said by its colour; only more of them are worth a figure.
    figure: hazards.length > 1 ? hazards.length : 0,
    grave: worst(hazards.map((id) => levels.get(id))),
  }),
};

/** So many steps of shade can be told apart, and a step is drawn anew only when it is another. */
const STEPS = 6;

/**
 * Districts of a level: Map code → {name, count, figure, worst, share 0..1}; figure is what is written, share that of the fullest one, in steps.
 * `hazards` are the warnings whose levels `shade` "hazard" needs.
 */
export function districtFigures(districts, level, shade = "open", hazards = []) {
  const measure = MEASURES[shade] ?? MEASURES.open;
  const levels = new Map(hazards.map((hazard) => [hazard.id, hazard.level]));
  const own = districts
    .filter((district) => (district.level ?? 0) === level)
    .map((district) => [district.id, district.name, measure(district, levels)]);
  const most = Math.max(1, ...own.map(([, , { count }]) => count));
  return new Map(
    own.map(([id, name, { count, grave, figure = count }]) => [
      id,
      {
        name,
        count,
        figure,
        worst: count ? (grave ?? null) : null,
        share: Math.ceil((count / most) * STEPS) / STEPS,
      },
    ]),
  );
}
