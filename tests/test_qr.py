"""Where the square on a screen leads a phone."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from wallboard.web.door import LOOPBACK_NAMES, Door
from wallboard.web.qr import base_of


def asked(host: str) -> Request:
    return Request({"type": "http", "headers": [(b"host", host.encode())]})


@pytest.mark.parametrize(
    ("names", "host", "base"),
    [
        ({"0.0.0.0", "wall.example"}, "localhost:8443", "https://wall.example:8443"),
        ({"::", "wall.example"}, "[::1]:8443", "https://wall.example:8443"),
        ({"0.0.0.0"}, "localhost:8443", "https://localhost:8443"),
        ({"0.0.0.0", "wall.example"}, "10.1.2.3:8443", "https://10.1.2.3:8443"),
    ],
)
def test_it_never_leads_to_the_address_of_everywhere(names: set[str], host: str, base: str) -> None:
    assert base_of(Door(names=LOOPBACK_NAMES | names, alone=False, tls=True), asked(host)) == base
