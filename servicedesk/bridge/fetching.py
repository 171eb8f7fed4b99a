"""H7: fetches mail from a folder of an IMAP server; killed at any instant it is fetched again.

A mail is taken and committed first, and then marked and moved away: what was not, is fetched again,
and taken once by its digest.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flask import current_app
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError
from sqlalchemy.exc import InterfaceError, OperationalError

from config import MailFolder
from servicedesk import pulse, times
from servicedesk.bridge import reading
from servicedesk.bridge.models import SET_ASIDE
from servicedesk.bridge.taking import take

log = logging.getLogger(__name__)
TIMEOUT: Final = 30  # seconds that the server may take for one step
AT_ONCE: Final = 50  # sizes asked for together
LONGEST: Final = timedelta(minutes=5)  # of one round; the rest waits for the next
START: Final = 65536  # bytes of a mail that is too large
DONE, ASIDE = "Done", "Set aside"  # folders
SIZE: Final = b"RFC822.SIZE"


class Away(Exception):
    """The server can't be reached, or does not let us in; the message has no names or passwords."""


@dataclass
class Fetched:
    """What a round came to."""

    taken: int = 0
    again: int = 0  # were there already
    failed: int = 0  # tried again the next time
    broken_off: bool = False


def fetch(now: datetime) -> Fetched:
    """Fetch what is there, one mail after the other, each taken in a transaction of its own."""
    del now  # a mail is received when it is taken
    said: MailFolder | None = current_app.config["MAIL_IMAP"]
    done = Fetched()
    if said is None:
        return done
    try:
        with opened(said) as line:
            _empty(Box(line), done)
    except Away as reason:
        log.warning("mail in: nothing can be fetched: %s", reason)
        done.broken_off = True
        return done
    pulse.beat("mail-in", times.now())
    return done


class Box:
    """The folder that mail is fetched from, and where mail goes that was taken."""

    def __init__(self, line: Any) -> None:
        self.line = line
        self.folders = {name: _made(line, name) for name in (DONE, ASIDE)}

    def unseen(self) -> list[int]:
        """Name what is there, the oldest first."""
        return sorted(self.line.search(["UNSEEN", "UNDELETED"]))

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Ask for sizes; what somebody else took away meanwhile is left out."""
        found = self.line.fetch(uids, [SIZE])
        return {uid: int(found[uid][SIZE]) for uid in uids if SIZE in found.get(uid, {})}

    def content(self, uid: int, size: int) -> bytes | None:
        """Fetch a mail, or the start of one that is too large, without marking it."""
        large = size > reading.MOST_BYTES
        most = START if large else reading.MOST_BYTES + 1  # whatever the server says of its size
        found = self.line.fetch([uid], [f"BODY.PEEK[]<0.{most}>"]).get(uid, {})
        raw = next((value for key, value in found.items() if key.startswith(b"BODY[]")), None)
        if raw is None:
            return None
        return reading.beginning(bytes(raw), size) if large else bytes(raw)

    def clear(self, uid: int, name: str) -> None:
        """Move a mail that is done with into a folder; where that is not possible mark it as read.

        Not both: who is killed in between would leave it in the way, read and so never moved.
        """
        folder = self.folders[name]
        if folder and self.line.has_capability("MOVE"):
            self.line.move([uid], folder)
        elif folder and self.line.has_capability("UIDPLUS"):
            self.line.copy([uid], folder)
            self.line.delete_messages([uid], silent=True)
            self.line.uid_expunge([uid])
        else:
            self.line.add_flags([uid], [rb"\Seen"], silent=True)


def _made(line: Any, name: str) -> str | None:
    """Make a folder where it is missing; None where the server has none for us."""
    try:
        folder = _prefix(line) + name
        if line.folder_exists(folder):
            return folder
        with suppress(IMAPClientError):  # somebody else may have made it just now
            line.create_folder(folder)
        return folder if line.folder_exists(folder) else None
    except IMAPClientError:
        return None


def _prefix(line: Any) -> str:
    """Give what the names of our own folders begin with: nothing, or `INBOX.`."""
    if not line.has_capability("NAMESPACE"):
        return ""
    personal = line.namespace().personal
    return str(personal[0][0]) if personal else ""


def _empty(box: Box, done: Fetched) -> None:
    """Take all that is there, until the time is over; raises Away."""
    end = times.now() + LONGEST
    with _answering():
        waiting = box.unseen()
    for start in range(0, len(waiting), AT_ONCE):
        with _answering():
            sizes = box.sizes(waiting[start : start + AT_ONCE])
        for uid, size in sizes.items():
            if times.now() >= end:
                return
            _one(box, uid, size, done)


def _one(box: Box, uid: int, size: int, done: Fetched) -> None:
    with _answering():
        raw = box.content(uid, size)
    if raw is None:  # somebody else was quicker
        return
    try:
        taken = take(raw, now=times.now())
    except (OperationalError, InterfaceError):
        raise  # the database, not a mail
    except Exception as error:  # noqa: BLE001 - one bad mail must not stop the others
        log.error("mail in: one could not be taken: %s", type(error).__name__)  # it may hold texts
        done.failed += 1
        return
    done.taken += not taken.again
    done.again += taken.again
    with _answering(), _quicker(taken.again):
        box.clear(uid, ASIDE if taken.state == SET_ASIDE else DONE)


def _quicker(again: bool) -> AbstractContextManager[object]:
    """Of two who fetched the same mail one can't move it any more."""
    return suppress(IMAPClientError) if again else nullcontext()


# The connection


@contextmanager
def opened(said: MailFolder) -> Iterator[Any]:
    """Connect, sign in and open the folder; raises Away."""
    with _answering():
        line = _called(said)
    try:
        with _answering():
            _sign_in(line, said)
            line.select_folder(said.folder)
        yield line
    finally:
        with suppress(OSError, IMAPClientError):
            line.logout()
        with suppress(OSError, IMAPClientError):
            line.shutdown()


def _called(said: MailFolder) -> Any:
    """Connect, with TLS unless imap+plain says otherwise; its certificate has to be good."""
    context = ssl.create_default_context()
    at_once = said.security == "imaps"
    tls = context if at_once else None
    line = IMAPClient(said.host, said.port, ssl=at_once, ssl_context=tls, timeout=TIMEOUT)
    if said.security == "imap":
        if not line.has_capability("STARTTLS"):
            line.shutdown()
            raise Away("the server offers no TLS, so the password is not sent")
        line.starttls(context)
    return line


def _sign_in(line: Any, said: MailFolder) -> None:
    try:
        line.login(said.user, said.password)
    except LoginError:
        raise Away("the server does not take user and password") from None


@contextmanager
def _answering() -> Iterator[None]:
    """Tell what a server may do to us from faults of our own; what it says may hold names."""
    try:
        yield
    except (OSError, IMAPClientError, ValueError, AssertionError) as error:
        raise Away(type(error).__name__) from None
