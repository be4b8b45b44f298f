"""The short code of an alert, for a phone: /a/CODE leads to it."""

from __future__ import annotations

import hashlib
from collections.abc import Container

#: Consonants that are read and typed without mistakes and form no words (RFC 8628, section 6.1).
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"

#: 20^6 = 64 million: among a thousand standing alerts one in 64,000 guesses hits. A guess gains nothing by
#: itself: whoever opens the page must be logged in and may see the alert.
LENGTH = 6


def code_of(id: str, episode: int, taken: Container[str]) -> str:
    """The code of this episode: always the same, but for one that another standing alert has already."""
    turn = 0
    while True:
        digest = hashlib.blake2b(f"{id}|{episode}|{turn}".encode(), digest_size=8).digest()
        number, letters = int.from_bytes(digest), []
        for _ in range(LENGTH):
            number, letter = divmod(number, len(ALPHABET))
            letters.append(ALPHABET[letter])
        if (code := "".join(letters)) not in taken:
            return code
        turn += 1
