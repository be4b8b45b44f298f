// All words on the glass, by language. An entity brings its own words by language; `pick` chooses among them.

import { EN } from "./words_en.js";
import { ID } from "./words_id.js";

export const CATALOGUES = { id: ID, en: EN };

/** The language of the page: what the address asks for, where there is a catalogue, else the city's first. */
export function language(asked, configured) {
  return [asked, configured, "id"].find((code) => code && code in CATALOGUES);
}

/** t(key, {name: value}) → the words; a key that is missing is shown as it is, so that it is seen. */
export function translator(code, catalogues = CATALOGUES) {
  const catalogue = catalogues[code];
  return (key, values = {}) =>
    (catalogue[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) =>
      name in values ? String(values[name]) : whole,
    );
}

/**
 * Sentences of the server (feeds/fetching, feeds/reading, feeds/running) → the key of the words for them. Names
 * in a pattern are names in the words; `why` and `first` are put into words themselves. The first that fits
 * counts.
 */
const SENTENCES = [
  [/^(?<where>\S.*) cannot be reached(?:: (?<why>.+))?$/, "fault.unreachable"],
  [/^(?<where>\S.*) does not answer within (?<s>\d+) s$/, "fault.no_answer"],
  [/^(?<where>\S.*) cannot be read: (?<why>.+)$/, "fault.unreadable"],
  [/^(?<where>\S.*) did not deliver within (?<s>[\d.]+) s$/, "fault.slow"],
  [/^The visit did not end within (?<s>[\d.]+) s$/, "fault.slow_visit"],
  [/^(?<where>\S.*) broke off before it answered: (?<why>.+)$/, "fault.broke_before"],
  [/^(?<where>\S.*) broke off after (?<n>\d+) bytes: (?<why>.+)$/, "fault.broke_after"],
  [/^(?<where>\S.*) is busy: it answered (?<status>.+)$/, "fault.busy"],
  [/^(?<where>\S+) answered (?<status>\d{3}\b.*)$/, "fault.answered"],
  [/^(?<where>\S.*) is larger than the (?<n>\d+) bytes allowed$/, "fault.too_large"],
  [/^(?<where>\S.*) is refused: (?<ip>\S+) is not on the open internet, .*$/, "fault.not_public"],
  [/^(?<where>\S+): more than (?<n>\d+) redirects$/, "fault.redirects"],
  [/^The name (?<where>\S+) (?:cannot be resolved|has no address)$/, "fault.no_name"],
  [/^The secret (?<where>\S+) is (?:not set in the environment|empty)$/, "fault.no_secret"],
  [/^The connection(?: to the exchange)? (?:failed|broke): (?<why>.+)$/, "fault.connection"],
  [/^The (?:connection has ended|exchange has closed the connection)$/, "fault.ended"],
  [/^The exchange refuses the log-in of (?<user>[^:]+): (?<why>.+)$/, "fault.log_in"],
  [/^The exchange has been silent for (?<s>\d+) s and answers no ping$/, "fault.exchange_silent"],
  [/^The document is empty$/, "fault.empty"],
  [/^It should be (?<form>\S+), but it is a web page(?: \(HTML\))?(?: titled .+)?$/, "fault.web_page"],
  [/^It should be (?<form>\S+), but it looks like (?<other>\S+)$/, "fault.other_form"],
  [/^this is a page of HTML or XML, not a table$/, "fault.no_table"],
  [/^The (?<form>\S+) is cut off\b.*$/, "fault.cut_off"],
  [/^The (?<form>\S+) is broken\b.*$/, "fault.broken"],
  [/^the table has no column '(?<name>[^']*)'; .*$/, "fault.no_column"],
  [/^none of its (?<n>\d+) records can be used[;:] (?<first>.+)$/i, "fault.none_usable"],
  [/^No record can be used \((?<n>\d+)\); the first: (?<first>.+)$/, "fault.none_usable"],
  [/^its only record cannot be used[;:] (?<first>.+)$/i, "fault.only_unusable"],
  [/^(?<where>(?:record|line|row) \d+): (?<name>[\w.]+):? is missing$/, "fault.missing"],
  [/^no connection in time$|^no connection within [\d.]+ s$|^connection timed out$/, "fault.why_connect"],
  [/^nothing came in time$|^no answer in time$/, "fault.why_time"],
  [/^it closed the connection too soon.*$|^the other side closed it$/, "fault.why_closed"],
  [/^the connection is refused\b.*$|^connection refused$/, "fault.why_refused"],
  [/^the connection was broken off$|^connection reset by peer$/, "fault.why_broken"],
  [/^its certificate is not trusted\b.*$/, "fault.why_certificate"],
  [/^network is unreachable$|^no route to host$/, "fault.why_network"],
  [/^no such file or directory$/, "fault.why_no_file"],
  [/^permission denied$/, "fault.why_permission"],
  // A document of several is named before its fault.
  [/^(?<where>\S+): (?<first>(?:It should|The document|The [A-Z]+ is|the table) .+)$/, "fault.of"],
];

/** Why a source fails: in the page's words where we know the code or the sentence, else as it was said. */
export function reasonWords(t, reason) {
  if (!reason) return "";
  const key = `reason.${reason}`;
  if (t(key) !== key) return t(key);
  const said = reason.replace(/\.$/, "");
  for (const [pattern, words] of SENTENCES) {
    const found = pattern.exec(said);
    if (!found) continue;
    const { why, first, ...rest } = found.groups ?? {};
    const inner = { why: reasonWords(t, why), first: reasonWords(t, first) };
    // What the sentence leaves out leaves no mark behind it.
    return t(words, { ...rest, ...inner }).replace(/[: ]+$/, "");
  }
  return reason;
}

/** One text of a mapping language → text: ours, else Indonesian, English, or the first that says something. */
export function pick(texts, code) {
  if (!texts) return "";
  return texts[code] || texts.id || texts.en || Object.values(texts).find(Boolean) || "";
}
