"""An incident's conversation: comments and what happened, in order, folded to what matters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask_babel import gettext as _

from servicedesk.incidents.models import Comment
from servicedesk.incidents.telling import Told
from servicedesk.people.models import Person, initials

KINDS = ("reply", "note", "partner")
RECENT, LINES = 4, 12  # so many comments, or entries in all, stay open at the end of a thread
FEW = 4  # fewer entries are not worth folding
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class FileLink:
    """A file as a link."""

    name: str
    url: str
    size: str


@dataclass(frozen=True)
class ByMail:
    """Who wrote something by mail: a person, or a company of which no person is known (H7)."""

    name: str
    initials: str


@dataclass(frozen=True)
class Entry:
    """One thing in the thread: a comment with its files, or a line that says what happened."""

    at: datetime
    comment: Comment | None = None
    files: tuple[FileLink, ...] = ()
    told: Told | None = None
    by_requester: bool = False

    @property
    def by(self) -> int | None:
        """Give who did it, by id."""
        if self.comment:
            return self.comment.author_id
        return self.told.by if self.told else None

    @property
    def author(self) -> Person | ByMail | None:
        """Give who wrote it, for an avatar and a name."""
        comment = self.comment
        if comment is None or not comment.by_mail:
            return comment.author if comment else None
        who = comment.author or comment.partner
        if who is None:
            return None
        name = str(_("%(company)s, by mail", company=who.name))
        return ByMail(name, initials(who.name))

    def goes_with(self, other: Entry) -> bool:
        """Say whether both are one doing: by the same person, within a minute."""
        return self.by == other.by and abs(other.at - self.at) < MINUTE


def fold(entries: Iterable[Entry]) -> list[Entry]:
    """Put lines of one doing into one, without those that only follow from it."""
    return list(_joined(_without_minor(list(entries))))


def _without_minor(entries: Sequence[Entry]) -> Iterator[Entry]:
    for n, entry in enumerate(entries):
        beside = [other for other in _beside(entries, n) if not (other.told and other.told.minor)]
        if not (entry.told and entry.told.minor and beside):
            yield entry


def _beside(entries: Sequence[Entry], n: int) -> Iterator[Entry]:
    """Give what else belongs to the same doing."""
    for way in (entries[:n][::-1], entries[n + 1 :]):
        for other in way:
            if not entries[n].goes_with(other):
                break
            yield other


def _joined(entries: Iterable[Entry]) -> Iterator[Entry]:
    last: Entry | None = None
    for entry in entries:
        if last and last.told and entry.told and last.goes_with(entry):
            text = f"{last.told.text} · {entry.told.text}"
            last = replace(last, told=replace(last.told, text=text))
            continue
        if last:
            yield last
        last = entry
    if last:
        yield last


def counts(entries: Iterable[Entry]) -> dict[str, int]:
    """Count the comments of each kind."""
    kinds = [entry.comment.kind for entry in entries if entry.comment]
    return {kind: kinds.count(kind) for kind in KINDS}


def only(entries: Sequence[Entry], kind: str) -> Sequence[Entry]:
    """Give the comments of a kind; everything for a kind that there is not."""
    if kind not in KINDS:
        return entries
    return [entry for entry in entries if entry.comment and entry.comment.kind == kind]


def split(entries: Sequence[Entry]) -> tuple[Sequence[Entry], Sequence[Entry]]:
    """Divide a long thread into what is earlier and what is recent."""
    comments = [n for n, entry in enumerate(entries) if entry.comment]
    at = max(comments[-RECENT] if len(comments) > RECENT else 0, len(entries) - LINES)
    at = at if at >= FEW else 0
    return entries[:at], entries[at:]
