"""What came in by mail, as it was read: plain data that nothing has been done with yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Automatic = Literal["auto-reply", "bounce", "list", "loop"]

# Begins and ends the line above which an answer is to be written; ASCII, so that it comes back
# unharmed in every charset: `-=-=- Please write above this line -=-=-`.
MARK: Final = "-=-=-"


class Unreadable(Exception):
    """A mail cannot be read; `reason` is a code: `slow`, `memory`, `broken`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Own:
    """What the desk knows of itself."""

    host: str = ""  # in the ids of its messages
    addresses: tuple[str, ...] = ()  # at which it sends and gets mail, in lower case
    voucher: str = ""  # the name by which its mail server writes Authentication-Results


@dataclass(frozen=True)
class Enclosed:
    """A file that came with a mail: its name as the sender says, never empty."""

    name: str
    media_type: str  # as the sender says, such as `image/png`
    content: bytes


@dataclass(frozen=True)
class Incoming:
    """One mail as it was read; everything in it is what somebody claims, and bounded.

    Message ids stand without their angle brackets. `digest` stays the same when the same mail comes
    by two ways.
    """

    message_id: str | None
    digest: str  # sha256 in hexadecimal
    sender: str | None  # one bare lower-case address; None where it is not one clear address
    sender_name: str
    recipients: tuple[str, ...]  # bare lower-case addresses, the envelope's first
    subject: str  # one line
    text: str  # what was written newly, without the history quoted below it
    whole: str  # all of the text
    attachments: tuple[Enclosed, ...] = ()
    references: tuple[str, ...] = ()  # ids of the messages that it answers, In-Reply-To's first
    automatic: Automatic | None = None
    bounced: str | None = None  # the id of the message that could not be delivered
    vouched: bool | None = None  # our own server says of the sender's domain: true, false, nothing
    faults: tuple[str, ...] = ()  # codes of what was broken: `FAULTS`


FAULTS: Final = {
    # why there is no sender, or whom it may be doubted
    "sender-missing": "there is no From line",
    "sender-twice": "there are several From lines",
    "sender-several": "the From line holds several addresses",
    "sender-unclear": "the From line is not one plain address",
    "sender-foreign": "the address has letters beside the plain ones",
    "sender-posing": "the name shown is an address other than the sender's",
    # what was left out, because there was too much of it
    "large": "larger than the desk reads: its headers alone were read",
    "headers-cut": "too many or too long headers",
    "addresses-cut": "too many addresses",
    "parts-cut": "too many parts",
    "nested-cut": "parts within parts within parts",
    "files-cut": "too many or too large files",
    "text-cut": "too long a text",
    "page-cut": "too long a page (HTML)",
    # what was repaired, as well as it could be
    "charset-wrong": "the text is in another charset than the mail says",
    "encoding-wrong": "the content's encoding is broken",
    "headers-broken": "lines that are no headers",
    "id-missing": "no usable Message-ID",
    "nul": "NUL bytes",
    "parts-broken": "parts that do not fit together",
}
