// The server's time on this page, and times as people of the city write them. Seconds since 1970 throughout.

/** A quartz clock is off by at most about this share; a wall runs for months between two hellos. */
const DRIFT = 100e-6;

/** A frame is on its way for less than this (s); what is older may be due to our own clock running ahead. */
const TRANSIT = 1;

/** Server time from one hello and a monotonic clock, kept from running away over the days. */
export class ServerClock {
  #offset;
  #lastSeen = null;

  /** `mono()` gives seconds that never jump; `guess` is the time to show before the first hello. */
  constructor(mono, guess) {
    this.mono = mono;
    this.#offset = guess - mono();
  }

  now() {
    return this.mono() + this.#offset;
  }

  /** What `hello` says. */
  sync(serverTime) {
    this.#offset = serverTime - this.mono();
    this.#lastSeen = null;
  }

  /** A frame of commit time `at` arrived now. Step forward if we lag; slew back at most by the drift. */
  observe(at) {
    const mono = this.mono();
    const ahead = mono + this.#offset - at;
    if (ahead < 0) this.#offset -= ahead;
    else if (this.#lastSeen !== null && ahead > TRANSIT) {
      this.#offset -= Math.min(ahead - TRANSIT, (mono - this.#lastSeen) * DRIFT);
    }
    this.#lastSeen = mono;
  }
}

/** Functions that write times in one zone and language: time, seconds, zone, date, day. */
export function timeWriter(timeZone, language) {
  const locale = language === "id" ? "id-ID" : "en-GB";
  const make = (options) => new Intl.DateTimeFormat(locale, { timeZone, hourCycle: "h23", ...options });
  const short = make({ hour: "2-digit", minute: "2-digit" });
  const long = make({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
  // Indonesian alone knows WIB, WITA and WIT; everybody in the room does, too.
  const zone = new Intl.DateTimeFormat("id-ID", { timeZone, timeZoneName: "short" });
  const date = make({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
  const day = make({ day: "numeric", month: "short" });
  const dayOnly = new Intl.DateTimeFormat(locale, { timeZone: "UTC", day: "numeric", month: "short" });
  const iso = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  const clockHands = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hourCycle: "h23",
    hour: "2-digit",
    minute: "2-digit",
  });
  const at = (seconds) => new Date(seconds * 1000);
  const isoDay = (seconds) => iso.format(at(seconds));
  return {
    time: (seconds) => short.format(at(seconds)),
    seconds: (seconds) => long.format(at(seconds)),
    zone: (seconds) =>
      zone.formatToParts(at(seconds)).find((part) => part.type === "timeZoneName")?.value ?? timeZone,
    date: (seconds) => date.format(at(seconds)),
    isoDay,
    /** Minutes since the city's midnight. */
    minute(seconds) {
      const parts = Object.fromEntries(clockHands.formatToParts(at(seconds)).map(({ type, value }) => [type, value]));
      return Number(parts.hour) * 60 + Number(parts.minute);
    },
    /** "14.07" today, "20 Nov 14.07" on another day: a value of yesterday never looks like one of now. */
    moment: (seconds, now) =>
      isoDay(seconds) === isoDay(now)
        ? short.format(at(seconds))
        : `${day.format(at(seconds))} ${short.format(at(seconds))}`,
    /** A day written YYYY-MM-DD as "20 Nov"; what is none stays as it is. */
    dayName(text) {
      const found = new Date(`${text}T00:00:00Z`);
      return Number.isNaN(found.getTime()) ? String(text) : dayOnly.format(found);
    },
    /** A time written as a year, a month or a day: "2025", "Jul 2025", "1 Jul 2025". */
    asOf(text) {
      const [year, month, day] = text.split("-");
      if (!month) return year;
      const options = { timeZone: "UTC", year: "numeric", month: "short", ...(day ? { day: "numeric" } : {}) };
      const date = new Date(`${year}-${month}-${day ?? "01"}T00:00:00Z`);
      return new Intl.DateTimeFormat(locale, options).format(date);
    },
  };
}
