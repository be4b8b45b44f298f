"""What others push: the body of `POST /api/v1/ingest/{feed}`, after `signatures.verify` let it in.

`kind` says what a body holds: "incident", "gauge" or "call" (a step of a call in a queue) through a mapping,
or "event", our own events as JSON for integrators. Whoever holds a feed's key can report things of that
feed, never act for a person: commands and the health of other parts are not taken.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from feeds.base import Adapter, Context, Parsed
from feeds.fetching.secrets import secret
from feeds.pushed import Kind, Reader, brings
from feeds.reading.mapping import Mapping
from feeds.webhook.signatures import signing_key, verify

__all__ = ["ADAPTER", "WebhookOptions", "keys", "parse", "verify"]


class WebhookOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """[feed.options]"""

    #: env:NAME or file:PATH of "whsec_…" keys; several while a sender changes its key
    keys: list[Annotated[str, msgspec.Meta(pattern=r"^(env|file):.+$")]]
    kind: Kind = "incident"
    mapping: Mapping = Mapping()

    def __post_init__(self) -> None:
        if not self.keys:
            raise ValueError("keys is empty: nobody could sign a request of this feed")


def keys(options: WebhookOptions, folder: Path = Path()) -> list[bytes]:
    """The signing keys, files relative to `folder`; raises SourceError, ValueError for what is no key."""
    return [signing_key(secret(reference, folder)) for reference in options.keys]


def parse(payload: bytes, context: Context, options: WebhookOptions) -> Parsed:
    """The events of a body, by the feed's kind and mapping."""
    return Reader(options.kind, options.mapping).read(payload, context)


#: Neither an address nor a connection: the web's own route takes the documents in.
ADAPTER = Adapter(
    type="webhook",
    options=WebhookOptions,
    parse=parse,
    kinds=lambda options: brings(options.kind),
    schemes=(),
)
