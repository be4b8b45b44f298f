"""What every answer carries: a strict Content-Security-Policy, and no sniffing, framing or leaking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wallboard.city import CityConfig
from wallboard.web.door import Door
from wallboard.web.problems import problem


def policy(images: Iterable[str] = (), streams: Sequence[str] = ()) -> str:
    """Nothing from outside but what these origins show; no inline script, text is never HTML."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "font-src 'self'",
            " ".join(("img-src 'self' data: blob:", *images)),
            " ".join(("media-src 'self' blob:", *streams)),
            "worker-src 'self' blob:",
            " ".join(("connect-src 'self'", *streams)),
            "manifest-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "require-trusted-types-for 'script'",
        )
    )


def stream_hosts(city: CityConfig) -> list[str]:
    """Servers whose streams the boards may open themselves: `board_hosts` of all camera lists."""
    lists = [feed.options.get("board_hosts", []) for feed in city.feed if feed.type == "cameras"]
    return sorted({host for hosts in lists for host in hosts})


_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


#: Once by https, always by https; a year, as browsers' preload lists ask for.
_HSTS = "max-age=31536000"

#: A browser's header lines come to 1 to 3 KB, with our cookie 100 bytes more.
MAX_HEADER_BYTES = 16 * 1024

_READS = frozenset({"GET", "HEAD", "OPTIONS"})

#: Signed by their senders, which are no browsers (docs/feeds.md, webhook).
_SIGNED = "/api/v1/ingest/"


class SecurityHeaders:
    """ASGI middleware that adds them; pages may show what comes from `images` and `streams`, too."""

    def __init__(
        self, app: ASGIApp, https: bool = False, images: Iterable[str] = (), streams: Sequence[str] = ()
    ) -> None:
        self._app = app
        self._headers = _HEADERS | {"Content-Security-Policy": policy(images, streams)}
        if https:
            self._headers["Strict-Transport-Security"] = _HSTS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the headers to its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


class DoorKeeper:
    """ASGI middleware that lets in only what names this server, and changes only from its own pages."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await problem(*refusal)(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, str, str] | None:
        if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADER_BYTES:
            return 431, "Header too large", f"at most {MAX_HEADER_BYTES} bytes"
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._door.knows(hosts[0]):
            return 400, "Unknown host", "this server has another name; --public-host gives it one more"
        if scope["type"] == "websocket":
            # No browser comes without one, and no board is known by a cookie.
            foreign = "origin" in headers and not self._door.own_origin(headers)
        else:
            foreign = scope["method"] not in _READS and not scope["path"].startswith(_SIGNED)
            foreign = foreign and not (
                self._door.own_origin(headers)
                and headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
            )
        return (403, "Another origin", "changes come from pages of this server only") if foreign else None
