"""§9, E5: mail, summary or nothing, within what a role must get."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from servicedesk.mail import channels, slots, words
from servicedesk.mail.channels import (
    ACCOUNT,
    ASKED,
    CHANNELS,
    DIGEST,
    GROUPS,
    HANDOFFS,
    MAIL,
    NONE,
    QUESTIONS,
    URGENT,
    Reader,
    Why,
    channel,
    floor,
    group_of,
    groups_for,
)
from servicedesk.mail.letters import LETTERS
from servicedesk.sla.calendar import Calendar, Version, parse_hours
from tests.cast import at

EMPLOYEE, AGENT, LEAD, MANAGER, PARTNER = (
    Reader({"employee"}), Reader({"agent"}), Reader({"agent", "lead"}), Reader({"manager"}),
    Reader({"partner"}),
)  # fmt: skip
READERS = (EMPLOYEE, AGENT, LEAD, MANAGER, PARTNER, Reader({"admin"}), Reader(set()))
ALL_NONE = {group.key: NONE for group in GROUPS}
ALL_DIGEST = {group.key: DIGEST for group in GROUPS}
KINDS = sorted(set(LETTERS) - {"digest", "bundle"})


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_mail_is_in_a_group_and_has_a_name(kind: str, session: object) -> None:
    """A kind that is forgotten here would be mailed to who wants none; that is the safe side."""
    assert group_of(kind, AGENT) or group_of(kind, PARTNER)
    assert words.message(kind) != words.message("something_new")


def test_each_group_has_words_and_each_reason(session: object) -> None:
    assert all(words.group(group.key) for group in GROUPS)
    assert all(words.reason(why) for why in Why)
    assert all(words.channel(each) for each in CHANNELS)


@pytest.mark.parametrize("reader", READERS)
def test_who_chooses_nothing_gets_everything_by_mail(reader: Reader) -> None:
    assert {channel(kind, reader, {}) for kind in KINDS} == {MAIL}


@pytest.mark.parametrize("reader", READERS)
def test_what_a_newer_version_tells_is_mailed(reader: Reader) -> None:
    assert channel("something_new", reader, ALL_NONE) == MAIL


@pytest.mark.parametrize("said", [ALL_NONE, ALL_DIGEST])
def test_some_messages_are_mailed_whatever_is_chosen(said: dict[str, str]) -> None:
    for kind in QUESTIONS.kinds | ASKED.kinds | ACCOUNT.kinds:
        for reader in READERS:
            assert channel(kind, reader, said) == MAIL, (kind, reader)


@pytest.mark.parametrize(
    ("kind", "reader", "least"),
    [
        ("reply", EMPLOYEE, NONE),
        ("solved", EMPLOYEE, DIGEST),  # it closes by itself
        ("solved", Reader({"employee"}, is_requester=False), NONE),
        ("rule", EMPLOYEE, NONE),
        ("rule", AGENT, DIGEST),
        ("rule", LEAD, MAIL),
        ("rule", MANAGER, MAIL),
        ("rule", Reader({"agent"}, stands_in={"agent", "lead"}), MAIL),
        ("rule", Reader({"agent"}, stands_in={"agent"}), DIGEST),
        ("return_lapsed", MANAGER, MAIL),
        ("promise_declined", AGENT, DIGEST),
        ("promise_declined", MANAGER, NONE),
        ("handed_off", PARTNER, NONE),
        ("handed_off", Reader({"partner"}, only_one=True), MAIL),
        ("work_requested", PARTNER, NONE),
        ("work_requested", LEAD, DIGEST),
    ],
)
def test_nobody_gets_less_than_their_role_must(kind: str, reader: Reader, least: str) -> None:
    assert channel(kind, reader, ALL_NONE) == least


def test_of_several_roles_the_strictest_counts() -> None:
    group = group_of("rule", LEAD)
    assert group is not None
    assert floor(group, LEAD) == channels.Floor(MAIL, Why.LEADS)
    assert floor(group, AGENT).why is Why.WORKS


def test_what_presses_is_in_no_summary() -> None:
    """A nudge or a question would come too late in the morning."""
    for kind in URGENT:
        for reader in (AGENT, PARTNER):
            assert channel(kind, reader, ALL_DIGEST) == MAIL
    assert channel("handed_off", PARTNER, ALL_DIGEST) == DIGEST
    assert channel("nudged", PARTNER, ALL_NONE) == NONE  # a colleague gets it


def test_what_cannot_be_a_choice_is_none() -> None:
    assert channel("reply", EMPLOYEE, {"news": "pigeon"}) == MAIL
    assert channels.hour({"hour": "noon"}) == channels.hour({"hour": 24}) == 8


def test_everybody_is_offered_what_they_can_be_told() -> None:
    def keys(*roles: str) -> set[str]:
        return {group.key for group in groups_for(roles)}

    assert keys("partner") == {"handoffs", "account", "reports"}
    assert "work" not in keys("employee")
    assert HANDOFFS.key not in keys("employee", "agent", "lead", "manager", "admin")
    assert keys("agent") == {group.key for group in GROUPS} - {"handoffs", "system", "reports"}
    assert "system" in keys("admin")


def test_only_what_is_unusual_is_kept() -> None:
    assert channels.kept({"news": MAIL, "watched": NONE}, 8) == {"watched": NONE}
    assert channels.kept({}, 17) == {"hour": 17}


# when


OFFICE = Calendar(
    [
        Version(
            "Asia/Tokyo",
            parse_hours({"mon-fri": ["09:00-18:00"]}),
            days_off=frozenset({date(2026, 11, 23)}),
        )
    ]
)


@pytest.mark.parametrize(
    ("after", "hour", "zone", "expected"),
    [
        ("07:59", 8, "Asia/Tokyo", "08:00"),
        ("08:00", 8, "Asia/Tokyo", "Fri 08:00"),
        ("Fri 09:00", 8, "Asia/Tokyo", "Mon 08:00"),
        ("2026-11-20 09:00", 8, "Asia/Tokyo", "2026-11-24 08:00"),  # the Monday is a holiday
        ("12:00", 8, "Europe/Berlin", "16:00"),  # 8 in Berlin on the same day
    ],
)
def test_the_summary_comes_on_the_next_working_day_in_the_readers_zone(
    after: str, hour: int, zone: str, expected: str
) -> None:
    assert slots.next_slot(at(after), hour, zone, OFFICE) == at(expected)


def test_a_summary_that_is_late_comes_on_the_same_day_or_not_at_all() -> None:
    when = (8, "Asia/Tokyo", OFFICE)
    assert slots.day_due(at("07:59"), *when) is None
    for time in ("08:00", "23:59"):
        assert slots.day_due(at(time), *when) == date(2026, 11, 26)
    assert slots.day_due(at("Sat 12:00"), *when) is None


def test_a_desk_that_never_opens_still_tells_people() -> None:
    closed = Calendar([Version("UTC", parse_hours({}))])
    now = datetime(2026, 11, 26, 9, tzinfo=UTC)
    assert slots.next_slot(now, 8, "UTC", closed) == datetime(2026, 11, 27, 8, tzinfo=UTC)
    assert slots.next_slot(now, 8, "UTC", None) == datetime(2026, 11, 27, 8, tzinfo=UTC)
    assert slots.day_due(now, 8, "UTC", None) == date(2026, 11, 26)
