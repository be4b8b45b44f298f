// The worst things of the city, of all kinds in one order: what a leader reads when there is time for five. Pure.

import { aside, gaugeIsOld, isActive, isOpen, isReal, isUnseen, openedAt } from "../facts.js";
import { rank } from "../severity.js";

/** As many as somebody keeps in mind while walking to the next room. */
export const MOST = 5;

/** In these an agency has taken the incident on; before them it waits for somebody. */
const TAKEN = new Set(["accepted", "in_progress", "resolved"]);

/**
 * Everything that is grave or late, the worst first: [{kind, id, entity, severity, place, district, since, waits,
 * late, people}]. `waits`: nobody has it yet; `late`: a clock has run over; `people`: how many live under it, null
 * where nobody knows. What an alert speaks of stands there once, as the alert.
 */
export function worstThings({ alerts = [], incidents = [], gauges = [], hazards = [], now }) {
  const standing = alerts.filter((alert) => isActive(alert) && !aside(alert));
  const told = new Set(standing.map(({ subject }) => subject));
  const untold = (kind) => (entity) => !told.has(`${kind}:${entity.id}`);
  const people = new Map(hazards.map((hazard) => [`hazard:${hazard.id}`, hazard.people ?? null]));
  const late = new Set(incidents.filter(isLate).map(({ id }) => `incident:${id}`));
  return [
    ...standing.map((alert) => ({
      ...thing("alert", alert, alert.severity),
      district: alert.district ?? "",
      since: alert.since ?? 0,
      waits: isUnseen(alert),
      late: late.has(alert.subject),
      people: people.get(alert.subject) ?? null,
    })),
    ...incidents
      .filter((incident) => isOpen(incident) && (incident.severity || isLate(incident)))
      .filter(untold("incident"))
      .map((incident) => ({
        ...thing("incident", incident, incident.severity ?? null),
        since: openedAt(incident),
        waits: !TAKEN.has(incident.ours?.status ?? "received"),
        late: isLate(incident),
      })),
    ...gauges
      .filter((gauge) => gauge.severity && !gaugeIsOld(gauge, now))
      .filter(untold("gauge"))
      .map((gauge) => ({ ...thing("gauge", gauge, gauge.severity), since: gauge.observed_at ?? 0 })),
    ...hazards
      .filter(holds)
      .filter(untold("hazard"))
      .map((hazard) => ({
        ...thing("hazard", hazard, hazard.level),
        since: hazard.onset ?? hazard.sent ?? 0,
        people: hazard.people ?? null,
      })),
  ].sort(worseFirst);
}

/** By severity, then what waits for somebody, what is late, how many people, how long it has stood. */
export function worseFirst(a, b) {
  return (
    rank(a.severity) - rank(b.severity) ||
    Number(b.waits) - Number(a.waits) ||
    Number(b.late) - Number(a.late) ||
    (b.people ?? 0) - (a.people ?? 0) ||
    a.since - b.since ||
    (`${a.kind}:${a.id}` < `${b.kind}:${b.id}` ? -1 : 1)
  );
}

/** A real warning over the city that has a level, and has not ended. */
export const holds = (hazard) =>
  isReal(hazard) &&
  hazard.where === "city" &&
  Boolean(hazard.level) &&
  (hazard.state ?? "active") !== "ended";

export const isLate = (incident) => isOpen(incident) && (incident.overdue ?? []).length > 0;

const thing = (kind, entity, severity) => ({
  kind,
  id: entity.id,
  entity,
  severity,
  place: entity.place ?? null,
  district: "",
  since: 0,
  waits: false,
  late: false,
  people: null,
});
