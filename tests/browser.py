"""A page of a running server in a real Chromium; the test is skipped where there is none."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.running import START_S, WAIT_S, Server, until

#: Where Linux distributions put it; elsewhere WALLBOARD_TESTS_CHROMIUM names it.
CHROMIUM = Path(os.environ.get("WALLBOARD_TESTS_CHROMIUM", "/usr/bin/chromium"))

#: Root has no sandbox in a container, and no test machine a screen or a need to ask Google for anything.
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking")

_MS = 1000.0


class Page:
    """What a person would see of a page."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._errors: list[str] = []
        self._requests: list[str] = []
        #: what its socket hears in the place of what the server says
        self._heard: tuple[str, str] | tuple[()] = ()
        page.on("request", lambda request: self._requests.append(request.url))
        page.on("pageerror", lambda error: self._errors.append(str(error)))
        page.on("console", lambda line: self._errors.append(line.text) if line.type == "error" else None)

    @property
    def errors(self) -> list[str]:
        """What the page wrote to the console as errors, and what it threw, until now."""
        self._hear()
        return self._errors

    @property
    def requests(self) -> list[str]:
        """Every address that the page asked for until now."""
        self._hear()
        return self._requests

    def _hear(self) -> None:
        # Playwright tells what happened only while it is called: whoever waits for it must call.
        if not self._page.is_closed():
            self._page.wait_for_timeout(0)

    def evaluate(self, expression: str, argument: Any = None) -> Any:
        """What a JavaScript function of one argument gives in the page."""
        return self._page.evaluate(expression, argument)

    def cdp(self) -> Any:
        """A session of the browser's own protocol."""
        return self._page.context.new_cdp_session(self._page)

    def click(self, selector: str) -> None:
        """Press what `selector` names, once it can be pressed."""
        self._page.click(selector, timeout=WAIT_S * _MS)

    def log_in(self, name: str, password: str) -> None:
        """Fill in the log-in page and send it."""
        self._page.fill('[name="name"]', name, timeout=WAIT_S * _MS)
        self._page.fill('[name="password"]', password)
        self._page.press('[name="password"]', "Enter")

    def fill(self, selector: str, text: str) -> None:
        """Write into the field that `selector` names."""
        self._page.fill(selector, text, timeout=WAIT_S * _MS)

    def press(self, key: str) -> None:
        """Press a key where the focus is."""
        self._page.keyboard.press(key)

    def hears(self, old: str, new: str) -> None:
        """From the next page on, let its socket say `new` where the server says `old`."""
        if not self._heard:
            self._page.route_web_socket(lambda url: url.endswith("/ws"), self._between)
        self._heard = (old, new)

    def _between(self, socket: Any) -> None:
        server = socket.connect_to_server()

        def pass_on(frame: str | bytes) -> None:
            # A compressed state is bytes; what pages are told otherwise is text.
            socket.send(frame.replace(*self._heard) if isinstance(frame, str) else frame)

        server.on_message(pass_on)

    def go(self, address: str) -> None:
        """Open another page in the same window."""
        self._page.goto(address, timeout=WAIT_S * _MS)

    def arrives(self, path: str) -> None:
        """Wait until the window has gone to another page of the server."""
        self._page.wait_for_url(f"**{path}", timeout=WAIT_S * _MS)

    def picture(self, scale: float, quality: int) -> bytes:
        """What is in the window as WebP, made smaller by `scale`."""
        size = self._page.viewport_size
        session = self._page.context.new_cdp_session(self._page)
        clip = {"x": 0, "y": 0, **size, "scale": scale}
        wanted = {"format": "webp", "quality": quality, "clip": clip}
        return base64.b64decode(session.send("Page.captureScreenshot", wanted)["data"])

    def text(self, selector: str = "body") -> str:
        """The visible text of the first element that `selector` names, "" where there is none."""
        return str(self._page.evaluate("s => document.querySelector(s)?.innerText ?? ''", selector))

    def shows(self, *words: str, within: str = "body") -> str:
        """Wait until all `words` can be read in the element, and return its text."""
        # The page's CSP forbids eval, which a wait inside the page would need.
        try:
            until(lambda: all(word in self.text(within) for word in words), f"{words} in {within}")
        except AssertionError as fault:
            raise AssertionError(f"{fault}; it shows: {self.text(within)!r}") from None
        return self.text(within)


class _Shared:
    """The browser of the file of tests that runs: to start one costs more than most tests."""

    browser: Any = None
    ends = ExitStack()


@contextmanager
def chromium() -> Iterator[Any]:
    """A Chromium without windows, the same for all tests of a file; conftest.py ends it with the file."""
    if _Shared.browser is None or not _Shared.browser.is_connected():
        end()
        _Shared.browser = _Shared.ends.enter_context(launched())
    yield _Shared.browser


def end() -> None:
    """End the browser, if there is one. While it runs no test can have a loop of its own in this thread."""
    _Shared.browser = None
    _Shared.ends.close()


@contextmanager
def launched() -> Iterator[Any]:
    """A Chromium of one's own."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not on this machine")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=list(_ARGUMENTS), timeout=START_S * _MS
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def window(
    browser: Any, server: Server, path: str = "/", *, width: int = 1920, height: int = 1080
) -> Iterator[Page]:
    """A page of the server in a window with cookies of its own, closed afterwards."""
    context = browser.new_context(viewport={"width": width, "height": height})
    try:
        opened = context.new_page()
        shown = Page(opened)
        opened.goto(f"http://{server.address}{path}", timeout=WAIT_S * _MS)
        yield shown
    finally:
        context.close()


@contextmanager
def page(server: Server, path: str = "/", *, width: int = 1920, height: int = 1080) -> Iterator[Page]:
    """A page of the server in a window of this size, closed afterwards."""
    with chromium() as browser, window(browser, server, path, width=width, height=height) as shown:
        yield shown
