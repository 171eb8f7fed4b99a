"""How much of an incident's time is drawn, and which dates lie beyond."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from servicedesk.incidents.lifeline.parts import LifeLine, Mark
from servicedesk.incidents.lifeline.text import text_width

PAST = 0.6  # the share the past keeps once a date is parked
PAST_AT_LEAST = 0.55  # … and how little it may have before one is
PAD = 1.05
WIDE = 940  # px, the width a picture is made for
BESIDE = 20  # px a label needs beside its own width
PARKED = 48  # px a parked date needs beside the width of its words
MOST_WORDS = 0.3  # the largest share of the picture made free for a label
THREE_WEEKS = timedelta(weeks=3)


class Ahead(NamedTuple):
    """A date ahead: its length, and the shares of the picture that its words take."""

    length: float
    label: float
    parked: float

    @staticmethod
    def of(length: float, mark: Mark) -> Ahead:
        label, short = text_width(mark.label) + BESIDE, text_width(mark.short_label) + PARKED
        return Ahead(length, min(label / WIDE, MOST_WORDS), min(short / WIDE, MOST_WORDS))


def judged_at(mark: Mark, zone: str) -> datetime:
    """D1: a day's date is judged at its 24:00, an instant as it is."""
    if not mark.day:
        return mark.at
    try:
        return _day_end(mark.at.astimezone(ZoneInfo(zone))).astimezone(mark.at.tzinfo)
    except OverflowError:  # "never", as some imported histories write it
        return mark.at


def _day_end(local: datetime) -> datetime:
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return midnight if local.replace(fold=0) == midnight else midnight + timedelta(days=1)


def ahead(line: LifeLine) -> Iterator[tuple[datetime, Mark]]:
    """The dates after the past that still count."""
    edge = line.edge
    for mark in line.marks:
        at = judged_at(mark, line.zone)
        if at > edge and mark.state != "superseded":
            yield at, mark


def horizon(line: LifeLine) -> datetime:
    """Far enough for all that may be drawn, yet near enough to ask the calendar for little."""
    begin, edge = line.begin, line.edge
    last = max((edge, *(at for at, _ in ahead(line))))
    farthest = _beyond(begin, edge, 2, 8)
    return farthest if last > farthest else min(farthest, _beyond(begin, last, 0.6, 4))


def _beyond(begin: datetime, end: datetime, most: float, folded: float) -> datetime:
    """The 40 % that may follow the past take up to eight times as long where they are folded."""
    past = end - begin
    return end + max(most * past, min(folded * past, THREE_WEEKS)) + timedelta(hours=2)


def drawn(past: float, dates: Sequence[Ahead], least: float) -> float:
    """How much is drawn, given the lengths of the past and of the least that is."""
    wished = PAD * max((past, *(date.length for date in dates)))
    if past < wished * PAST_AT_LEAST:
        length = past / PAST
    else:
        roomy = (date.length / (1 - date.label) for date in dates)
        length = max(wished, min(past / PAST, max(roomy, default=0)))
    length = max(length, past * PAD, least)
    return max(length, _clear_of_parked(dates, length))


def _clear_of_parked(dates: Sequence[Ahead], length: float) -> float:
    """What has to be length to keep the last date in the range clear of those parked."""
    words = max((date.parked for date in dates if date.length > length), default=0)
    last = max((date.length for date in dates if date.length <= length), default=0)
    return last / (1 - words)
