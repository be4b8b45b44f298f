"""The districts of a boundary file in one form, whoever published it: (code, name) from the top down."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wallboard.boundaries import BoundaryError, Level
from wallboard.boundaries.features import code_text
from wallboard.init.codes import Form, above, bare, form_of, is_kota, mostly_desa, province, written
from wallboard.init.nesting import Above, cut, is_osm, osm_code, osm_levels, osm_name, parents_of, sound
from wallboard.init.properties import LABELS, Features, Named, chosen, described, property_names, recognise

Pair = tuple[str, str]

#: Digits of a code → label of its level, for files that name no level.
_BY_DIGITS = {10: 0, 7: 1, 6: 1, 4: 2}

#: PAAL IV; the numbers of kelurahan end well below this.
_ROMAN = re.compile(r"[IVX]+")

#: How geoBoundaries calls the levels of Indonesia.
_SHAPE_TYPES = {"ADM4": 0, "ADM3": 1, "ADM2": 2}


class Unrecognised(BoundaryError):
    """Raised when the properties are no known publisher's; `properties` describes each."""

    def __init__(self, properties: list[str]) -> None:
        self.properties = properties
        listed = "".join(f"\n  {line}" for line in properties)
        super().__init__(
            "has properties that neither BPS, Kemendagri, BIG, OpenStreetMap nor geoBoundaries names so. "
            "Say which hold code and name of each level, highest first: "
            f'--levels "CODE,NAME,Label;…"; it has:{listed}'
        )


@dataclass(frozen=True)
class Row:
    """One district of the lowest level: (code, name) of each level, highest first, and where it came from."""

    chain: tuple[Pair, ...]
    feature: Mapping[str, Any]
    population: str = ""

    @property
    def shown(self) -> str:
        """What a person may know it by."""
        code, name = self.chain[-1]
        return name or code or "one without a name"


@dataclass
class Areas:
    """All districts of a city before they are checked."""

    title: str
    source: str
    date: str
    #: what people call the levels, highest first
    labels: tuple[str, ...]
    rows: list[Row]
    form: Form = ""
    #: name of the one kota or kabupaten that all rows lie in; empty: several, or not said
    city: str = ""
    crs: Any = None
    notes: list[str] = field(default_factory=list)

    @property
    def codes(self) -> list[str]:
        """Codes of the lowest level."""
        return [row.chain[-1][0] for row in self.rows]

    @property
    def province(self) -> str:
        """Two digits; empty where they do not follow from the codes."""
        return province(self.codes, self.form)

    def levels(self) -> list[Level]:
        """Names of the properties as `geojson` writes them."""
        slugs: list[str] = []
        for label in self.labels:
            slug = re.sub(r"[^a-z0-9]+", "_", label.casefold()).strip("_") or "level"
            slugs.append(f"{slug}_{len(slugs)}" if slug in slugs else slug)
        return [
            Level(f"code_{slug}", f"name_{slug}", label)
            for slug, label in zip(slugs, self.labels, strict=True)
        ]

    @property
    def counts_people(self) -> bool:
        """Whether the file says how many live in each district."""
        return any(row.population for row in self.rows)

    def geojson(self) -> dict[str, Any]:
        """The boundaries with these properties alone: what else a publisher put there concerns nobody."""
        levels = self.levels()
        features = []
        for row in self.rows:
            table: dict[str, Any] = {}
            for level, (code, name) in zip(levels, row.chain, strict=True):
                table |= {level.code: code or None, level.name: name or None}
            if self.counts_people:
                table["population"] = row.population or None
            features.append({"type": "Feature", "properties": table, "geometry": row.feature.get("geometry")})
        return {"type": "FeatureCollection", **({"crs": self.crs} if self.crs else {}), "features": features}


