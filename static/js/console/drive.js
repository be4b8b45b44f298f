// Sends a wall, or one of its screens, somewhere for a time: from the list of walls, from a thing's story, from the
// map. The engine decides who may, and whether the thing exists for them.

import { titleOf } from "./worklist.js";

const MINUTE_S = 60;

/** Times for which a wall is sent somewhere (min); it goes back by itself. The engine's own limit is 12 h. */
export const MINUTES = [5, 15, 30, 60, 120, 240, 480];
const USUAL_MINUTES = 30;

/** A list to choose from has no more lines; who writes a name finds the rest by its beginning. */
const MOST_THINGS = 600;

/** What a map can go to, in the order of the list. */
const KINDS = ["district", "camera", "incident", "hazard", "gauge"];

/** Where a wall is sent at `now` (s): {layout?, subject?, until, by}, or null. */
export const sentOf = (wall, now) => (wall?.sent && now < wall.sent.until ? wall.sent : null);

/**
 * What can be sent: [{value: "wall" or "wall/screen", label}], each wall before its screens. `walls` are [name, title],
 * `screens` name → screens of the configuration; paired screens and boards that are open now come beside them. `named(title)` gives a wall's words.
 */
export function targets({ walls, screens = {} }, paired, boards, named = (title) => title) {
  return walls.flatMap(([wall, title]) => {
    const found = new Map((screens[wall] ?? []).map((screen) => [`${wall}/${screen}`, screen]));
    for (const { id, wall: of, name, state = "paired" } of paired)
      if (of === wall && state === "paired") found.set(`${wall}/${id}`, name);
    for (const { id, name, state } of boards)
      if (id.startsWith(`${wall}/`) && state !== "gone" && !found.has(id))
        found.set(id, (name || id).split("/").slice(1).join("/"));
    const own = [...found].map(([value, screen]) => ({ value, label: `${named(title)} · ${screen}` }));
    return [{ value: wall, label: named(title) }, ...own];
  });
}

/** What a thing is called: "Kamera Simpang Empat". */
function called(kind, entity, t) {
  const name = (kind === "incident" ? titleOf(entity) : entity.name || entity.headline || entity.event) || entity.id;
  return `${t(`drive.kind.${kind}`)} ${name}`;
}

/** Words → subject ("kind:id") of all that a wall can be sent to; no two have the same words. */
export function things(store, t) {
  const found = new Map();
  for (const kind of KINDS)
    for (const entity of store.all(kind)) {
      if (found.size >= MOST_THINGS) return found;
      const words = called(kind, entity, t);
      found.set(found.has(words) ? `${words} (${entity.id})` : words, `${kind}:${entity.id}`);
    }
  return found;
}

/** Words for a subject; its id where the thing has gone. */
export function subjectWords(subject, store, t) {
  const cut = subject.indexOf(":");
  const [kind, id] = [subject.slice(0, cut), subject.slice(cut + 1)];
  const entity = store.get(kind, id);
  return entity ? called(kind, entity, t) : id;
}

/** A city's own layouts have no words but their names. */
export function layoutName(layout, t) {
  const key = `layout.${layout}`;
  return t(key) === key ? layout : t(key);
}

/** "Kamera Simpang Empat, Operasi": where somebody has sent it. */
export function whereWords({ layout, subject }, store, t) {
  const parts = [subject && subjectWords(subject, store, t), layout && layoutName(layout, t)];
  return parts.filter(Boolean).join(" · ");
}

/** Who sent it: the person, or the role for who may see no people (wallboard/access.py). */
export const senderWords = ({ by, role }, { t, nameOf }) => (by ? nameOf(by) : role ? t(`role.${role}`) : "–");

/** Ask for what is missing, and send. `preset` is {wall?, subject?}. */
export async function drive(ctx, preset = {}) {
  const { store, t, boot } = ctx;
  const all = targets(boot, store.all("screen"), store.all("wall"), (title) => layoutName(title, t));
  const known = things(store, t);
  const fixed = preset.subject ?? "";
  const values = await ctx.ask({
    title: fixed ? t("drive.show", { what: subjectWords(fixed, store, t) }) : t("action.wall.drive"),
    intro: t("drive.intro"),
    submit: t("action.wall.drive"),
    check({ layout, thing }) {
      if (thing && !known.has(thing)) return t("drive.unknown", { what: thing });
      return layout || thing || fixed ? "" : t("drive.nowhere");
    },
    fields: [
      {
        name: "wall",
        label: t("screen.wall"),
        kind: "select",
        value: preset.wall ?? all[0]?.value,
        options: all,
      },
      fixed
        ? null
        : { name: "thing", label: t("drive.thing"), hint: t("drive.thing_hint"), list: [...known.keys()], most: 400 },
      {
        name: "layout",
        label: t("drive.layout"),
        kind: "select",
        value: "",
        options: [
          { value: "", label: t(fixed ? "drive.any_map" : "drive.any") },
          ...boot.layouts.map((layout) => ({ value: layout, label: layoutName(layout, t) })),
        ],
      },
      {
        name: "minutes",
        label: t("alert.shelve_for"),
        kind: "select",
        value: String(USUAL_MINUTES),
        options: MINUTES.map((minutes) => ({
          value: String(minutes),
          label: ctx.figures.duration(minutes * MINUTE_S),
        })),
      },
    ].filter(Boolean),
  });
  if (!values) return;
  const subject = fixed || (known.get(values.thing ?? "") ?? "");
  const args = { wall: values.wall, for_s: Number(values.minutes) * MINUTE_S };
  if (values.layout) args.layout = values.layout;
  if (subject) args.subject = subject;
  // Where it was asked from shows what became of it.
  ctx.commands.send("wall.drive", args, fixed || `wall:${values.wall}`);
}

/** Call it back to its own pages. */
export const back = (ctx, wall) => ctx.commands.send("wall.drive", { wall }, `wall:${wall}`);
