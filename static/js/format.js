// Figures as the room writes them: 13.450 and 71 % in Indonesian, 13,450 and 71% in English. Pure.

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;

/** Functions that write numbers and durations; `t` gives the words of units. */
export function figureWriter(language, t) {
  const locale = language === "id" ? "id-ID" : "en-GB";
  const by = (digits) =>
    new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const writers = [by(0), by(1), by(2)];
  const number = (value, digits = 0) =>
    Number.isFinite(value) ? writers[digits].format(value).replace("-", "−") : "–";

  /** "42 dtk", "9 mnt", "3 j 12 mnt", "2 hr". */
  function duration(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    if (s < MINUTE) return t("unit.seconds", { n: s });
    if (s < HOUR) return t("unit.minutes", { n: Math.floor(s / MINUTE) });
    if (s >= DAY) return t("unit.days", { n: Math.floor(s / DAY) });
    const minutes = Math.floor((s % HOUR) / MINUTE);
    const hours = t("unit.hours", { n: Math.floor(s / HOUR) });
    return minutes ? `${hours} ${t("unit.minutes_short", { n: minutes })}` : hours;
  }

  return {
    number,
    duration,
    /** Like duration, but by tens of seconds, so that a fresh tile's age does not dance. */
    age(seconds) {
      return duration(seconds >= 10 && seconds < MINUTE ? Math.floor(seconds / 10) * 10 : seconds);
    },
    /** For how long something has been: "baru saja" in its first minute, then as duration. */
    standing: (seconds) => (seconds < MINUTE ? t("unit.now") : duration(seconds)),
    /** A wait of which seconds count, as [figure, unit]: ["48", "dtk"], ["119", "dtk"], ["2", "mnt"], ["1 j", ""]. */
    wait(seconds) {
      const s = Math.max(0, Math.floor(seconds));
      if (s >= HOUR) return [duration(s), ""];
      const [key, n] = s < 2 * MINUTE ? ["unit.seconds", s] : ["unit.minutes", Math.floor(s / MINUTE)];
      return [number(n), t(key, { n: "" }).trim()];
    },
    /** A share 0..1 as whole per cent, without the sign. */
    percent: (share) => number(share * 100),
    /** The same with its sign: "71 %", "71%" in English. */
    share: (share) => (Number.isFinite(share) ? `${number(share * 100)}${language === "id" ? "\u202f%" : "%"}` : "–"),
    /** A relative difference with its sign: "+18,0 %"; nothing changes is "0,0 %". */
    difference(share) {
      const text = number(Math.abs(share) * 100, 1);
      const sign = Number(text.replace(",", ".")) === 0 ? "" : share > 0 ? "+" : "−";
      return `${sign}${text}${language === "id" ? "\u202f%" : "%"}`;
    },
    /** A change with an arrow instead of a sign: "▲ 4.100", "▼ 600", "0"; unknown is "–". */
    change(value, digits = 0) {
      if (value === null || value === undefined) return "–";
      if (value === 0) return "0";
      return `${value > 0 ? "▲" : "▼"}\u202f${number(Math.abs(value), digits)}`;
    },
  };
}