def read_areas(
    collection: Mapping[str, Any],
    *,
    levels: Sequence[Level] = (),
    names: Mapping[str, str] | None = None,
    only: str = "",
    uppers: Sequence[Mapping[str, Any]] = (),
) -> Areas:
    """The districts of `collection`.

    `levels` are the properties where somebody named them, `names` (code → name) fills in those that the file
    lacks, `only` keeps what has that code or name on any level, `uppers` are files of the levels above, the
    highest first. Raises Unrecognised, and BoundaryError for what cannot be used.
    """
    features: Features = collection["features"]
    notes: list[str] = []
    parents = [_above(each) for each in uppers]
    if not levels and is_osm(features):
        features, within, label = osm_levels(features)
        areas = Areas("OpenStreetMap", "OpenStreetMap", "", (label,), [
            Row(((bare(osm_code(each)), osm_name(each)),), each) for each in features
        ])  # fmt: skip
        parents = [*parents, *within]
    else:
        named = chosen(features, levels) if levels else recognise(features)
        if named is None:
            raise Unrecognised(described(features))
        _refuse_missing(named, features)
        areas = _plain(features, named, names or {}, derive=not levels)
    areas.crs, areas.notes = collection.get("crs"), notes
    for each in reversed(parents):
        shown = [row.shown for row in areas.rows]
        found = parents_of([row.feature for row in areas.rows], shown, each, notes)
        areas.labels = (each.label, *areas.labels)
        areas.rows = [
            Row((pair, *row.chain), row.feature, row.population)
            for pair, row in zip(found, areas.rows, strict=True)
        ]
    _leave_out_codeless(areas)
    _lower_capitals(areas)
    if only:
        _keep(areas, only)
    _drop_single_top(areas)
    _say_what_is_missing(areas)
    return areas


def _above(collection: Mapping[str, Any]) -> Above:
    """A file of one upper level as parents."""
    areas = read_areas(collection)
    drawn = [(row.chain[-1], geometry) for row in areas.rows if (geometry := sound(row.feature)) is not None]
    if not drawn:
        raise BoundaryError("The file of the level above has no polygon.")
    return Above(areas.labels[-1], tuple(pair for pair, _ in drawn), tuple(shape for _, shape in drawn))


def _refuse_missing(named: Named, features: Features) -> None:
    known = property_names(features)
    wanted = [name for level in named.levels for name in (level.code, level.name) if name]
    missing = [name for name in wanted if name not in known]
    if missing:
        listed = "".join(f"\n  {line}" for line in described(features))
        raise BoundaryError(f"has no property {', '.join(map(repr, missing))} of --levels; it has:{listed}")


def _plain(features: Features, named: Named, names: Mapping[str, str], *, derive: bool) -> Areas:
    """Rows of features that name their parents, or whose codes do."""
    lowest = named.levels[-1]
    codes = [bare(_value(each, lowest.code)) for each in features]
    form = form_of(codes)
    if derive:
        _refuse_two_levels(codes, form)
    base = _lowest_label(features, named, codes, form) if derive else 0
    labels = [LABELS[at] for at in range(base, len(LABELS))] if derive else []
    count = len(labels) if derive and form else len(named.levels)
    by_code = {written(bare(code), form): name for code, name in names.items()}
    rows = []
    for each, code in zip(features, codes, strict=True):
        chain: list[Pair] = []
        for steps in range(count):
            level = named.levels[-1 - steps] if steps < len(named.levels) else Level("", "")
            chain.insert(0, _pair(each, level, code, steps, form, by_code))
        rows.append(Row(tuple(chain), each, _value(each, named.population)))
    if derive:
        shown = _called(tuple(reversed(labels[:count])), codes, form)
    else:
        shown = tuple(level.title or level.name for level in named.levels)
    return Areas(named.title, named.source or form, named.date, shown, rows, form)


def _refuse_two_levels(codes: Sequence[str], form: Form) -> None:
    known = {written(code, form) for code in codes if code}
    above_others = {above(code, steps, form) for code in known for steps in range(1, len(LABELS))} & known
    if above_others:
        raise BoundaryError(
            f"holds districts of two levels: {cut(sorted(above_others))} are above others of it. Give the "
            "lowest alone; their codes tell the levels above, whose names come with --names FILE."
        )


def _called(labels: tuple[str, ...], codes: Sequence[str], form: Form) -> tuple[str, ...]:
    """The levels as they are called there: a kabupaten is no kota, and most of it are desa."""
    other: dict[str, str] = {}
    if is_kota(codes, form) is False:
        other[LABELS[2]] = "Kabupaten"
    if mostly_desa(codes, form):
        other[LABELS[0]] = "Desa"
    return tuple(other.get(label, label) for label in labels)


