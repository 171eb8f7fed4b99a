"""A mail server for tests: keeps what it gets, refuses and breaks off as it is told."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from config import MailServer
from tests.mail.mailbox import Received, read
from tests.support.required import lacking

USER, PASSWORD = "desk", "zqpassword"
BREAKS = ("", "rcpt", "before", "after")  # where it breaks off: nowhere, …, after it has the mail


@dataclass
class PostOffice:
    """What was handed in, and how it behaves."""

    port: int = 0
    mails: list[Received] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)  # address: answer
    refuses_text: str = ""
    breaks: Callable[[], str] = lambda: ""
    calls: int = 0  # connections

    def said(self, security: str = "smtp+plain", user: str = "", password: str = "") -> MailServer:
        """Give the setting that leads here."""
        return MailServer(security, "127.0.0.1", self.port, user, password)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, host: str, answers: list[str]
    ) -> list[str]:
        self.calls += 1
        session.host_name = host
        return answers

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self.refuses.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        self.next_break = self.breaks()
        if self.next_break == "rcpt":
            _break_off(server)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.next_break == "before":
            _break_off(server)
            return "451 never heard"
        if self.refuses_text:
            return self.refuses_text
        assert isinstance(envelope.content, bytes)
        mail = read(envelope.content)
        assert envelope.rcpt_tos == [mail.to]
        self.mails.append(mail)
        if self.next_break == "after":
            _break_off(server)
        return "250 OK"


def _break_off(server: SMTP) -> None:
    transport: Any = server.transport
    transport.abort()


class _OnAnyPort(Controller):
    """Listens on a free port."""

    def _trigger_server(self) -> None:
        listening: Any = self.server
        self.port = listening.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def opened(**how: Any) -> Iterator[PostOffice]:
    """Open a post office on a free port."""
    office = PostOffice()
    controller = _OnAnyPort(office, hostname="127.0.0.1", port=0, **how)
    controller.start()
    try:
        office.port = controller.port
        yield office
    finally:
        controller.stop()


def authenticated(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
) -> AuthResult:
    """Let in who knows the password."""
    right = data.login == USER.encode() and data.password == PASSWORD.encode()
    return AuthResult(success=right, handled=False)


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate for localhost; gives the server's side, and what clients may trust."""
    if shutil.which("openssl") is None:
        lacking("no openssl is installed")
    key, signed = folder / "key.pem", folder / "certificate.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    names = ("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(signed))
    subprocess.run([*command.split(), *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed, key)
    return context, signed
