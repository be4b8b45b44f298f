// The address after "#": which section is open, and what of it. Pure but for the window that is handed in.

/** "#incident/a%2Fb" → {path: "incident/a%2Fb", name: "incident", rest: "a/b"}. */
export function parse(hash) {
  const path = hash.replace(/^#\/?/, "");
  const cut = path.indexOf("/");
  const name = cut < 0 ? path : path.slice(0, cut);
  return { path, name, rest: cut < 0 ? "" : decoded(path.slice(cut + 1)) };
}

/** The address of a part of the console; `rest` is any text. */
export const address = (name, rest = "") => (rest ? `#${name}/${encodeURIComponent(rest)}` : `#${name}`);

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a half-typed address is an address that names nothing
  }
}
