"""One GET: to the judged address of a host, through its redirects, within limits of time and bytes."""

from __future__ import annotations

import logging
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import urljoin, urlsplit

import httpx2

from feeds.base import Document
from feeds.fetching.addresses import host_and_port, origin, redact
from feeds.fetching.exchange import Call, Reply
from feeds.fetching.guard import Guard, network_reason
from feeds.fetching.limits import Answer, Answered, Busy, FetchLimits, TooLarge
from feeds.fetching.retry_after import retry_after
from wallboard import __version__
from wallboard.errors import Unreachable

#: What may go along to another host after a redirect; all else could be a credential.
_HARMLESS_HEADERS = ("accept", "accept-language")

# Its line for each request holds the whole address, and so a key in the query string.
logging.getLogger("httpx2").setLevel(logging.WARNING)


@dataclass(frozen=True)
class _Redirect:
    to: str


@cache
def _trust() -> ssl.SSLContext:
    """The certificates of the system, or of SSL_CERT_FILE; loading them takes a tenth of a second."""
    return httpx2.create_ssl_context()


def http_client() -> httpx2.AsyncClient:
    """Return a client for all feeds to share; who makes it closes it.

    No proxy of the environment (it would look names up itself, past the guard), no cookies (feeds would share
    them), and no connection kept: one to a shared address could have been opened, and its certificate
    checked, for another host.
    """
    return httpx2.AsyncClient(
        trust_env=False,
        verify=_trust(),
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0),
        headers={"user-agent": f"wallboard/{__version__}", "accept-encoding": "gzip, deflate"},
    )


