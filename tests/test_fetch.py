"""feeds/fetching/: fetch and what it stands on, against real servers that misbehave."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

import feeds.fetching.web
from feeds.base import MAX_DOCUMENT_BYTES
from feeds.fetching.aside import MAX_ASIDE, aside
from feeds.fetching.fetch import BELIEVE_UNCHANGED_S, Fetcher
from feeds.fetching.files import list_files
from feeds.fetching.guard import Guard
from feeds.fetching.limits import MAX_REDIRECTS, Busy, FetchLimits
from feeds.fetching.retry_after import retry_after
from feeds.fetching.secrets import secret
from feeds.fetching.web import http_client
from tests import faulty
from tests.faulty import FaultyHttp, Replay
from wallboard.errors import SourceError, Unreachable

BODY = b'{"list": [1, 2, 3]}' * 50
#: Short enough for a test, long enough for a machine that is busy.
QUICK = FetchLimits(connect_s=2.0, total_s=0.6)

Make = Callable[..., Fetcher]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    async with http_client() as client:

        def fetcher(*configured: str, **more: object) -> Fetcher:
            return Fetcher(client, configured, **{"limits": QUICK, **more})  # type: ignore[arg-type]

        yield fetcher


@pytest.fixture
async def server() -> AsyncIterator[FaultyHttp]:
    async with FaultyHttp() as started:
        yield started


async def test_a_document_comes_whole_with_its_type_and_place(server: FaultyHttp, make: Make) -> None:
    server.script("/old", faulty.redirect("/new?page=2"))
    server.script("/new", faulty.zipped(BODY, "application/json; charset=utf-8"))
    document = await make(server.url()).fetch(server.url("/old"), headers={"x-key": "1"})
    assert document is not None
    assert (document.body, document.media_type) == (BODY, "application/json")
    assert document.url == server.url("/new?page=2")
    assert [request.headers["x-key"] for request in server.requests] == ["1", "1"]
    assert server.requests[0].headers["host"] == f"127.0.0.1:{server.port}"


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        (faulty.cut(BODY, 100), "broke off after 100 bytes"),
        (faulty.wrong_length(BODY, len(BODY) + 1), f"broke off after {len(BODY)} bytes"),
        (faulty.silent(), "did not deliver within 0.6 s"),
        (faulty.silent(after_head=True), "did not deliver within 0.6 s"),
        (faulty.drip(BODY), "did not deliver within 0.6 s"),
        (faulty.redirect("/it"), f"more than {MAX_REDIRECTS} redirects"),
        (faulty.gzip_bomb(), f"larger than the {MAX_DOCUMENT_BYTES} bytes allowed"),
        (faulty.huge(), f"larger than the {MAX_DOCUMENT_BYTES} bytes allowed"),
        (faulty.huge(tell=False), f"larger than the {MAX_DOCUMENT_BYTES} bytes allowed"),
        (faulty.ok(b"no gzip", headers={"content-encoding": "gzip"}), "its compression is broken"),
        (faulty.status("404 Not Found"), "answered 404 Not Found"),
        (faulty.status("500 Oops"), "answered 500 Oops"),
        (faulty.status("304 Not Modified"), "answered 304 although nothing was known"),
        (faulty.status("503 Service Unavailable"), "is busy: it answered 503"),
    ],
)
async def test_each_fault_is_one_sentence_without_the_query(
    server: FaultyHttp, make: Make, behaviour: faulty.Behaviour, why: str
) -> None:
    server.script("/it", behaviour)
    with pytest.raises(Unreachable) as caught:
        await make(server.url()).fetch(server.url("/it?api_key=RAHASIA"))
    text = str(caught.value)
    assert why in text
    assert text.startswith(server.url("/it"))
    assert text.endswith(".")
    assert "RAHASIA" not in text
    server.script("/it", faulty.ok(BODY))
    assert await make(server.url()).fetch(server.url("/it")) is not None


async def test_the_log_of_the_client_does_not_show_keys(
    server: FaultyHttp, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    server.script("/it", faulty.ok(BODY))
    await make(server.url()).fetch(server.url("/it?api_key=RAHASIA"))
    assert "RAHASIA" not in caplog.text


async def test_who_is_busy_says_for_how_long(server: FaultyHttp, make: Make) -> None:
    server.script("/it", faulty.status("429 Too Many Requests", retry_after="17"))
    with pytest.raises(Busy) as caught:
        await make(server.url()).fetch(server.url("/it"))
    assert caught.value.wait_s == 17


@pytest.mark.parametrize(
    ("written", "date", "seconds"),
    [
        ("120", "", 120.0),
        ("Thu, 24 Sep 2026 07:32:00 GMT", "Thu, 24 Sep 2026 07:30:00 GMT", 120.0),
        ("Thu, 24 Sep 2026 07:30:00 GMT", "Thu, 24 Sep 2026 07:32:00 GMT", 0.0),
        ("Thu, 24 Sep 2026 07:32:00 GMT", "", None),
        ("soon", "", None),
        ("²", "", None),
        ("", "", None),
        ("9" * 20, "", None),
    ],
)
def test_retry_after(written: str, date: str, seconds: float | None) -> None:
    assert retry_after(written, date) == seconds


async def test_nobody_listens(server: FaultyHttp, make: Make) -> None:
    await server.stop()
    with pytest.raises(Unreachable, match="nothing listens there"):
        await make(server.url()).fetch(server.url("/it"))


async def test_unchanged_documents_are_not_handed_over_again(server: FaultyHttp, make: Make) -> None:
    now = [1000.0]
    fetcher = make(server.url(), monotonic=lambda: now[0])
    server.script("/tagged", faulty.tagged(BODY))
    server.script("/plain", faulty.ok(BODY), faulty.ok(BODY), faulty.ok(BODY + b" "), faulty.ok(BODY))
    for path in ("/tagged", "/plain"):
        assert await fetcher.fetch(server.url(path)) is not None
        fetcher.settle()
        assert await fetcher.fetch(server.url(path)) is None
    assert server.requests[1].headers["if-none-match"] == '"1"'
    assert await fetcher.fetch(server.url("/plain")) is not None
    now[0] += BELIEVE_UNCHANGED_S
    assert await fetcher.fetch(server.url("/tagged")) is not None, "a lost state must come back by itself"
    assert "if-none-match" not in server.requests[-1].headers


async def test_what_was_not_safe_in_redis_is_fetched_again(server: FaultyHttp, make: Make) -> None:
    fetcher = make(server.url())
    server.script("/tagged", faulty.tagged(BODY))
    assert await fetcher.fetch(server.url("/tagged")) is not None
    fetcher.forget()
    assert await fetcher.fetch(server.url("/tagged")) is not None
    assert "if-none-match" not in server.requests[-1].headers


PRIVATE = [
    "http://127.0.0.1:{other}/x",
    "http://localhost:{other}/x",
    "http://[::1]:{other}/x",
    "http://127.1:{other}/x",
]


@pytest.mark.parametrize("target", [*PRIVATE, "http://169.254.169.254/latest/meta-data", "http://10.0.0.1/"])
async def test_neither_redirect_nor_link_leads_to_a_private_address(
    server: FaultyHttp, make: Make, target: str
) -> None:
    async with FaultyHttp() as other:
        other.script("/x", faulty.ok(b"secret"))
        url = target.format(other=other.port)
        server.script("/it", faulty.redirect(url))
        fetcher = make(server.url())
        for address in (server.url("/it"), url):
            with pytest.raises(Unreachable, match=r"refused|not a proper address"):
                await fetcher.fetch(address)
        assert other.requests == []


async def test_a_host_of_the_configuration_may_be_private_on_its_port_only(make: Make) -> None:
    async with FaultyHttp() as camera, FaultyHttp() as redis:
        camera.script("/x", faulty.ok(BODY))
        fetcher = make(camera.url("/list"))
        assert await fetcher.fetch(camera.url("/x")) is not None
        with pytest.raises(Unreachable, match="the configuration does not name this host"):
            await fetcher.fetch(redis.url("/x"))


async def test_a_name_is_resolved_once_and_all_its_addresses_are_judged(make: Make) -> None:
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34", "127.0.0.1"] if len(asked) == 1 else ["127.0.0.1"]

    with pytest.raises(Unreachable, match=r"127\.0\.0\.1 is not on the open internet"):
        await make(resolve=rebinding).fetch("http://jahat.example/x")
    assert asked == ["jahat.example"]


async def test_the_connection_goes_to_the_judged_address_with_the_hosts_name(
    server: FaultyHttp, make: Make
) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.2", "127.0.0.1"]  # the first does not listen: the next is tried

    server.script("/x", faulty.ok(BODY))
    url = server.url("/x", host="cctv.contoh.example")
    assert await make(url, resolve=resolve).fetch(url) is not None
    assert server.requests[0].headers["host"] == f"cctv.contoh.example:{server.port}"


async def test_credentials_do_not_follow_a_redirect_to_another_host(server: FaultyHttp, make: Make) -> None:
    async with FaultyHttp() as other:
        other.script("/x", faulty.ok(BODY))
        server.script("/it", faulty.redirect(other.url("/x")))
        await make(server.url(), other.url()).fetch(
            server.url("/it"), headers={"Authorization": "RAHASIA", "X-Client-Id": "RAHASIA", "Accept": "a/b"}
        )
        assert "RAHASIA" in server.requests[0].headers.values()
        assert "RAHASIA" not in other.requests[0].headers.values()
        assert other.requests[0].headers["accept"] == "a/b"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://contoh.example/x", "not a scheme"),
        ("gopher://contoh.example/x", "not a scheme"),
        ("http://user:RAHASIA@contoh.example/x", "credentials do not stand in an address"),
        ("http:///x", "names no host"),
        ("http://[::1", "cannot be read"),
        ("http://contoh.invalid/", "cannot be resolved"),
        ("file:/etc/passwd", "outside the folder"),
    ],
)
async def test_addresses_that_are_none(make: Make, url: str, why: str) -> None:
    with pytest.raises(Unreachable, match=why) as caught:
        await make().fetch(url)
    assert "RAHASIA" not in str(caught.value)


async def test_cookies_are_neither_kept_nor_shared(server: FaultyHttp, make: Make) -> None:
    server.script("/it", faulty.ok(BODY, headers={"set-cookie": "session=1; path=/"}))
    fetcher = make(server.url())
    await fetcher.fetch(server.url("/it"))
    await fetcher.fetch(server.url("/it"))
    assert "cookie" not in server.requests[1].headers


async def bodies(fetcher: Fetcher, url: str, folder: Path) -> list[bytes]:
    """What has changed among the files that an address names."""
    documents = [await fetcher.fetch(path.as_uri()) for path in list_files(url, folder)]
    return [document.body for document in documents if document is not None]


async def test_a_file_a_folder_and_a_pattern(tmp_path: Path, make: Make) -> None:
    data = tmp_path / "capture"
    data.mkdir()
    for name in ("2.json", "1.json", "3 a.json", ".hidden", "note.txt"):
        (data / name).write_bytes(name.encode())
    for url, names in {
        "file:capture/1.json": [b"1.json"],
        (data / "1.json").as_uri(): [b"1.json"],
        "file:capture/3%20a.json": [b"3 a.json"],
        "file:capture/*.json": [b"1.json", b"2.json", b"3 a.json"],
        "file:capture": [b"1.json", b"2.json", b"3 a.json", b"note.txt"],
    }.items():
        fetcher = make(url, folder=tmp_path)
        assert await bodies(fetcher, url, tmp_path) == names, url
        fetcher.settle()
        assert await bodies(fetcher, url, tmp_path) == []
        changed = data / names[0].decode()
        changed.write_bytes(b"new")
        assert await bodies(fetcher, url, tmp_path) == [b"new"], url
        changed.write_bytes(names[0])
    document = await make("file:capture/1.json", folder=tmp_path).fetch("file:capture/1.json")
    assert document is not None
    assert document.media_type == "application/json"


async def test_files_that_are_no_documents(tmp_path: Path, make: Make) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"x" * 100)
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to("/etc/hostname")
    fetcher = make("file:a.json", folder=tmp_path)
    for url, why in {
        "file:pipe": "is not a file",
        "file:large": "larger than the 10 bytes",
        "file:missing": "missing cannot be read: no such file",
        "file:empty": "is not a file|is a directory",
        "file:../other": "outside the folder",
        "file:link": "outside the folder",
        "file://host/etc": "names no host",
    }.items():
        with pytest.raises(Unreachable, match=why):
            await fetcher.fetch(url, limit=10)
    with pytest.raises(Unreachable, match="names no file"):
        list_files("file:*.xml", tmp_path)


async def test_a_missing_folder_does_not_open_what_lies_above_it(tmp_path: Path, make: Make) -> None:
    with pytest.raises(Unreachable, match="outside the folder"):
        await make(f"file:{tmp_path}/not/there/a.json").fetch("file:/etc/hostname")


async def test_a_tcp_connection_opens_and_its_lines_are_bounded(make: Make) -> None:
    async with Replay([b"Asterisk Call Manager/9.0.0\r\n", b"x" * 200_000, faulty.HOLD]) as exchange:
        reader, writer = await make(exchange.url).open(exchange.url)
        assert await reader.readline() == b"Asterisk Call Manager/9.0.0\r\n"
        with pytest.raises(ValueError, match="limit"):
            await reader.readline()
        writer.close()
        await writer.wait_closed()
    with pytest.raises(Unreachable, match="nothing listens there"):
        await make(exchange.url).open(exchange.url)
    with pytest.raises(Unreachable, match="is refused"):
        await make().open("tcp://127.0.0.1:6379")
    with pytest.raises(Unreachable, match="begins with tcp: or tls:"):
        await make().open("http://127.0.0.1:6379")


def certified(folder: Path, name: str) -> tuple[str, ssl.SSLContext]:
    """A self-signed certificate for `name`, and a server's context with it."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes the test's certificate, is not on this machine")
    certificate, key = str(folder / "cert.pem"), str(folder / "key.pem")
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}"]
    make += ["-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out", certificate]
    subprocess.run(make, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return certificate, context


async def test_a_certificate_is_checked_against_the_hosts_name_not_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, context = certified(tmp_path, "cctv.contoh.example")

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with FaultyHttp(context) as server:
        server.script("/x", faulty.ok(BODY))
        right, wrong = (server.url("/x", host=f"{name}.contoh.example") for name in ("cctv", "other"))

        async def fetch(url: str) -> str:
            feeds.fetching.web._trust.cache_clear()
            async with http_client() as client:
                try:
                    await Fetcher(client, [url], resolve=resolve).fetch(url)
                except Unreachable as error:
                    return str(error)
            return "fetched"

        assert "its certificate is not trusted (self-signed certificate)" in await fetch(right)
        monkeypatch.setenv("SSL_CERT_FILE", certificate)
        assert await fetch(right) == "fetched"
        assert "Hostname mismatch" in await fetch(wrong)
        assert [request.headers["host"] for request in server.requests] == [right.split("/")[2]]
    feeds.fetching.web._trust.cache_clear()


async def test_a_tcp_address_without_a_port_trusts_the_host() -> None:
    guard = Guard(["tcp://10.0.0.5"])
    assert await guard.addresses("10.0.0.5", 5038) == ["10.0.0.5"]
    with pytest.raises(Unreachable, match="refused"):
        await guard.addresses("10.0.0.6", 5038)


async def test_work_that_hangs_is_left_behind_and_bounded() -> None:
    import threading

    release = threading.Event()
    waiting = [asyncio.create_task(aside(release.wait)) for _ in range(MAX_ASIDE)]
    await asyncio.sleep(0)
    with pytest.raises(Unreachable, match="hanging already"):
        await aside(lambda: None)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    release.set()
    async with asyncio.timeout(faulty.PATIENCE_S):
        while True:
            try:
                assert await aside(lambda: 7) == 7
                break
            except Unreachable:
                await asyncio.sleep(0.01)


def test_secrets_are_named_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("RAHASIA\n")
    (tmp_path / "empty").write_text("")
    monkeypatch.setenv("WALL_TEST_KEY", " RAHASIA ")
    assert secret("file:key", tmp_path) == "RAHASIA"
    assert secret("env:WALL_TEST_KEY") == "RAHASIA"
    for reference in ("env:WALL_TEST_NONE", "file:none", "file:empty", "file:", "env:", "RAHASIA", ""):
        with pytest.raises(SourceError) as caught:
            secret(reference, tmp_path)
        assert "RAHASIA" not in str(caught.value)


async def test_a_redirect_to_what_is_no_address_is_a_fault_of_the_source(
    server: FaultyHttp, make: Make
) -> None:
    server.script("/a", faulty.redirect("http://["))
    with pytest.raises(Unreachable, match="redirects to what is no address"):
        await make(server.url()).fetch(server.url("/a"))
