"""The `init` command: a city's boundaries in, a configuration that `check` accepts out."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import available_timezones

import shapely

from wallboard.boundaries import Boundaries, BoundaryError, Level, load_boundaries, parse_levels
from wallboard.config.findings import Findings
from wallboard.errors import ConfigError
from wallboard.gazetteer.crosswalk import Line, as_csv, compare
from wallboard.init.areas import Areas, Unrecognised, read_areas
from wallboard.init.asking import Asker
from wallboard.init.codes import is_kota, zone_of
from wallboard.init.document import CROSSWALK, DISTRICTS, Draft, key_of, written
from wallboard.init.feed_tables import FORECAST, NoFeed, feed_table, open_types
from wallboard.init.nesting import sound
from wallboard.init.reading import read_features, read_names
from wallboard.init.words import crossed, read_as
from wallboard.init.writing import CITY, as_json, present, put_in_place

#: As shells expect it of a wrong call.
WRONG = 2


#: Feeds of the one question at a terminal; the forecast too where Kemendagri's codes are known.
_OFFERED = ("bmkg_quake", "bmkg_tsunami", "bmkg_nowcast")

#: Kemendagri's code of a kelurahan has so many dots: 31.71.01.1001.
_ADM4_DOTS = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `init` takes."""
    add = parser.add_argument
    add("folder", metavar="FOLDER", type=Path, help="where city.toml and its files are written")
    add("--boundaries", metavar="FILE", type=Path, nargs="+", default=[],
        help="the districts: GeoJSON, or Kemendagri's SQL")  # fmt: skip
    add(
        "--only",
        default="",
        metavar="TEXT",
        help='of a larger file what has this code or name: "Kota Manado"',
    )
    add("--levels", default="", help='"CODE,NAME,Label;…": properties of each level, highest first')
    add("--upper", metavar="FILE", type=Path, action="append", default=[],
        help="the level above, for files of one level; may be given again, highest first")  # fmt: skip
    add("--names", metavar="FILE", type=Path, help="a table CODE,NAME for what the boundaries give no name")
    add("--name", default="", help="of the city (default: as the boundaries say)")
    add("--key", default="", help="letters, digits and - (default: made of the name)")
    add("--time-zone", default="", metavar="ZONE", help="Asia/Jakarta, … (default: by the province's code)")
    add("--source", default="", help="who drew the boundaries (default: as recognised)")
    add(
        "--edition",
        default="",
        metavar="TEXT",
        help="their edition (default: the day that they say, or the file's)",
    )
    add("--crosswalk", metavar="FILE", type=Path, nargs="+", default=[],
        help="the same city as another office draws it: its codes and names are then known too")  # fmt: skip
    add("--crosswalk-levels", default="", metavar="LEVELS", help="as --levels, for that file")
    add("--feed", metavar="TYPE[=ADDRESS]", action="append", default=[],
        help=f"a source, may be given again; {', '.join(open_types())} need no address")  # fmt: skip
    add("--force", action="store_true", help="overwrite what is there")


def run_init(options: argparse.Namespace, out: TextIO, ask: Asker | None) -> int:
    """Write the files, say on `out` what was understood; the exit code. `ask` is None without a terminal."""
    found = Findings("command line")
    try:
        _Init(options, out, ask, found).run()
    except BoundaryError as fault:
        found.fault("init", None, str(fault))
    except ConfigError as fault:
        return _say_faults(fault, out)
    try:
        found.raise_faults()
    except ConfigError as fault:
        return _say_faults(fault, out)
    return 0


def _say_faults(error: ConfigError, out: TextIO) -> int:
    for line in error.faults:
        out.write(f"{line}\n")
    out.write(f"{len(error.faults)} fault{'s' if len(error.faults) != 1 else ''}; nothing was written.\n")
    return WRONG


