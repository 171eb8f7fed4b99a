"""Loading: all or nothing, twice is as good as once, and nothing is ever deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from servicedesk.errors import Refused
from servicedesk.incidents.models import Incident
from servicedesk.people.models import Group, Partner, Person, Service
from servicedesk.setup.dump import dump
from servicedesk.setup.load import load_text
from servicedesk.setup.models import Desk, Policy
from servicedesk.setup.problems import BadFile
from servicedesk.setup.schema import MATRIX
from servicedesk.setup.snapshot import directory
from servicedesk.sla.agreement import Target
from tests.setup.examples import (
    DESK,
    NOTHING,
    active,
    calendar_versions,
    changed,
    later,
    load,
    one,
    revision,
    set_up,
)


def test_a_whole_desk_is_set_up_from_one_file(session: Session, now: datetime) -> None:
    assert load(DESK, now) == [
        "+ desk",
        "+ calendar office",
        "+ group desk",
        "+ group network",
        "+ partner netone",
        "+ agreement standard",
        "+ service internet",
        "+ policy standard",
        "+ person sato",
        "+ person ito",
        "+ person abe",
        "+ person netone-kim",
    ]
    desk = set_up(session)
    service = desk.services_by_key["internet"]
    assert [desk.party(ref).key for ref in service.path] == ["desk", "network", "netone"]
    assert desk.desk_group(service).key == "desk"
    assert service.agreement.at(now).target("resolution", "P3") == Target(days=2)
    assert desk.by_key["desk"].agreement.at(now).target("acceptance", "P2") == Target(minutes=30)
    assert desk.by_key["netone"].agreement.at(now).target("acceptance", "P2") is None
    assert desk.priorities == MATRIX
    assert desk.more == {
        "close_after": 5,
        "remind_after": 3,
        "goals": {"requested_due.first": 0.95},
    }


def test_people_know_their_groups_and_each_other(session: Session, now: datetime) -> None:
    load(DESK, now)
    sato = one(session, Person, "sato")
    assert (sato.name, sato.mail, sato.department) == ("佐藤 ゆい", "sato@corp.example", "IT")
    assert [group.key for group in sato.groups] == ["desk"]
    assert sato.manager_id == one(session, Person, "abe").id
    assert sato.deputy_id == one(session, Person, "ito").id
    assert sato.password_hash is None
    assert one(session, Group, "desk").lead_id == sato.id
    assert [person.key for person in one(session, Partner, "netone").members] == ["netone-kim"]


def test_roles_that_are_not_given_follow_from_where_people_belong(
    session: Session, now: datetime
) -> None:
    load(DESK + "  mori: {}\n", now)
    people = {person.key: person.roles for person in session.scalars(sa.select(Person))}
    assert people == {
        "sato": ["agent"],
        "ito": ["agent"],
        "abe": ["agent", "manager"],
        "netone-kim": ["partner"],
        "mori": ["employee"],
    }


def test_policies_are_kept_in_one_form(session: Session, now: datetime) -> None:
    load(changed("hand_off: next", "do: {hand_off: netone, priority: up}"), now)
    assert one(session, Policy, "standard").steps == [
        {
            "key": "warn",
            "when": {"clock": "resolution", "at": 75},
            "tell": ["assignee", "holder-lead"],
        },
        {
            "key": "climb",
            "when": {"unaccepted": 60},
            "for": {"priority": ["P1", "P2"]},
            "hand_off": "netone",
            "do": {"priority": "up"},
        },
    ]


def test_who_is_named_but_not_described_becomes_a_person_too(
    session: Session, now: datetime
) -> None:
    load(changed("members: [abe]", "members: [abe, ueda]"), now)
    ueda = one(session, Person, "ueda")
    assert (ueda.name, ueda.roles) == ("ueda", ["agent"])
    assert load(dump(), later(now)) == NOTHING


def test_what_builds_on_the_set_up_follows_a_change_that_was_kept(
    session: Session, now: datetime
) -> None:
    """C7: a calendar's new version moves open deadlines."""
    seen: list[str] = []

    def then(_now: datetime) -> None:
        seen.append(directory(session).name)

    load_text(DESK, "desk.yaml", now=now, then=then)
    load_text(changed("name: Example IT Desk", "name: Renamed"), "d", now=later(now), then=then)
    load_text(
        changed("name: Example IT Desk", "name: Tried"), "d", now=now, dry_run=True, then=then
    )
    assert seen == ["Example IT Desk", "Renamed"]
    assert directory(session).name == "Renamed"


