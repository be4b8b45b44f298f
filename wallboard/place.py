"""Where a thing lies: what `geofence` and `gazetteer` answer, and what every located entity carries."""

from __future__ import annotations

from typing import Literal

import msgspec

Confidence = Literal["inside", "near_edge", "nearest", "by_name", "outside", "no_location"]


class Ref(msgspec.Struct, frozen=True, gc=False):
    """A district above another; ``level`` 0 is the highest."""

    code: str
    name: str
    level: int


class Place(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """The whole answer for one point. Degrees; ``edge_m`` metres to the nearest border, to a decimetre."""

    lon: float | None = None
    lat: float | None = None
    #: Code of the lowest level; None where the point has no district.
    district: str | None = None
    name: str | None = None
    #: Highest first.
    parents: tuple[Ref, ...] = ()
    confidence: Confidence = "no_location"
    #: None for what is outside or has no location.
    edge_m: float | None = None
    #: Codes of the other districts that it may be, in order of code.
    candidates: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    #: Which boundaries gave the answer: source, version and the first digits of their hash.
    source: str = ""
