"""feeds/registry.py and feeds/options.py: from a [[feed]] table to a feed, with every fault named."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest

from feeds.options import BadOptions, convert_options
from feeds.registry import ADAPTERS, feed_options, feed_spec
from wallboard.city import FeedConfig

FEEDS = Path(__file__).resolve().parent.parent / "feeds"


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    path: str
    depth: int = 1


class Options(msgspec.Struct, forbid_unknown_fields=True):
    user: str
    secret: str
    life: Annotated[float, msgspec.Meta(gt=0, extra={"unit": "s"})] = 60.0
    inner: Inner | None = None
    table: Inner = msgspec.field(default_factory=lambda: Inner("x"))
    names: list[str] = []

    def __post_init__(self) -> None:
        if self.user == self.secret:
            raise ValueError("user and secret must differ")


def faults(options: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(BadOptions) as caught:
        convert_options(Options, options)
    return {fault.key: fault.why for fault in caught.value.faults}


def test_every_fault_of_the_options_is_named_at_once() -> None:
    assert faults({"user": 7, "lief": 1, "life": "soon", "table": {"depth": "x"}, "names": ["a", 1]}) == {
        "options.lief": "is not known; did you mean 'life'?",
        "options.user": "must be str, not int",
        "options.secret": "is missing",
        "options.life": 'is no duration: write "15s", "5min", "6h" or "7d"',
        "options.table.path": "is missing",
        "options.table.depth": "must be int, not str",
        "options.names[1]": "must be str, not int",
    }
    assert faults({"user": "a", "secret": "b", "life": -1})["options.life"] == "must be float > 0.0"
    assert faults({"user": "a", "secret": "a"}) == {"options": "user and secret must differ"}


def test_a_secret_written_in_place_of_its_reference_is_not_repeated() -> None:
    with pytest.raises(BadOptions) as caught:
        convert_options(Options, {"user": "a", "secret": 12345, "secrets": "RAHASIA"})
    assert [fault.value for fault in caught.value.faults if "secret" in fault.key] == [None, None]


@pytest.mark.parametrize(
    ("written", "seconds"), [("15s", 15.0), ("5min", 300.0), ("1.5h", 5400.0), ("7 d", 604800.0), (20, 20.0)]
)
def test_durations(written: object, seconds: float) -> None:
    assert convert_options(Options, {"user": "a", "secret": "b", "life": written}).life == seconds


def test_every_adapter_of_the_folder_is_listed() -> None:
    files = [path for path in FEEDS.rglob("*.py") if "\nADAPTER = " in path.read_text()]
    names = [".".join(path.relative_to(FEEDS.parent).with_suffix("").parts) for path in files]
    found = [import_module(name.removesuffix(".__init__")).ADAPTER for name in names]
    assert sorted(ADAPTERS) == sorted(adapter.type for adapter in found)
    assert all(ADAPTERS[adapter.type] is adapter for adapter in found)


def test_an_unknown_type_says_which_there_are() -> None:
    with pytest.raises(BadOptions, match="did you mean 'open311'"):
        feed_options("open31", {})
    with pytest.raises(BadOptions, match=r"there are ami, .*, webhook"):
        feed_options("xyz", {})


def test_a_feed_table_becomes_a_feed() -> None:
    feed = FeedConfig(name="bmkg", type="cap", url="https://contoh.id/rss.xml", every=30, channel="bmkg")
    spec = feed_spec(feed, "Asia/Makassar", secret=b"k", bounds=(1, 2, 3, 4))
    context = spec.context(1000.0)
    assert (spec.adapter.type, spec.every, str(spec.zone)) == ("cap", 30, "Asia/Makassar")
    assert (context.feed, context.now, context.channel, context.secret) == ("bmkg", 1000.0, "bmkg", b"k")
    assert spec.addresses()[0] == "https://contoh.id/rss.xml"
    assert "secret" not in repr(spec)


def test_every_fault_of_the_table_is_named_at_once() -> None:
    feed = FeedConfig(
        name="bmkg",
        type="cap",
        url="tcp://user:RAHASIA@contoh.id",
        every=0.1,
        time_zone="WIB",
        options={"x": 1},
    )
    with pytest.raises(BadOptions) as caught:
        feed_spec(feed, "Asia/Jakarta")
    assert {fault.key for fault in caught.value.faults} == {"url", "every", "time_zone", "options.x"}
    assert "RAHASIA" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "is missing"),
        ("tcp://contoh.id:1", "begins with tcp:; type cap takes file:, http:, https:"),
        ("https://user:RAHASIA@contoh.id/", "holds credentials"),
        ("http://[::1", "is no proper address"),
    ],
)
def test_addresses_that_cannot_be(url: str, why: str) -> None:
    with pytest.raises(BadOptions) as caught:
        feed_spec(FeedConfig(name="x", type="cap", url=url), "Asia/Jakarta")
    assert [fault.key for fault in caught.value.faults] == ["url"]
    assert why in caught.value.faults[0].why
    assert "RAHASIA" not in str(caught.value)


@pytest.mark.parametrize("end", ["/requests.json", "/requests.xml", "/requests.json/", "/services.json?a=b"])
def test_open311_is_addressed_by_its_base(end: str) -> None:
    with pytest.raises(BadOptions) as caught:
        feed_spec(FeedConfig(name="x", type="open311", url=f"https://contoh.id/v2{end}"), "Asia/Jakarta")
    [fault] = caught.value.faults
    assert fault.key == "url"
    assert fault.why.startswith("write the base address without /")


@pytest.mark.parametrize("url", ["https://contoh.id/v2", "https://contoh.id/v2/", "file:requests.json"])
def test_a_base_and_a_captured_answer_are_addresses_of_open311(url: str) -> None:
    assert feed_spec(FeedConfig(name="x", type="open311", url=url), "Asia/Jakarta").url == url


def test_addresses_in_options_are_the_engineers_own() -> None:
    class WithList(msgspec.Struct):
        other: str = "http://10.0.0.9/x"
        more: list[dict[str, str]] = msgspec.field(default_factory=lambda: [{"a": "tcp://10.0.0.8:1"}])

    spec = feed_spec(FeedConfig(name="x", type="cap", url="https://contoh.id/"), "Asia/Jakarta")
    spec = type(spec)(name="x", adapter=spec.adapter, options=WithList(), zone=spec.zone, url=spec.url)
    assert spec.addresses() == ["https://contoh.id/", "http://10.0.0.9/x", "tcp://10.0.0.8:1"]


def test_headers_may_stand_in_the_options_of_every_type() -> None:
    options = {"headers": {"X-Client-Id": "env:CLIENT"}}
    assert feed_options("cap", options) == feed_options("cap", {})
    spec = feed_spec(
        FeedConfig(name="x", type="cap", url="https://contoh.id/", options=options), "Asia/Jakarta"
    )
    assert spec.headers == {"X-Client-Id": "env:CLIENT"}


@pytest.mark.parametrize("headers", ["x", {"a b": "c"}, {"a": 1}, {"a": "b\r\nc: RAHASIA"}])
def test_headers_that_are_none(headers: object) -> None:
    with pytest.raises(BadOptions) as caught:
        feed_options("cap", {"headers": headers, "x": 1})
    assert len(caught.value.faults) == 2
    assert "RAHASIA" not in str(caught.value)
