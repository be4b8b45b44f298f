"""A watched folder: files dropped there by hand, in any format that has an adapter.

A file is read when it stands still, oldest first, once for each version of it; it stays where it is. An
empty folder is one where nobody dropped anything yet, not a source that fails. If the newest file cannot be
used the feed says so until it is mended or gone: who dropped it looks at the wall, not at a log.
"""

from __future__ import annotations

import glob
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import msgspec

from feeds.base import Adapter, Context, Intake, Parsed, RecordFault
from feeds.fetching.aside import aside, read_aside
from feeds.fetching.files import Vanished, path_of, written
from feeds.options import BadOptions, convert_options
from feeds.running.verdict import unusable
from wallboard.errors import BadDocument, SourceError, Unreachable

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from collections.abc import Iterable

#: A file that did not change for so long is whole; one whose slow copy paused is read again at its end.
SETTLE_S = 2.0

#: The newest files that count. A file a day is two years of them; what is older is in the state already.
MAX_FILES = 500

#: Files that a program still writes, or keeps beside the real one.
_UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart", ".swp", ".lock")


class FolderOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """[feed.options]"""

    #: the type of feed that reads the files
    reads: str
    #: the options of that type
    settings: dict[str, Any] = {}

    def __post_init__(self) -> None:
        try:
            self.inner()
        except BadOptions as error:
            wrong = [f"{fault.key.replace('options', 'settings', 1)}: {fault.why}" for fault in error.faults]
            raise ValueError("; ".join(wrong).replace("type: is no type", "reads: is no type")) from None

    def inner(self) -> tuple[Adapter, Any]:
        """The adapter that reads, and its options. Raises BadOptions."""
        from feeds.registry import adapter_of  # which has this module in its list

        if self.reads == ADAPTER.type:
            raise ValueError("reads: a folder does not read folders")
        adapter = adapter_of(self.reads)
        return adapter, convert_options(adapter.options, self.settings)


def parse(payload: bytes, context: Context, options: FolderOptions) -> Parsed:
    """The events of one file, as its type has them."""
    adapter, settings = options.inner()
    return adapter.parse(payload, context, settings)


def _brings(options: FolderOptions) -> tuple[str, ...]:
    adapter, settings = options.inner()
    return adapter.brings(settings)


async def poll(intake: Intake, options: FolderOptions) -> None:
    """Read what was dropped since the last visit."""
    await _watches.setdefault(intake, _Watch()).visit(intake, options)


#: size and time of the last change
_Stamp = tuple[int, int]


@dataclass
class _Watch:
    """What of a folder was read already; it goes with the feed."""

    read: dict[Path, _Stamp] = field(default_factory=dict)
    refused: dict[Path, str] = field(default_factory=dict)

    async def visit(self, intake: Intake, options: FolderOptions) -> None:
        adapter, settings = options.inner()
        whole = bool(getattr(settings, "complete", False))
        files = self._wanted(await _files(intake), whole)
        if any(self.read.get(path) != stamp for path, stamp in files.items()):
            await intake.sleep(SETTLE_S)
            still = self._wanted(await _files(intake), whole)
            changed = [
                path for path, stamp in still.items() if stamp == files.get(path) != self.read.get(path)
            ]
            for path in changed:
                await self._take(path, still[path], intake, adapter, settings)
            files = still
        # What went was seen; the same name later is another file.
        self.read = {path: stamp for path, stamp in self.read.items() if path in files}
        self.refused = {path: why for path, why in self.refused.items() if path in files}
        newest = next(reversed(files), None)
        if newest is not None and newest in self.refused:
            raise BadDocument(f"{written(newest.name)}: {self.refused[newest]}")

    @staticmethod
    def _wanted(files: dict[Path, _Stamp], whole: bool) -> dict[Path, _Stamp]:
        """Of lists that are whole only the newest is so: an older one would bring back what is over."""
        return dict(list(files.items())[-1:]) if whole else files

    async def _take(self, path: Path, stamp: _Stamp, intake: Intake, adapter: Adapter, settings: Any) -> None:
        why = ""
        try:
            document = await intake.fetch(path.as_uri())
            if document is not None:
                body, context = document.body, intake.context()
                parsed = await read_aside(body, lambda: _read(path, body, adapter, context, settings))
                parsed = Parsed(parsed.events, [_named(path, fault) for fault in parsed.faults])
                why = unusable(parsed)
                await intake.give(parsed)
        except Vanished:
            return  # taken away again before it was read
        except SourceError as error:
            why = str(error)
            await intake.give(Parsed(faults=[RecordFault(written(path.name), why)]))
        self.read[path] = stamp
        self.refused.pop(path, None)
        if why:
            self.refused[path] = why


def _read(path: Path, body: bytes, adapter: Adapter, context: Context, settings: Any) -> Parsed:
    """What `parse` makes of a file. A fault of ours in it costs this file, not those that lie behind it."""
    try:
        return adapter.parse(body, context, settings)
    except SourceError:
        raise
    except Exception as fault:
        log.exception("the file %s cannot be read", written(path.name))
        raise BadDocument(f"Our own fault, please report it: {type(fault).__name__}: {fault}") from None


_watches: WeakKeyDictionary[Intake, _Watch] = WeakKeyDictionary()


def _named(path: Path, fault: RecordFault) -> RecordFault:
    return RecordFault(f"{written(path.name)}: {fault.where}", fault.why, fault.record)


async def _files(intake: Intake) -> dict[Path, _Stamp]:
    """The newest files of the folder or pattern, oldest first. Raises Unreachable without a folder."""
    url, folder = intake.url, intake.folder.absolute()
    return await aside(lambda: _listed(path_of(url, folder)))


def _listed(wanted: Path) -> dict[Path, _Stamp]:
    try:
        if wanted.is_dir():
            found: Iterable[Path] = wanted.iterdir()
        elif glob.has_magic(wanted.name) and wanted.parent.is_dir():
            found = [Path(name) for name in glob.iglob(str(wanted))]
        else:
            raise Unreachable(f"There is no folder {wanted.name}.")
        stamps = {path: stamp for path in found if (stamp := _stamp(path)) is not None}
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise Unreachable(f"The folder {wanted.name} cannot be read: {reason}.") from None
    newest = sorted(stamps, key=lambda path: (stamps[path][1], path.name))[-MAX_FILES:]
    return {path: stamps[path] for path in newest}


def _stamp(path: Path) -> _Stamp | None:
    """Size and time of a finished file; None for what is none, or has gone since it was listed."""
    name = path.name.lower()
    if name.startswith((".", "~")) or name.endswith(_UNFINISHED):
        return None
    try:
        if not path.is_file():
            return None
        about = path.stat()
    except FileNotFoundError:
        return None
    except OSError:
        if path.is_symlink():
            return None  # to where we may not look, or cannot
        raise
    # Copied from a machine whose clock is ahead it would be the newest for as long: when it came counts.
    return about.st_size, min(about.st_mtime_ns, about.st_ctime_ns)


ADAPTER = Adapter(
    type="folder",
    options=FolderOptions,
    parse=parse,
    kinds=_brings,
    poll=poll,
    schemes=("file",),
)
