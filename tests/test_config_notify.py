"""wallboard/config/notify.py: ways out that could not be used, and forms that could not be filled in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cities import write_city
from tests.configs import BARE, faults_of, warnings_of
from wallboard.config.read import examine

HOOK = {"name": '"ops"', "url": '"https://ops.example/in"', "key": '"env:OPS_KEY"'}
SMTP = {"url": '"smtp://mail.example:25"', "sender": '"wall@city.example"'}
MQTT = {"url": '"mqtts://broker.example"'}
GROUP = {"code": '"duty"', "name": '{ id = "Piket", en = "On duty" }', "people": '["rina"]'}
QUESTION = {"code": '"place"', "text": '{ id = "Lokasi", en = "Place" }'}


def table(header: str, keys: dict[str, str], **changes: str) -> str:
    """A sound table with some keys changed; "" leaves one out."""
    return f"{header}\n" + "".join(f"{k} = {v}\n" for k, v in (keys | changes).items() if v)


@pytest.mark.parametrize(
    ("more", "key", "why"),
    [
        (table("[[notify.webhook]]", HOOK, url='"http://ops.example/in"'), "notify.webhook[0].url", "https:"),
        (table("[[notify.webhook]]", HOOK, url='"ftp://ops.example"'), "notify.webhook[0].url", "no address"),
        (
            table("[[notify.webhook]]", HOOK, url='"https://a:b@ops.example"'),
            "notify.webhook[0].url",
            "credent",
        ),
        (
            table("[[notify.webhook]]", HOOK, url='"https://ops.example:0/"'),
            "notify.webhook[0].url",
            "no address",
        ),
        (table("[[notify.webhook]]", HOOK, key='"MDEyMzQ1"'), "notify.webhook[0].key", 'must be "env:NAME"'),
        (table("[[notify.webhook]]", HOOK) * 2, "notify.webhook[1].name", "stands in notify.webhook[0]"),
        (table("[notify.smtp]", SMTP, url='"http://mail.example"'), "notify.smtp.url", "write smtp://host"),
        (table("[notify.smtp]", SMTP, url='"smtp://mail.example/x"'), "notify.smtp.url", "behind the host"),
        (table("[notify.smtp]", SMTP, sender='"the wall"'), "notify.smtp.sender", "is no address"),
        (
            table("[notify.smtp]", SMTP, sender='"a@b\\nBcc: c@d.example"'),
            "notify.smtp.sender",
            "is no address",
        ),
        (table("[notify.smtp]", SMTP, user='"wall"'), "notify.smtp.password", "is missing"),
        (table("[notify.smtp]", SMTP, password='"env:P"'), "notify.smtp.user", "is missing"),
        (table("[notify.mqtt]", MQTT, url='"broker.example"'), "notify.mqtt.url", "no address"),
        (
            table("[[group]]", GROUP, webhook='["osp"]') + table("[[notify.webhook]]", HOOK),
            "group[0].webhook[0]",
            "did you mean 'ops'?",
        ),
        (
            table("[[group]]", GROUP, email='["rina"]') + table("[notify.smtp]", SMTP),
            "group[0].email[0]",
            "is no address",
        ),
        (table("[[group]]", GROUP, email='["rina@city.example"]'), "group[0].email", "needs [notify.smtp]"),
        (table("[[group]]", GROUP, mqtt='["city/alerts"]'), "group[0].mqtt", "needs [notify.mqtt]"),
        (
            table("[[group]]", GROUP, mqtt='["city/#"]') + table("[notify.mqtt]", MQTT),
            "group[0].mqtt[0]",
            "is no topic",
        ),
        (
            table("[[quality.question]]", QUESTION, points="0"),
            "quality.question[0].points",
            "must be 1 to 100",
        ),
        (
            table("[[quality.question]]", QUESTION) * 2,
            "quality.question[1].code",
            "stands in quality.question[0]",
        ),
        (
            table("[[quality.question]]", QUESTION, text='{ id = "Lokasi" }'),
            "quality.question[0].text.en",
            "is missing",
        ),
    ],
)
def test_what_could_not_be_used_is_a_fault(more: str, key: str, why: str, tmp_path: Path) -> None:
    found = faults_of(tmp_path, more)
    assert list(found) == [key]
    assert why in found[key]


def test_a_sound_configuration_has_no_fault(tmp_path: Path) -> None:
    more = table(
        "[[group]]", GROUP, webhook='["ops"]', email='["r.ina+a@city.example"]', mqtt='["city/alerts"]'
    )
    more += table("[[notify.webhook]]", HOOK, url='"http://127.0.0.1:8080/in"')
    more += table("[notify.smtp]", SMTP) + table("[notify.mqtt]", MQTT)
    more += table("[[quality.question]]", QUESTION)
    assert warnings_of(tmp_path, more) == {}


def test_a_password_in_the_clear_is_warned_of(tmp_path: Path) -> None:
    more = table("[notify.mqtt]", MQTT, url='"mqtt://broker.example"', user='"wall"', password='"env:P"')
    assert "in the clear" in warnings_of(tmp_path, more)["notify.mqtt.url"]


def test_a_written_password_is_refused_and_not_repeated(tmp_path: Path) -> None:
    path = write_city(tmp_path)
    path.write_text(BARE + table("[notify.smtp]", SMTP, user='"wall"', password='"hunter2"'))
    found = examine(path)[1]
    assert found.faults
    assert "hunter2" not in "".join(str(fault) for fault in found.faults)


@pytest.mark.parametrize(
    ("value", "why"),
    [(None, "is not set in the environment"), ("whsec_c2hvcnQ=", "names what is no signing key")],
)
def test_the_engine_needs_its_secrets_at_the_start(
    value: str | None, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is None:
        monkeypatch.delenv("OPS_KEY", raising=False)
    else:
        monkeypatch.setenv("OPS_KEY", value)
    more = table("[[notify.webhook]]", HOOK)
    found = faults_of(tmp_path, more, roles=("engine",))
    assert why in found["notify.webhook[0].key"]
    assert "c2hvcnQ" not in found["notify.webhook[0].key"]
    path = write_city(tmp_path)
    path.write_text(BARE + more)
    assert examine(path, ("web", "feeds"))[1].faults == []