def _pair(
    feature: Mapping[str, Any], level: Level, code: str, steps: int, form: Form, names: Mapping[str, str]
) -> Pair:
    """Code and name of a feature's district on one level, `steps` above the lowest with `code`."""
    if steps == 0:
        own = written(code, form)
    else:
        own = bare(_value(feature, level.code))
        own = written(own, form) if own else above(code, steps, form)
    name = _value(feature, level.name) or names.get(own, "")
    # Parents that the file only names are told apart by their names; where the others have an office's codes
    # a name would be one district more.
    return own or ("" if form else name), name


def _lowest_label(features: Features, named: Named, codes: Sequence[str], form: Form) -> int:
    """Which of LABELS the features are; by their codes, else as their publisher says."""
    types = {_value(each, "shapeType").upper() for each in features}
    if len(types) == 1 and (kind := types.pop()) in _SHAPE_TYPES:
        return _SHAPE_TYPES[kind]
    lengths = {sum(letter.isdigit() for letter in code) for code in codes if code}
    if form and len(lengths) == 1 and (length := lengths.pop()) in _BY_DIGITS:
        return _BY_DIGITS[length]
    return LABELS.index(named.levels[-1].title) if named.levels[-1].title in LABELS else 0


def _leave_out_codeless(areas: Areas) -> None:
    """What has no code on some level has no place among the districts, and would be a level of its own."""
    for depth, label in enumerate(areas.labels):
        left = [row for row in areas.rows if not row.chain[depth][0]]
        if left and len(left) == len(areas.rows):
            raise BoundaryError(f"has no district with a code of its {label}, nor with a name for one.")
        if left:
            areas.rows = [row for row in areas.rows if row.chain[depth][0]]
            names = cut([row.shown for row in left])
            areas.notes.append(f"{len(left)} left out, of which no {label} is known: {names}")


def _lower_capitals(areas: Areas) -> None:
    """SERENGAN is Serengan where the whole level shouts: capitals are slower to read, and no name is so."""
    for depth in range(len(areas.labels)):
        if not all(row.chain[depth][1].isupper() for row in areas.rows if row.chain[depth][1]):
            continue
        for at, row in enumerate(areas.rows):
            code, name = row.chain[depth]
            chain = (*row.chain[:depth], (code, capitalised(name)), *row.chain[depth + 1 :])
            areas.rows[at] = Row(chain, row.feature, row.population)


def capitalised(name: str) -> str:
    """A name in capitals with the first letter of each word alone large; Roman numbers stay."""
    words = [word if _ROMAN.fullmatch(word) else word.capitalize() for word in name.split(" ")]
    return " ".join(words)


def _keep(areas: Areas, only: str) -> None:
    """Only what has this code or name on any level, or among its other properties."""
    wanted = only.strip().casefold()

    def fits(row: Row) -> bool:
        table = row.feature.get("properties")
        values = [code_text(value) for value in table.values()] if isinstance(table, Mapping) else []
        return any(
            wanted in (text.casefold(), bare(text).casefold()) for text in (*values, *sum(row.chain, ()))
        )

    kept = [row for row in areas.rows if fits(row)]
    if not kept:
        tops = sorted(
            {
                f"{name} ({code})" if name != code else code
                for code, name in (row.chain[0] for row in areas.rows)
            }
        )
        raise BoundaryError(
            f"has nothing with the code or name {only!r} (--only); its highest level: {cut(tops)}"
        )
    areas.rows = kept


def _drop_single_top(areas: Areas) -> None:
    """A level with one district says nothing on a map, but it is the city."""
    while len(areas.labels) > 1 and len({row.chain[0][0] for row in areas.rows}) == 1:
        code, name = areas.rows[0].chain[0]
        areas.city = name if name != code else ""
        areas.labels = areas.labels[1:]
        areas.rows = [Row(row.chain[1:], row.feature, row.population) for row in areas.rows]


def _say_what_is_missing(areas: Areas) -> None:
    for depth, label in enumerate(areas.labels):
        nameless = sorted(
            {code for row in areas.rows if not (pair := row.chain[depth])[1] and (code := pair[0])}
        )
        if nameless:
            areas.notes.append(
                f"{len(nameless)} {label} without a name, whose code is shown instead: {cut(nameless)}; "
                "a table CODE,NAME can be given: --names FILE"
            )


def _value(feature: Mapping[str, Any], name: str) -> str:
    table = feature.get("properties")
    return code_text(table.get(name)) if name and isinstance(table, Mapping) else ""
