"""A still picture of a camera on its way from the feeds' process to a web node. It is never written down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

#: Why there is no picture: words for the page's catalogue. They hold no address, which may be a private one.
#: unreachable   nothing answers at the camera's address, or it broke off
#: no_answer     it did not deliver in time
#: no_picture    it answers with an error (404, 503)
#: not_a_picture what came is no whole JPEG of a sensible size: a log-in page, say
#: too_large     it is larger than a tile may be
#: not_allowed   its address, or where that leads, is none that the server may ask
#: too_many      more cameras are looked at than are fetched at once
StillReason = Literal[
    "",
    "unreachable",
    "no_answer",
    "no_picture",
    "not_a_picture",
    "too_large",
    "not_allowed",
    "too_many",
]


class Still(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one look at a camera brought: a JPEG, or why there is none. Times in s since 1970."""

    #: "feed/id in its list", as the entity's
    camera: str
    #: when this was looked at
    at: float
    #: since when the picture has had these very bytes, or there has been none
    since: float
    #: it was seen to change lately: a live camera's noise alone changes every picture
    moved: bool = False
    reason: StillReason = ""
    jpeg: bytes = b""


class Pictures(Protocol):
    """What the feeds' process lends to a feed of cameras."""

    def wanted(self, feed: str) -> Sequence[str]:
        """Ids, as in the feed's list, of the cameras that some board shows now; longest wanted first."""

    async def hand_over(self, still: Still) -> None:
        """Give a picture to the nodes that asked for it, if there are any. Raises StoreDown."""
