"""H7: whether a mail is taken, set aside for a person to decide, or dropped; and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from servicedesk.bridge.incoming import Incoming

LINE, WORK, REPLY, NEW = "line", "work", "reply", "new"  # what a mail that is taken becomes
AN_HOUR_AT_MOST = 60  # mails of one sender


@dataclass(frozen=True)
class About:
    """What the token of a reply address, or a number in the subject, leads to."""

    becomes: str  # line, work, reply
    is_reader: bool  # the sender is who it was written to
    ended: bool  # the hand-off or work request is over, the incident closed or cancelled
    may_write: bool = True  # a watcher reads only


@dataclass(frozen=True)
class Known:
    """What the desk knows of a mail besides what it says itself."""

    tokens: int  # different ones among its addresses
    about: About | None  # of the token
    people: int  # active ones with the sender's address
    may_log: bool = False  # the one person may report incidents
    numbered: About | None = None  # of a number in the subject
    recent: int = 0  # mails of the sender within an hour
    trusting: bool = False  # the setting MAIL_TRUST_SENDERS
    own: bool = False  # it comes from the desk's own address


@dataclass(frozen=True)
class Verdict:
    """What is to happen with a mail."""

    state: str  # taken, set_aside, dropped
    reason: str | None = None
    becomes: str | None = None
    detail: str | None = None  # a code


DROPPED: Final = ("auto-reply", "bounce", "list", "loop")


def judge(mail: Incoming, known: Known) -> Verdict:
    """Decide; what is not clearly somebody's own word is left to a person."""
    if mail.automatic in DROPPED:
        return Verdict("dropped", mail.automatic)
    if known.own:
        return Verdict("dropped", "loop")
    if doubt := _doubt(mail, known):
        return Verdict("set_aside", doubt)
    return _with_token(known) if known.tokens else _without_token(mail, known)


def unreadable(reason: str) -> Verdict:
    """Decide on a mail that could not be read."""
    return Verdict("set_aside", "unreadable", detail=reason)


def _doubt(mail: Incoming, known: Known) -> str | None:
    """Give why a mail's sender, or the mail as a whole, is not to be relied on."""
    if "large" in mail.faults:
        return "too-big"
    if mail.vouched is False:
        return "forged"
    if "sender-posing" in mail.faults:
        return "posing"
    if mail.sender is None:
        return "no-sender"
    return "too-many" if known.recent >= AN_HOUR_AT_MOST else None


def _with_token(known: Known) -> Verdict:
    about = known.about
    if known.tokens > 1:
        return Verdict("set_aside", "several-addresses")
    if about is None:
        return Verdict("set_aside", "unknown-address")
    if not about.is_reader:
        return Verdict("set_aside", "wrong-sender")
    return _about(about)


def _about(about: About) -> Verdict:
    if about.ended:
        return Verdict("set_aside", "closed" if about.becomes == REPLY else "ended")
    if not about.may_write:
        return Verdict("set_aside", "watcher")
    return Verdict("taken", becomes=about.becomes)


def _without_token(mail: Incoming, known: Known) -> Verdict:
    if known.people != 1:
        return Verdict("set_aside", "several-people" if known.people else "unknown-sender")
    if not (mail.vouched or known.trusting):
        return Verdict("set_aside", "nobody-vouches")
    if known.numbered:
        if not known.numbered.is_reader:
            return Verdict("set_aside", "others-number")
        return _about(known.numbered)
    if not known.may_log:
        return Verdict("set_aside", "no-address")
    return Verdict("taken", becomes=NEW)
