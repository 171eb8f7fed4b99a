"""What is dumped is loaded back without a change, and dumps the same again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from servicedesk.people.models import Person
from servicedesk.setup.check import check
from servicedesk.setup.dump import dump, write
from servicedesk.setup.problems import Document
from servicedesk.setup.snapshot import NoDesk
from tests.setup.examples import DESK, NOTHING, changed, load, one
from tests.support.torture import enough

DUMPED = """\
desk: {name: Example IT Desk, zone: Asia/Tokyo, language: ja, goals: {requested_due.first: 0.95}}
calendars:
  office:
    zone: Asia/Tokyo
    hours:
      mon-fri: ['09:00-12:00', '13:00-18:00']
    holidays: JP
    closed: ['2026-12-29', '2026-12-30']
    open:
      '2026-11-23': ['10:00-16:00']
groups:
  desk: {name: Service desk, tier: 1, calendar: office, lead: sato, members: [ito, sato], targets: \
{acceptance: 30}}
  network: {name: Network team, tier: 2, calendar: office, lead: abe, members: [abe]}
partners:
  netone: {name: NetOne Inc., calendar: office, mail: support@netone.example, members: \
[netone-kim], targets: {P1: {acceptance: 15, answer: 120}}}
agreements:
  standard:
    calendar: office
    pauses: [requester]
    targets:
      P1: {response: 15, resolution: 240}
      P3: {resolution: 2d}
services:
  internet: {name: Internet access, path: [desk, network, netone], agreement: standard, policy: \
standard}
policies:
  standard:
  - {key: warn, when: {clock: resolution, at: 75}, tell: [assignee, holder-lead]}
  - {key: climb, when: {unaccepted: 60}, for: {priority: [P1, P2]}, hand_off: next}
people:
  sato: {name: 佐藤 ゆい, mail: sato@corp.example, language: ja, department: IT, manager: abe, \
deputy: ito}
  ito: {name: 伊藤 蓮}
  abe: {name: 阿部 澪, roles: [agent, manager]}
  netone-kim: {name: Kim}
