// Figures of quality assurance. Pure.

/** What is chosen and not answered for first, then what is not, then the rest; the newest of each first. */
export function reviewOrder(a, b) {
  const rank = ({ chosen_by: chosen, reviewed_at: reviewed }) => (reviewed ? 2 : chosen ? 0 : 1);
  return rank(a) - rank(b) || (b.joined_at ?? 0) - (a.joined_at ?? 0) || (a.id < b.id ? -1 : 1);
}

/** The share of all points, as the engine counts it; NaN while a question has no answer. */
export function scoreOf(questions, answers) {
  if (!questions.length || questions.some(({ code }) => answers[code] === undefined)) return NaN;
  const most = questions.reduce((sum, { points = 5 }) => sum + points, 0);
  const sum = questions.reduce((all, { code }) => all + answers[code], 0);
  return most ? sum / most : NaN;
}

/** The shifts' figures (metrics "shift|DAY|NAME"), newest first: [{id, name, since, figures}]. */
export function shiftRows(metrics) {
  return metrics
    .filter(({ id }) => id.startsWith("shift|"))
    .map(({ id, name, since, figures = {} }) => ({ id, name, since, figures }))
    .sort((a, b) => b.since - a.since || (a.id < b.id ? -1 : 1));
}
