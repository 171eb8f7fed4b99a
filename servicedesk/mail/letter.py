"""What a mail says: what happened, why it is told, and one button to act (E6)."""

from __future__ import annotations

from dataclasses import dataclass

QUOTED = 2000  # characters of what somebody wrote


class NotToBeSent(Exception):
    """There is nobody to send it to, or nothing to say any more; the message is a short reason."""


@dataclass(frozen=True)
class Quote:
    """What somebody wrote."""

    text: str
    by: str = ""
    cut: bool = False

    @property
    def lines(self) -> list[str]:
        """Give its lines."""
        return self.text.splitlines()


@dataclass(frozen=True)
class Fact:
    """A value with its label."""

    label: str
    value: str


@dataclass(frozen=True)
class Button:
    """The one thing to do."""

    label: str
    url: str


@dataclass(frozen=True)
class Line:
    """A message in a few words, within another."""

    what: str
    why: str
    button: Button


@dataclass(frozen=True)
class Section:
    """What a mail says about one incident of several."""

    title: str
    lines: tuple[Line, ...] = ()

    @property
    def whys(self) -> list[str]:
        """Give why one is told, each reason once."""
        return list(dict.fromkeys(line.why for line in self.lines if line.why))


@dataclass(frozen=True)
class File:
    """A PDF that goes with a mail."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Letter:
    """A mail in its reader's language, before it is laid out."""

    subject: str  # what, without number and title
    what: str  # the same as a sentence
    why: str
    button: Button
    lines: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    facts: tuple[Fact, ...] = ()
    sections: tuple[Section, ...] = ()
    files: tuple[File, ...] = ()


def quote(text: str | None, by: str = "") -> tuple[Quote, ...]:
    """Quote a text, what is long not to its end; none where there is no text."""
    said = (text or "").strip()
    if not said:
        return ()
    if len(said) <= QUOTED:
        return (Quote(said, by),)
    return (Quote(said[: QUOTED - 1].rstrip() + "…", by, cut=True),)


def facts(*pairs: tuple[str, str | None]) -> tuple[Fact, ...]:
    """Give those facts that have a value."""
    return tuple(Fact(str(label), value) for label, value in pairs if value)