class WebReader:
    """Reads http: and https: addresses for one feed."""

    def __init__(self, client: httpx2.AsyncClient, guard: Guard, limits: FetchLimits) -> None:
        self._client = client
        self._guard = guard
        self._limits = limits

    async def get(
        self, url: str, headers: Mapping[str, str], conditions: Mapping[str, str], limit: int
    ) -> Answer | None:
        """Return the document, None when it is 304. Raises Unreachable, Busy among them."""
        for _ in range(self._limits.redirects + 1):
            answer = await self._ask(url, {**headers, **conditions}, limit)
            if isinstance(answer, _Redirect):
                if origin(answer.to) != origin(url):
                    headers = {name: headers[name] for name in headers if name.lower() in _HARMLESS_HEADERS}
                url = answer.to
                continue
            if answer is None and not conditions:
                raise Unreachable(f"{redact(url)} answered 304 although nothing was known of it.")
            return answer
        raise Unreachable(f"{redact(url)}: more than {self._limits.redirects} redirects.")

    @asynccontextmanager
    async def open(self, call: Call) -> AsyncIterator[Reply]:
        """Ask once and lend the answer as it comes. Raises Unreachable, Answered for a refused log-in."""
        host, port = _checked(call.url)
        failure: Unreachable | None = None
        for address in await self._guard.addresses(host, port):
            request = self._request(call.url, address, (host, port), dict(call.headers), call)
            request.extensions["timeout"] = httpx2.Timeout(
                call.silence_s, connect=self._limits.connect_s
            ).as_dict()
            try:
                response = await self._logged_in(request, call)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                failure = Unreachable(f"{redact(call.url)} cannot be reached: {_reason(error)}.")
                continue  # the host's next address
            except httpx2.TransportError as error:
                raise Unreachable(
                    f"{redact(call.url)} broke off before it answered: {_reason(error)}."
                ) from None
            try:
                if response.status_code in (401, 403):
                    raise Answered(f"{redact(call.url)} refuses the log-in ({response.status_code}).")
                yield _Reply(self, call.url, response)
                return
            finally:
                await response.aclose()
        raise failure or Unreachable(f"{redact(call.url)} cannot be reached.")

    async def _logged_in(self, request: httpx2.Request, call: Call) -> httpx2.Response:
        """The answer to the request, or to its repetition with the proof that was asked for.

        The client's own way would read the whole body of a refusal, however long that is.
        """
        login = call.login
        if login is None:
            return await self._client.send(request, stream=True)
        way = httpx2.DigestAuth if login.scheme == "digest" else httpx2.BasicAuth
        flow = way(login.user, login.password).auth_flow(request)
        response = await self._client.send(next(flow), stream=True)
        try:
            again = flow.send(response)
        except StopIteration:
            return response
        except (httpx2.ProtocolError, ValueError, KeyError):
            await response.aclose()
            raise Answered(f"{redact(call.url)} asks for a log-in that cannot be understood.") from None
        await response.aclose()
        return await self._client.send(again, stream=True)

    async def _ask(self, url: str, headers: dict[str, str], limit: int) -> _Redirect | Answer | None:
        host, port = _checked(url)
        failure: Unreachable | None = None
        for address in await self._guard.addresses(host, port):
            request = self._request(url, address, (host, port), headers)
            try:
                response = await self._client.send(request, stream=True)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                failure = Unreachable(f"{redact(url)} cannot be reached: {_reason(error)}.")
                continue  # the host's next address
            except httpx2.TransportError as error:
                raise Unreachable(f"{redact(url)} broke off before it answered: {_reason(error)}.") from None
            try:
                return await self._take(url, response, limit)
            finally:
                await response.aclose()
        raise failure or Unreachable(f"{redact(url)} cannot be reached.")

    def _request(
        self,
        url: str,
        address: str,
        named: tuple[str, int],
        headers: dict[str, str],
        call: Call | None = None,
    ) -> httpx2.Request:
        try:
            written = httpx2.URL(url)
            pinned = written.copy_with(host=address, port=named[1])
            method, content = ("GET", None) if call is None else (call.method, call.body or None)
            request = self._client.build_request(method, pinned, headers=headers, content=content)
        except (httpx2.InvalidURL, UnicodeEncodeError, TypeError):
            raise Unreachable(f"{redact(url)} is not a proper address, or a header is not.") from None
        # The connection goes to the judged address; the server, and its certificate, know the name.
        request.headers["host"] = written.netloc.decode("ascii")
        request.extensions["sni_hostname"] = named[0]
        request.extensions["timeout"] = httpx2.Timeout(
            self._limits.total_s, connect=self._limits.connect_s
        ).as_dict()
        return request

    async def _take(self, url: str, response: httpx2.Response, limit: int) -> _Redirect | Answer | None:
        status = response.status_code
        if status in (301, 302, 303, 307, 308) and "location" in response.headers:
            try:
                return _Redirect(urljoin(url, response.headers["location"]))
            except ValueError:  # "http://[" and the like
                raise Unreachable(f"{redact(url)} redirects to what is no address.") from None
        if status == 304:
            return None
        if status in (429, 503):
            wait_s = retry_after(response.headers.get("retry-after", ""), response.headers.get("date", ""))
            raise Busy(f"{redact(url)} is busy: it answered {status} {response.reason_phrase}.", wait_s)
        if not 200 <= status < 300 or status == 206:
            raise Answered(f"{redact(url)} answered {status} {response.reason_phrase}.".replace(" .", "."))
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        document = Document(await self._body(url, response, limit), url, media_type)
        pairs = (("etag", "if-none-match"), ("last-modified", "if-modified-since"))
        return Answer(
            document, {ask: response.headers[said] for said, ask in pairs if said in response.headers}
        )

    async def _body(self, url: str, response: httpx2.Response, limit: int) -> bytes:
        too_large = TooLarge(f"{redact(url)} is larger than the {limit} bytes allowed.")
        claimed = response.headers.get("content-length", "")
        if claimed.isdigit() and len(claimed) < 20 and int(claimed) > limit:
            raise too_large
        body = bytearray()
        try:
            # Counted after unpacking: the pieces come unpacked, of at most 1 MiB.
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > limit:
                    raise too_large
        except httpx2.DecodingError:
            raise Unreachable(f"{redact(url)} cannot be unpacked: its compression is broken.") from None
        except httpx2.TransportError as error:
            raise Unreachable(f"{redact(url)} broke off after {len(body)} bytes: {_reason(error)}.") from None
        return bytes(body)


class _Reply:
    """The answer that `open` lends."""

    def __init__(self, reader: WebReader, url: str, response: httpx2.Response) -> None:
        self.status = response.status_code
        self.media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        self._reader = reader
        self._url = url
        self._response = response

    async def pieces(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._response.aiter_bytes():
                yield piece
        except httpx2.DecodingError:
            raise Unreachable(f"{redact(self._url)} cannot be unpacked: its compression is broken.") from None
        except httpx2.TransportError as error:
            raise Unreachable(f"{redact(self._url)} broke off: {_reason(error)}.") from None

    async def whole(self, limit: int) -> bytes:
        return await self._reader._body(self._url, self._response, limit)


def _checked(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Unreachable("The address cannot be read.") from None
    if parts.scheme not in ("http", "https"):
        raise Unreachable(f"{parts.scheme or 'nothing'}: is not a scheme to fetch; http: and https: are.")
    if "@" in parts.netloc:
        raise Unreachable(
            f"{redact(url)}: credentials do not stand in an address; give them in the feed's options as "
            '"env:NAME" or "file:PATH".'
        )
    host, port = host_and_port(url)
    if not host:
        raise Unreachable(f"{redact(url)} names no host.")
    return host, port


def _reason(error: Exception) -> str:
    if isinstance(error, httpx2.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, httpx2.TimeoutException):
        return "nothing came in time"
    if isinstance(error, httpx2.RemoteProtocolError):
        return "it closed the connection too soon, or does not speak HTTP"
    return network_reason(error)
