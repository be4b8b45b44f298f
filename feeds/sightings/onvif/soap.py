"""The few SOAP messages of ONVIF that pulling events takes: as we write them, and read the answers. Pure.

Source: ONVIF Core (device and event service), WS-BaseNotification, WS-Security UsernameToken 1.0.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit, urlunsplit
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from feeds.cap.xml import local
from feeds.fetching.limits import Answered
from feeds.reading.documents import load_xml
from feeds.reading.times import parse_time
from feeds.sightings.onvif.notification import Notification, plain_topic
from wallboard.errors import BadDocument
from wallboard.text import title

#: Messages that a camera may give at once.
MESSAGE_LIMIT = 100

_WSDL = "http://www.onvif.org/ver10"
_WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
_DIGEST = f"{_WSSE}-username-token-profile-1.0#PasswordDigest"

#: In the code of a Fault (ter:NotAuthorized), in the words of some makers' as well.
_NOT_AUTHORISED = b"notauthorized"

#: What is asked → (action, body).
SYSTEM_TIME = (
    f"{_WSDL}/device/wsdl/GetSystemDateAndTime", f'<GetSystemDateAndTime xmlns="{_WSDL}/device/wsdl"/>'
)  # fmt: skip
CAPABILITIES = (
    f"{_WSDL}/device/wsdl/GetCapabilities",
    f'<GetCapabilities xmlns="{_WSDL}/device/wsdl"><Category>Events</Category></GetCapabilities>',
)
UNSUBSCRIBE = (
    "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/UnsubscribeRequest",
    '<Unsubscribe xmlns="http://docs.oasis-open.org/wsn/b-2"/>',
)


def subscribe(life_s: float) -> tuple[str, str]:
    """A pull point that lives so long unless it is renewed."""
    return (
        f"{_WSDL}/events/wsdl/EventPortType/CreatePullPointSubscriptionRequest",
        f'<CreatePullPointSubscription xmlns="{_WSDL}/events/wsdl">'
        f"<InitialTerminationTime>PT{life_s:.0f}S</InitialTerminationTime></CreatePullPointSubscription>",
    )


def pull(wait_s: float) -> tuple[str, str]:
    """What has happened, or will within the wait."""
    return (
        f"{_WSDL}/events/wsdl/PullPointSubscription/PullMessagesRequest",
        f'<PullMessages xmlns="{_WSDL}/events/wsdl"><Timeout>PT{wait_s:.0f}S</Timeout>'
        f"<MessageLimit>{MESSAGE_LIMIT}</MessageLimit></PullMessages>",
    )


def renew(life_s: float) -> tuple[str, str]:
    """The pull point lives on from now."""
    return (
        "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/RenewRequest",
        '<Renew xmlns="http://docs.oasis-open.org/wsn/b-2">'
        f"<TerminationTime>PT{life_s:.0f}S</TerminationTime></Renew>",
    )


def envelope(action: str, body: str, to: str, security: str = "") -> bytes:
    """A request as it is sent."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing">'
        f"<s:Header><a:Action>{action}</a:Action><a:To>{escape(to)}</a:To>{security}</s:Header>"
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def security(user: str, password: str, now: float, nonce: bytes) -> str:
    """Proof of the password at the camera's time `now`, good for minutes and never the password itself."""
    created = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    proof = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False).digest()
    return (
        f'<Security xmlns="{_WSSE}-wssecurity-secext-1.0.xsd"><UsernameToken>'
        f'<Username>{escape(user)}</Username><Password Type="{_DIGEST}">{_base64(proof)}</Password>'
        f'<Nonce EncodingType="{_WSSE}-soap-message-security-1.0#Base64Binary">{_base64(nonce)}</Nonce>'
        f'<Created xmlns="{_WSSE}-wssecurity-utility-1.0.xsd">{created}</Created>'
        "</UsernameToken></Security>"
    )


