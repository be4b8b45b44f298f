// The sections of the console, in the order of the navigation: who sees which, and where each one's module is.
//
// A section's module exports
//   mount(root, ctx) → {update(changed), keys, route?(rest), stop?()}
//     update(changed)  kinds that changed (a Set; "clock" once a second, "command" when a command moved on);
//                      called at most once a frame
//     keys             {key: {words: key of its words, act()}}: what a key does while no field has the focus
//     route(rest)      the address is #section/rest now; "" is the section itself
//   count?(store, ctx) → {n, severity?}   what stands beside its name in the navigation; null: nothing
// A module is fetched when its section is first opened: one that fails takes no other away.

import { aside, isUnseen } from "../facts.js";
import { isBad } from "../freshness.js";

/** {id, label, roles, load, routes?, kinds?, count?}; `kinds` and `count` are for the navigation alone. */
export const SECTIONS = [
  {
    id: "alerts",
    label: "console.alerts",
    roles: ["supervisor", "operator", "quality", "leader", "helpdesk"],
    load: () => import("./alerts.js"),
    kinds: ["alert"],
    count: (store) => {
      const open = store.all("alert").filter((alert) => isUnseen(alert) && !aside(alert));
      return { n: open.length, severities: open.map(({ severity }) => severity) };
    },
  },
  {
    id: "incidents",
    label: "console.incidents",
    roles: ["supervisor", "operator", "agency", "quality", "leader", "helpdesk"],
    load: () => import("./incidents.js"),
    // "#incident/ID" is one incident's story.
    routes: ["incidents", "incident", "new"],
    kinds: ["incident"],
    count: (store) => ({
      n: store.all("incident").filter(({ source }) => (source?.status ?? "open") === "open").length,
    }),
  },
  {
    id: "calls",
    label: "console.calls",
    roles: ["supervisor", "operator"],
    load: () => import("./calls.js"),
    kinds: ["call"],
    count: (store) => ({ n: store.all("call").filter(({ state }) => state !== "ended").length }),
  },
  {
    id: "agencies",
    label: "console.agencies",
    roles: ["supervisor", "operator", "quality", "leader"],
    load: () => import("./agencies.js"),
  },
  {
    id: "quality",
    label: "console.quality",
    roles: ["quality", "supervisor"],
    load: () => import("./quality.js"),
  },
  {
    id: "screens",
    label: "console.screens",
    roles: ["helpdesk", "admin", "supervisor"],
    load: () => import("./screens.js"),
    kinds: ["screen", "wall"],
    count: (store) => ({
      n: store.all("screen").filter(({ state = "paired" }) => state === "paired").length,
    }),
  },
  {
    id: "people",
    label: "console.people",
    roles: ["admin"],
    load: () => import("./people.js"),
    kinds: ["person"],
    count: (store) => ({ n: store.all("person").length }),
  },
  {
    id: "feeds",
    label: "console.feeds",
    roles: ["admin"],
    load: () => import("./feeds.js"),
    kinds: ["feed"],
    count: (store) => {
      const bad = store.all("feed").filter(isBad);
      return { n: bad.length, severities: bad.map(() => "caution") };
    },
  },
  {
    id: "duty",
    label: "console.duty",
    roles: ["supervisor"],
    load: () => import("./duty.js"),
  },
  {
    id: "city",
    label: "console.city",
    roles: ["supervisor", "leader", "helpdesk"],
    load: () => import("./city.js"),
    kinds: ["city", "wall"],
    count: (store) => ({
      n: 0,
      severities: [store.get("city", "city")?.level?.severity].filter(Boolean),
    }),
  },
  {
    id: "load",
    label: "console.load",
    roles: ["supervisor", "leader", "quality", "helpdesk", "admin"],
    load: () => import("./load.js"),
  },
];

/** The sections of a role. */
export const sectionsOf = (role) => SECTIONS.filter(({ roles }) => roles.includes(role));

/** The section that an address names ("incident/42" → incidents), or null. */
export function sectionOf(sections, path) {
  const [first] = path.split("/");
  return sections.find(({ id, routes = [id] }) => routes.includes(first)) ?? null;
}
