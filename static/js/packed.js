// Messages of a socket in their order: a packed one takes a moment to unpack, and what comes meanwhile waits for it.

/** (bytes) → promise of the text, or null where this browser has no raw deflate: Chromium 80 to 102 have only others. */
function unpacker() {
  try {
    new DecompressionStream("deflate-raw");
  } catch {
    return null;
  }
  return (bytes) => new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).text();
}

/** What a page opens its connection with: {open, unpack} for Connection's `env`. */
export const wire = {
  open(url, subprotocol) {
    const socket = new WebSocket(url, subprotocol);
    socket.binaryType = "arraybuffer";
    return socket;
  },
  /** The text of a binary message (raw deflate), or null where this browser cannot tell. */
  unpack: unpacker(),
};

/** (data) → void, which calls `deliver(text)` for each message in order, `failed(fault)` where one cannot be unpacked. */
export function ordered(unpack, deliver, failed) {
  let last = null;
  return (data) => {
    const plain = typeof data === "string";
    if (plain && !last) {
      deliver(data);
      return;
    }
    // A fault of who takes one message is none of the next.
    const before = (last ?? Promise.resolve()).catch(() => {});
    const text = plain ? data : unpack(data);
    const mine = Promise.all([text, before])
      .then(([found]) => deliver(found), failed)
      .finally(() => {
        if (last === mine) last = null;
      });
    last = mine;
  };
}
