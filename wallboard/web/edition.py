"""The version of the pages: programs, templates and the city's configuration together.

A page carries the one that it was made with, and every `hello` the one that the node would make now. Where
they differ, the page is loaded anew at a quiet moment. Equal on all nodes with equal files.
"""

from __future__ import annotations

import hashlib

import msgspec

from wallboard.city import CityConfig
from wallboard.web.geo import Geo
from wallboard.web.templates import TEMPLATES, assets


class Edition:
    """Of one node; `name` is another one when a file of the pages was edited."""

    def __init__(self, city: CityConfig, geo: Geo) -> None:
        digest = hashlib.sha256(msgspec.json.encode(city, enc_hook=str, order="deterministic"))
        for document in geo.documents.values():
            digest.update(document.digest.encode())
        for path in sorted(TEMPLATES.glob("*.html")):
            digest.update(path.read_bytes())
        self._fixed = digest.hexdigest()

    @property
    def name(self) -> str:
        """12 hex digits."""
        return hashlib.sha256(f"{self._fixed} {assets.digest}".encode()).hexdigest()[:12]