class _Init:
    """One call, in its order: the ground, the city's own words, its feeds, the files."""

    def __init__(self, options: argparse.Namespace, out: TextIO, ask: Asker | None, found: Findings) -> None:
        self.options = options
        self.out = out
        self.ask = ask
        self.found = found
        self.folder: Path = options.folder

    def run(self) -> None:
        self._refuse_overwriting()
        areas = self._areas()
        ours = self._loaded(areas, "--boundaries", areas.source, areas.date)
        said = list(read_as(areas))
        lines: list[Line] = []
        if self.options.crosswalk:
            lines, other, title = self._crosswalk(ours)
            said += crossed(lines, ours, other, title)
        draft = self._draft(areas, _adm4(areas, lines))
        self.found.raise_faults()
        files: dict[str, str] = {DISTRICTS: as_json(areas.geojson()), CITY: written(draft)}
        if draft.crosswalk:
            files[CROSSWALK] = as_csv(lines)
        try:
            ground = put_in_place(self.folder, files)
        except OSError as fault:
            why = (fault.strerror or "unknown reason").lower()
            self.found.fault("FOLDER", str(self.folder), f"cannot be written: {why}")
            raise ConfigError(self.found.faults) from fault
        self._tell(draft, [*said[:1], *(f"  {each}" for each in ground.report.sentences()), *said[1:]])
        self._tell_what_next(files)

    def _refuse_overwriting(self) -> None:
        names = (CITY, DISTRICTS, *((CROSSWALK,) if self.options.crosswalk else ()))
        for path in present(self.folder, names):
            if path == self.folder:
                self.found.fault("FOLDER", str(path), "is a file: name a folder that is there or can be made")
            elif not self.options.force:
                why = "is there already: name another folder, or overwrite it with --force"
                self.found.fault("FOLDER", str(path), why)
        self.found.raise_faults()

    def _areas(self) -> Areas:
        paths: list[Path] = self.options.boundaries
        if not paths and self.ask:

            def missing(answer: str) -> str:
                return "" if Path(answer).is_file() else "is no file: a GeoJSON of the city's districts"

            self.options.boundaries = paths = [
                Path(self.ask("File of the districts' boundaries", wrong=missing))
            ]
        if not paths:
            self.found.fault("--boundaries", None, "is missing: a GeoJSON file of the city's districts")
        self.found.raise_faults()
        uppers = [self._collection([path], "--upper") for path in self.options.upper]
        names: Mapping[str, str] = {}
        if self.options.names:
            try:
                names = read_names(self.options.names)
            except BoundaryError as fault:
                self.found.fault("--names", str(self.options.names), str(fault))
        collection = self._collection(paths, "--boundaries")
        levels = self._levels("--levels", self.options.levels)
        self.found.raise_faults()
        shown = ", ".join(map(str, paths))
        try:
            return self._read(collection, levels, names, uppers)
        except BoundaryError as fault:
            self.found.fault("--boundaries", shown, str(fault))
            raise ConfigError(self.found.faults) from fault

    def _read(
        self,
        collection: Mapping[str, Any],
        levels: Sequence[Level],
        names: Mapping[str, str],
        uppers: Sequence[Mapping[str, Any]],
    ) -> Areas:
        only = self.options.only
        try:
            return read_areas(collection, levels=levels, names=names, only=only, uppers=uppers)
        except Unrecognised as fault:
            if self.ask is None:
                raise
            self.out.write("Its properties are no known publisher's:\n")
            self.out.writelines(f"  {line}\n" for line in fault.properties)

            def wrong(answer: str) -> str:
                try:
                    read_areas(collection, levels=parse_levels(answer), only=only)
                except (BoundaryError, ValueError) as again:
                    return str(again)
                return ""

            answer = self.ask('Its levels, highest first: "CODE,NAME,Label;CODE,NAME,Label"', wrong=wrong)
            return read_areas(collection, levels=parse_levels(answer), names=names, only=only, uppers=uppers)

    def _draft(self, areas: Areas, adm4: Sequence[str]) -> Draft:
        options = self.options
        name = options.name or self._asked("Name of the city", _city_name(areas))
        if not name:
            self.found.fault("--name", None, 'is missing, and the boundaries do not say it: --name "Kota …"')
        zone = options.time_zone or self._asked("Its time zone", zone_of(areas.province), _wrong_zone)
        if not zone:
            why = "is missing, and no code tells the province: Asia/Jakarta, Asia/Makassar, Asia/Jayapura …"
            self.found.fault("--time-zone", None, why)
        elif why := _wrong_zone(zone):
            self.found.fault("--time-zone", zone, why)
        source = (
            options.source
            or areas.source
            or self._asked("Who drew the boundaries", options.boundaries[0].stem)
        )
        feeds = self._feeds(areas, adm4)
        return Draft(
            name=name,
            key=options.key or key_of(name) or "kota",
            time_zone=zone,
            source=source or options.boundaries[0].stem,
            version=options.edition or areas.date or _day_of(options.boundaries),
            levels=areas.levels(),
            population=areas.counts_people,
            crosswalk=bool(options.crosswalk),
            feeds=feeds,
        )

    def _feeds(self, areas: Areas, adm4: Sequence[str]) -> list[str]:
        asked = list(self.options.feed)
        if not asked and self.ask:
            answer = self.ask("BMKG's earthquakes, tsunami and weather? yes or no", "yes", _no_yes_or_no)
            offered = [*_OFFERED, *([FORECAST] if adm4 else [])]
            asked = offered if answer.casefold().startswith("y") else []
        names: list[str] = []
        tables: list[str] = []
        for each in asked:
            try:
                name, table = feed_table(each, self.folder, province=areas.province, taken=names, adm4=adm4)
            except NoFeed as fault:
                self.found.fault("--feed", each, str(fault))
                continue
            names.append(name)
            tables.append(table)
        return tables

    def _crosswalk(self, ours: Boundaries) -> tuple[list[Line], Boundaries, str]:
        paths = self.options.crosswalk
        collection = self._collection(paths, "--crosswalk")
        levels = self._levels("--crosswalk-levels", self.options.crosswalk_levels)
        self.found.raise_faults()
        shown = ", ".join(map(str, paths))
        try:
            areas = read_areas(collection, levels=levels)
        except BoundaryError as fault:
            why = str(fault).replace("--levels", "--crosswalk-levels")
            self.found.fault("--crosswalk", shown, why)
            raise ConfigError(self.found.faults) from fault
        box = shapely.box(*ours.bounds)
        near = [
            row for row in areas.rows if (shape := sound(row.feature)) is not None and shape.intersects(box)
        ]
        if not near:
            self.found.fault(
                "--crosswalk", shown, "has no district in the place of ours: is it another city's?"
            )
            self.found.raise_faults()
        areas.rows = near
        other = self._loaded(areas, "--crosswalk", areas.source, areas.date)
        return compare(ours, other), other, areas.source or paths[0].stem

    def _loaded(self, areas: Areas, option: str, source: str, version: str) -> Boundaries:
        try:
            return load_boundaries(areas.geojson(), areas.levels(), source=source, version=version)[0]
        except BoundaryError as fault:
            self.found.fault(option, None, str(fault))
            raise ConfigError(self.found.faults) from fault

    def _collection(self, paths: Sequence[Path], option: str) -> dict[str, Any]:
        try:
            return read_features(paths)
        except BoundaryError as fault:
            self.found.fault(option, ", ".join(map(str, paths)), str(fault))
            raise ConfigError(self.found.faults) from fault

    def _levels(self, option: str, written_as: str) -> Sequence[Level]:
        if not written_as:
            return ()
        try:
            return parse_levels(written_as)
        except ValueError as fault:
            self.found.fault(option, written_as, str(fault))
            return ()

    def _asked(self, question: str, default: str, wrong: Any = None) -> str:
        if self.ask is None:
            return default
        return self.ask(question, default, wrong or (lambda answer: "" if answer else "An answer is needed."))

    def _tell(self, draft: Draft, lines: Sequence[str]) -> None:
        self.out.write(f"{draft.name}: key {draft.key}, {draft.time_zone}\n")
        self.out.write(f"boundaries: {draft.source} {draft.version}\n")
        self.out.writelines(f"{line}\n" for line in lines)
        self.out.write(f"feeds: {len(draft.feeds)}\n")

    def _tell_what_next(self, files: Mapping[str, str]) -> None:
        self.out.write(f"written: {', '.join(str(self.folder / name) for name in files)}\n")
        city = shlex.quote(str(self.folder / CITY))
        self.out.write(f"next: python3 server.py check --config {city}\n")
        self.out.write(f"      python3 server.py run --config {city}\n")


