// What can be done about an alert, by whom and when, and what each asks for first.

import { isUnseen, isOver, standing } from "../facts.js";
import { mine, seen, shelveTimes } from "./alert_facts.js";

/** A note is a few sentences, a reason one line; the engine refuses longer ones. */
const MOST_TEXT = 1000;
const MOST_REASON = 300;

/** action → {command, key, when(alert)}; in the order of the buttons. */
export const ACTIONS = {
  ack: { command: "alert.ack", key: "a", when: (alert) => isUnseen(alert) || isOver(alert) },
  confirm: { command: "alert.confirm", key: "c", when: standing },
  note: { command: "alert.note", key: "n", when: standing },
  assign: { command: "alert.assign", key: "g", when: standing },
  shelve: { command: "alert.shelve", key: "s", when: (alert) => standing(alert) && !alert.shelved },
  unshelve: { command: "alert.unshelve", key: "s", when: (alert) => Boolean(alert.shelved) },
  outOfService: { command: "alert.out_of_service", key: "o", when: (alert) => standing(alert) && !alert.out_of_service },
  inService: { command: "alert.in_service", key: "o", when: (alert) => Boolean(alert.out_of_service) },
};

/** {allowed(name, alert), keys(act), handover(), and one function of an alert for each of ACTIONS}. */
export function alertActions(ctx) {
  const { t } = ctx;

  const send = (command, alert, args = {}) => ctx.commands.send(command, { ...seen(alert), ...args });
  const title = (command, alert) => `${t(`action.${command}`)}: ${ctx.pick(alert.texts) || alert.id}`;
  const text = (label, more = {}) => ({ name: "text", label, kind: "area", needed: true, most: MOST_TEXT, ...more });

  const reason = text(t("alert.reason"), { name: "reason", kind: "text", most: MOST_REASON });

  async function asked(command, alert, spec, args) {
    const values = await ctx.ask({ title: title(command, alert), submit: t(`action.${command}`), ...spec });
    return values === null ? null : send(command, alert, args(values));
  }

  /** Colleagues of these roles, those on duty first. */
  function colleagues(roles, without = "") {
    return ctx.store
      .all("person")
      .filter(({ id, role, disabled }) => roles.includes(role) && !disabled && id !== without)
      .sort((a, b) => Number(Boolean(b.duty?.length)) - Number(Boolean(a.duty?.length)) || a.name.localeCompare(b.name))
      .map(({ id, name, duty }) => ({ value: id, label: duty?.length ? `${name} · ${t("alert.on_duty")}` : name }));
  }

  const acts = {
    ack: (alert) => send("alert.ack", alert),
    confirm: (alert) =>
      asked("alert.confirm", alert, { intro: t("alert.confirm_intro"), fields: [text(t("alert.confirm_text"))] }, ({ text: said }) => ({
        text: said,
      })),
    note: (alert) =>
      asked("alert.note", alert, { fields: [text(t("alert.note_text"))] }, ({ text: said }) => ({ text: said })),
    assign: (alert) =>
      asked(
        "alert.assign",
        alert,
        {
          fields: [
            {
              name: "to",
              label: t("alert.to"),
              kind: "select",
              value: alert.assigned || ctx.person.id,
              options: [
                ...colleagues(["supervisor", "operator"]),
                ...(alert.assigned ? [{ value: "", label: t("alert.to_nobody") }] : []),
              ],
            },
          ],
        },
        ({ to }) => ({ to }),
      ),
    shelve: (alert) =>
      asked(
        "alert.shelve",
        alert,
        {
          intro: t("alert.shelve_intro"),
          fields: [
            {
              name: "for_s",
              label: t("alert.shelve_for"),
              kind: "select",
              value: "3600",
              options: shelveTimes(ctx.boot.alarms.shelve_most).map((seconds) => ({
                value: String(seconds),
                label: ctx.figures.duration(seconds),
              })),
            },
            reason,
          ],
        },
        ({ for_s: seconds, reason: why }) => ({ for_s: Number(seconds), reason: why }),
      ),
    unshelve: (alert) => send("alert.unshelve", alert),
    outOfService: (alert) =>
      asked(
        "alert.out_of_service",
        alert,
        { danger: true, intro: t("alert.out_of_service_intro"), fields: [reason] },
        ({ reason: why }) => ({ reason: why }),
      ),
    inService: (alert) => send("alert.in_service", alert),
  };

  return {
    ...acts,
    allowed: (name, alert) => ctx.may(ACTIONS[name].command) && ACTIONS[name].when(alert),
    /** Everything that is mine goes to a colleague, at the end of a shift. */
    async handover() {
      const own = mine(ctx.store.all("alert"), ctx.person.id).length;
      const values = await ctx.ask({
        title: t("alert.handover_mine", { n: own }),
        intro: t("alert.handover_intro", { n: own }),
        submit: t("action.alert.handover"),
        fields: [
          {
            name: "to",
            label: t("alert.to"),
            kind: "select",
            needed: true,
            options: colleagues(["supervisor"], ctx.person.id),
          },
        ],
      });
      return values === null ? null : ctx.commands.send("alert.handover", { to: values.to });
    },
    /** One key for each action that this role may take; a key with two meanings does what the alert's state allows. */
    keys(act) {
      const table = {};
      for (const [name, { command, key }] of Object.entries(ACTIONS)) {
        if (!ctx.may(command)) continue;
        const other = table[key];
        table[key] = {
          words: other?.words ?? `action.${command}`,
          act() {
            other?.act();
            act(name);
          },
        };
      }
      return table;
    },
  };
}