def body_of(answer: bytes) -> Element:
    """The body of an answer. Raises BadDocument for what is no SOAP, and with the words of a Fault.

    A Fault that refuses the log-in is Answered, as the refusal by HTTP is.
    """
    root = load_xml(answer)
    body = next((child for child in root if local(child) == "Body"), None)
    if local(root) != "Envelope" or body is None:
        raise BadDocument("the camera's answer is no SOAP envelope")
    fault = _first(body, "Fault")
    if fault is not None:
        words = _text(fault, "Text") or _text(fault, "faultstring")
        if _NOT_AUTHORISED in (answer.lower() if len(answer) < 65_536 else b""):
            raise Answered("the camera refuses the log-in")
        codes = [(value.text or "").rpartition(":")[2] for value in fault.iter() if local(value) == "Value"]
        raise BadDocument(
            f"the camera refuses: {title(words or (codes[-1] if codes else 'without a reason'))}"
        )
    return body


def system_time(body: Element) -> float | None:
    """The camera's clock (UTC); None where it does not say."""
    utc = _first(body, "UTCDateTime")
    if utc is None:
        return None
    words = [_text(utc, name) for name in ("Year", "Month", "Day", "Hour", "Minute", "Second")]
    if not all(word.isascii() and word.isdigit() and len(word) <= 4 for word in words):
        return None
    year, month, day, hour, minute, second = map(int, words)
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC).timestamp()
    except ValueError:
        return None


def events_address(body: Element, device: str) -> str:
    """Where the event service is: at the configured host, whatever address the camera has of itself."""
    events = _first(body, "Events")
    address = "" if events is None else _text(events, "XAddr")
    if not address:
        raise BadDocument("the camera says that it has no event service")
    return beside(device, address)


def subscription(body: Element, service: str) -> tuple[str, float | None]:
    """Where the pull point is, and how long it lives (s); None: not said."""
    reference = _first(body, "SubscriptionReference")
    address = "" if reference is None else _text(reference, "Address")
    if not address:
        raise BadDocument("the camera's answer names no subscription")
    return beside(service, address), life_of(body)


def life_of(body: Element) -> float | None:
    """How long a subscription lives by the camera's own clock: TerminationTime less CurrentTime (s)."""
    try:
        ends, now = (parse_time(_text(body, name), UTC)[0] for name in ("TerminationTime", "CurrentTime"))
    except ValueError:
        return None
    return ends - now


def notifications(body: Element) -> Iterator[Notification]:
    """The messages of an answer, in order."""
    # Where the standard has them, and nowhere deeper: one within another would be looked through twice.
    for holder in (each for response in body for each in response):
        if local(holder) != "NotificationMessage":
            continue
        message = next((each for each in holder.iter() if local(each) == "Message" and each.attrib), None)
        topic = _text(holder, "Topic")
        if message is None or not topic:
            continue
        yield Notification(
            topic=plain_topic(topic),
            operation=message.get("PropertyOperation", ""),
            time=message.get("UtcTime", ""),
            source=_items(message, "Source") | _items(message, "Key"),
            data=_items(message, "Data"),
        )


def beside(trusted: str, said: str) -> str:
    """`said` at the host of `trusted`: cameras behind a router name an address that nobody else can reach."""
    try:
        parts = urlsplit(said.strip())
    except ValueError:
        raise BadDocument("the camera names an address that is none") from None
    own = urlsplit(trusted)
    path = parts.path if re.fullmatch(r"[\x21-\x7e]*", parts.path + parts.query) else ""
    if not path:
        raise BadDocument("the camera names an address that is none")
    return urlunsplit((own.scheme, own.netloc, path, parts.query, ""))


def _items(message: Element, name: str) -> dict[str, str]:
    part = _first(message, name)
    if part is None:
        return {}
    return {
        item.get("Name", ""): item.get("Value", "") for item in part.iter() if local(item) == "SimpleItem"
    }


def _first(element: Element, name: str) -> Element | None:
    return next((each for each in element.iter() if local(each) == name), None)


def _text(element: Element, name: str) -> str:
    found = _first(element, name)
    return "" if found is None else (found.text or "").strip()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
