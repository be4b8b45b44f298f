"""wallboard/notify/: the outbox is emptied at least once, whatever receivers, Redis and senders do."""

from __future__ import annotations

import asyncio
import logging
import shutil
import smtplib
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis

from feeds.webhook.signatures import verify
from tests.receivers import CUT, HANG, Broker, MailServer, hooks
from tests.running import free_port, until
from tests.worlds import small_city
from wallboard.events import Command, decoder
from wallboard.notify import jobs, mail, mqtt, sender, webhook
from wallboard.notify.notice import Notice
from wallboard.notify.sender import UNDELIVERED, Sender, city_ways
from wallboard.notify.way import Failed
from wallboard.store.embedded import EmbeddedRedis
from wallboard.store.keys import Keys

KEYS = Keys("contoh")
TOKEN = "t" * 32
#: 24 bytes in base64
SIGNING = "whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"
RAW_KEY = b"012345678901234567890123"

ALERT = {
    "id": "gauge-high|gauge:katulampa",
    "rule": "gauge-high",
    "severity": "danger",
    "texts": {"id": "Katulampa 210 cm", "en": "Katulampa at 210 cm"},
    "instruction": {"id": "Buka pintu air.", "en": "Open the gate."},
    "district": "99.01.01",
    "since": 1_770_000_000.0,
    "value": 210.0,
    "code": "BCDFGH",
    "episode": 1,
    "version": 1,
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(store: EmbeddedRedis) -> Iterator[redis.Redis]:
    one = redis.Redis(unix_socket_path=str(store.socket))
    one.flushall()
    lease(one, TOKEN)
    yield one
    one.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Receivers are given up on, and tried again, within a moment."""
    monkeypatch.setenv("HOOK_KEY", SIGNING)
    monkeypatch.setenv("MAIL_PASSWORD", "not-a-real-one")
    monkeypatch.setattr(sender, "POLL_S", 0.02)
    monkeypatch.setattr(jobs, "CAP_S", 0.2)
    monkeypatch.setattr(jobs, "REFUSED_S", 0.2)
    monkeypatch.setattr(webhook, "ANSWER_S", 0.5)
    monkeypatch.setattr(mail, "ANSWER_S", 0.5)
    monkeypatch.setattr(mail, "DELIVERY_S", 1.0)
    monkeypatch.setattr(mqtt, "ANSWER_S", 0.5)
    monkeypatch.setattr(mqtt, "DELIVERY_S", 0.5)


def lease(client: redis.Redis, token: str) -> None:
    """Say whose term it is, as an engine does."""
    client.set(KEYS.lease, token)
    client.hset(KEYS.head, "epoch", "e1")


def city(**ports: int) -> Any:
    """A city whose ways out are the receivers on these ports."""
    notify: dict[str, Any] = {}
    if port := ports.get("hook"):
        notify["webhook"] = [{"name": "ops", "url": f"http://127.0.0.1:{port}/in", "key": "env:HOOK_KEY"}]
    if port := ports.get("mail"):
        notify["smtp"] = {"url": f"smtp://127.0.0.1:{port}", "sender": "wall@contoh.example"}
    if port := ports.get("mqtt"):
        notify["mqtt"] = {"url": f"mqtt://127.0.0.1:{port}"}
    return small_city(notify=notify)


@contextmanager
def sending(
    store: EmbeddedRedis, token: str = TOKEN, *, ways: Any = None, **options: Any
) -> Iterator[Sender]:
    """A sender in a thread; `ports` by name, or other options."""
    ports = {name: options.pop(name) for name in ("hook", "mail", "mqtt") if name in options}
    made: Callable[[], Any] = ways or (lambda: city_ways(city(**ports), Path()))
    one = Sender(store.url, KEYS, token, made, **options)
    stop = threading.Event()
    thread = threading.Thread(target=one.run, args=(stop,))
    thread.start()
    try:
        yield one
    finally:
        assert not stop.is_set(), "the sender failed; see the log"
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def write(client: redis.Redis, id: str = "gauge-high|gauge:katulampa|1|1", **to: list[str]) -> str:
    """A notice in the outbox, as the engine's commit puts it there."""
    notice = {"at": 1_770_000_300.0, "id": id, "what": "escalation", "group": "duty", "people": ["rina"]}
    raw = msgspec.json.encode({**notice, "alert": ALERT, "step": 1, "of": 2, **to})
    entry: Any = client.xadd(KEYS.outbox, {"d": raw})
    return str(entry.decode())


def entries(client: redis.Redis, key: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """All entries of a stream."""
    found: Any = client.xrange(key)
    return list(found)


def empty(client: redis.Redis) -> None:
    """Wait until nothing is left to send, nor noted."""
    until(lambda: not client.exists(KEYS.outbox) or not client.xlen(KEYS.outbox), "an empty outbox")
    until(lambda: not client.exists(KEYS.outbox_done), "no confirmation")


# -- webhook -------------------------------------------------------------------------------------------


def test_a_webhook_is_signed_carries_the_notices_id_and_empties_the_outbox(
    store: EmbeddedRedis, client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with hooks() as book, sending(store, hook=book.port):
        write(client, webhook=["ops"])
        empty(client)
    ((path, headers, body),) = book.got
    assert path == "/in"
    assert verify(headers, body, [RAW_KEY], time.time()) == "gauge-high|gauge:katulampa|1|1"
    told = msgspec.json.decode(body)
    assert (told["type"], told["id"], told["step"], told["of"]) == (
        *("alert.escalation", "gauge-high|gauge:katulampa|1|1", 1, 2),
    )
    assert told["alert"]["texts"] == ALERT["texts"]
    assert told["people"] == ["rina"]
    # The address may hold a key of the receiver's.
    assert "/in" not in caplog.text


@pytest.mark.parametrize("act", [500, 404, 302, HANG, CUT])
def test_a_webhook_that_fails_is_sent_again_with_the_same_id(
    act: Any, store: EmbeddedRedis, client: redis.Redis
) -> None:
    with (
        hooks(act, 500, 200, location="http://127.0.0.1:1/elsewhere") as book,
        sending(store, hook=book.port),
    ):
        write(client, webhook=["ops"])
        empty(client)
    assert book.ids == ["gauge-high|gauge:katulampa|1|1"] * 3
    assert {path for path, _, _ in book.got} == {"/in"}, "no redirect is followed"


def test_an_id_that_no_header_holds_is_hashed_alike_each_time(
    store: EmbeddedRedis, client: redis.Redis
) -> None:
    with hooks(500) as book, sending(store, hook=book.port):
        write(client, "rule|call:ami/17000.1\r\nx: y|1|1", webhook=["ops"])
        empty(client)
    assert len(set(book.ids)) == 1
    assert book.ids[0].startswith("n_")
    assert verify(book.got[1][1], book.got[1][2], [RAW_KEY], time.time())


def test_a_receiver_that_is_not_there_is_found_when_it_comes(
    store: EmbeddedRedis, client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    ways = {"webhook": webhook.Webhooks(city(hook=free_port()).notify.webhook, Path())}
    caplog.set_level(logging.INFO, "wallboard.notify")
    with hooks() as book, sending(store, ways=lambda: ways) as one:
        assert one.trouble() == ""
        write(client, webhook=["ops"])
        until(lambda: one.trouble() == "notify_webhook_fails", "the trouble on the strip")
        ways["webhook"] = webhook.Webhooks(city(hook=book.port).notify.webhook, Path())
        empty(client)
        until(lambda: one.trouble() == "", "no trouble")
    said = [record.message for record in caplog.records if "wait" in record.message]
    assert said == ["notices by webhook:ops wait: ConnectError", "no notice by webhook:ops waits any more"]


def test_a_key_that_is_gone_is_told_without_the_key(
    store: EmbeddedRedis, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOOK_KEY")
    with hooks() as book, sending(store, hook=book.port) as one:
        write(client, webhook=["ops"])
        until(one.trouble, "trouble")
        monkeypatch.setenv("HOOK_KEY", SIGNING)
        empty(client)
    assert len(book.got) == 1


def test_a_notice_that_one_receiver_never_takes_holds_up_no_other(
    store: EmbeddedRedis, client: redis.Redis
) -> None:
    class Picky(webhook.Webhooks):
        async def send(self, notice: Any, to: str) -> None:
            if notice.id == "poison":
                raise Failed("the receiver answered 400")
            await super().send(notice, to)

    with hooks() as book:
        ways = {"webhook": Picky(city(hook=book.port).notify.webhook, Path())}
        with sending(store, ways=lambda: ways):
            write(client, "poison", webhook=["ops"])
            for number in range(20):
                write(client, f"good-{number}", webhook=["ops"])
            until(lambda: len(book.got) == 20, "twenty others")
    assert client.xlen(KEYS.outbox) == 1


# -- e-mail --------------------------------------------------------------------------------------------


def test_a_mail_says_it_in_both_languages_and_its_id_is_the_same_each_time(
    store: EmbeddedRedis, client: redis.Redis
) -> None:
    server = MailServer("451 try later", CUT)
    with server.running(), sending(store, mail=server.port):
        write(client, email=["rina@contoh.example"])
        empty(client)
    assert len(server.got) == 3
    assert len(set(server.ids)) == 1
    receiver, mail = server.got[-1]
    assert receiver == mail["To"] == "rina@contoh.example"
    assert mail["From"] == "wall@contoh.example"
    assert mail["Subject"] == "[AWAS] Kota Contoh: Katulampa 210 cm"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    text = mail.get_content()
    for words in (
        "AWAS: Katulampa 210 cm",
        "Buka pintu air.",
        "DANGER: Katulampa at 210 cm",
        "Open the gate.",
    ):
        assert words in text
    assert "Eskalasi tahap 1 dari 2" in text
    assert "BCDFGH" in text


def test_each_receiver_has_a_mail_of_their_own_and_a_retry_repeats_only_what_failed(
    store: EmbeddedRedis, client: redis.Redis
) -> None:
    server = MailServer(refuses=("away@contoh.example",))
    with server.running(), sending(store, mail=server.port):
        write(client, email=["away@contoh.example", "rina@contoh.example"])
        until(lambda: len(server.got) == 1, "one mail")
        until(lambda: server.lines.count("RCPT TO:<AWAY@CONTOH.EXAMPLE>") >= 2, "a retry")
        server.refuses = ()
        empty(client)
    assert sorted(receiver for receiver, _ in server.got) == ["away@contoh.example", "rina@contoh.example"]
    assert len(set(server.ids)) == 2


def test_starttls_that_is_offered_and_refused_is_no_reason_to_go_on_without(
    store: EmbeddedRedis, client: redis.Redis
) -> None:
    server = MailServer(offers=("STARTTLS",))
    with server.running(), sending(store, mail=server.port) as one:
        write(client, email=["rina@contoh.example"])
        until(lambda: one.trouble() == "notify_email_fails", "trouble")
        until(lambda: server.lines.count("STARTTLS") >= 2, "a retry")
    assert server.got == []
    assert not any(line.startswith("MAIL") for line in server.lines)


def test_starttls_that_works_is_used_and_the_password_goes_through_it(
    store: EmbeddedRedis, client: redis.Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = MailServer(offers=("STARTTLS", "AUTH PLAIN"), tls=certified(tmp_path, monkeypatch))
    with server.running():
        smtp = {
            "url": f"smtp://localhost:{server.port}",
            "sender": "wall@contoh.example",
            "user": "wall",
            "password": "env:MAIL_PASSWORD",
        }
        config = small_city(notify={"smtp": smtp})
        with sending(store, ways=lambda: city_ways(config, Path())):
            write(client, email=["rina@contoh.example"])
            empty(client)
    words = [line.split(" ")[0] for line in server.lines]
    assert words == ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"]
    assert len(server.got) == 1


def certified(folder: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's certificate for localhost, trusted in this test alone."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes the test's certificate, is not on this machine")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def test_a_certificate_that_nobody_vouches_for_is_told(
    store: EmbeddedRedis, client: redis.Redis, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.MonkeyPatch.context() as only:
        tls = certified(tmp_path, only)
    server = MailServer(offers=("STARTTLS",), tls=tls)
    with server.running(), sending(store, mail=server.port) as one:
        write(client, email=["rina@contoh.example"])
        until(one.trouble, "trouble")
    assert server.got == []
    assert "TLS failed: CERTIFICATE_VERIFY_FAILED" in caplog.text


def test_a_mail_server_that_hangs_is_given_up_on_and_asked_again(
    store: EmbeddedRedis, client: redis.Redis
) -> None:
    server = MailServer(HANG)
    with server.running(), sending(store, mail=server.port):
        write(client, email=["rina@contoh.example"])
        empty(client)
    assert len(set(server.ids)) == 1
    assert len(server.ids) == 2


def test_words_of_an_alert_cannot_write_headers(store: EmbeddedRedis, client: redis.Redis) -> None:
    server = MailServer()
    evil = {**ALERT, "texts": {"id": "Banjir\r\nBcc: victim@contoh.example\r\n\r\nbody \u202eabc\x00"}}
    with server.running(), sending(store, mail=server.port):
        notice = {"at": 1.0, "id": "x\r\nBcc: a@b.example", "group": "g\nh", "alert": evil}
        client.xadd(KEYS.outbox, {"d": msgspec.json.encode({**notice, "email": ["rina@contoh.example"]})})
        empty(client)
    ((receiver, mail),) = server.got
    assert receiver == "rina@contoh.example"
    assert set(mail.keys()) == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
        *("Content-Type", "Content-Transfer-Encoding", "MIME-Version"),
    }
    assert "\n" not in mail["Subject"]
    assert "\u202e" not in mail["Subject"]


@pytest.mark.parametrize("address", ["a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example", ""])
def test_an_address_that_is_more_than_one_is_not_written_to(address: str) -> None:
    one = mail.Mail(city(mail=25).notify.smtp, city(), Path())
    notice = Notice(id="1", at=1.0, email=[address])
    with pytest.raises(Failed):
        one.mail(notice, address)


def test_a_password_is_not_sent_without_tls_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    server = MailServer(offers=("AUTH PLAIN LOGIN",))
    config = small_city(
        notify={
            "smtp": {
                "url": "smtp://mail.contoh.example:25",
                "sender": "wall@contoh.example",
                "user": "wall",
                "password": "env:MAIL_PASSWORD",
            }
        }
    )
    with server.running():
        real = smtplib.SMTP.connect
        monkeypatch.setattr(
            smtplib.SMTP, "connect", lambda self, host, port: real(self, "127.0.0.1", server.port)
        )
        one = mail.Mail(config.notify.smtp, config, Path())  # type: ignore[arg-type]
        with pytest.raises(Failed, match="no TLS"):
            asyncio.run(one.send(Notice(id="1", at=1.0), "rina@contoh.example"))
    assert not any(line.startswith("AUTH") for line in server.lines)


# -- MQTT ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["", CUT, HANG])
def test_mqtt_is_sent_with_qos_1_until_the_broker_confirms(
    act: str, store: EmbeddedRedis, client: redis.Redis
) -> None:
    broker = Broker(*([act] if act else []))
    with broker.running(), sending(store, mqtt=broker.port):
        write(client, mqtt=["contoh/alerts"])
        empty(client)
    assert len(broker.got) == (2 if act else 1)
    for topic, payload, qos, retained in broker.got:
        assert (topic, qos, retained) == ("contoh/alerts", 1, False)
        assert msgspec.json.decode(payload)["id"] == "gauge-high|gauge:katulampa|1|1"


def test_a_broker_that_lets_nobody_in_is_told(store: EmbeddedRedis, client: redis.Redis) -> None:
    broker = Broker(refuses=5)
    with broker.running(), sending(store, mqtt=broker.port) as one:
        write(client, mqtt=["contoh/alerts"])
        until(lambda: one.trouble() == "notify_mqtt_fails", "trouble")
        broker.refuses = 0
        empty(client)
    assert len(broker.got) == 1


def test_redis_may_go_and_come_back(tmp_path: Path) -> None:
    own = EmbeddedRedis(tmp_path / "own")
    own.start()
    server = MailServer(*["451 later"] * 1000)
    with hooks() as book, server.running(), sending(own, hook=book.port, mail=server.port):
        one = redis.Redis(unix_socket_path=str(own.socket))
        lease(one, TOKEN)
        write(one, webhook=["ops"], email=["rina@contoh.example"])
        until(lambda: one.scard(KEYS.outbox_done), "the webhook's confirmation")
        own.stop()
        server.plan.clear()
        until(lambda: server.got[-1:] and not server.plan, "mails meanwhile")
        own.start()
        one.hset(KEYS.head, "epoch", "e2")
        until(lambda: not one.xlen(KEYS.outbox), "an empty outbox")
        one.close()
    own.stop()
    assert len(set(book.ids)) == 1, "at least once, and never another"
    assert len(set(server.ids)) == 1


# -- the outbox ----------------------------------------------------------------------------------------


def test_all_three_ways_and_only_what_failed_is_repeated(store: EmbeddedRedis, client: redis.Redis) -> None:
    server, broker = MailServer("451 later", "451 later"), Broker()
    with ExitStack() as stack:
        book = stack.enter_context(hooks())
        stack.enter_context(server.running())
        stack.enter_context(broker.running())
        stack.enter_context(sending(store, hook=book.port, mail=server.port, mqtt=broker.port))
        write(client, webhook=["ops"], email=["rina@contoh.example"], mqtt=["contoh/alerts"])
        empty(client)
    assert (len(book.got), len(broker.got), len(server.got)) == (1, 1, 3)


def test_another_sender_goes_on_where_the_first_stopped(store: EmbeddedRedis, client: redis.Redis) -> None:
    server = MailServer(*["451 later"] * 1000)
    with server.running(), hooks() as book:
        with sending(store, hook=book.port, mail=server.port):
            write(client, webhook=["ops"], email=["rina@contoh.example"])
            until(lambda: len(book.got) == 1 and server.got, "the webhook, and a mail that fails")
            until(lambda: client.scard(KEYS.outbox_done), "the webhook's confirmation")
        server.plan.clear()
        lease(client, "another")
        with sending(store, "another", hook=book.port, mail=server.port):
            empty(client)
    assert len(book.got) == 1
    assert len(set(server.ids)) == 1


def test_confirmations_that_an_overtaken_sender_left_are_forgotten(
    store: EmbeddedRedis, client: redis.Redis
) -> None:
    client.sadd(KEYS.outbox_done, "1-1 webhook:ops")
    with hooks() as book, sending(store, hook=book.port):
        write(client, webhook=["ops"])
        empty(client)
        until(lambda: not client.exists(KEYS.outbox_done), "no confirmation")
    assert len(book.got) == 1


def test_without_the_lease_nothing_is_sent(store: EmbeddedRedis, client: redis.Redis) -> None:
    with hooks() as book, sending(store, "standby", hook=book.port), hooks() as other:
        with sending(store, TOKEN, hook=other.port):
            write(client, webhook=["ops"])
            empty(client)
        lease(client, "standby")
        write(client, "second", webhook=["ops"])
        empty(client)
    assert (other.ids, book.ids) == (["gauge-high|gauge:katulampa|1|1"], ["second"])


def test_what_is_for_people_alone_leaves_the_outbox(store: EmbeddedRedis, client: redis.Redis) -> None:
    with sending(store):
        write(client)
        empty(client)


def test_a_way_that_the_configuration_lacks_is_trouble_not_silence(
    store: EmbeddedRedis, client: redis.Redis
) -> None:
    with sending(store) as one:
        write(client, mqtt=["contoh/alerts"])
        until(lambda: one.trouble() == "notify_mqtt_fails", "trouble")
    assert client.xlen(KEYS.outbox) == 1


def test_after_a_day_it_is_buried_audited_and_not_dropped_in_silence(
    store: EmbeddedRedis, client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    with hooks() as book, hooks(*[500] * 1000) as dead:
        config = small_city(
            notify={
                "webhook": [
                    {"name": "ops", "url": f"http://127.0.0.1:{book.port}/in", "key": "env:HOOK_KEY"},
                    {"name": "gone", "url": f"http://127.0.0.1:{dead.port}/in", "key": "env:HOOK_KEY"},
                ]
            }
        )
        with sending(store, ways=lambda: city_ways(config, Path()), give_up_s=0.5) as one:
            write(client, webhook=["ops", "gone"])
            empty(client)
            until(lambda: one.trouble() == "", "nothing waits any more")
    assert len(book.got) == 1
    ((_, fields),) = entries(client, KEYS.dead)
    buried = msgspec.json.decode(fields[b"d"])
    assert "webhook:gone was not delivered" in buried["reason"]
    assert "the receiver answered 500" in buried["reason"]
    assert buried["record"]["id"] == "gauge-high|gauge:katulampa|1|1"
    ((_, fields),) = entries(client, KEYS.feed("command"))
    told = decoder.decode(fields[b"d"])
    assert isinstance(told, Command)
    assert (told.action, told.person) == (UNDELIVERED, "")
    assert told.args["way"] == "webhook:gone"
    assert any("was not delivered" in record.message for record in caplog.records)


def test_what_is_no_notice_is_buried(store: EmbeddedRedis, client: redis.Redis) -> None:
    with hooks() as book, sending(store, hook=book.port):
        client.xadd(KEYS.outbox, {"d": b'{"id": 3}'})
        client.xadd(KEYS.outbox, {"other": b""})
        write(client, webhook=["ops"])
        empty(client)
    assert client.xlen(KEYS.dead) == 2
    assert len(book.got) == 1


def test_many_notices_go_out_though_one_read_does_not_hold_them(
    store: EmbeddedRedis, client: redis.Redis
) -> None:
    for number in range(250):
        write(client, f"n-{number}")
    write(client, "last", webhook=["ops"])
    with hooks() as book, sending(store, hook=book.port):
        empty(client)
    assert book.ids == ["last"]
