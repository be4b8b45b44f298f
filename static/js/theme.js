// Which theme a wall wears now: its own, or the night's between two times of the city's day. Pure.

const minutes = (text) => {
  const [hours, rest] = text.split(":");
  return Number(hours) * 60 + Number(rest);
};

/** `own` "dark", "light" or "night"; `night` "22:00-05:00" or ""; `minute` of the city's day (0..1439). */
export function themeAt({ theme: own = "dark", night = "" }, minute) {
  if (!night) return own;
  const [begin, end] = night.split("-").map(minutes);
  const inside = begin <= end ? begin <= minute && minute < end : minute >= begin || minute < end;
  return inside ? "night" : own;
}
