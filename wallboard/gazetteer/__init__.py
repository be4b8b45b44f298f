"""Where a text without coordinates speaks of: a district or a configured place, spelling forgiven.

Ambiguity is an answer, not a guess: several names that fit equally well are all given back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wallboard.boundaries import Boundaries, District
from wallboard.gazetteer.spelling import MAX_NAME, MAX_TEXT, allowed_edits, edits, joined, letters_of, words
from wallboard.geofence import Geofence
from wallboard.place import Place, Ref

#: Several names fitted equally well; the candidates hold all of them.
AMBIGUOUS = "ambiguous_name"

#: Words before a name that say which level it is, counted from the lowest.
_LEVEL_WORDS = {
    "kelurahan": 0, "desa": 0, "gampong": 0, "nagari": 0, "kecamatan": 1, "distrik": 1,
    "kota": 2, "kabupaten": 2, "kotamadya": 2,
}  # fmt: skip

#: "Malalayang II" and "Kebon Jeruk Utara" are not the district that is called so without the last word.
_TELLING = frozenset({"utara", "selatan", "timur", "barat", "tengah", "dalam", "luar", "baru", "lama"})
#: Numbers of more digits than this are postal codes.
_SHORT_NUMBER = 2

#: Words that a name may have or lack: "Kampung Tengah" is "Tengah" on another list.
_LOOSE_WORDS = frozenset(
    {*_LEVEL_WORDS, "administrasi", "kampung", "pasar", "simpang", "terminal", "pulau", "dusun", "kawasan"}
)

#: A street called after a kelurahan often runs elsewhere: its name is no evidence.
_STREET_WORDS = frozenset({"jalan", "gang", "gg", "no", "nomor", "blok", "rt", "rw"})

#: Names in Indonesia have up to five words ("Cipinang Besar Selatan", "Kali Deres").
_MOST_WORDS = 5
#: A name found in the middle of a sentence must be long enough not to be there by chance.
_LEAST_LETTERS = 5

#: An address names a dozen things at most; a text of a thousand commas is none.
_MOST_FIELDS = 12

#: A shorter text is a house number or an RW rather than the code of a district.
_LEAST_CODE = 5

_BREAK = re.compile(r"[,;:()/\n\r|]|\s[-–]\s")


@dataclass(frozen=True)
class Named:
    """A configured place: a market, junction, hospital, flood gate. Degrees."""

    name: str
    lon: float
    lat: float
    kind: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """A district of another list: codes of ours that it may mean, and its name where that is none of ours."""

    code: str
    name: str
    ours: tuple[str, ...]


Target = District | Named


@dataclass(frozen=True)
class Match:
    """What a text means: one target, or several candidates that fit equally well, or nothing."""

    target: Target | None = None
    candidates: tuple[Target, ...] = ()
    ambiguous: bool = False


@dataclass(frozen=True)
class _Name:
    """One spelling that stands for a target; a loose one lacks its "Kampung" or "Pasar"."""

    key: str
    letters: int
    loose: bool
    target: Target


@dataclass(frozen=True)
class _Field:
    """A run of words and the level word before it: "Kec. Senen" is (kecamatan, senen)."""

    level_word: str | None
    words: tuple[str, ...]

    @property
    def up(self) -> int | None:
        """How far above the lowest level the named district is; None where no level is named."""
        return None if self.level_word is None else _LEVEL_WORDS[self.level_word]


class Gazetteer:
    """All names of a city. Work for one text is bounded: ``MAX_TEXT`` letters, ``MAX_NAME`` a name."""

    def __init__(
        self, boundaries: Boundaries, places: Iterable[Named] = (), links: Iterable[Link] = ()
    ) -> None:
        self._boundaries = boundaries
        self._links: dict[str, tuple[District, ...]] = {}
        names: list[_Name] = []
        for district in boundaries.districts:
            names += _spellings(district.name, district)
        for place in places:
            for spelling in (place.name, *place.aliases):
                names += _spellings(spelling, place)
        for link in links:
            districts = tuple(boundaries.by_code[code] for code in link.ours if code in boundaries.by_code)
            self._links[link.code] = districts
            if link.name and len(districts) == 1:
                names += _spellings(link.name, districts[0])
        self._names = names
        self._by_key: dict[str, list[_Name]] = {}
        for name in names:
            self._by_key.setdefault(name.key, []).append(name)

    def by_code(self, code: str) -> tuple[District, ...]:
        """The districts that a code may mean: our own, or one of another list that a crosswalk explains."""
        own = self._boundaries.by_code.get(code)
        return self._links.get(code, ()) if own is None else (own,)

    def find(self, text: str) -> Match:
        """The district or place that a name, an address or a code alone means."""
        code = text.strip()
        if len(code) >= _LEAST_CODE and (coded := self.by_code(code)):
            return Match(coded[0]) if len(coded) == 1 else Match(None, coded, True)
        fields = _fields(text)
        found = [(field, targets) for field in fields if (targets := self._targets(field))]
        if not found:
            found = [(field, targets) for field in fields if (targets := self._inside_sentence(field))]
        if not found:
            return Match()
        base = min(found, key=lambda pair: self._rank(*pair))
        left = base[1]
        for field, others in found:
            narrowed = [target for target in left if any(self._fits(target, other) for other in others)]
            if narrowed:
                left = narrowed
            elif field.up is not None:  # "Kel. Senen, Kec. Gambir": somebody errs, and we cannot know who
                return Match(None, (*left, *others), True)
        left = self._widest(left)
        return Match(left[0], tuple(left), False) if len(left) == 1 else Match(None, tuple(left), True)

    def place(self, text: str, geofence: Geofence) -> Place:
        """``find`` as a Place: ``by_name`` when one target is best, else ``no_location`` with candidates.

        A district above the lowest level has no ``district``: it is the last of the parents, and all
        districts in it are candidates. A configured place brings its own coordinates.
        """
        match = self.find(text)
        target = match.target
        if target is None:
            codes = sorted({code for each in match.candidates for code in self._lowest_codes(each, geofence)})
            flags = (AMBIGUOUS,) if match.ambiguous else ()
            return Place(candidates=tuple(codes), flags=flags, source=geofence.source)
        if isinstance(target, Named):
            spot = geofence.locate(target.lon, target.lat)
            return Place(
                lon=target.lon,
                lat=target.lat,
                district=spot.district,
                name=spot.name,
                parents=spot.parents,
                confidence="by_name",
                edge_m=spot.edge_m,
                candidates=spot.candidates,
                source=spot.source,
            )
        above = tuple(Ref(up.code, up.name, up.level) for up in self._boundaries.parents(target.code))
        if target.level == len(self._boundaries.levels) - 1:
            return Place(
                district=target.code,
                name=target.name,
                parents=above,
                confidence="by_name",
                source=geofence.source,
            )
        return Place(
            parents=(*above, Ref(target.code, target.name, target.level)),
            confidence="by_name",
            candidates=tuple(self._lowest_codes(target, geofence)),
            source=geofence.source,
        )

    def _targets(self, field: _Field) -> list[Target]:
        """What a field's words mean, as a whole; after "Kel." also the longest beginning that is a name."""
        if field.level_word is None:
            return self._best(field.words, None)
        for count in range(min(len(field.words), _MOST_WORDS), 0, -1):
            if count < len(field.words) and _tells_apart(field.words[count]):
                continue
            if best := self._best(field.words[:count], field.up):
                return best
        return self._best((field.level_word, *field.words), None)  # "Kota Bambu Utara" is a kelurahan

    def _best(self, parts: Sequence[str], up: int | None) -> list[Target]:
        """Targets of the best fitting names: written so, written so but for a loose word, nearly so."""
        ranked: list[tuple[tuple[int, int], Target]] = []
        for loose, key in _keys(parts):
            if len(key) > MAX_NAME:
                continue
            for name in self._by_key.get(key, ()):
                ranked.append(((0, int(loose or name.loose)), name.target))
            limit, letters = allowed_edits(key), letters_of(key)
            if not limit:
                continue
            for name in self._names:
                if abs(len(name.key) - len(key)) > limit or (name.letters ^ letters).bit_count() > 2 * limit:
                    continue
                distance = edits(key, name.key, limit)
                if 0 < distance <= limit:
                    ranked.append(((distance, int(loose or name.loose)), name.target))
        ranked = [pair for pair in ranked if self._on_level(pair[1], up)]
        least = min((rank for rank, _ in ranked), default=None)
        return list(dict.fromkeys(target for rank, target in ranked if rank == least))

    def _inside_sentence(self, field: _Field) -> list[Target]:
        """The longest exact name among the words of a sentence; streets do not count."""
        parts = field.words
        for count in range(min(len(parts), _MOST_WORDS), 0, -1):
            found: list[Target] = []
            for at in range(len(parts) - count + 1):
                street = bool(_STREET_WORDS.intersection(parts[max(at - 1, 0) : at + count]))
                key = joined(parts[at : at + count])
                if street or len(key) < _LEAST_LETTERS or _tells_apart(*parts[at + count : at + count + 1]):
                    continue
                found += [name.target for name in self._by_key.get(key, ()) if not name.loose]
            if found:
                return list(dict.fromkeys(found))
        return []

    def _rank(self, field: _Field, targets: Sequence[Target]) -> tuple[int, int]:
        """Which field of an address says most: a configured place, then the lowest level named."""
        if any(isinstance(target, Named) for target in targets):
            return 0, 0
        return 1, -max(target.level for target in targets if isinstance(target, District))

    def _fits(self, target: Target, other: Target) -> bool:
        """Whether both can be meant at once: the same, or one inside the other."""
        if target == other or isinstance(target, Named) or isinstance(other, Named):
            return True
        return other in self._boundaries.parents(target.code) or target in self._boundaries.parents(
            other.code
        )

    def _widest(self, targets: Sequence[Target]) -> list[Target]:
        """Kecamatan Senen holds kelurahan Senen: where only the name is known, the wider one is true."""
        codes = {target.code for target in targets if isinstance(target, District)}
        return [
            target
            for target in targets
            if isinstance(target, Named)
            or not codes.intersection(up.code for up in self._boundaries.parents(target.code))
        ]

    def _on_level(self, target: Target, up: int | None) -> bool:
        if up is None:
            return True
        lowest = len(self._boundaries.levels) - 1
        # A city may have one level only; then whatever is named is on it.
        return isinstance(target, District) and target.level == max(lowest - up, 0)

    def _lowest_codes(self, target: Target, geofence: Geofence) -> list[str]:
        if isinstance(target, Named):
            code = geofence.locate(target.lon, target.lat).district
            return [code] if code else []
        below = self._boundaries.children(target.code)
        if not below:
            return [target.code]
        return sorted(code for child in below for code in self._lowest_codes(child, geofence))


