"""Bytes to JSON or XML, for documents that nobody vouches for: bounded, and a clear word when it is neither.

Whatever is wrong raises BadDocument with one sentence that says where. Neither loader reads anything but
the bytes it was given: no DTD, no entities, no external address.
"""

from __future__ import annotations

import codecs
import re
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

import msgspec
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from feeds.base import MAX_DOCUMENT_BYTES
from wallboard.errors import BadDocument

#: The deepest real document (an EDXL envelope with a signed CAP in it) is 12 deep; what walks a document
#: by recursion (JMESPath, encoders) is safe far above this.
MAX_DEPTH = 100

#: The largest real feed, an EDXL bundle of 59 alerts, has 9,000 elements. An element costs about 200 bytes
#: of memory whatever its size, so a document within its limit of bytes could still hold 800 MB.
MAX_ELEMENTS = 500_000

#: The largest real list (269 cameras, 10,000 reports) has some 50,000 objects and lists. An empty one costs
#: 60 bytes of memory and two of the document: 16 MB of them would be 500 MB.
MAX_CONTAINERS = 1_000_000

#: The longest real namespace has 60 characters. The parser writes it out for each name that it holds for, so
#: one of half a megabyte makes gigabytes of a document of one.
MAX_NAMESPACE = 200
_LONG_NAMESPACE = re.compile(rb"\sxmlns[^\s=]*\s*=\s*(?:\"[^\"]{%d}|'[^']{%d})" % ((MAX_NAMESPACE + 1,) * 2))

#: How much of a document is looked at to say what it is instead.
_PEEK = 2048

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

#: What may stand before the root is atomic: tried in other ways, some comments in a row take for ever.
_HTML = re.compile(rb"^(?>(?:<\?xml[^>]*>|<!--.*?-->|\s)*)<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_HTML_TITLE = re.compile(rb"<title[^>]*>([^<]{1,200})", re.I)
_PLACE = re.compile(r"\(byte (\d+)\)")

#: A surrogate pair and any other escape pass; half a pair (an emoji that some program cut) does not.
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.", re.S
)


#: What may be the beginning of half a pair: without it there is nothing to mend.
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def load_json(body: bytes) -> Any:
    """Return the JSON value in `body` (UTF-8 or UTF-16, with or without BOM); numbers in it are finite.

    Raises BadDocument, with line and column where there is a place to name. Half a surrogate pair becomes
    U+FFFD: one cut emoji does not cost the whole document.
    """
    _bound(body)
    text = _as_utf8(body)
    if not text.strip():
        raise BadDocument("The document is empty.")
    if text.lstrip()[:1] == b"<":
        raise BadDocument(f"It should be JSON, but it is {_what_markup(text)}.")
    # Brackets in texts count too, which no real document comes near to noticing.
    if text.count(b"[") + text.count(b"{") > MAX_CONTAINERS:
        raise BadDocument(f"The JSON holds more than {MAX_CONTAINERS} objects and lists.")
    try:
        value = _decode_json(text)
    except RecursionError:
        raise BadDocument(f"The JSON is nested deeper than {MAX_DEPTH} levels.") from None
    except msgspec.DecodeError as error:
        raise BadDocument(_json_sentence(text, str(error))) from None
    _bound_depth(value)
    return value


