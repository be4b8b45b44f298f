// What a picture is worth: live, frozen, offline or unknown, since when, and how old it is. Pure.

/** A picture that is older than this (s) is none of now: six periods of the server's. */
export const LATE_S = 30;

/** The same bytes for this long (s) are no living camera: its noise alone changes them. As the server's own. */
export const FROZEN_S = 30;

/** "CCTV Pintu Air Hulu" in a panel of cameras is "Pintu Air Hulu": what tells one from the other must fit. */
export const shortName = (name) => name.replace(/^(?:cctv|kamera|camera|cam)[\s:_-]+(?=\S*[^\d\s])/i, "");

/** What stands still is as old as its last movement, however lately it was fetched. */
const frozen = (since, at) => ({ state: "frozen", since, at: at === null ? null : Math.min(at, since), reason: "" });

/**
 * {state, since, at, reason} of one camera's picture; `state` is "live", "frozen", "offline", "unknown" or "checking";
 * `at` is of what time the picture is (s), null where there is none.
 *   camera   the entity: what the check of its stream found
 *   look     the newest look at its still: {at, since, moves, reason, shown}; `shown` is the time of the picture on
 *            the glass (null: none). null: nobody has looked yet
 *   stream   a stream that plays here: {playing, since}; null: none
 * What says that it stands still is believed before what says that it lives.
 */
export function pictureState({ camera, look = null, stream = null, now }) {
  const { state: checked = "unknown", since = 0, reason = "" } = camera;
  const at = stream?.playing ? now : (look?.shown ?? null);
  if (checked === "offline" && !stream?.playing) return { state: "offline", since, at, reason };
  if (checked === "frozen") return frozen(look && !look.moves ? Math.min(since, look.since ?? since) : since, at);
  if (stream)
    return stream.playing ? { state: "live", since: 0, at, reason: "" } : frozen(stream.since, stream.since);
  if (!look || (look.reason === "waiting" && at === null))
    return { state: "checking", since: 0, at, reason: "" };
  if (at === null || now - at > LATE_S)
    return { state: "unknown", since: look.since, at, reason: look.reason || "late" };
  if (look.reason && look.reason !== "waiting")
    return { state: "unknown", since: look.since, at, reason: look.reason };
  if (look.moves) return { state: "live", since: 0, at, reason: "" };
  if (look.at - look.since >= FROZEN_S) return frozen(look.since, at);
  // One picture proves nothing; a stream that moves does.
  return { state: checked === "online" ? "live" : "checking", since: 0, at, reason: "" };
}
