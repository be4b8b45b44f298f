"""The levels of a city's status, the calmest first: the configuration's, or the ready ones."""

from __future__ import annotations

from collections.abc import Sequence

from wallboard.city import CityConfig, StatusConfig

#: As Indonesian cities count them since Jakarta's flood order: the lower the number, the higher the command.
READY: tuple[StatusConfig, ...] = (
    StatusConfig(
        code="siaga-4",
        name={"id": "Siaga IV", "en": "Siaga IV"},
        commander={"id": "Posko wilayah", "en": "District posts"},
        meaning={"id": "Keadaan normal.", "en": "All is normal."},
    ),
    StatusConfig(
        code="siaga-3",
        name={"id": "Siaga III", "en": "Siaga III"},
        severity="caution",
        commander={"id": "Kepala Pelaksana BPBD", "en": "Head of the disaster agency"},
        meaning={
            "id": "Keadaan dapat memburuk; dinas bersiap.",
            "en": "It may get worse; agencies get ready.",
        },
    ),
    StatusConfig(
        code="siaga-2",
        name={"id": "Siaga II", "en": "Siaga II"},
        severity="severe",
        commander={"id": "Sekretaris Daerah", "en": "Regional secretary"},
        meaning={
            "id": "Keadaan gawat di beberapa wilayah; semua dinas bergerak.",
            "en": "Several districts are hit; all agencies act.",
        },
    ),
    StatusConfig(
        code="siaga-1",
        name={"id": "Siaga I", "en": "Siaga I"},
        severity="danger",
        commander={"id": "Kepala Daerah", "en": "Head of the region"},
        meaning={"id": "Darurat di seluruh kota.", "en": "An emergency of the whole city."},
        emergency=True,
    ),
)


def levels_of(city: CityConfig) -> Sequence[StatusConfig]:
    """All levels; the first holds until somebody sets another."""
    return city.status or READY
