"""The thread says what matters: lines of one doing are one, and long threads are folded."""

from __future__ import annotations

from datetime import datetime, timedelta

from servicedesk.incidents.models import Comment
from servicedesk.incidents.telling import Told
from servicedesk.incidents.thread import Entry, counts, fold, only, split
from tests.cast import at

ITO, ABE = 1, 2


def line(text: str, when: str, by: int = ITO, *, minor: bool = False) -> Entry:
    return Entry(at(when), told=Told(at(when), text, "user", public=True, by=by, minor=minor))


def comment(when: str, by: int = ITO, kind: str = "reply") -> Entry:
    return Entry(at(when), Comment(author_id=by, kind=kind, body="…"))


def texts(entries: list[Entry]) -> list[str]:
    return [entry.told.text if entry.told else "…" for entry in entries]


def test_lines_of_one_person_in_one_minute_are_one() -> None:
    said = [line("accepted", "09:00"), line("took it", "09:00:40")]
    assert texts(fold(said)) == ["accepted · took it"]


def test_lines_of_two_people_or_of_two_minutes_stay_apart() -> None:
    said = [line("one", "09:00"), line("two", "09:00", ABE), line("three", "09:01", ABE)]
    assert texts(fold(said)) == ["one", "two", "three"]


def test_what_only_follows_from_a_doing_is_left_out() -> None:
    started = line("In progress", "09:00", minor=True)
    assert texts(fold([line("took it", "09:00"), started])) == ["took it"]
    assert texts(fold([started, comment("09:00")])) == ["…"]


def test_what_follows_from_nothing_else_is_told() -> None:
    assert texts(fold([line("In progress", "09:00", minor=True)])) == ["In progress"]


def test_a_comment_is_never_joined_to_another() -> None:
    assert texts(fold([comment("09:00"), comment("09:00")])) == ["…", "…"]


def test_a_long_thread_keeps_its_last_comments_open() -> None:
    entries = [comment(f"09:{minute:02}", minute) for minute in range(10)]
    earlier, recent = split(entries)
    assert (len(earlier), len(recent)) == (6, 4)


def test_a_thread_of_many_lines_is_folded_too() -> None:
    start: datetime = at("09:00")
    entries = [
        Entry(start + timedelta(minutes=n), told=Told(start, str(n), "user", public=True))
        for n in range(40)
    ]
    assert len(split(entries)[1]) == 12


def test_a_short_thread_is_not_folded() -> None:
    entries = [comment(f"09:{minute:02}", minute) for minute in range(6)]
    assert split(entries) == ([], entries)


def test_comments_are_counted_and_chosen_by_kind() -> None:
    entries = [comment("09:00"), comment("09:05", kind="note"), line("took it", "09:10")]
    assert counts(entries) == {"reply": 1, "note": 1, "partner": 0}
    assert only(entries, "note") == entries[1:2]
    assert only(entries, "no such kind") == entries
