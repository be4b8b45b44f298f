"""Small readers of CAP's XML: elements by local name, text fit for a wall."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from wallboard.text import MAX_TEXT, harmless

#: Namespaces of the three versions of CAP (OASIS CAP 1.2, section 3.1; CAP 1.0 and 1.1 likewise).
NAMESPACES = {
    "http://www.incident.com/cap/1.0": "1.0",
    "urn:oasis:names:tc:emergency:cap:1.1": "1.1",
    "urn:oasis:names:tc:emergency:cap:1.2": "1.2",
}
_FAMILY = "urn:oasis:names:tc:emergency:cap:"

_BREAK = re.compile(r"<(?:br|/p|/li|/div)\b[^<>]{0,100}>", re.I)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")


def local(element: Element) -> str:
    """Name of the element without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def namespace(element: Element) -> str:
    """Namespace of the element, "" where it has none."""
    return element.tag[1:].partition("}")[0] if element.tag.startswith("{") else ""


def is_cap(uri: str) -> bool:
    """Whether a namespace is CAP's: a known version, another of the family, or none at all."""
    return not uri or uri in NAMESPACES or uri.startswith(_FAMILY)


def children(element: Element, name: str) -> Iterator[Element]:
    """The direct children of this local name, whatever their namespace."""
    return (child for child in element if local(child) == name)


def raw(element: Element, name: str) -> str:
    """Text of the first child of this name, ends stripped; "" where it is absent or empty."""
    for child in children(element, name):
        return "".join(child.itertext()).strip()
    return ""


def plain(text: str, limit: int = MAX_TEXT) -> str:
    """Text that some sources write as HTML (`<br />`, `&apos;`), as harmless text of at most `limit`."""
    # A tag or an entity is longer than what it stands for; a hostile text is cut before any work.
    text = text[: limit * 4]
    if "<" in text:
        text = _TAG.sub(" ", _BREAK.sub("\n", text))
    if "&" in text:
        text = html.unescape(text)
    return harmless(text, limit)