def test_loading_again_changes_nothing(session: Session, now: datetime) -> None:
    load(DESK, now)
    assert load(DESK, later(now)) == NOTHING
    assert revision(session) == 1


def test_each_loading_that_changes_something_is_a_revision(session: Session, now: datetime) -> None:
    load(DESK, now)
    load(changed("IT Desk", "Desk"), now)
    assert revision(session) == 2


def test_a_dry_run_says_the_same_and_changes_nothing(session: Session, now: datetime) -> None:
    said = load(DESK, now, dry_run=True)
    assert session.scalars(sa.select(Desk)).all() == []
    assert load(DESK, now) == said
    text = changed("name: Network team", "name: Networks")
    assert load(text, now, dry_run=True) == ["~ group network (name)"]
    assert load(DESK, now) == NOTHING


NEW_NETWORK = "~ group network (lead, members)"
OTHER_MATRIX = {**MATRIX, "1,2": "P1"}


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("close_after: 5", "close_after: 7", "~ desk (close_after)"),
        ("IT Desk, zone: Asia/Tokyo", "Desk, zone: UTC", "~ desk (name, zone)"),
        ("lead: abe, members: [abe]", "lead: sato, members: [abe, ito]", NEW_NETWORK),
        ("tier: 2", "tier: 3", "~ group network (tier)"),
        ("mail: support@netone.example, ", "", "~ partner netone (mail)"),
        ("name: NetOne", "valid: {to: 2027-03-31}, name: NetOne", "~ partner netone (valid)"),
        ("path: [desk, network, netone]", "path: [desk]", "~ service internet (path)"),
        ("policy: standard}", "lead_time: 2d}", "~ service internet (policy, lead_time)"),
        ("at: 75", "at: 50", "~ policy standard (steps)"),
        ("deputy: ito", "zone: UTC", "~ person sato (zone, deputy)"),
        ("roles: [agent, manager]", "roles: [agent]", "~ person abe (roles)"),
        ("people:\n", f"priorities: {OTHER_MATRIX}\npeople:\n", "~ priorities"),
    ],
)
def test_what_changes_is_said(
    session: Session, now: datetime, before: str, after: str, said: str
) -> None:
    load(DESK, now)
    text = changed(before, after)
    assert load(text, now) == [said]
    assert load(text, now) == NOTHING


def test_what_is_written_differently_and_means_the_same_is_no_change(
    session: Session, now: datetime
) -> None:
    load(DESK, now)
    text = changed("mon-fri:", "tue-fri: ['13:00-18:00', '09:00-12:00'], mon:")
    text = changed("[2026-12-29, 2026-12-30]", "['2026-12-30', 2026-12-29, 2026-12-30]", text)
    text = changed("roles: [agent, manager]", "roles: [manager, agent, agent]", text)
    text = changed("{resolution: 2d}}", "{resolution: 2d}, P4: {}}", text)
    text = changed("hand_off: next", "do: {hand_off: next}", text)
    assert load(text, later(now)) == NOTHING


def test_what_is_left_out_is_no_longer_in_use_and_not_deleted(
    session: Session, now: datetime
) -> None:
    load(DESK, now)
    assert load("desk: {name: Example IT Desk, zone: Asia/Tokyo, language: ja}", now) == [
        "~ desk (goals)",
        "- calendar office",
        "- group desk",
        "- group network",
        "- partner netone",
        "- agreement standard",
        "- service internet",
        "- policy standard",
        "- person sato",
        "- person ito",
        "- person abe",
        "- person netone-kim",
    ]
    for model in (Group, Partner, Service, Person):
        assert active(session, model) == set()
    assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 4


def test_what_comes_back_is_in_use_again(session: Session, now: datetime) -> None:
    load(DESK, now)
    number = one(session, Group, "network").id
    load("desk: {name: Example IT Desk, zone: Asia/Tokyo, language: ja}", now)
    said = load(DESK, now)
    assert {line for line in said if line[0] == "+"} == {
        "+ calendar office (again)",
        "+ group desk (again)",
        "+ group network (again)",
        "+ partner netone (again)",
        "+ agreement standard (again)",
        "+ service internet (again)",
        "+ policy standard (again)",
        "+ person sato (again)",
        "+ person ito (again)",
        "+ person abe (again)",
        "+ person netone-kim (again)",
    }
    assert one(session, Group, "network").id == number
    assert [person.key for person in one(session, Group, "desk").members] == ["ito", "sato"]
    assert len(calendar_versions(session, "office")) == 1


