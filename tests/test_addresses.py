"""feeds/fetching/addresses.py: what may reach a board, be connected to, stand in a log."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.fetching.addresses import MAX_URL, host_and_port, is_public_ip, public_url, redact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://cctv.kota.go.id/live.m3u8?x=1#t", "https://cctv.kota.go.id/live.m3u8?x=1#t"),
        ("  HTTPS://CCTV.Kota.go.id:443/Live.m3u8\n", "https://cctv.kota.go.id/Live.m3u8"),
        ("http://8.8.8.8:8080/a", "http://8.8.8.8:8080/a"),
        ("http://[2606:4700::1111]/a", "http://[2606:4700::1111]/a"),
        ("https://contoh.id", "https://contoh.id/"),
        ("https://contoh.id/foto banjir é.jpg", "https://contoh.id/foto%20banjir%20%C3%A9.jpg"),
        ("https://contoh.id/%41%zz", "https://contoh.id/%41%zz"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
    ],
)
def test_addresses_that_a_board_may_load(text: str, expected: str) -> None:
    assert public_url(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "contoh.id", "//contoh.id/a", "javascript:alert(1)", "data:text/html,x",
        "ftp://contoh.id/", "mailto:a@b.id",
        "rtsp://contoh.id/live", "file:///etc/passwd", "blob:https://contoh.id/x", " java\tscript:alert(1)",
        "https:///a", "https://user:pass@contoh.id/", "https://user@contoh.id/", "https://@contoh.id/",
        "https://contoh.id\\@jahat.id/", "https://contoh.id/\u202egpj.exe",
        "https://contoh.id/\x00", "https://con\u200btoh.id/",
        "http://contoh.id:99999/", "http://contoh.id:x/", "http://[::1", "http://a..id/", "http://-a.id/",
        "https://contoh.id/" + "a" * MAX_URL,
    ],
)  # fmt: skip
def test_addresses_that_never_reach_a_board(text: str) -> None:
    assert public_url(text) == ""


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LOCALHOST", "localhost.", "a.localhost", "intranet", "nvr.local", "nvr.lan",
        "nvr.internal",
        "router.home.arpa", "127.0.0.1", "127.1", "2130706433", "0x7f.1", "0x7f000001",
        "0177.0.0.1", "127.0.0.1.",
        "10.1.2.3", "172.16.0.1", "192.168.1.10", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "255.255.255.255", "[fec0::1]",
        "224.0.0.1", "[::1]", "[::]", "[fe80::1]", "[fd00::1]", "[::ffff:10.0.0.1]", "[::ffff:7f00:1]",
        "[64:ff9b::a00:1]", "[2002:7f00:1::]", "[::7f00:1]", "１２７.0.0.1", "127。0。0。1", "ⓛocalhost",
    ],
)  # fmt: skip
def test_private_hosts_never_reach_a_board_however_they_are_written(host: str) -> None:
    assert public_url(f"http://{host}/live.m3u8") == ""
    assert public_url(f"http://{host}:8080/live.m3u8") == ""


@given(st.text(max_size=80) | st.from_regex(r"https?://[^/]{1,30}/.{0,20}"))
def test_what_comes_out_is_plain_http_and_comes_out_again(text: str) -> None:
    url = public_url(text)
    if url:
        assert url.isascii()
        assert not set(url) & set(' <>"\\\n\t')
        assert urlsplit(url).scheme in ("http", "https")
        assert "@" not in urlsplit(url).netloc
        assert public_url(url) == url


@given(st.ip_addresses())
def test_an_ip_in_an_address_is_judged_like_the_ip(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    host = f"[{ip}]" if ip.version == 6 else str(ip)
    assert bool(public_url(f"http://{host}/")) == is_public_ip(ip)


def test_a_wrapped_address_is_judged_by_what_it_wraps() -> None:
    assert is_public_ip(ipaddress.ip_address("64:ff9b::808:808"))
    assert not is_public_ip(ipaddress.ip_address("64:ff9b::c0a8:1"))
    assert not is_public_ip(ipaddress.ip_address("2001:0:53aa:64c:0:fbff:f5f5:f5f5"))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Contoh.ID/a", ("contoh.id", 443)),
        ("http://contoh.id", ("contoh.id", 80)),
        ("tcp://10.0.0.5:5038", ("10.0.0.5", 5038)),
        ("tls://pbx", ("pbx", 0)),
        ("http://[::1]:81/", ("::1", 81)),
        ("file:a.xml", ("", 0)),
        ("http://[::1", ("", 0)),
        ("http://a:x/", ("", 0)),
    ],
)
def test_host_and_port(url: str, expected: tuple[str, int]) -> None:
    assert host_and_port(url) == expected


def test_a_log_shows_neither_credentials_nor_keys() -> None:
    assert redact("https://user:pass@contoh.id:81/a?key=RAHASIA#RAHASIA") == "https://contoh.id:81/a"
    assert redact("file:../data/a.json?x") == "file:../data/a.json"
    assert redact("file:///var/a.json") == "file:///var/a.json"
    assert redact("http://[::1") == "an address that cannot be read"
    assert len(redact("https://contoh.id/" + "a" * 5000)) == 200
