// The figures of the alarm load, judged by ISA-18.2 (table 6 of the 2016 edition) for one person at one desk. Pure.

/** Of alarms a person can bear: very likely acceptable, and the most that can be managed. */
export const LIMITS = {
  per_10min: { good: 1, most: 2 },
  per_hour: { good: 6, most: 12 },
  per_day: { good: 144, most: 288 },
  peak: { most: 10 },
  /** share of time in flood */
  flood: { most: 0.01 },
  stale: { most: 5 },
};

const within = (value, { good, most }) => {
  if (value > most) return "severe";
  return good !== undefined && value > good ? "caution" : "normal";
};

const number = (value) => (ctx) => ctx.figures.number(value);

/** [{name, value(ctx) → words, state, limit}] in reading order; fields that hold their default are absent. */
export function judged(load, { flood_above: flood = LIMITS.peak.most } = {}) {
  const of = (field) => load[field] ?? 0;
  const peak = { most: flood };
  const count = (name, field, limit) => ({ name, value: number(of(field)), state: within(of(field), limit), limit });
  const plain = (name, field) => ({ name, value: number(of(field)), state: of(field) ? "caution" : "normal", limit: null });
  return [
    count("last_10min", "last_10min", LIMITS.per_10min),
    count("last_hour", "last_hour", LIMITS.per_hour),
    count("last_day", "last_day", LIMITS.per_day),
    count("peak_10min", "peak_10min", peak),
    {
      name: "flood_share",
      value: (ctx) => `${ctx.figures.number(of("flood_share") * 100, 1)} %`,
      state: within(of("flood_share"), LIMITS.flood),
      limit: { most: LIMITS.flood.most * 100 },
    },
    {
      name: "ack_median",
      value: (ctx) => (Number.isFinite(load.ack_median_s) ? ctx.figures.duration(load.ack_median_s) : "–"),
      state: "normal",
      limit: null,
    },
    { name: "standing", value: number(of("standing")), state: "normal", limit: null },
    count("stale", "stale", LIMITS.stale),
    plain("chattering", "chattering"),
    { name: "shelved", value: number(of("shelved")), state: "normal", limit: null },
  ];
}
