"""Topics of MQTT: which filters are proper, and what a topic says by the places of its levels."""

from __future__ import annotations

import re

#: MQTT 3.1.1, section 1.5.3; a topic of a city has some dozens.
MAX_TOPIC_BYTES = 65_535

#: "{id}" in a level of a filter: its word is a field of the record.
_NAMED = re.compile(r"^\{([a-z_]\w*)\}$", re.ASCII)


def wrong_filter(text: str) -> str:
    """Why `text` is no proper topic filter (MQTT 3.1.1, section 4.7); "" where it is one."""
    if not text or len(text.encode()) > MAX_TOPIC_BYTES or "\0" in text:
        return "is empty or too long"
    levels = text.split("/")
    if any("#" in level for level in levels[:-1]) or levels[-1] not in ("#", levels[-1].replace("#", "")):
        return '"#" stands alone, as the last level'
    if any("+" in level and level != "+" for level in levels):
        return '"+" is a whole level'
    return ""


class Pattern:
    """A filter whose levels may be named: "air/{id}/tma" reads "air/+/tma", and takes the id from it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._levels = text.split("/")
        names = [_NAMED.match(level) for level in self._levels]
        self.names = tuple(match[1] for match in names if match)
        #: what is subscribed to
        self.filter = "/".join(
            "+" if match else level for match, level in zip(names, self._levels, strict=True)
        )
        self._named = tuple((index, match[1]) for index, match in enumerate(names) if match)

    def fields(self, topic: str) -> dict[str, str] | None:
        """What the named levels hold; None where the topic is none of this filter's."""
        levels = topic.split("/")
        wanted = self.filter.split("/")
        if wanted[-1] == "#":
            wanted = wanted[:-1]
            if len(levels) < len(wanted):
                return None
        elif len(levels) != len(wanted):
            return None
        if any(want not in ("+", have) for want, have in zip(wanted, levels, strict=False)):
            return None
        if topic.startswith("$") and wanted[:1] in (["+"], []):
            return None  # section 4.7.2: the broker's own topics are not meant by a wildcard
        return {name: levels[index] for index, name in self._named}
