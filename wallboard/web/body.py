"""The body of a request, within its limits of size and time, and as the struct that it has to be."""

from __future__ import annotations

import asyncio
from typing import TypeVar

import msgspec
from starlette.requests import Request

from wallboard.errors import Refused

T = TypeVar("T")

#: A sender that takes longer for so little holds a connection for nothing (s).
BODY_S = 10.0

#: A form of ours: a person with 300 districts is 5 KB.
MAX_FORM_BYTES = 16 * 1024


async def body_of(request: Request, most: int) -> bytes:
    """The whole body; raises Refused (408, 413)."""
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.stream():
                chunks.append(chunk)
                size += len(chunk)
                if size > most:
                    raise Refused(413, "Body too large", f"at most {most} bytes")
    except TimeoutError:
        raise Refused(408, "Body too slow", f"the whole body has to come within {BODY_S:g} s") from None
    return b"".join(chunks)


async def form_of(request: Request, struct: type[T]) -> T:
    """The JSON body as a struct; raises Refused (400, 408, 413, 415) and never repeats what it holds."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(415, "Not JSON", "send application/json")
    raw = await body_of(request, MAX_FORM_BYTES)
    try:
        return msgspec.json.decode(raw, type=struct)
    except (ValueError, RecursionError):
        # The fault's own text may quote a password.
        fields = ", ".join(struct.__struct_fields__) if issubclass(struct, msgspec.Struct) else ""
        raise Refused(400, "Cannot be read", f"a JSON object with {fields}") from None
