"""Notices by HTTP, signed as Standard Webhooks 1.0 are (github.com/standard-webhooks/standard-webhooks).

`webhook-id` is the notice's own, the same for each repetition; a receiver that has answered 2xx to it once
answers 2xx to it again and does nothing. Only the configured address is asked, and no redirect followed.
"""

from __future__ import annotations

import hashlib
import logging
import re
import ssl
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import httpx2
import msgspec

from feeds.fetching.retry_after import retry_after
from feeds.webhook.signatures import MAX_ID_CHARS, sign, signing_key
from wallboard import __version__
from wallboard.city import WebhookTarget
from wallboard.notify.notice import Notice, document
from wallboard.notify.way import ANSWER_S, Failed, secret_of, why

# It tells the whole address of each request, which may hold a key of the receiver's.
logging.getLogger("httpx2").setLevel(logging.WARNING)

#: What stands in a header and in the signed text as it is; a full stop would end the id there.
_PLAIN_ID = re.compile(rf"^[A-Za-z0-9_|:/@+-]{{1,{MAX_ID_CHARS}}}$")


@cache
def _trust() -> ssl.SSLContext:
    """The certificates of the system, or of SSL_CERT_FILE; loading them takes a tenth of a second."""
    return httpx2.create_ssl_context()


class Webhooks:
    """All [[notify.webhook]] targets, by name."""

    def __init__(
        self, targets: list[WebhookTarget], folder: Path, clock: Callable[[], float] = time.time
    ) -> None:
        self._targets = {target.name: target for target in targets}
        self._folder = folder
        self._clock = clock

    async def send(self, notice: Notice, to: str) -> None:
        """Post the notice to the target `to`; any 2xx confirms it."""
        target = self._targets.get(to)
        if target is None:
            raise Failed(f"there is no [[notify.webhook]] {to!r}")
        try:
            key = signing_key(secret_of(target.key, self._folder))
        except ValueError as fault:
            raise Failed(str(fault)) from None
        body = msgspec.json.encode(document(notice))
        id, stamp = webhook_id(notice.id), int(self._clock())
        headers = {
            "content-type": "application/json",
            "user-agent": f"wallboard/{__version__}",
            "webhook-id": id,
            "webhook-timestamp": str(stamp),
            "webhook-signature": sign(id, stamp, body, key),
        }
        try:
            # A client of its own: nothing of one target (cookies, connections) is ever shown to another.
            async with (
                httpx2.AsyncClient(
                    trust_env=False, verify=_trust(), follow_redirects=False, timeout=ANSWER_S
                ) as client,
                client.stream("POST", target.url, content=body, headers=headers) as answer,
            ):
                # The body is not read: nothing in it could confirm more than the status does.
                status, asked = answer.status_code, answer.headers.get("retry-after", "")
        except (httpx2.TimeoutException, TimeoutError):
            raise Failed("no answer in time") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as fault:
            raise Failed(why(fault)) from None
        if not 200 <= status < 300:
            raise Failed(f"the receiver answered {status}", retry_after=retry_after(asked))


def webhook_id(id: str) -> str:
    """The notice's id as a header holds it: itself, or where that cannot be, a hash of it."""
    return id if _PLAIN_ID.match(id) else "n_" + hashlib.sha256(id.encode()).hexdigest()
