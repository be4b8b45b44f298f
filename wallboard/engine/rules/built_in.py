"""The two rules that every city has."""

from __future__ import annotations

from wallboard.city import RuleConfig

#: A rule of the same id in the configuration replaces one.
BUILT_IN = (
    RuleConfig(
        id="feed-silent",
        type="threshold",
        kind="feed",
        severity="caution",
        where={"state": ["silent", "failing"]},
        # One failed visit among good ones is no alarm.
        on_delay=10.0,
        text={"id": "Sumber data diam: {name}", "en": "Feed silent: {name}"},
    ),
    RuleConfig(
        id="wall-behind",
        type="threshold",
        kind="wall",
        severity="caution",
        # A page that was closed has gone, and that is no alarm: anybody may open and close one.
        where={"state": "behind"},
        text={"id": "Layar tertinggal: {name}", "en": "Wall behind: {name}"},
    ),
    RuleConfig(
        id="screen-doubled",
        type="threshold",
        kind="screen",
        severity="severe",
        # The time since when its credential is used in two places at once; none otherwise.
        field="doubled_at",
        above=0.0,
        text={"id": "Layar dipakai di dua tempat: {name}", "en": "Screen used in two places: {name}"},
        instruction={
            "id": "Cabut layar ini di konsol dan pasangkan lagi; cari tahu siapa yang memakai salinannya.",
            "en": "Revoke it at the console and pair it again; find out who uses the copy.",
        },
    ),
)