"""


def test_a_desk_is_dumped_in_one_form(session: Session, now: datetime) -> None:
    load(DESK, now)
    assert dump() == DUMPED
    assert load(DUMPED, now) == NOTHING


def test_who_approves_reports_is_kept_and_dumped(session: Session, now: datetime) -> None:
    load(f"{DESK}reports: {{approver: abe}}\n", now)
    assert "reports: {approver: abe}\n" in dump()
    assert load(dump(), now) == NOTHING
    load(DESK, now)
    assert "approver" not in dump()


def test_only_what_is_in_use_is_dumped(session: Session, now: datetime) -> None:
    load(DESK, now)
    load("desk: {name: A}", now)
    assert dump() == "desk: {name: A, zone: UTC, language: en}\n"


def test_passwords_and_people_made_by_an_import_are_not_dumped(
    session: Session, now: datetime
) -> None:
    load(DESK, now)
    one(session, Person, "sato").password_hash = "secret"
    session.add(Person(key="old", name="Old", roles=["agent"], listed=False))
    session.commit()
    assert dump() == DUMPED


def test_what_differs_from_its_default_is_dumped(session: Session, now: datetime) -> None:
    text = changed("close_after: 5", "close_after: 7, remind_after: 1")
    text = changed("name: Kim", "name: Kim, roles: []", text)
    text = changed("policy: standard}", "confidential: yes, owner: abe, approval: owner}", text)
    load(text, now)
    dumped = dump()
    assert "close_after: 7, remind_after: 1" in dumped
    assert "netone-kim: {name: Kim, roles: []}" in dumped
    assert "owner: abe, approval: owner, confidential: true" in dumped
    assert load(dumped, now) == NOTHING


def test_there_is_nothing_to_dump_without_a_desk(session: Session) -> None:
    with pytest.raises(NoDesk):
        dump()


# Any set-up at all

KEYS = ("a", "b-1", "on", "no", "null", "12", "007", "1e5", "-", "next-one")
Names = st.sampled_from(
    ["yes", "NULL", "2026-01-01", "12:30", "#x", "a: b", "1,1", "it's", '"', "- x", "𠮷田 太郎"]
) | st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=30).map(
    lambda text: text.strip() or "佐藤"
)
Minutes = st.integers(1, 1_000_000)
Target = Minutes | st.integers(1, 9999).map(lambda days: f"{days}d")
Day = st.dates().map(str).filter(lambda day: day >= "1970")
Window = st.sampled_from(["09:00-12:00", "13:00-18:00", "22:00-06:00", "09:00-09:00", "8:00-32:00"])
Windows = st.lists(Window, max_size=3)
Hours = st.sampled_from([("mon-fri", "sat"), ("sun-thu",), ("mon", "wed-sun"), ()]).flatmap(
    lambda days: st.fixed_dictionaries(dict.fromkeys(days, Windows))
)


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


def some(keys: list[str], least: int = 0) -> st.SearchStrategy[list[str]]:
    if not keys:
        return st.just([])
    return st.lists(st.sampled_from(keys), unique=True, min_size=least, max_size=4)


def targets(*kinds: str) -> st.SearchStrategy[dict[str, Any]]:
    each = optional(**dict.fromkeys(kinds, Target))
    return each | optional(P1=each, P2=each, P5=each)


PARTY_TARGETS = targets("acceptance", "answer", "holding")
When = st.one_of(
    st.fixed_dictionaries(
        {"clock": st.sampled_from(["resolution", "promised"]), "at": st.integers(1, 1000)}
    ),
    *(st.fixed_dictionaries({word: Minutes}) for word in ("unaccepted", "untouched", "wish")),
)


@st.composite
def set_ups(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a valid set-up, as plain values."""

    def keys(least: int = 0) -> list[str]:
        return draw(st.lists(st.sampled_from(KEYS), unique=True, min_size=least, max_size=4))

    def entries(names: list[str], entry: st.SearchStrategy[Any]) -> dict[str, Any]:
        return {name: draw(entry) for name in names}

    people, calendars = keys(), keys(1)
    parties = draw(st.permutations(KEYS[:6]))
    groups, partners = parties[: draw(st.integers(0, 3))], parties[3 : draw(st.integers(3, 6))]
    half = len(people) // 2
    ours, theirs = people[:half], people[half:]
    calendar = st.sampled_from(calendars)
    agreements, policies = keys(), keys()
    one_policy = {"policy": st.sampled_from(policies)} if policies else {}
    one_of_ours = {"lead": st.sampled_from(ours)} if ours else {}
    parties_used = [*groups, *partners]
    step: st.SearchStrategy[dict[str, Any]] = st.builds(
        dict,
        when=When,
        tell=st.lists(st.sampled_from(["manager", "requester"]), unique=True),
        hand_off=st.sampled_from([*groups, *partners, "next"]),
        do=optional(priority=st.just("up"), major=st.just("propose")),
    ) | st.builds(
        dict, when=When, **{"for": optional(priority=some(["P1", "P4"]), group=some(parties_used))}
    )
    return {
        "desk": draw(
            optional(
                name=Names,
                zone=st.sampled_from(["UTC", "Asia/Tokyo"]),
                language=st.sampled_from(["en", "ja"]),
                close_after=st.integers(0, 365),
                goals=optional(**{"sla.response": st.floats(0, 1), "backlog": st.integers(0, 9)}),
            )
        ),
        "calendars": entries(
            calendars,
            optional(
                zone=st.sampled_from(["UTC", "Europe/Berlin"]),
                hours=Hours,
                holidays=st.sampled_from(["JP", "US-NY", "NO"]),
                closed=st.lists(Day, max_size=3),
                open=st.dictionaries(Day, Windows, max_size=2),
            ),
        ),
        "groups": entries(
            groups,
            st.fixed_dictionaries(
                {"name": Names, "tier": st.integers(1, 3), "calendar": calendar},
                optional={"members": some(ours), "targets": PARTY_TARGETS, **one_of_ours},
            ),
        ),
        "partners": entries(
            partners,
            st.fixed_dictionaries(
                {"name": Names, "calendar": calendar},
                optional={
                    "members": some(theirs),
                    "targets": PARTY_TARGETS,
                    "mail": st.just("a@b.example"),
                    "valid": st.sampled_from([{"from": "2026-04-01"}, {"to": "2026-04-01"}, {}]),
                },
            ),
        ),
        "agreements": entries(
            agreements,
            st.fixed_dictionaries(
                {"calendar": calendar},
                optional={
                    "pauses": some(["requester", "approval", "other"]),
                    "targets": targets("response", "resolution"),
                },
            ),
        ),
        "services": entries(
            keys() if agreements and (groups or partners) else [],
            st.fixed_dictionaries(
                {"path": some(parties_used, 1), "agreement": st.sampled_from(agreements or [""])},
                optional={
                    "name": Names,
                    "confidential": st.booleans(),
                    "lead_time": Target,
                    "fields": st.just([{"key": "a", "name": "A"}]),
                    **one_policy,
                },
            ),
        ),
        "policies": {
            name: [
                {"key": f"s{n}", **said} for n, said in enumerate(draw(st.lists(step, max_size=3)))
            ]
            for name in policies
        },
        "people": entries(
            people,
            optional(
                name=Names,
                mail=st.just("a@b.example"),
                language=st.sampled_from(["en", "ja"]),
                department=Names,
            ),
        ),
    }


@pytest.mark.backends("sqlite")
@settings(max_examples=enough(20, 500), suppress_health_check=list(HealthCheck))
@given(said=set_ups())
def test_any_set_up_comes_back_as_it_was(
    session: Session, now: datetime, said: dict[str, Any]
) -> None:
    """Each example is loaded over the one before it."""
    load(yaml.safe_dump(said, allow_unicode=True), now)
    first = dump()
    assert load(first, now) == NOTHING
    assert dump() == first
    meant = yaml.safe_load(write(check(Document("said", said))))
    assert in_any_order(yaml.safe_load(first)) == in_any_order(meant)


def in_any_order(said: dict[str, Any]) -> dict[str, Any]:
    for party in (*said.get("groups", {}).values(), *said.get("partners", {}).values()):
        party.get("members", []).sort()
    return said
