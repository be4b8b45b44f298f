"""Notices by e-mail: one mail a receiver, so that each is confirmed, and repeated, by itself.

The Message-ID (RFC 5322) is made of the notice's id and the receiver: a mailbox that sees it twice shows one
mail. STARTTLS (RFC 3207) is used where the server offers it; a password is sent over TLS, or within this
machine, or not at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import smtplib
import socket
import ssl
import threading
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from wallboard.city import CityConfig, SmtpConfig
from wallboard.notify.notice import Notice
from wallboard.notify.way import ANSWER_S, DELIVERY_S, Failed, secret_of, why
from wallboard.notify.words import body, subject
from wallboard.settings import is_loopback

#: A server's refusal in a log line or a dead letter.
_MAX_ANSWER = 120


class Mail:
    """[notify.smtp]."""

    def __init__(self, config: SmtpConfig, city: CityConfig, folder: Path) -> None:
        self._config = config
        self._city = city.city.name
        self._zone = ZoneInfo(city.city.time_zone)
        self._folder = folder

    async def send(self, notice: Notice, to: str) -> None:
        """Give the mail for `to` to the server; its 250 after the text confirms it."""
        password = secret_of(self._config.password, self._folder) if self._config.user else ""
        mail = self.mail(notice, to)
        visit = _Visit(self._config, password)
        thread = asyncio.get_running_loop().run_in_executor(None, visit.deliver, mail)
        try:
            # smtplib bounds each answer; a server that drips them would hold us for ever.
            async with asyncio.timeout(DELIVERY_S):
                await asyncio.shield(thread)
        except TimeoutError:
            raise Failed("no answer in time") from None
        finally:
            if not thread.done():
                visit.abort()
                thread.add_done_callback(lambda ended: ended.cancelled() or ended.exception())

    def mail(self, notice: Notice, to: str) -> EmailMessage:
        """The mail; raises Failed for an address that cannot stand in a header."""
        mail = EmailMessage(policy=SMTP)
        domain = self._config.sender.rpartition("@")[2]
        digest = hashlib.sha256(f"{notice.id}\n{to}".encode()).hexdigest()[:40]
        try:
            mail["From"] = self._config.sender
            mail["To"] = to
            mail["Subject"] = subject(notice, self._city)
            mail["Date"] = datetime.fromtimestamp(notice.at, UTC)
            mail["Message-ID"] = f"<{digest}@{domain}>"
            # No holiday answers, please (RFC 3834).
            mail["Auto-Submitted"] = "auto-generated"
        except (ValueError, IndexError) as fault:
            raise Failed("an address cannot stand in a mail's header") from fault
        if len(mail["To"].addresses) != 1:
            raise Failed("a receiver is one address")
        mail.set_content(body(notice, self._zone))
        return mail


class _Visit:
    """One conversation with the server, in a thread of its own; `abort` ends it from another."""

    def __init__(self, config: SmtpConfig, password: str) -> None:
        self._config = config
        self._password = password
        self._lock = threading.Lock()
        self._client: smtplib.SMTP | None = None
        self._aborted = False

    def deliver(self, mail: EmailMessage) -> None:
        """Send it; raises Failed."""
        try:
            self._deliver(mail)
        except smtplib.SMTPRecipientsRefused as fault:
            ((code, text),) = fault.recipients.values()
            raise Failed(_answer(code, text), refused=code >= 500) from None
        except smtplib.SMTPResponseException as fault:
            raise Failed(_answer(fault.smtp_code, fault.smtp_error)) from None
        except ssl.SSLError as fault:
            raise Failed(f"TLS failed: {fault.reason or type(fault).__name__}") from None
        except (smtplib.SMTPException, OSError, ValueError) as fault:
            raise Failed(why(fault)) from None

    def abort(self) -> None:
        """Break the connection: the thread ends with an error that nobody waits for."""
        with self._lock:
            self._aborted = True
            client = self._client
        if client is not None and client.sock is not None:
            with contextlib.suppress(OSError):  # it has ended by itself
                client.sock.shutdown(socket.SHUT_RDWR)

    def _deliver(self, mail: EmailMessage) -> None:
        parts = urlsplit(self._config.url)
        host, trust = parts.hostname or "", ssl.create_default_context()
        client: smtplib.SMTP
        if parts.scheme == "smtps":
            client = smtplib.SMTP_SSL(timeout=ANSWER_S, context=trust)
        else:
            client = smtplib.SMTP(timeout=ANSWER_S)
        client._host = host  # type: ignore[attr-defined]  # the name on the certificate; connect() leaves it out
        with self._lock:
            if self._aborted:
                return
            self._client = client
        try:
            client.connect(host, parts.port or (465 if parts.scheme == "smtps" else 25))
            client.ehlo_or_helo_if_needed()
            private = parts.scheme == "smtps"
            if not private and client.has_extn("starttls"):
                # An offer that then fails is no reason to go on without: somebody may be in between.
                client.starttls(context=trust)
                client.ehlo()
                private = True
            if self._config.user:
                if not private and not is_loopback(host):
                    raise Failed("the server offers no TLS, without which no password is sent")
                client.login(self._config.user, self._password)
            client.send_message(mail)
            # The mail is taken: nothing that the server does now may make us send it again.
            with contextlib.suppress(OSError, smtplib.SMTPException):
                client.putcmd("quit")
        finally:
            client.close()


def _answer(code: int, text: bytes | str) -> str:
    said = text.decode("ascii", "replace") if isinstance(text, bytes) else text
    line = " ".join(part for part in said.split() if "@" not in part)
    return f"the server answered {code} {line}"[:_MAX_ANSWER]
