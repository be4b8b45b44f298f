"""Text from outside, made harmless for a wall: it cannot break the layout nor pretend to be something else.

Markup needs nothing here (pages write text, never HTML); control characters, direction overrides and
invisible characters would, and so would a text of a megabyte.
"""

from __future__ import annotations

import unicodedata

#: A title is read from six metres; a description opens on a console.
MAX_TITLE = 200
MAX_TEXT = 4000  # Open311's own limit of a description

#: Direction overrides and isolates (they turn the rest of a line around), zero-width and other invisible
#: characters (they forge look-alikes), interlinear annotation, byte order mark.
_HIDDEN = dict.fromkeys(
    [
        0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x3164, 0xFEFF, 0xFFA0,
        *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFFF9, 0xFFFC),
        *range(0xE0000, 0xE0080),
    ]
)  # fmt: skip

#: More combining marks than this on one letter is "zalgo" text that paints over its neighbours.
_MAX_MARKS = 3


def harmless(text: str, limit: int = MAX_TEXT) -> str:
    """Return `text` without hidden and control characters, white space folded, at most `limit` long."""
    # A hostile text is cut before any work is done on it.
    text = text[: limit * 4]
    if text.isascii() and text.isprintable():
        # Most texts: there is nothing in them to look for, letter by letter.
        clean = " ".join(text.split())
        return clean if len(clean) <= limit else f"{clean[: limit - 1]}…"
    text = text.translate(_HIDDEN)
    kept: list[str] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        if category == "Mn" or category == "Me":
            marks += 1
            if marks > _MAX_MARKS:
                continue
        else:
            marks = 0
        kept.append(" " if category[0] == "C" and char != "\n" else char)
    lines = (" ".join(line.split()) for line in "".join(kept).split("\n"))
    clean = "\n".join(line for line in lines if line)
    return clean if len(clean) <= limit else f"{clean[: limit - 1]}…"


def title(text: str) -> str:
    """Return `text` as one harmless line for a list."""
    return harmless(text, MAX_TITLE).replace("\n", " ")
