"""Takes mails away: to a mail server, or as files into a folder where none is set."""

from __future__ import annotations

import ipaddress
import os
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from flask import current_app

from config import MailServer
from servicedesk.mail.envelope import Mail

TIMEOUT = 20  # seconds that a mail server may take for one step
LOST_IN_A_ROW = 3  # then the server is left alone for a while
FOLDER = "mail"  # below DESK_VAR


class NotSent(Exception):
    """A mail was not taken; the message is a short reason without names and texts."""


class Refused(NotSent):
    """Its address will never take it."""


class OutOfOrder(NotSent):
    """Nothing can be sent at present."""


class Post(Protocol):
    """Something that takes mails away."""

    def send(self, mail: Mail) -> None:
        """Send one; raises NotSent."""


@contextmanager
def opened() -> Iterator[Post]:
    """Give what takes mails away by the settings; one connection serves for all of them."""
    server: MailServer | None = current_app.config["MAIL_SERVER"]
    if server is None:
        yield Folder(Path(current_app.config["DESK_VAR"]) / FOLDER)
        return
    post = Server(server)
    try:
        yield post
    finally:
        post.hang_up()


class Folder:
    """Files, one for each message: written again it is the same file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def send(self, mail: Mail) -> None:
        """Write a mail, all of it or nothing; only the desk's own user can read it."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(self.path / f"{mail.message_id}.eml", mail.content)
        except OSError as error:
            raise OutOfOrder(f"folder: {error.strerror}") from None


def _write(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


class Server:
    """A mail server; the connection is made for the first mail, and again after it broke."""

    def __init__(self, said: MailServer) -> None:
        self.said = said
        self.line: smtplib.SMTP | None = None
        self.lost = 0  # connections, one after the other

    def send(self, mail: Mail) -> None:
        """Hand a mail to the server."""
        line = self.line = self.line or _connected(self.said)
        try:
            line.sendmail(mail.sender, [mail.recipient], mail.content)
            self.lost = 0
        except smtplib.SMTPRecipientsRefused as error:
            code, said = error.recipients[mail.recipient]
            raise _refusal(code, said) from None
        except smtplib.SMTPResponseException as error:  # of the sender, the text, the greeting
            raise NotSent(f"server: {_code(error.smtp_code, error.smtp_error)}") from None
        except smtplib.SMTPServerDisconnected:
            self.lost += 1
            stop = OutOfOrder if self.lost >= LOST_IN_A_ROW else NotSent
            raise stop("server: connection lost") from None
        except (OSError, smtplib.SMTPException) as error:
            self.hang_up()
            raise OutOfOrder(f"server: {type(error).__name__}") from None
        finally:
            if line.sock is None:  # it broke, or the server has had enough
                self.line = None

    def hang_up(self) -> None:
        """End the connection, politely where that is possible."""
        line, self.line = self.line, None
        if line is None:
            return
        with suppress(OSError, smtplib.SMTPException):
            line.quit()
        line.close()


def _connected(said: MailServer) -> smtplib.SMTP:
    """Connect and sign in; raises OutOfOrder."""
    line: smtplib.SMTP | None = None
    try:
        line = _called(said)
        if said.user:
            _sign_in(line, said)
        return line
    except smtplib.SMTPResponseException as error:
        reason = f"server: {_code(error.smtp_code, error.smtp_error)}"
    except smtplib.SMTPException as error:
        reason = f"server: {type(error).__name__}"
    except OSError as error:
        reason = f"server: {type(error).__name__}"
    except OutOfOrder as error:
        reason = str(error)
    if line is not None:
        line.close()
    raise OutOfOrder(reason)


def _called(said: MailServer) -> smtplib.SMTP:
    """Connect, with TLS where it is wanted or offered; its certificate has to be good."""
    name, tls = _own_name(), ssl.create_default_context()
    if said.security == "smtps":
        return smtplib.SMTP_SSL(said.host, said.port, name, timeout=TIMEOUT, context=tls)
    line = smtplib.SMTP(said.host, said.port, name, timeout=TIMEOUT)
    try:
        line.ehlo_or_helo_if_needed()
        if said.security == "smtp" and line.has_extn("starttls"):
            line.starttls(context=tls)
    except BaseException:
        line.close()
        raise
    return line


def _sign_in(line: smtplib.SMTP, said: MailServer) -> None:
    """Sign in; the password goes over TLS alone, unless smtp+plain says otherwise."""
    if said.security == "smtp" and not isinstance(line.sock, ssl.SSLSocket):
        raise OutOfOrder("server: offers no TLS, so the password is not sent")
    line.login(said.user, said.password)


def _own_name() -> str:
    """Give the name to introduce ourselves by."""
    host = urlsplit(current_app.config["DESK_URL"]).hostname or "localhost"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return f"[{address}]" if address.version == 4 else f"[IPv6:{address}]"


NOT_ABOUT_THE_ADDRESS = (530, 535, 538)


def _refusal(code: int, said: bytes | str) -> NotSent:
    """Tell an address that is none from a server that wants something else of us."""
    reason = f"address: {_code(code, said)}"
    final = code >= 500 and code not in NOT_ABOUT_THE_ADDRESS
    policy = re.search(r"\b5\.7\.\d+\b", reason)
    return Refused(reason) if final and not policy else NotSent(reason)


def _code(code: int, said: bytes | str) -> str:
    """Give the numbers of an answer; its words may repeat names and addresses."""
    text = said.decode("ascii", "replace") if isinstance(said, bytes) else str(said)
    found = re.match(r"\s*([245]\.\d{1,3}\.\d{1,3})\b", text)
    return f"{code} {found[1]}" if found else str(code)
