"""wallboard/config/feed_tables.py and secret_text.py: feeds that cannot run, secrets where none may stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cities import write_city
from tests.configs import BARE, faults_of, warnings_of
from wallboard.config.read import examine
from wallboard.errors import ConfigError
from wallboard.settings import ROLES, read_city


def feed(type: str = "cap", url: str = "https://contoh.id/x", options: str = "", **keys: str) -> str:
    more = "".join(f"{key} = {value}\n" for key, value in ({"name": '"f"'} | keys).items())
    return f'[[feed]]\ntype = "{type}"\nurl = "{url}"\n{more}[feed.options]\n{options}\n'


@pytest.mark.parametrize(
    ("table", "key", "why"),
    [
        (feed("cpa"), "type", "is no type of feed; did you mean 'cap'?"),
        (feed(url="ftp://contoh.id/x"), "url", "begins with ftp:"),
        (feed(url="sim:cuaca"), "(file)", "simulation"),
        (feed(url=""), "url", "is missing"),
        (feed(url="https://u:p@contoh.id/"), "url", "holds credentials"),
        (feed(url="https://contoh..id/"), "url", "names no proper host"),
        (feed(url="https:///x"), "url", "names no proper host"),
        (feed(url="https://-x.id/"), "url", "names no proper host"),
        (feed(url="https://1.2.3/"), "url", "names no proper host"),
        (feed(url="https://contoh.id:99999/"), "url", "has no proper port"),
        (feed(url="file://server/x"), "url", "names no host"),
        (feed(every="0"), "every", "must be at least 1 s"),
        (feed(time_zone='"Asia/X"'), "time_zone", "is no time zone"),
        (feed(name='"a/b"'), "name", "must be letters"),
        (feed(options="default_life = -1"), "options.default_life", "must be float > 0"),
        (feed(options='headers = "x"'), "options.headers", "must be a table"),
    ],
)
def test_a_feed_that_cannot_run_is_a_fault(tmp_path: Path, table: str, key: str, why: str) -> None:
    faults = faults_of(tmp_path, table)
    assert why in faults.pop(key if key == "(file)" else f"feed[0].{key}")
    assert faults == {}


def test_hosts_of_every_form_are_taken(tmp_path: Path) -> None:
    urls = [
        "https://data.bmkg.go.id/x",
        "http://10.0.0.5:8080/",
        "http://[::1]/",
        "http://pabx_1/",
        "http://münchen.de/",
    ]
    more = "".join(feed(url=url, name=f'"f{n}"') for n, url in enumerate(urls))
    assert warnings_of(tmp_path, more) == {}


def test_a_wrong_zone_of_the_city_is_not_said_of_each_feed(tmp_path: Path) -> None:
    faults = faults_of(tmp_path, feed(), base=BARE.replace("Asia/Jakarta", "Asia/X"))
    assert set(faults) == {"city.time_zone"}


def test_what_cameras_see_names_a_list_that_there_is(tmp_path: Path) -> None:
    sights = feed("frigate", "mqtt://broker.contoh.id", name='"nvr"', options='camera_list = "cctv"')
    faults = faults_of(tmp_path, sights)
    assert faults["feed[0].options.camera_list"] == "is no feed of type cameras; there are none"
    listed = feed("cameras", "https://contoh.id/kamera.json", name='"cctv"')
    assert warnings_of(tmp_path, sights + listed) == {}


SECRETS = {
    "options.api_key": feed("open311", options='api_key = "s3cr3t-value"'),
    "options.secret": feed("ami", "tcp://pabx", options='user = "a"\nsecret = "s3cr3t-value"'),
    "options.headers.Authorization": feed(options='headers = { Authorization = "Bearer s3cr3t-value" }'),
    "options.headers.X-Api-Key": feed(options='headers = { X-Api-Key = "s3cr3t-value" }'),
    "options.keys[0]": feed("webhook", "", options='keys = ["whsec_s3cr3t-value"]'),
    "password": feed(password='"s3cr3t-value"'),
}


@pytest.mark.parametrize("key", SECRETS)
def test_a_secret_in_the_file_is_a_fault_and_never_repeated(tmp_path: Path, key: str) -> None:
    path = write_city(tmp_path)
    path.write_text(BARE + SECRETS[key])
    with pytest.raises(ConfigError) as caught:
        read_city(path)
    said = [fault for fault in caught.value.faults if "looks like a secret" in fault.why]
    assert [fault.key for fault in said] == [f"feed[0].{key} (f)"]
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("key", ["pasword", "secrett", "Tokn", "apikey"])
def test_a_misspelt_key_of_a_secret_does_not_show_it(tmp_path: Path, key: str) -> None:
    path = write_city(tmp_path)
    path.write_text(BARE + feed(**{key: '"s3cr3t-value"'}))
    with pytest.raises(ConfigError) as caught:
        read_city(path)
    assert f"feed[0].{key}" in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


def test_a_key_in_an_address_is_a_warning_and_not_shown(tmp_path: Path) -> None:
    path = write_city(tmp_path)
    path.write_text(BARE + feed(url="https://contoh.id/x?api_key=s3cr3t"))
    (warning,) = examine(path)[1].warnings
    assert warning.key == "feed[0].url (f)"
    assert "s3cr3t" not in str(warning)


def test_secrets_are_looked_for_only_by_the_parts_that_need_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_SUCH_SECRET", raising=False)
    more = feed("ami", "tcp://pabx", options='user = "a"\nsecret = "env:NO_SUCH_SECRET"')
    more += feed("webhook", "", name='"hook"', options='keys = ["file:gone.key"]')
    more += feed("cap", name='"off"', enabled="false", options='headers = { X-Token = "env:NO_SUCH_SECRET" }')
    assert warnings_of(tmp_path, more) == {}
    ami, hook = "feed[0].options.secret", "feed[1].options.keys[0]"
    assert set(faults_of(tmp_path, more, roles=("feeds",))) == {ami}
    assert set(faults_of(tmp_path, more, roles=("web",))) == {hook}
    both = faults_of(tmp_path, more, roles=ROLES)
    assert both[ami] == (
        "The secret env:NO_SUCH_SECRET is not set in the environment. "
        "Set it before the start: export NO_SUCH_SECRET=…, or Environment= of the service."
    )
    assert "Write it into gone.key" in both[hook]
    monkeypatch.setenv("NO_SUCH_SECRET", "x")
    (tmp_path / "gone.key").write_text("no signing key at all")
    assert set(faults_of(tmp_path, more, roles=ROLES)) == {hook}


@pytest.mark.parametrize(
    ("address", "warned"),
    [("mqtt://broker.example", True), ("mqtts://broker.example", False), ("mqtt://127.0.0.1:1883", False)],
)
def test_a_brokers_password_in_the_clear_is_a_warning(
    address: str, warned: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROKER", "rahasia")
    feed = f'[[feed]]\nname = "air"\ntype = "mqtt"\nurl = "{address}"\n[feed.options]\n'
    feed += 'topics = ["air/{id}"]\nuser = "dinding"\npassword = "env:BROKER"\n'
    assert ("in the clear" in str(warnings_of(tmp_path, feed))) is warned