def test_people_whom_an_import_made_are_left_alone(session: Session, now: datetime) -> None:
    session.add(Person(key="old", name="Old", roles=["agent"], listed=False))
    session.commit()
    load(DESK, now)
    old = one(session, Person, "old")
    assert (old.active, old.listed) == (True, False)


def test_who_was_made_by_an_import_can_be_listed(session: Session, now: datetime) -> None:
    session.add(Person(key="ito", name="ito", roles=[], listed=False))
    session.commit()
    assert "+ person ito" in load(DESK, now)
    ito = one(session, Person, "ito")
    assert (ito.listed, ito.name, ito.roles) == (True, "伊藤 蓮", ["agent"])
    assert load(DESK, now) == NOTHING


def incident(session: Session, given_to: str, now: datetime, **more: Any) -> None:
    values = {"state": "on_hold", "holder": "requester", **more}
    row = Incident(
        number=1,
        head="",
        title="No network",
        requester_id=one(session, Person, "abe").id,
        service_id=one(session, Service, "internet").id,
        impact=2,
        urgency=2,
        priority="P3",
        desk_group=given_to,
        given_to=given_to,
        logged_at=now,
        changed_at=now,
        **values,
    )
    session.add(row)
    session.commit()


WITHOUT_NETWORK = changed(
    "path: [desk, network, netone]",
    "path: [desk, netone]",
    "".join(line for line in DESK.splitlines(keepends=True) if "network:" not in line),
)


def test_a_group_that_still_holds_open_incidents_cannot_be_left_out(
    session: Session, now: datetime
) -> None:
    load(DESK, now)
    incident(session, f"group:{one(session, Group, 'network').id}", now)
    with pytest.raises(Refused) as refused:
        load(WITHOUT_NETWORK, now)
    assert str(refused.value) == (
        "The group network cannot be left out: it still has 1 open incident to hand over."
    )
    assert "network" in active(session, Group)
    assert load(DESK, now) == NOTHING


def test_a_partner_that_still_holds_open_incidents_cannot_be_left_out(
    session: Session, now: datetime
) -> None:
    load(DESK, now)
    incident(session, f"partner:{one(session, Partner, 'netone').id}", now)
    text = changed("network, netone]", "network]")
    text = changed(text[text.index("partners:") : text.index("agreements:")], "", text)
    with pytest.raises(Refused, match="The partner netone cannot be left out: it still has 1"):
        load(text, now)


def test_a_group_whose_incidents_are_closed_can_be_left_out(
    session: Session, now: datetime
) -> None:
    load(DESK, now)
    group = f"group:{one(session, Group, 'network').id}"
    incident(session, group, now, state="closed", holder=None)
    assert "- group network" in load(WITHOUT_NETWORK, now)


def test_a_file_with_a_problem_changes_nothing(session: Session, now: datetime) -> None:
    load(DESK, now)
    text = changed("deputy: ito", "deputy: itoh", changed("IT Desk", "Desk"))
    with pytest.raises(BadFile):
        load(text, now)
    assert revision(session) == 1
    assert load(DESK, now) == NOTHING


def big_desk(groups: int, people: int) -> str:
    """Write a desk of many groups and people, each person in a group."""
    lines = ["desk: {}", "calendars: {office: {hours: {mon-fri: ['09:00-17:00']}}}", "groups:"]
    for n in range(groups):
        members = ", ".join(f"p{m}" for m in range(n, people, groups))
        lines.append(
            f"  g{n}: {{name: Group {n}, tier: {n % 3 + 1}, calendar: office, lead: p{n}, "
            f"members: [{members}], targets: {{holding: 480}}}}"
        )
    lines.append("people:")
    lines += [f"  p{n}: {{name: 担当 {n}, manager: p{n // 10 + 1}}}" for n in range(people)]
    return "\n".join(lines) + "\n"


@pytest.mark.slow
def test_many_groups_and_people_take_few_statements(session: Session, now: datetime) -> None:
    text = big_desk(649, 3000).replace("p1: {name: 担当 1, manager: p1}", "p1: {}")
    statements: list[str] = []

    def count(_connection: object, statement: object, *_rest: object) -> None:
        statements.append(str(statement))

    event.listen(session.get_bind(), "before_execute", count)
    assert len(load(text, now)) == 1 + 1 + 649 + 3000
    assert len(statements) < 60
    statements.clear()
    assert load(text, now) == NOTHING
    assert len(statements) < 25
