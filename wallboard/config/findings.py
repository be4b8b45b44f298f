"""What was found in a configuration: faults, which stop the start, and warnings, which `check` shows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from feeds.fetching.addresses import redact
from wallboard.errors import ConfigError, Fault

#: Keys whose value is a secret, or the name of one.
SECRET_KEY = re.compile(
    r"(?:^|[_-])(?:password|passwd|secret|token|authorization|cookie"
    r"|(?:api|private|secret|access|signing)[_-]?key)s?$",
    re.I,
)

#: How a secret is referred to; such text may be shown.
REFERENCE = re.compile(r"^(?:env|file):.+$", re.S)

#: A list of allowed values that is longer than this helps nobody.
_LISTED = 30

_ENTRY = re.compile(r"^\w+\[\d+\]")
_TABLE = re.compile(r"^(\w+)(?:\[(\d+)\])?")
_STEP = re.compile(r"\.|(?=\[)")


class Findings:
    """Collects what is wrong in one configuration. Keys are paths, `feed[2].every`, counted from 0."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        #: "feed[2]" → the name that its table gives itself
        self.labels: dict[str, str] = {}
        #: the file's tables in its own order, by which faults are shown
        self.order: list[str] = []
        self._unreadable: set[str] = set()

    def unreadable(self, key: str, value: object, why: str) -> None:
        """Note a value that cannot be used: what is said of it afterwards would be a consequence."""
        self._unreadable.add(key)
        self.faults.append(self._fault(self.file, key, value, why))

    def fault(self, key: str, value: object, why: str, *, file: str = "") -> None:
        """Note a fault, unless the value was unreadable in the first place."""
        if file or self.sound(key):
            self.faults.append(self._fault(file or self.file, key, value, why))

    def warn(self, key: str, value: object, why: str, *, file: str = "") -> None:
        """Note what may be meant so, but is worth a look."""
        if file or self.sound(key):
            self.warnings.append(self._fault(file or self.file, key, value, why))

    def sound(self, key: str) -> bool:
        """Whether the value at `key` could be read: neither it nor a table around it is unreadable."""
        steps = [match.start() for match in _STEP.finditer(key) if match.start()]
        return not any(key[:end] in self._unreadable for end in (*steps, len(key)))

    def all_sound(self, table: str, field: str) -> bool:
        """Whether `field` of every table [[table]] could be read."""
        broken = re.compile(rf"{re.escape(table)}(?:\[\d+\](?:\.{re.escape(field)})?)?")
        return not any(broken.fullmatch(key) for key in self._unreadable)

    def readable(self, table: str) -> bool:
        """Whether [table] and all that is in it could be read."""
        return not any(key == table or key.startswith((f"{table}.", f"{table}[")) for key in self._unreadable)

    def raise_faults(self) -> None:
        """Raise ConfigError when there are faults."""
        if self.faults:
            raise ConfigError(self.in_order(self.faults))

    def in_order(self, listed: list[Fault]) -> list[Fault]:
        """Faults as a reader of the file meets them: by file, table and number, else as they were found."""
        place = {name: index for index, name in enumerate(self.order)}

        def where(fault: Fault) -> tuple[bool, int, int]:
            table = _TABLE.match(fault.key)
            name, number = (table[1], int(table[2] or 0)) if table else ("", 0)
            return fault.file != self.file, place.get(name, -1), number

        return sorted(listed, key=where)

    def _fault(self, file: str, key: str, value: object, why: str) -> Fault:
        entry = _ENTRY.match(key) if file == self.file else None
        label = self.labels.get(entry[0], "") if entry else ""
        return Fault(file, f"{key} ({label})" if label else key, _shown(key, value), why)


def guess(word: str, known: Iterable[str]) -> str:
    """What `word` may have meant: "did you mean 'x'?", or what there is."""
    words = sorted(known)
    near = get_close_matches(word, words, 1)
    if near:
        return f"did you mean {near[0]!r}?"
    if not words:
        return "there are none"
    more = f", … ({len(words)} in all)" if len(words) > _LISTED else ""
    return f"there {'are' if len(words) > 1 else 'is'} {', '.join(words[:_LISTED])}{more}"


def _shown(key: str, value: object) -> object:
    """The value as a message may repeat it: no secrets, and no whole tables, which may hold some."""
    if isinstance(value, dict | list):
        return None
    if isinstance(value, str):
        last = re.sub(r"\[\d+\]$", "", key).rpartition(".")[2]
        if REFERENCE.match(value) and "//" not in value:
            return value
        misspelt = get_close_matches(last.casefold(), ("password", "secret", "token", "api_key"), 1, 0.75)
        if misspelt or SECRET_KEY.search(last) or ".headers" in key or value.startswith("whsec_"):
            return None
        return redact(value) if "://" in value else value
    return value
