"""Secrets that we hand out: made here, kept only as their hash, masked where they would be written down."""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
from typing import Literal

#: Session, ticket, link, and the credential of a device (a paired screen): `wbs_…`, so that masks and
#: people's secret scanners know one when they see it.
Kind = Literal["s", "t", "l", "d"]

#: 256 bits: nobody guesses one, so a plain hash of it is as good as a slow one.
TOKEN_BYTES = 32

_TOKEN = re.compile(r"\bwb([stld])_[A-Za-z0-9_-]{16,}")

#: What a library may quote of a request; tickets and codes bear the mark of a token.
_NAMED = re.compile(r"(?i)\b(cookie|password|authorization)(\"?'?\s*[:=]\s*\"?'?)[^\s\"'&,;}]+")


def new_token(kind: Kind) -> str:
    """A fresh secret."""
    return f"wb{kind}_{secrets.token_urlsafe(TOKEN_BYTES)}"


def digest(token: str) -> str:
    """What is kept of a token: its SHA-256, hexadecimal."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def masked(text: str) -> str:
    """`text` without tokens, passwords and cookies."""
    return _NAMED.sub(r"\1\2****", _TOKEN.sub(r"wb\1_****", text))


class MaskingFormatter(logging.Formatter):
    """A log's line, with its traceback, without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return masked(super().format(record))
