// A screen shows its code and asks until somebody has approved it (RFC 8628). It needs no keyboard: what ends
// begins anew by itself.

/** Seconds to wait before the next try when the server does not answer. */
const AGAIN_S = 5;

/** Words of the page, Indonesian and English together: nobody has chosen a language on a bare screen. */
export const WORDS = {
  waiting: "Menunggu persetujuan · Waiting for approval",
  paired: "Sudah dipasangkan · Paired",
  denied: "Ditolak; kode baru menyusul · Refused; another code follows",
  away: "Server tidak menjawab; dicoba lagi · The server does not answer; trying again",
  busy: "Terlalu banyak permintaan; dicoba lagi · Too many requests; trying again",
};

/**
 * What to do with an answer to a poll: {next: "wait" | "anew" | "go", interval, say, to}. Pure.
 * `status` 0 means that there was no answer.
 */
export function step(status, body, interval) {
  if (status === 200) return { next: "go", interval, say: "paired", to: wallOf(body) };
  switch (status === 400 ? body?.error : "") {
    case "authorization_pending":
      return { next: "wait", interval, say: "waiting" };
    case "slow_down":
      return { next: "wait", interval: interval + 5, say: "waiting" };
    case "access_denied":
      return { next: "anew", interval, say: "denied" };
    case "expired_token":
      return { next: "anew", interval, say: "waiting" };
    default:
      return { next: "wait", interval, say: "away" };
  }
}

/** The wall to go to: an address of ours, whatever the answer says. */
export function wallOf(body) {
  return /^\/wall\/[A-Za-z0-9_-]{1,64}(\/[A-Za-z0-9_-]{1,32})?$/.test(body?.wall ?? "") ? body.wall : "/";
}

/** A screen that was opened at its own place on that wall stays there: "/wall/NAME/SCREEN". */
export function placeOn(wall, here) {
  return wall !== "/" && here.startsWith(`${wall}/`) ? here : wall;
}

async function ask(path) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      cache: "no-store",
      signal: AbortSignal.timeout(10_000),
    });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  } catch {
    return { status: 0, body: null };
  }
}

const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

function say(word, bad = false) {
  const state = document.getElementById("state");
  state.textContent = WORDS[word];
  state.toggleAttribute("data-bad", bad);
}

function show(code) {
  document.getElementById("code").textContent = code.user_code;
  document.getElementById("where").textContent = code.verification_uri;
  const qr = document.getElementById("qr");
  qr.alt = code.verification_uri_complete;
  qr.src = code.qr;
  qr.hidden = false;
}

async function run() {
  const back = document.getElementById("login");
  back.href = `/login?next=${encodeURIComponent(location.pathname)}`;
  for (;;) {
    const { status, body } = await ask("/api/v1/pair");
    if (status !== 200) {
      say(status === 429 ? "busy" : "away", true);
      await sleep(AGAIN_S * 2);
      continue;
    }
    show(body);
    say("waiting");
    let now = { next: "wait", interval: body.interval };
    while (now.next === "wait") {
      await sleep(now.interval);
      const answer = await ask("/api/v1/pair/poll");
      now = step(answer.status, answer.body, now.interval);
      say(now.say, now.say === "away" || now.say === "denied");
    }
    if (now.next === "go") {
      location.replace(placeOn(now.to, location.pathname));
      return;
    }
    if (now.say === "denied") await sleep(AGAIN_S);
  }
}

if (typeof document !== "undefined" && document.getElementById("code")) run();
