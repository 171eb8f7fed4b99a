"""The outside of a mail: its headers, and both of its forms as one message."""

from __future__ import annotations

import unicodedata
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

from flask import current_app

import config
from config import Mailbox
from servicedesk.bridge import addresses as replies
from servicedesk.mail import addresses
from servicedesk.mail.letter import File, NotToBeSent
from servicedesk.mail.matter import Matter

POLICY = SMTP.clone(cte_type="7bit")  # every server takes it
NAME_LENGTH, SUBJECT_LENGTH = 80, 160
WORD = 45  # bytes in one encoded word


@dataclass(frozen=True)
class Mail:
    """A message ready to be sent."""

    message_id: str  # left of the @
    sender: str
    recipient: str
    content: bytes


def seal(
    it: Matter, reader: Mailbox, subject: str, text: str, html: str, files: Sequence[File] = ()
) -> Mail:
    """Put a letter into its envelope."""
    sender = _sender(it.setup.name)
    message = _headed(it)
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    message["Content-Language"] = it.language
    for file in files:
        message.add_attachment(file.data, "application", "pdf", filename=file.name)
    _bounded(message, it.note.message_id)
    head = named(sender, reader, subject, reply_to(it))
    return Mail(it.note.message_id, sender.address, reader.address, head + message.as_bytes())


def _bounded(message: EmailMessage, id: str) -> None:
    """Part a message by what follows from its id: sent again it is the same, byte by byte."""
    parted = (part for part in message.walk() if part.is_multipart())
    for n, part in enumerate(parted):
        part.set_boundary(f"=_{id}{n or ''}")


def _headed(it: Matter) -> EmailMessage:
    """Begin a message with the headers that hold nothing anybody wrote."""
    note, host = it.note, addresses.host()
    message = EmailMessage(POLICY)
    message["Date"] = note.made_at
    message["Message-ID"] = f"<{note.message_id}@{host}>"
    if it.incident:
        # no message has this id, but all about one incident are answers to it: they stay together
        message["In-Reply-To"] = f"<incident-{it.incident.number}@{host}>"
        message["References"] = f"<incident-{it.incident.number}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    return message


def reply_to(it: Matter) -> str | None:
    """H7: give the address for the replies of this reader; None where none are taken."""
    return replies.reply_to(it.session, it.note)


def named(sender: Mailbox, reader: Mailbox, subject: str, reply: str | None = None) -> bytes:
    """Write the headers that hold names and texts.

    Python 3.11 loses spaces where it folds these itself, and can be led to read one address as two.
    """
    lines = (
        f"From: {_written(sender)}",
        *([f"Reply-To: {_written(Mailbox(sender.name, reply))}"] if reply else []),
        f"To: {_written(reader)}",
        f"Subject: {_encoded(plain(subject, SUBJECT_LENGTH))}",
    )
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def checked(address: str | None) -> str:
    """Give back an address that can be one; raises NotToBeSent."""
    if not address:
        raise NotToBeSent("no address")
    if not config.MAIL_ADDRESS.fullmatch(address):
        raise NotToBeSent("bad address")
    return address


def plain(text: str, length: int) -> str:
    """Make one short line of a text, without anything that could begin a header."""
    line = " ".join("".join(" " if _breaks(c) else c for c in text).split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def _breaks(c: str) -> bool:
    """Say whether a character ends a line, is not seen, or can't be written in UTF-8."""
    return unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _sender(desk: str) -> Mailbox:
    said: Mailbox | None = current_app.config["MAIL_FROM"]
    if said is None:
        return Mailbox(desk, "service-desk@localhost")
    return Mailbox(said.name or desk, said.address)


def _written(box: Mailbox) -> str:
    """Write a name before an address; signs that mean something there are left out."""
    kept = "".join(" " if c in '"\\<>()[]:;,@' else c for c in plain(box.name, NAME_LENGTH))
    name = " ".join(kept.split())
    if not name:
        return box.address
    said = _encoded(name)
    return f'"{name}" <{box.address}>' if said == name else f"{said} <{box.address}>"


def _encoded(text: str) -> str:
    """Write a line in ASCII: as it is, or else as encoded words (RFC 2047), each on its line."""
    if text.isascii() and "=?" not in text:
        return text
    words = [b""]
    for c in text:
        if len(words[-1]) + len(c.encode()) > WORD:
            words.append(b"")
        words[-1] += c.encode()
    return "\r\n ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in words)
