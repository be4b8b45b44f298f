"""Citizens' reports from a list of any shape: JSON, JSON lines, CSV or .xlsx, by the configuration's mapping.

For sources without an interface of their own: an export of SP4N-LAPOR or JAKI, the log of a regency's 112, a
JSON address of a city's own application.
"""

from __future__ import annotations

import msgspec

from feeds.base import Adapter, Context, Parsed
from feeds.reading.mapping import Mapping, records
from feeds.reports import FIELDS, incidents


class ReportListOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """[feed.options]"""

    mapping: Mapping
    #: the document is the whole list: a report that is not in it any more is over
    complete: bool = False

    def __post_init__(self) -> None:
        named = {*self.mapping.fields, *self.mapping.common, *self.mapping.constants, *self.mapping.values}
        if "id" not in self.mapping.fields:
            raise ValueError("mapping.fields.id is missing: a report is known again by its identity")
        if unknown := sorted(named - set(FIELDS)):
            raise ValueError(
                f"mapping.fields.{unknown[0]} is no field of a report; there are {', '.join(FIELDS)}"
            )


def parse(payload: bytes, context: Context, options: ReportListOptions) -> Parsed:
    """An incident for each record; with `complete` a Present behind them."""
    return incidents(records(payload, options.mapping), context, complete=options.complete)


ADAPTER = Adapter(type="reports", options=ReportListOptions, parse=parse, kinds=("incident",))