def load_xml(body: bytes) -> Element:
    """Return the root element of `body`, in the encoding that it declares.

    White space or a BOM before the prolog is let pass. Raises BadDocument; a document type declaration is
    refused, whatever it declares.
    """
    _bound(body)
    text = body.removeprefix(codecs.BOM_UTF8).lstrip()
    if not text:
        raise BadDocument("The document is empty.")
    if _HTML.match(text[:_PEEK]):
        raise BadDocument(f"It should be XML, but it is {_what_markup(text)}.")
    if text[:1] in b'{["':
        raise BadDocument("It should be XML, but it looks like JSON.")
    # UTF-16 writes the same letters with a null beside each.
    if _LONG_NAMESPACE.search(text.replace(b"\0", b"") if b"\0" in text[:_PEEK] else text):
        raise BadDocument(f"The XML has a namespace of more than {MAX_NAMESPACE} characters.")
    parser = DefusedXMLParser(target=_BoundedBuilder(), forbid_dtd=True)
    try:
        parser.feed(text)
        root = parser.close()
    except DefusedXmlException as error:
        raise BadDocument(f"The XML holds what is not allowed here: {_attack(error)}.") from None
    except ParseError as error:
        raise BadDocument(f"The XML is broken: {error}.") from None
    except (LookupError, ValueError) as error:  # an encoding that does not exist, or not for XML
        raise BadDocument(f"The XML cannot be decoded: {error}.") from None
    assert isinstance(root, Element)
    return root


class _BoundedBuilder(TreeBuilder):
    """Builds the tree, and stops at the limits of depth and number, before the memory is taken."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._elements = 0

    def start(self, tag: Any, attrs: Any, /) -> Element:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH:
            raise BadDocument(f"The XML is nested deeper than {MAX_DEPTH} levels.")
        if self._elements > MAX_ELEMENTS:
            raise BadDocument(f"The XML has more than {MAX_ELEMENTS} elements.")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def _bound(body: bytes) -> None:
    if len(body) > MAX_DOCUMENT_BYTES:
        raise BadDocument(f"The document has {len(body)} bytes, more than the {MAX_DOCUMENT_BYTES} allowed.")


def _as_utf8(body: bytes) -> bytes:
    bom, encoding = next(((bom, name) for bom, name in _BOMS if body.startswith(bom)), (b"", ""))
    if not encoding:
        # RFC 4627, section 3: JSON begins with two ASCII characters, so the nulls give UTF-16 away.
        encoding = {0: "utf-16-be", 1: "utf-16-le"}.get(body[:2].find(0), "utf-8")
    rest = body[len(bom) :]
    try:
        return rest if encoding == "utf-8" and rest.isascii() else rest.decode(encoding).encode()
    except UnicodeDecodeError as error:
        raise BadDocument(
            f"The JSON is not {encoding.upper()}: {error.reason} at byte {error.start}."
        ) from None


def _decode_json(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        if not _SURROGATE.search(text):
            raise
        mended = _ESCAPE.sub(lambda match: rb"\ufffd" if match[1] else match[0], text)
        if mended == text:
            raise
        return msgspec.json.decode(mended)


def _json_sentence(text: bytes, error: str) -> str:
    if "truncated" in error:
        return f"The JSON is cut off: it ends after {len(text)} bytes in the middle of a value."
    reason = _PLACE.sub("", error).removeprefix("JSON is malformed:").strip(" .") or "malformed"
    place = _PLACE.search(error)
    if not place:
        return f"The JSON is broken: {reason}."
    at = int(place[1]) - (reason == "trailing characters")  # counted one further than the others
    line = text.count(b"\n", 0, at) + 1
    column = at - (text.rfind(b"\n", 0, at) + 1) + 1
    return f"The JSON is broken at line {line}, column {column}: {reason}."


def _bound_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
        if not level:
            return
    raise BadDocument(f"The JSON is nested deeper than {MAX_DEPTH} levels.")


def _what_markup(text: bytes) -> str:
    if not _HTML.match(text.lstrip()[:_PEEK]):
        return "XML"
    title = _HTML_TITLE.search(text[: _PEEK * 4])
    if not title:
        return "a web page (HTML)"
    words = " ".join(title[1].decode("utf-8", "replace").split())
    return f"a web page (HTML) titled {words!r}"


def _attack(error: DefusedXmlException) -> str:
    return {
        "DTDForbidden": "a document type declaration (DTD)",
        "EntitiesForbidden": "an entity declaration",
        "ExternalReferenceForbidden": "a reference to another document",
    }.get(type(error).__name__, type(error).__name__)
