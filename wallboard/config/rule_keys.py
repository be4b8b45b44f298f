"""Which keys of a [[rule]] have a use in which type, and what is filled into its words."""

from __future__ import annotations

from typing import Any

import msgspec

#: Key → the types in which it has a use; what is not here has one in all.
KEYS: dict[str, tuple[str, ...]] = {
    "field": ("threshold", "rate"),
    "above": ("threshold", "rate"),
    "below": ("threshold", "rate"),
    "among": ("share",),
    "share": ("share", "cover", "price"),
    "least": ("share", "burst", "queue"),
    "level": ("share", "cover", "burst"),
    "within": ("rate", "burst"),
    "clock": ("sla",),
    "wait": ("queue",),
    "service_level": ("queue",),
    "window": ("queue",),
    "chance": ("burst",),
    "learn": ("burst",),
    "max_age": ("threshold", "price", "gauge", "sla", "queue"),
    "silent_for": ("absence",),
}

#: Placeholders of a type beside {name}, {value} and {id}.
FILLED: dict[str, tuple[str, ...]] = {
    "rate": ("now",),
    "share": ("count", "all"),
    "sla": ("clock", "agency", "category"),
    "price": ("price", "ceiling", "unit", "market"),
    "gauge": ("level", "unit", "river"),
    "cover": ("hazard",),
    "burst": ("category", "usual"),
}


def misplaced(field: msgspec.structs.FieldInfo, value: Any) -> bool:
    """Whether somebody wrote the key: it has another value than when it is left out."""
    made = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
    return bool(value != made)