def _spellings(name: str, target: Target) -> list[_Name]:
    return [_Name(key, letters_of(key), loose, target) for loose, key in _keys(words(name))]


def _keys(parts: Sequence[str]) -> list[tuple[bool, str]]:
    """The whole name, and the name without the loose words before it."""
    bare = list(parts)
    while len(bare) > 1 and bare[0] in _LOOSE_WORDS:
        bare.pop(0)
    whole = (False, joined(list(parts)))
    return [whole] if len(bare) == len(parts) or not whole[1] else [whole, (True, joined(bare))]


def _fields(text: str) -> list[_Field]:
    """An address cut at commas and before words like "Kec."; "Batu Kota" is one name all the same."""
    fields: list[_Field] = []
    for piece in _BREAK.split(text[:MAX_TEXT]):
        level_word: str | None = None
        run: list[str] = []
        parts = words(piece)
        for at, word in enumerate(parts, start=1):
            starts = not run and level_word is not None  # "Kel. Kota Bambu": part of the name
            if word not in _LEVEL_WORDS or starts or at == len(parts):
                run.append(word)
                continue
            if run:
                fields.append(_Field(level_word, tuple(run)))
            level_word, run = word, []
        if run:
            fields.append(_Field(level_word, tuple(run)))
    return fields[:_MOST_FIELDS]


def _tells_apart(word: str = "") -> bool:
    """Whether the word after a name makes another name of it."""
    return word in _TELLING or (word.isdigit() and len(word) <= _SHORT_NUMBER)
