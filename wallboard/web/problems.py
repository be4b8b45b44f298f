"""Faults of a request as RFC 9457 problem documents."""

from __future__ import annotations

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from wallboard.errors import Refused, StoreError


def problem(status: int, title: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    """One problem document."""
    body = msgspec.json.encode({"type": "about:blank", "status": status, "title": title, "detail": detail})
    return Response(body, status, headers, media_type="application/problem+json")


async def refused(request: Request, fault: Exception) -> Response:
    """Our own refusals."""
    assert isinstance(fault, Refused)
    return problem(fault.status, fault.title, fault.detail, fault.headers)


async def http(request: Request, fault: Exception) -> Response:
    """Starlette's refusals: no such page, wrong method."""
    assert isinstance(fault, HTTPException)
    headers = dict(fault.headers) if fault.headers else None
    return problem(fault.status_code, fault.detail, f"{request.method} {request.url.path}", headers)


async def store(request: Request, fault: Exception) -> Response:
    """Redis is away: try again."""
    return problem(503, "The store is not available", str(fault), {"Retry-After": "1"})


HANDLERS = {Refused: refused, HTTPException: http, StoreError: store}
