"""What is on the glass of a wall: a page of a running server whose state the test says, and a look at it all.

The page and its files are the server's; its socket is the test's. So hundreds of states and sizes are seen in
seconds, each by one frame, and none waits for an engine.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from tests.browser import Page
from tests.running import WAIT_S, Server, until
from wallboard import protocol

State = dict[str, dict[str, Any]]

#: The wall that the tests look at; it is sent to each layout in turn.
WALL = "operations"

#: Two frames: one in which the page lays out, one in which what it measured is drawn.
_PAINTED = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  await frame();
  await frame();
  // What moves in is judged where it comes to stand.
  for (const one of document.getAnimations()) one.finish();
  await frame();
}"""

#: What somebody with a ruler would find. Text that an ellipsis or a number of lines ends is whole; what lies
#: altogether behind an edge is not seen, and no fault; what an edge cuts through is one.
_LOOK = """(least) => {
  const faults = [];
  const root = document.documentElement;
  const phone = root.dataset.mode === "phone";
  const page = [...document.querySelectorAll(".page")].find((one) => one.checkVisibility());
  if (!page) return ["no page is shown"];
  const says = (text) => JSON.stringify(text.trim().slice(0, 40));
  if (root.scrollWidth > innerWidth) faults.push(`the page is ${root.scrollWidth - innerWidth} px too wide`);
  if (!phone && root.scrollHeight > innerHeight)
    faults.push(`the page is ${root.scrollHeight - innerHeight} px too high`);

  const panels = [...page.children].filter((el) => el.matches(".panel") && el.checkVisibility());
  const named = (el) => el.className.split(" ").find((name) => name.startsWith("panel-"));
  const boxes = panels.map((el) => ({ name: named(el), box: el.getBoundingClientRect() }));
  const width = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = (a, b) => Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  for (const [i, { name, box }] of boxes.entries()) {
    if (box.left < -0.5 || box.right > innerWidth + 0.5) faults.push(`${name} leaves the page`);
    if (!phone && (box.top < -0.5 || box.bottom > innerHeight + 0.5)) faults.push(`${name} leaves the page`);
    for (const other of boxes.slice(i + 1))
      if (width(box, other.box) > 1 && height(box, other.box) > 1)
        faults.push(`${name} lies on ${other.name}`);
  }

  for (const [i, panel] of panels.entries()) {
    const { name, box } = boxes[i];
    const seen = [];
    const walker = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (!node.data.trim() || !parent.checkVisibility({ visibilityProperty: true })) continue;
      const size = parseFloat(getComputedStyle(parent).fontSize);
      // What cuts this text: every ancestor that does not let it out; and whether one ends it with a mark.
      let clip = { left: box.left, top: box.top, right: box.right, bottom: box.bottom };
      let ended = false;
      for (let el = parent; el !== panel.parentElement; el = el.parentElement) {
        const style = getComputedStyle(el);
        if (style.overflowX === "visible" && style.overflowY === "visible") continue;
        const { left, top, right, bottom } = el.getBoundingClientRect();
        clip = { left: Math.max(clip.left, left), top: Math.max(clip.top, top),
                 right: Math.min(clip.right, right), bottom: Math.min(clip.bottom, bottom) };
        ended ||= style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none";
      }
      range.selectNodeContents(node);
      for (const rect of range.getClientRects()) {
        const shownWidth = width(rect, clip);
        const shownHeight = height(rect, clip);
        if (shownWidth < 1 || shownHeight < 1 || rect.width < 1) continue;
        if (size < least - 0.05) faults.push(`${name}: ${says(node.data)} has ${size} px, least is ${least}`);
        if (shownHeight < 0.8 * rect.height) {
          // Less than a fifth of a line is the room between two lines, with nothing of a letter in it.
          if (shownHeight > 0.2 * rect.height) faults.push(`${name}: ${says(node.data)} is cut through`);
          continue;
        }
        if (shownWidth < rect.width - 1.5 && !ended) faults.push(`${name}: ${says(node.data)} is cut off`);
        const trim = 0.2 * rect.height;
        const [left, right] = [Math.max(rect.left, clip.left), Math.min(rect.right, clip.right)];
        seen.push({ node, text: node.data, left, right, top: rect.top + trim, bottom: rect.bottom - trim });
      }
    }
    for (const el of panel.querySelectorAll("svg.shape, img.code")) {
      const { left, top, right, bottom } = el.getBoundingClientRect();
      if (right > left && height({ top, bottom }, box) >= bottom - top - 1)
        seen.push({ node: el, text: "(shape)", left, top, right, bottom });
    }
    if (!seen.length) faults.push(`${name} shows nothing`);
    for (const [k, one] of seen.entries())
      for (const other of seen.slice(k + 1))
        if (one.node !== other.node && width(one, other) > 2 && height(one, other) > 2)
          faults.push(`${name}: ${says(one.text)} lies on ${says(other.text)}`);
  }
  return [...new Set(faults)].slice(0, 12);
}"""


