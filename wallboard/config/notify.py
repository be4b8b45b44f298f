"""[notify] and [quality]: whether each way out of the house can be used, and each form be filled in."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlsplit

from feeds.fetching.secrets import secret
from feeds.webhook.signatures import signing_key
from wallboard.city import CityConfig
from wallboard.config.feed_tables import is_host
from wallboard.config.findings import REFERENCE, Findings, guess
from wallboard.config.tables import check_unique, check_words
from wallboard.errors import SourceError

#: RFC 5321's local part without quotes, and a host; what else is allowed nobody has.
_ADDRESS = re.compile(r"^([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64})@([^@\s]+)$")

#: A topic's length in bytes is 16 bits; ours are words.
_MAX_TOPIC = 200

_REFERENCE_WANTED = 'must be "env:NAME" or "file:PATH": the secret itself does not belong here'


def check_notify(city: CityConfig, found: Findings) -> None:
    """Note what is wrong with the ways out, with the groups' use of them, and with the form for reviews."""
    _webhooks(city, found)
    _smtp(city, found)
    _mqtt(city, found)
    _groups(city, found)
    _questions(city, found)


def check_notify_secrets(city: CityConfig, folder: Path, roles: Collection[str], found: Findings) -> None:
    """Note each secret that the engine will need, and that is not there."""
    if "engine" not in roles:
        return
    config = city.notify
    for index, target in enumerate(config.webhook):
        _secret(target.key, f"notify.webhook[{index}].key", folder, found, signing=True)
    for name, way in (("smtp", config.smtp), ("mqtt", config.mqtt)):
        if way is not None and way.password:
            _secret(way.password, f"notify.{name}.password", folder, found)


def _webhooks(city: CityConfig, found: Findings) -> None:
    targets = city.notify.webhook
    check_unique("notify.webhook", "name", [target.name for target in targets], found)
    for index, target in enumerate(targets):
        key = f"notify.webhook[{index}]"
        parts = _address(target.url, f"{key}.url", ("https", "http"), found)
        # The same that a browser calls trustworthy: what nobody on the way can read or change.
        if parts and parts[0] == "http" and parts[1] not in ("localhost", "127.0.0.1", "::1"):
            found.fault(f"{key}.url", target.url, "must be https:, or http: to this machine (127.0.0.1)")
        if not REFERENCE.match(target.key):
            found.fault(f"{key}.key", None, _REFERENCE_WANTED)


def _smtp(city: CityConfig, found: Findings) -> None:
    config = city.notify.smtp
    if config is None:
        return
    _address(config.url, "notify.smtp.url", ("smtp", "smtps"), found)
    if not _is_mail(config.sender):
        found.fault("notify.smtp.sender", config.sender, "is no address; write wall@city.example")
    _login("notify.smtp", config.user, config.password, found)


def _mqtt(city: CityConfig, found: Findings) -> None:
    config = city.notify.mqtt
    if config is None:
        return
    parts = _address(config.url, "notify.mqtt.url", ("mqtt", "mqtts"), found)
    _login("notify.mqtt", config.user, config.password, found)
    if parts and parts[0] == "mqtt" and config.password and parts[1] not in ("localhost", "127.0.0.1", "::1"):
        found.warn("notify.mqtt.url", config.url, "sends the password in the clear; mqtts: does not")


def _login(table: str, user: str, password: str, found: Findings) -> None:
    if bool(user) != bool(password):
        name = "password" if user else "user"
        found.fault(f"{table}.{name}", None, "is missing: a log-in has user and password")
    if password and not REFERENCE.match(password):
        found.fault(f"{table}.password", None, _REFERENCE_WANTED)


def _address(url: str, key: str, schemes: tuple[str, ...], found: Findings) -> tuple[str, str] | None:
    """(scheme, host) of an address without a fault."""
    wanted = " or ".join(f"{scheme}://host" for scheme in schemes)
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        found.fault(key, None, f"cannot be read; write {wanted}")
        return None
    if parts.scheme not in schemes or not is_host(host) or port == 0:
        found.fault(key, url, f"is no address that can be used; write {wanted}")
        return None
    if "@" in parts.netloc:
        found.fault(key, None, "holds credentials, for all who read this file; a log-in has keys of its own")
        return None
    if schemes[0] != "https" and (parts.path.strip("/") or parts.query):
        found.fault(key, url, f"has something behind the host; write {wanted}")
        return None
    return parts.scheme, host


def _groups(city: CityConfig, found: Findings) -> None:
    config = city.notify
    targets = [target.name for target in config.webhook]
    for index, group in enumerate(city.group):
        key = f"group[{index}]"
        for number, name in enumerate(group.webhook):
            if name not in targets and found.all_sound("notify.webhook", "name"):
                why = f"is the name of no [[notify.webhook]]; {guess(name, targets)}"
                found.fault(f"{key}.webhook[{number}]", name, why)
        for number, address in enumerate(group.email):
            if not _is_mail(address):
                found.fault(f"{key}.email[{number}]", address, "is no address; write name@city.example")
        for number, topic in enumerate(group.mqtt):
            if not _is_topic(topic):
                why = f'is no topic to publish under: no "#", "+", "$" first; at most {_MAX_TOPIC} characters'
                found.fault(f"{key}.mqtt[{number}]", topic, why)
        for name, used, way in (("email", group.email, config.smtp), ("mqtt", group.mqtt, config.mqtt)):
            table = "smtp" if name == "email" else "mqtt"
            if used and way is None and found.readable("notify"):
                found.fault(f"{key}.{name}", None, f"needs [notify.{table}], which is missing")


def _questions(city: CityConfig, found: Findings) -> None:
    questions = city.quality.question
    check_unique("quality.question", "code", [question.code for question in questions], found)
    for index, question in enumerate(questions):
        key = f"quality.question[{index}]"
        check_words(question.text, f"{key}.text", city, found)
        if not 1 <= question.points <= 100:
            found.fault(f"{key}.points", question.points, "must be 1 to 100")


def _is_mail(text: str) -> bool:
    match = _ADDRESS.match(text)
    return match is not None and is_host(match[2])


def _is_topic(text: str) -> bool:
    plain = text.isprintable() and not text.startswith("$") and not set("#+") & set(text)
    return bool(text) and plain and len(text.encode()) <= _MAX_TOPIC


def _secret(reference: str, key: str, folder: Path, found: Findings, *, signing: bool = False) -> None:
    if not REFERENCE.match(reference):
        return  # noted already
    try:
        value = secret(reference, folder)
        if signing:
            signing_key(value)
    except SourceError as fault:
        found.fault(key, reference, f"{fault} The engine needs it to send notices.")
    except ValueError as fault:
        found.fault(key, reference, f"names what is no signing key: {fault}")
