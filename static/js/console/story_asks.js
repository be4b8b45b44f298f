// What has to be asked before a step: the fields of its dialog. Pure but for the words of `ctx`.

import { openedAt } from "../facts.js";
import { agencyOf, isWork, titleOf } from "./worklist.js";

/** Limits of the engine's texts (wallboard/engine/incidents/limits.py). */
export const MOST = { title: 200, text: 2000, address: 300, note: 1000, why: 300 };

/** Reports that are offered as the original, beside those that the server takes for the same. */
const MOST_ALIKE = 30;

/** The dialog for a step, or null where it needs nothing; `told` is the story's answer, for the twins. */
export function needsOf(step, incident, ctx, told = null) {
  const { t } = ctx;
  const fields = step.needs.flatMap((name) => FIELDS[name]?.(step, incident, ctx, told) ?? []);
  if (!fields.length && !step.hard) return null;
  const spec = {
    title: t(`step.${step.to}`),
    intro: titleOf(incident),
    fields,
    submit: t(`step.${step.to}`),
    danger: step.hard,
  };
  if (!step.needs.includes("of")) return spec;
  return {
    ...spec,
    check: ({ twin = "", other = "" }) => (twin || other ? "" : t("story.choose_twin")),
    // An id that was typed counts before the choice.
    read: ({ twin = "", other = "", ...rest }) => ({ ...rest, of: other || twin }),
  };
}

const FIELDS = {
  how: (step, incident, { t }) => [
    {
      name: "how",
      label: t("ask.how"),
      needed: true,
      most: MOST.why,
      hint: t("ask.how_hint"),
      list: ["field", "callback", "camera", "officer"].map((way) => t(`how.${way}`)),
    },
    { name: "by", label: t("ask.by"), most: MOST.why, hint: t("ask.by_hint") },
  ],
  why: (step, incident, { t }) => [
    { name: "why", label: t("ask.why"), kind: "area", needed: true, most: MOST.why },
  ],
  agency: (step, incident, { t, boot }) => [
    {
      name: "agency",
      label: t("ask.agency"),
      kind: "select",
      needed: true,
      value: agencyOf(incident) || boot.category_agency?.[incident.category] || "",
      options: [{ value: "", label: t("ask.choose") }, ...options(boot.agencies)],
    },
  ],
  line: (step, incident, { t, boot, pick }) => [
    {
      name: "line",
      label: t("ask.line"),
      kind: "select",
      needed: true,
      options: [{ value: "", label: t("ask.choose") }, ...options(boot.lines, pick)],
    },
  ],
  of: (step, incident, ctx, told) => {
    const { t } = ctx;
    const found = originals(incident, ctx, told);
    return [
      {
        name: "twin",
        label: t("ask.twin"),
        kind: "select",
        value: told?.twins?.[0]?.id ?? "",
        options: [{ value: "", label: t(found.length ? "ask.choose" : "ask.none_alike") }, ...found],
      },
      { name: "other", label: t("ask.other"), most: MOST.title, hint: t("ask.other_hint") },
    ];
  },
};

/** What it may be a duplicate of: the server's twins, then open ones of its category or district, newest first. */
function originals(incident, ctx, told) {
  const { place, category } = incident;
  const words = (id, title, opened, ...more) => ({
    value: id,
    label: [title || id, ...more, opened ? ctx.time.moment(opened, ctx.now()) : ""]
      .filter(Boolean)
      .join(" · "),
  });
  const twins = (told?.twins ?? []).map((twin) => words(twin.id, twin.title, twin.opened_at, `${twin.m} m`));
  const known = new Set([incident.id, ...twins.map(({ value }) => value)]);
  const alike = ctx.store
    .all("incident")
    .filter(
      (other) =>
        isWork(other) &&
        !known.has(other.id) &&
        ((category && other.category === category) ||
          (place?.district && other.place?.district === place.district)),
    )
    .sort((a, b) => openedAt(b) - openedAt(a))
    .slice(0, MOST_ALIKE);
  return [
    ...twins,
    ...alike.map((other) =>
      words(
        other.id,
        titleOf(other),
        openedAt(other),
        other.source?.address || ctx.places.words(other.place, ctx.t),
      ),
    ),
  ];
}

const options = (names, pick = (name) => name) =>
  Object.entries(names ?? {}).map(([value, name]) => ({
    value,
    label: typeof name === "string" ? name : pick(name),
  }));

/** The dialog for a note. */
export function noteOf(incident, { t }) {
  return {
    title: t("story.note"),
    intro: titleOf(incident),
    fields: [{ name: "text", label: t("ask.note"), kind: "area", needed: true, most: MOST.note }],
    submit: t("story.note"),
  };
}

/** The dialog for our own words of an incident; read(values) gives only what differs. */
export function editOf(incident, ctx) {
  const { t, boot, pick } = ctx;
  const before = {
    title: titleOf(incident),
    category: incident.category ?? "",
    severity: incident.severity ?? "",
  };
  return {
    title: t("story.edit"),
    intro: t("ask.edit_hint"),
    fields: [
      { name: "title", label: t("ask.title"), value: before.title, needed: true, most: MOST.title },
      {
        name: "category",
        label: t("ask.category"),
        kind: "select",
        value: before.category,
        options: [{ value: "", label: t("incidents.no_category") }, ...options(boot.categories, pick)],
      },
      {
        name: "severity",
        label: t("ask.severity"),
        kind: "select",
        value: before.severity,
        options: severities(t),
      },
    ],
    submit: t("ask.save"),
    read: (values) =>
      Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== before[name])),
  };
}

/** Severities as options, "none" first. */
export const severities = (t) => [
  { value: "", label: t("severity.none") },
  ...["caution", "severe", "danger"].map((value) => ({ value, label: t(`severity.${value}`) })),
];

/** Names by code as options, first "choose". */
export const choices = (names, pick, first) => [{ value: "", label: first }, ...options(names, pick)];
