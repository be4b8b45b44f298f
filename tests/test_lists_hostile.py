"""Lists of hazards and prices in any wrong shape: events, faults or BadDocument, and nothing else."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.base import Context
from feeds.options import convert_options
from feeds.registry import ADAPTERS
from tests.worlds import small_world
from wallboard.engine import reduce
from wallboard.errors import BadDocument

CONTEXT = Context("uji", 1_790_000_000.0, ZoneInfo("Asia/Jakarta"))

#: Words that the adapters look for, so that the shapes get past their first look.
KEYS = st.sampled_from(
    [
        "statusCode", "result", "type", "features", "properties", "geometry", "coordinates", "objects",
        "arcs", "transform", "scale", "translate", "output", "geometries", "area_id", "state",
        "last_updated", "parent_name", "city_name", "gaugeid", "observations", "f1", "f2", "pkey", "data",
        "report_data", "lokasi", "cuaca", "adm4", "weather", "utc_datetime", "name", "02/10/2024", "text",
    ]
)  # fmt: skip
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        ["", "null", "Topology", "FeatureCollection", "Feature", "GeometryCollection", "Point", "Polygon",
         "MultiPolygon", "99.01.01.1001", "63", "15,150", "-", "2026-11-22T00:00:00Z", "x" * 300, "\ud7ff"]
    ),
    st.just(200),
)  # fmt: skip
JSON = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=6)),
    max_leaves=30,
)

#: Shapes that are right up to the records.
FEATURES = st.lists(
    st.fixed_dictionaries({"type": st.just("Feature"), "properties": JSON, "geometry": JSON}), max_size=4
).map(lambda features: {"statusCode": 200, "result": {"type": "FeatureCollection", "features": features}})
FORECAST = st.fixed_dictionaries({"lokasi": JSON, "cuaca": JSON})
TABLE = st.lists(st.dictionaries(KEYS, LEAVES, max_size=5), max_size=4).map(lambda rows: {"data": rows})

CASES = [
    ("petabencana", {"list": "floods"}, FEATURES),
    ("petabencana", {"list": "floodgauges"}, FEATURES),
    ("petabencana", {"list": "reports"}, FEATURES),
    ("bmkg_forecast", {"codes": ["99.01.01.1001"]}, FORECAST),
    ("prices", {"source": "pihps"}, TABLE),
]


@pytest.mark.parametrize(("type", "options", "shapes"), CASES, ids=[str(case[:2]) for case in CASES])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_json_is_read_or_refused_and_what_is_read_can_be_shown(
    type: str, options: dict[str, Any], shapes: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    body = msgspec.json.encode(data.draw(st.one_of(shapes, JSON)))
    try:
        parsed = ADAPTERS[type].parse(body, CONTEXT, convert_options(ADAPTERS[type].options, options))
    except BadDocument:
        return
    reduce.apply(small_world(), parsed.events, CONTEXT.now)


XML_WORDS = st.sampled_from(
    ["alert", "info", "eventid", "subject", "date", "time", "timesent", "point", "coordinates", "wzarea",
     "district", "level", "rss", "item", "iscurrent", "eventtype", "alertlevel", "iso3", "pubDate"]
)  # fmt: skip
XML_TEXTS = st.sampled_from(
    ["", "1", "AWAS", "FL", "Red", "IDN", "true", "Sun, 22 Nov 2026 01:00:00 GMT", "22-11-26", "09:00 WIB",
     "nan,inf", "1e400,2", "107.1,-8.4", "Warning Tsunami PD-9999999999", "99-99-99 99:99"]
)  # fmt: skip
INNER = st.recursive(
    XML_TEXTS,
    lambda inner: st.lists(st.tuples(XML_WORDS, inner), max_size=5).map(
        lambda parts: "".join(f"<{name}>{text}</{name}>" for name, text in parts)
    ),
    max_leaves=25,
)


@pytest.mark.parametrize(("type", "root"), [("bmkg_tsunami", "alert"), ("gdacs", "rss")])
@settings(max_examples=60, deadline=None)
@given(inner=INNER)
def test_any_xml_is_read_or_refused_and_what_is_read_can_be_shown(type: str, root: str, inner: str) -> None:
    item = "info" if root == "alert" else "item"
    known = "<eventid>1</eventid>" if root == "alert" else "<iscurrent>true</iscurrent>"
    body = f"<{root}><{item}>{known}{inner}</{item}></{root}>".encode()
    try:
        parsed = ADAPTERS[type].parse(body, CONTEXT, convert_options(ADAPTERS[type].options, {}))
    except BadDocument:
        return
    reduce.apply(small_world(), parsed.events, CONTEXT.now)
