"""Which properties of a boundary file hold its districts' codes and names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wallboard.boundaries import Level
from wallboard.boundaries.features import code_text

Features = Sequence[Mapping[str, Any]]

#: An example in a list of properties is cut here: a line of a terminal has about 80 places.
_EXAMPLE = 40

#: Levels as Indonesia has them, the lowest first; a scheme lists its properties in this order.
LABELS = ("Kelurahan", "Kecamatan", "Kota")


@dataclass(frozen=True)
class Scheme:
    """How one publisher names properties: (codes, names) of each level, the lowest first."""

    title: str
    #: who drew it; empty: the codes tell
    source: str
    levels: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]


#: The first that fits is taken, so those whose names mean nothing else stand first.
SCHEMES = (
    Scheme("BPS as OCHA/HDX publishes it", "BPS", (
        (("adm4_pcode",), ("adm4_en", "adm4_id", "adm4_name")),
        (("adm3_pcode",), ("adm3_en", "adm3_id", "adm3_name")),
        (("adm2_pcode",), ("adm2_en", "adm2_id", "adm2_name")),
    )),
    Scheme("BPS, names in English", "BPS", (
        (("village_code",), ("village", "village_name")),
        (("district_code",), ("district", "district_name")),
        (("regency_code",), ("regency", "regency_name")),
    )),
    Scheme("BPS' own", "BPS", (
        (("iddesa",), ("nmdesa",)),
        (("idkec",), ("nmkec",)),
        (("idkab",), ("nmkab",)),
    )),
    Scheme("BIG (RBI) with Kemendagri's codes", "Kemendagri", (
        (("kdepum",), ("wadmkd", "namobj")),
        (("kdcpum",), ("wadmkc",)),
        (("kdpkab",), ("wadmkk",)),
    )),
    Scheme("BIG (RBI) with BPS' codes", "BPS", (
        (("kdebps",), ("wadmkd", "namobj")),
        (("kdcbps",), ("wadmkc",)),
        (("kdbbps",), ("wadmkk",)),
    )),
    Scheme("geoBoundaries", "geoBoundaries", ((("shapeid", "shapeiso"), ("shapename",)),)),
    Scheme("Dukcapil and other Indonesian files", "", (
        (("kode_desa", "kode_kel", "kode_kelurahan", "code_kel", "kel_code", "kd_kel", "id_kel"),
         ("desa_kelur", "nama_desa", "nama_kel", "nama_kelurahan", "name_kel", "kel_name", "kelurahan",
          "desa")),
        (("kode_kec", "kode_kecamatan", "code_kec", "kec_code", "kd_kec", "id_kec"),
         ("nama_kec", "nama_kecamatan", "name_kec", "kec_name", "kecamatan")),
        (("kode_kab", "kode_kota", "kode_kabupaten", "code_kota", "kd_kab", "id_kab"),
         ("kab_kota", "nama_kab", "nama_kota", "nama_kabupaten", "name_kota", "kabupaten", "kota")),
    )),
    Scheme("codes and names alone", "", ((("kode", "code"), ("nama", "name")),)),
)  # fmt: skip

#: Numbers of people, by publisher.
_PEOPLE = ("population", "jumlah_pen", "jumlah_penduduk", "penduduk")
#: The day that a set of boundaries holds from, best first.
_DATES = ("valid_on", "validon", "valid_from", "date")


@dataclass(frozen=True)
class Named:
    """The properties that were found: levels highest first; an empty `code` or `name` is not in the file."""

    title: str
    source: str
    levels: tuple[Level, ...]
    population: str = ""
    date: str = ""


def recognise(features: Features) -> Named | None:
    """How the file names its districts; None where it does so as no known publisher does."""
    known = _in_use(features)
    for scheme in SCHEMES:
        levels: list[Level] = []
        for at, (codes, names) in enumerate(scheme.levels):
            code, name = _first(codes, known), _first(names, known)
            if not levels and not (code and name):
                continue  # a file of kecamatan has no kelurahan
            if not code and not name:
                break
            levels.append(Level(code, name, LABELS[at]))
        if levels:
            people, date = _first(_PEOPLE, known), _date(features, known)
            return Named(scheme.title, scheme.source, tuple(reversed(levels)), people, date)
    return None


def chosen(features: Features, levels: Sequence[Level]) -> Named:
    """The same for levels that somebody named, who is believed."""
    known = _in_use(features)
    return Named("as told", "", tuple(levels), _first(_PEOPLE, known), _date(features, known))


def property_names(features: Features) -> set[str]:
    """All properties of any feature, as they are written."""
    return {name for feature in features for name in _table(feature)}


def described(features: Features) -> list[str]:
    """Each property with how many values it has and the first of them, for somebody who has to choose."""
    lines = []
    for name in sorted(property_names(features)):
        values = [text for feature in features if (text := code_text(_table(feature).get(name)))]
        example = values[0] if values else ""
        example = example if len(example) <= _EXAMPLE else f"{example[: _EXAMPLE - 1]}…"
        lines.append(
            f"{name}: {len(set(values))} different, such as {example!r}" if values else f"{name}: empty"
        )
    return lines


def _table(feature: Mapping[str, Any]) -> Mapping[str, Any]:
    table = feature.get("properties")
    return table if isinstance(table, Mapping) else {}


def _in_use(features: Features) -> dict[str, str]:
    """Name in small letters → as written; of properties that are empty everywhere nothing is known."""
    return {
        name.casefold(): name
        for feature in features
        for name, value in _table(feature).items()
        if code_text(value)
    }


def _first(names: Sequence[str], known: Mapping[str, str]) -> str:
    return next((known[name] for name in names if name in known), "")


def _date(features: Features, known: Mapping[str, str]) -> str:
    """The newest day that a feature says it holds from; empty where none does."""
    name = _first(_DATES, known)
    return (
        max((code_text(_table(feature).get(name))[:10] for feature in features), default="") if name else ""
    )
