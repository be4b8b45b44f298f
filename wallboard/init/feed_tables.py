"""[[feed]] tables for a new city: from a type and an address, and from the columns of a table there."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from feeds.options import BadOptions
from feeds.registry import adapter_of, feed_options
from wallboard.errors import WallboardError
from wallboard.init.toml_text import text

#: Asked for by Kemendagri's code of each kelurahan.
FORECAST = "bmkg_forecast"

#: What everybody in Indonesia may read: type → title, address, how often.
_OPEN = {
    "bmkg_quake": ("Gempa BMKG", "https://data.bmkg.go.id/DataMKG/TEWS/", "30s"),
    "bmkg_tsunami": ("Tsunami BMKG", "https://cdn.bmkg.go.id/last30tsunamievent.xml", "10s"),
    "bmkg_nowcast": ("Peringatan cuaca BMKG", "https://www.bmkg.go.id/alerts/nowcast/id/rss.xml", "60s"),
    FORECAST: ("Prakiraan BMKG", "https://api.bmkg.go.id/publik/prakiraan-cuaca", "60s"),
    "gdacs": ("GDACS", "https://www.gdacs.org/xml/rss.xml", "5min"),
}

#: Kelurahan that the forecast may be asked for; of a larger regency every second or third is taken.
_MOST_ADM4 = 600
#: Codes on one line of the file.
_ADM4_A_LINE = 6

#: Options that only the city knows: written as they look, in a table that is not enabled yet.
_LATER = {
    "ami": ('user = "wall"', 'secret = "env:AMI_SECRET"'),
    "webhook": ('keys = ["env:WEBHOOK_KEY"]',),
}

#: Our field → how columns of tables are headed, in small letters with one "_" between words.
_REPORT_WORDS: dict[str, tuple[str, ...]] = {
    # Not "no": that counts the rows of one export, and in the next the same number is another report.
    "id": ("id", "nomor_laporan", "no_laporan", "id_laporan", "kode_laporan", "nomor_tiket", "no_tiket",
           "tiket", "tracking_id", "ticket", "ticket_id", "report_id", "service_request_id", "nomor"),
    "title": ("judul", "perihal", "subjek", "title", "subject", "judul_laporan"),
    "text": ("isi", "uraian", "deskripsi", "keterangan", "isi_laporan", "description", "text", "detail"),
    "category": ("kategori", "jenis", "topik", "klasifikasi", "jenis_laporan", "category", "kejadian"),
    "status": ("status", "status_laporan", "state"),
    "opened": ("dibuat", "waktu", "tanggal", "waktu_lapor", "tanggal_laporan", "tgl_laporan", "tgl", "opened",
               "created", "created_at", "waktu_kejadian", "date"),
    "closed": ("selesai", "tanggal_selesai", "tgl_selesai", "waktu_selesai", "closed", "closed_at"),
    "channel": ("kanal", "saluran", "channel"),
    "agency": ("opd", "dinas", "instansi", "skpd", "agency", "disposisi"),
    # A kelurahan's code alone is an address too: the gazetteer knows them.
    "address": ("alamat", "lokasi", "lokasi_kejadian", "address", "location", "kelurahan", "kode_kelurahan",
                "kode_desa", "kode_wilayah"),
    "lon": ("lon", "longitude", "lng", "long", "bujur", "garis_bujur"),
    "lat": ("lat", "latitude", "lintang", "garis_lintang"),
}  # fmt: skip
_GAUGE_WORDS: dict[str, tuple[str, ...]] = {
    "id": ("id", "kode", "kode_pos", "id_pos", "code"),
    "name": ("nama", "nama_pos", "pos", "pintu_air", "name", "station"),
    "value": ("tinggi", "tinggi_air", "tma", "tinggi_muka_air", "muka_air", "nilai", "value", "level_cm"),
    "observed": ("waktu", "tanggal", "jam", "observed", "time", "datetime"),
    "unit": ("satuan", "unit"),
    "address": _REPORT_WORDS["address"],
    "lon": _REPORT_WORDS["lon"],
    "lat": _REPORT_WORDS["lat"],
}
_PRICE_WORDS: dict[str, tuple[str, ...]] = {
    "commodity": ("kode_komoditas", "komoditas", "commodity", "kode"),
    "commodity_name": ("nama_komoditas", "komoditas", "commodity_name"),
    "price": ("harga", "price"),
    "survey": ("tanggal", "tgl", "date", "waktu"),
    "unit": ("satuan", "unit"),
    "market": ("kode_pasar", "pasar", "market", "id_pasar"),
    "market_name": ("nama_pasar", "pasar", "market_name"),
    "lon": _REPORT_WORDS["lon"],
    "lat": _REPORT_WORDS["lat"],
}
#: Type → its words, and the fields without which nothing can be made of a record.
_TABLES: dict[str, tuple[dict[str, tuple[str, ...]], tuple[str, ...]]] = {
    "reports": (_REPORT_WORDS, ("id",)),
    "gauges": (_GAUGE_WORDS, ("id", "value")),
    "prices": (_PRICE_WORDS, ("commodity", "price")),
}

#: The heading of a table stands in its first bytes.
_HEAD_BYTES = 64 * 1024

_SCHEME = re.compile(r"[a-z][a-z+.-]*:", re.I)


class NoFeed(WallboardError):
    """Raised when no table can be made; the text says why and what to do."""


def open_types() -> tuple[str, ...]:
    """Types that need no address from the city."""
    return tuple(_OPEN)


def feed_table(
    asked: str, folder: Path, *, province: str, taken: Sequence[str], adm4: Sequence[str] = ()
) -> tuple[str, str]:
    """Name and text of the table for `asked`: a type, or TYPE=ADDRESS, the address of a file too.

    `folder` will hold city.toml, `taken` are names of other feeds, `province` narrows BMKG's warnings,
    `adm4` are Kemendagri's codes of the kelurahan. Raises NoFeed.
    """
    type, _, address = (part.strip() for part in asked.partition("="))
    try:
        adapter = adapter_of(type)
    except BadOptions as fault:
        raise NoFeed(f"{fault.faults[0].why}; write TYPE=ADDRESS") from None
    title, url, every = _OPEN.get(type, ("", "", "60s"))
    path: Path | None = None
    if address and not _SCHEME.match(address):
        path = Path(address)
    elif address.startswith("file:") and not address.startswith("file://"):
        path = Path(address.removeprefix("file:"))
    if path is not None:
        url, every = _file_address(path, folder), "10s"
    elif address:
        url = address
    if adapter.schemes and not url:
        raise NoFeed(f"needs an address: write {type}=ADDRESS")
    scheme = url.partition(":")[0].lower()
    if url and adapter.schemes and scheme not in adapter.schemes:
        raise NoFeed(
            f"begins with {scheme}:; type {type} takes {', '.join(f'{each}:' for each in adapter.schemes)}"
        )
    if not adapter.schemes and url:
        raise NoFeed(f"needs no address: what type {type} takes is sent to the server")
    name = _free(type.replace("_", "-"), taken)
    lines = ["[[feed]]", f"name = {text(name)}", f"type = {text(type)}"]
    lines += [f"title = {text(title)}"] if title else []
    lines += [f"url = {text(url)}"] if url else []
    lines += [f"every = {text(every)}"] if url else []
    lines += _forecast(adm4) if type == FORECAST else _options(type, path, province)
    return name, "\n".join(lines) + "\n"


def _forecast(adm4: Sequence[str]) -> list[str]:
    if not adm4:
        raise NoFeed(
            "asks by Kemendagri's codes, which these boundaries do not have; with Kemendagri's own as "
            "--crosswalk FILE they are known"
        )
    codes = adm4[:: -(-len(adm4) // _MOST_ADM4)]
    rows = [codes[at : at + _ADM4_A_LINE] for at in range(0, len(codes), _ADM4_A_LINE)]
    return ["[feed.options]", "codes = [", *(f"  {', '.join(map(text, row))}," for row in rows), "]"]


def _options(type: str, path: Path | None, province: str) -> list[str]:
    if type == "bmkg_nowcast" and province:
        return ["[feed.options]", f"provinces = [{text(province)}]"]
    if type in _LATER:
        return [
            "enabled = false                     # true as soon as what it needs is there: docs/feeds.md",
            "[feed.options]",
            *_LATER[type],
        ]
    if type in _TABLES and path is not None:
        fields = _mapped(type, _columns(path), path)
        return [
            "# [feed.options]",
            "# complete = true                   # what is no longer in the list is over",
            "[feed.options.mapping]",
            'format = "csv"',
            "[feed.options.mapping.fields]       # our field = column of the table",
            *(f"{ours} = {text(column)}" for ours, column in fields.items()),
        ]
    try:
        feed_options(type, {})
    except BadOptions as fault:
        needed = ", ".join(each.key for each in fault.faults if each.key != "options") or str(fault)
        hint = (
            f"give a CSV table: {type}=FILE"
            if type in _TABLES
            else "write its [[feed]] by hand: docs/feeds.md"
        )
        raise NoFeed(f"needs options that only you know ({needed}); {hint}") from None
    return []


def _mapped(type: str, columns: Sequence[str], path: Path) -> Mapping[str, str]:
    """Our field → column, for every column whose heading says what it is."""
    words, needed = _TABLES[type]
    by_word = {_word(column): column for column in reversed(columns)}
    found = {
        ours: by_word[name]
        for ours, names in words.items()
        if (name := next((n for n in names if n in by_word), ""))
    }
    if missing := [ours for ours in needed if ours not in found]:
        raise NoFeed(
            f"{path} has the columns {', '.join(columns)}: none of them is known as {' or '.join(missing)}. "
            f"Call it {', '.join(words[missing[0]][:4])}, or write its mapping by hand: docs/feeds.md"
        )
    return found


def _columns(path: Path) -> list[str]:
    """The heading of a CSV table."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as fault:
        why = (fault.strerror or "unknown reason").lower()
        raise NoFeed(f"{path} cannot be read: {why}; its first line says what its columns are") from fault
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    line = head.decode("utf-16" if wide else "utf-8-sig", "replace").split("\n", 1)[0].strip()
    delimiter = max(",;\t|", key=line.count)
    columns = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), []) if cell.strip()]
    if len(columns) < 2 or line.startswith(("{", "[", "<")):
        raise NoFeed(
            f"{path} is no CSV table with a heading: its mapping has to be written by hand: docs/feeds.md"
        )
    if twice := sorted({column for column in columns if columns.count(column) > 1}):
        raise NoFeed(f"{path} has two columns of one name, {', '.join(twice)}: call one of them otherwise")
    return columns


def _word(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", heading.casefold()).strip("_")


def _file_address(path: Path, folder: Path) -> str:
    """Relative to the folder of city.toml where it lies in there."""
    whole, home = path.resolve(), folder.resolve()
    inside = whole.is_relative_to(home)
    shown = str(whole.relative_to(home) if inside else whole).replace("%", "%25")
    return f"file:{shown}" if inside else f"file://{shown}"


def _free(name: str, taken: Sequence[str]) -> str:
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free