class Glass:
    """One page of a wall; `show` says its state, `turn` its layout, `look` what is wrong with it."""

    def __init__(self, opened: Any, shown: Page, at: float) -> None:
        self.page = shown
        self._opened = opened
        self._socket: Any = None
        self._state: State = {}
        self._at = at
        self._began = time.monotonic()
        self._pos = 1
        opened.route_web_socket(lambda url: url.endswith("/ws"), self._connected)

    def now(self) -> float:
        """The server's time on this page."""
        return self._at + time.monotonic() - self._began

    def show(self, state: State) -> None:
        """All that the wall is told from now on."""
        self._state = state
        if self._socket is not None:
            self._snapshot()

    def turn(self, layout: str, subject: str = "", *, named: bool = True) -> None:
        """Send the wall to a layout, as a supervisor does, and wait until it is painted.

        Where the layout is not `named`, only the subject is told; which layout it is, the wall decides.
        """
        sent = {
            "layout": layout if named else "",
            "subject": subject,
            "until": self.now() + 3600,
            "role": "supervisor",
            "at": self.now(),
        }
        wall = {
            "id": WALL,
            "scope": ["public"],
            "at": self.now(),
            "name": WALL,
            "state": "painting",
            "sent": sent,
        }
        self._say(("wall", WALL, wall))
        until(
            lambda: self.page.evaluate(
                "(layout) => [...document.querySelectorAll('.page')]"
                ".some((one) => one.checkVisibility() && one.dataset.layout === layout)",
                layout,
            ),
            f"the page {layout}",
        )
        self.page.evaluate(_PAINTED)

    def back(self) -> None:
        """Let the wall go back to its own pages."""
        wall = {"id": WALL, "scope": ["public"], "at": self.now(), "name": WALL, "state": "painting"}
        self._say(("wall", WALL, wall))
        self.page.evaluate(_PAINTED)

    def size(self, width: int, height: int) -> None:
        """Give the window another size."""
        self._opened.set_viewport_size({"width": width, "height": height})
        self._say()
        self.page.evaluate(_PAINTED)

    def look(self) -> list[str]:
        """What is wrong with what is shown: out of its box, over another, cut through, too small."""
        least = float(self.page.evaluate("() => parseFloat(document.documentElement.style.fontSize)")) * 0.86
        found: list[str] = self.page.evaluate(_LOOK, least)
        return found

    def _say(self, *changes: tuple[str, str, Any]) -> None:
        prev, self._pos = self._pos, self._pos + 1
        raw = [(kind, id, msgspec.Raw(json.dumps(entity).encode())) for kind, id, entity in changes]
        self._send(protocol.delta("test", prev, self._pos, self.now(), self._pos, [*raw]))

    def _snapshot(self) -> None:
        self._pos += 1
        entities = (
            (kind, id, json.dumps(entity).encode())
            for kind, many in self._state.items()
            for id, entity in many.items()
        )
        for frame in protocol.snapshot("test", self._pos, self.now(), "view", "subscribe", entities):
            self._send(frame)

    def _send(self, frame: bytes) -> None:
        self._socket.send(frame.decode())

    def _connected(self, socket: Any) -> None:
        self._socket = socket
        self._send(protocol.hello("session", "node", "test", self.now()))
        socket.on_message(lambda text: self._snapshot() if '"subscribe"' in text else None)


@contextmanager
def glass(
    browser: Any, server: Server, state: State, at: float, query: str = "", **context: Any
) -> Iterator[Glass]:
    """A wall's page in a window of its own, with this state on it."""
    own = browser.new_context(viewport={"width": 1920, "height": 1080}, **context)
    try:
        opened = own.new_page()
        one = Glass(opened, Page(opened), at)
        one.show(state)
        opened.goto(f"http://{server.address}/wall/{WALL}{query}", timeout=WAIT_S * 1000)
        until(
            lambda: one.page.evaluate(
                "() => document.querySelector('#banner')?.hidden && document.querySelector('.tile') !== null"
            ),
            "the first state is on the glass",
        )
        # Text that is measured before its font is there has another width.
        opened.evaluate("() => document.fonts.ready.then(() => null)")
        yield one
    finally:
        own.close()
