// The server over HTTP as the person who is logged in: one-time tickets, and what is no command.

/** No answer of the server is waited for longer (ms); a socket has to subscribe within 10 s. */
const LIMIT_MS = 8000;

/** What the server refused: its status and its own words. */
export class Refused extends Error {
  constructor(status, title, detail, retryAfter = null) {
    super(detail || title || `HTTP ${status}`);
    Object.assign(this, { status, title, detail, retryAfter });
  }
}

/** Ask the server; gives its JSON (null where there is none), throws Refused or a TypeError without a network. */
export async function api(path, { method = "GET", body = null } = {}) {
  const response = await fetch(path, {
    method,
    headers: body === null ? { Accept: "application/json" } : { "Content-Type": "application/json" },
    body: body === null ? null : JSON.stringify(body),
    credentials: "same-origin",
    cache: "no-store",
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  const text = await response.text();
  let said = null;
  try {
    said = text ? JSON.parse(text) : null;
  } catch {
    said = null; // a proxy's own page: its status says enough
  }
  if (response.ok) return said;
  const wait = Number(response.headers.get("Retry-After"));
  throw new Refused(response.status, said?.title ?? "", said?.detail ?? "", wait > 0 ? wait : null);
}

/** What proves once who connects. */
export const ticket = async () => (await api("/api/v1/ticket", { method: "POST", body: {} })).ticket;

/** The log-in page that leads back to here. */
export const loginAddress = (here) => `/login?next=${encodeURIComponent(here.pathname + here.search + here.hash)}`;