def _adm4(areas: Areas, lines: Sequence[Line]) -> list[str]:
    """Kemendagri's codes of the kelurahan: our own, else those of the crosswalk that mean one of ours."""
    codes = areas.codes
    if areas.form != "Kemendagri":
        codes = [line.other_code for line in lines if line.match in ("same", "area")]
    return sorted({code for code in codes if code.count(".") == _ADM4_DOTS})


def _city_name(areas: Areas) -> str:
    """As people write it: Kab. Dairi, and Dairi among kabupaten, is Kabupaten Dairi."""
    name = areas.city
    if not name:
        return ""
    for short in ("Kab. ", "Kab "):
        if name.startswith(short):
            return f"Kabupaten {name.removeprefix(short)}"
    if is_kota(areas.codes, areas.form) is False and not name.startswith("Kabupaten"):
        return f"Kabupaten {name}"
    return name


def _wrong_zone(zone: str) -> str:
    if zone in available_timezones():
        return ""
    return "is no time zone; WIB is Asia/Jakarta, WITA Asia/Makassar, WIT Asia/Jayapura"


def _no_yes_or_no(answer: str) -> str:
    return "" if answer.casefold() in ("y", "yes", "n", "no", "ya", "tidak") else "Answer yes or no."


def _day_of(paths: Sequence[Path]) -> str:
    """The day on which the file was last written: the edition of a file that does not say its own."""
    return datetime.fromtimestamp(max(path.stat().st_mtime for path in paths), UTC).date().isoformat()
