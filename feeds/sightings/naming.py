"""Which camera of the city's list a source means, and which of its reports are wanted: common options."""

from __future__ import annotations

import msgspec

from feeds.reports import MAX_ID_CHARS
from wallboard.events import SeenWord
from wallboard.text import title


class SightingOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What all sources of sightings have; `camera_list` is the [[feed]] that lists the cameras."""

    camera_list: str
    #: the source's name of a camera → its id in that list; without an entry the two are the same
    cameras: dict[str, str] = {}
    #: only these of our words (person, vehicle, …); empty: all
    what: tuple[SeenWord, ...] = ()

    def __post_init__(self) -> None:
        check_sightings(self.camera_list, self.what)


def check_sightings(camera_list: str, what: tuple[SeenWord, ...]) -> None:
    """What no type can say of these options; ValueError."""
    if not camera_list or "/" in camera_list:
        raise ValueError("camera_list is the name of the feed that lists the cameras")
    if "" in what:
        raise ValueError("what holds an empty word")


def entity_of(name: str, camera_list: str, cameras: dict[str, str]) -> str:
    """The id of the camera's entity; "" for a name that can be none."""
    word = title(name)
    id = cameras.get(word, word)
    return f"{camera_list}/{id}" if id and len(id) <= MAX_ID_CHARS else ""
