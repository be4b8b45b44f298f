// What the glass says of where it was sent: by whom, and until when. Pure.

/** Roles that send walls, as the words call them; a wall names no person, its glass is seen by guests. */
const ROLES = new Set(["supervisor", "leader", "helpdesk"]);

/** ["Dikirim supervisor", "kembali 14.30"] of {role, until}. */
export function sentWords({ role = "", until }, { t, time, now }) {
  const who = ROLES.has(role) ? `sent.${role}` : "sent.somebody";
  return [t(who), Number.isFinite(until) ? t("sent.back", { time: time.moment(until, now()) }) : ""].filter(Boolean);
}
