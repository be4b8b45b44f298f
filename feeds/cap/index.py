"""What a document of a CAP feed holds: alerts themselves, or an RSS or Atom index of links to them.

RSS 2.0 and Atom (RFC 4287) items link to one CAP file each or embed it; an EDXL-DE 1.0 envelope holds many.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree.ElementTree import Element

from feeds.base import RecordFault
from feeds.cap.xml import children, is_cap, local, namespace, raw
from feeds.reading.documents import load_xml
from wallboard.errors import BadDocument
from wallboard.text import MAX_TITLE, title

#: The largest real bundle holds 59 alerts, the largest national index some 400 entries.
MAX_ENTRIES = 2_000

_ROOTS = {"alert": "alert", "feed": "Atom", "rss": "RSS", "RDF": "RSS", "EDXLDistribution": "EDXL-DE"}
_CAP_TYPES = ("application/cap+xml", "application/common-alerting-protocol+xml")


@dataclass(frozen=True)
class Link:
    """An entry of an index: where its alert is, and what changes when the alert does."""

    url: str
    version: str
    #: the CAP identifier where the index names it (RSS guid, Atom id)
    name: str = ""


@dataclass(frozen=True)
class Contents:
    """What one document holds."""

    form: str
    #: alert elements, each with the place in the document
    alerts: tuple[tuple[str, Element], ...]
    links: tuple[Link, ...]
    faults: tuple[RecordFault, ...]
    #: status of an EDXL envelope, which holds for all in it; "" elsewhere
    status: str = ""


def contents(payload: bytes, base: str = "") -> Contents:
    """Alerts and links of a document; `base` is its own address. BadDocument: it is none of the forms."""
    root = load_xml(payload)
    form = _ROOTS.get(local(root))
    if form is None:
        raise BadDocument(
            f"It is neither CAP nor an RSS, Atom or EDXL-DE index: its root is <{title(local(root))[:60]}>."
        )
    faults: list[RecordFault] = []
    alerts = _alerts(root, faults)
    links: list[Link] = []
    entries = list(_entries(root))
    if len(entries) > MAX_ENTRIES:
        faults.append(RecordFault("index", f"{len(entries)} entries; the first {MAX_ENTRIES} are read"))
    for number, entry in enumerate(entries[:MAX_ENTRIES], 1):
        if any(local(each) == "alert" for each in entry.iter()):
            continue
        place = f"{local(entry)} {number}"
        address = _address(entry)
        url = _joined(base, address)
        if not address:
            faults.append(RecordFault(place, "it neither links to an alert nor holds one", _words(entry)))
        elif not _allowed(url, base):
            faults.append(RecordFault(place, "its link is not an address that may be read here", url[:200]))
        else:
            name = raw(entry, "guid") or raw(entry, "id")
            version = "|".join([name, raw(entry, "updated") or raw(entry, "pubDate"), raw(entry, "title")])
            links.append(Link(url, version[:500], name[:300]))
    status = raw(root, "distributionStatus") if form == "EDXL-DE" else ""
    unique = tuple({link.url: link for link in reversed(links)}.values())[::-1]
    return Contents(form, tuple(alerts), unique, tuple(faults), status)


def _alerts(root: Element, faults: list[RecordFault]) -> list[tuple[str, Element]]:
    """All alerts, wherever they stand: also one beside the entries of a feed is a warning."""
    found: list[tuple[str, Element]] = []
    number = 0
    for element in root.iter():
        if local(element) != "alert":
            continue
        number += 1
        if number > MAX_ENTRIES:
            faults.append(RecordFault("document", f"more than {MAX_ENTRIES} alerts; the rest is left out"))
            break
        place = f"alert {number}"
        if is_cap(uri := namespace(element)):
            found.append((place, element))
        else:
            why = f"its namespace {title(uri)!r} is not CAP's"
            faults.append(RecordFault(place, why, _words(element)))
    return found


def _address(entry: Element) -> str:
    """The link of an entry: best one that says it is CAP, else one that is no web page, else any."""
    for element in entry:
        if local(element) == "cap" and (element.text or "").strip():  # GDACS
            return (element.text or "").strip()
        if local(element) == "enclosure" and element.get("type") in _CAP_TYPES:
            return element.get("url", "").strip()
    found: list[tuple[int, str]] = []
    for link in children(entry, "link"):
        address = (link.get("href") or link.text or "").strip()
        kind, relation = link.get("type", ""), link.get("rel", "alternate")
        if address and relation != "self":
            found.append((0 if kind in _CAP_TYPES else 2 if kind == "text/html" else 1, address))
    return min(found, key=lambda pair: pair[0])[1] if found else ""


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:  # "http://[" and the like
        return ""


def _allowed(url: str, base: str) -> bool:
    """Only the network, or (for captured documents) a file beside the index: never a file named by a site."""
    try:
        parts, here = urlsplit(url), urlsplit(base)
    except ValueError:
        return False
    if parts.scheme in ("http", "https"):
        return bool(parts.netloc)
    folder, path = here.path.rpartition("/")[0] + "/", unquote(parts.path)
    beside = path.startswith(unquote(folder)) and ".." not in path.split("/") and parts.netloc == here.netloc
    return parts.scheme == here.scheme == "file" and beside


def _entries(root: Element) -> Iterator[Element]:
    """The entries of an index. One in another belongs to it: a nest of them would be read at each level."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if local(element) in ("entry", "item"):
            yield element
        else:
            waiting.extend(reversed(list(element)))


def _words(element: Element) -> str:
    """The first words in it, for a person; of a hostile one no more than is shown."""
    return title(" ".join(text[:MAX_TITLE] for text in islice(element.itertext(), MAX_TITLE)))
