"""Who is on call, as rules and pages ask: the rota, the lead, the deputy; with few queries."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from servicedesk.db import transaction
from servicedesk.escalation import commands as escalation
from servicedesk.oncall import queries
from servicedesk.oncall.models import OVERRIDE, DutyChange
from servicedesk.oncall.queries import Standing, Why
from servicedesk.people.models import Person
from servicedesk.setup.dump import dump
from servicedesk.setup.load import load_text
from servicedesk.setup.snapshot import directory
from tests.cast import Desk, Visitor, at
from tests.escalation.ruled import give_policy, sweep
from tests.escalation.ruled import told as told_by_rules
from tests.oncall.turns import give_rota, take_over, who
from tests.support.statements import counted


def standing(desk: Desk, when: str, group: str = "network") -> Standing:
    with desk.session() as session:
        setup = directory(session)
        return queries.standings(session, setup, [setup.by_key[group]], at(when))[0]


def change(desk: Desk, key: str, **columns: object) -> None:
    with desk.session(), transaction() as session:
        session.execute(sa.update(Person).where(Person.key == key).values(**columns))


def test_a_group_without_a_rota_has_its_lead_on_call(desk: Desk) -> None:
    assert (who(desk, "12:00", "desk"), who(desk, "22:00", "network")) == ("sato", "abe")
    assert standing(desk, "12:00", "desk").why is Why.NO_ROTA


def test_a_partner_has_nobody_on_call_here(desk: Desk) -> None:
    give_rota(desk)
    assert who(desk, "12:00", "netone") is None


def test_a_rota_that_covers_closed_hours_leaves_the_others_to_the_lead(desk: Desk) -> None:
    """C2: the group's own calendar says when it is closed; the lunch break counts too."""
    give_rota(desk, weeks=["mori"], covers="closed")
    found = [who(desk, when) for when in ("08:59", "09:00", "12:30", "17:59", "18:00", "Sat 10:00")]
    assert found == ["mori", "abe", "mori", "abe", "mori", "mori"]
    now = standing(desk, "10:00")
    assert (now.why, now.person and now.person.key, now.duty and now.duty.key) == (
        Why.HOURS, "abe", "mori",
    )  # fmt: skip


def test_nobody_on_duty_is_the_lead(desk: Desk) -> None:
    give_rota(desk, weeks=["{mon-fri: mori}"])
    assert (who(desk, "Sat 08:59"), who(desk, "Sat 09:00")) == ("mori", "abe")
    assert standing(desk, "Sat 10:00").why is Why.NOBODY


def test_while_somebody_is_away_their_deputy_is_asked(desk: Desk) -> None:
    give_rota(desk, weeks=["mori"])
    away = {"absent_from": at("09:00").date(), "absent_until": at("Fri 09:00").date()}
    change(desk, "mori", deputy_id=desk.id("ito"), **away)
    now = standing(desk, "12:00")
    assert now.person
    assert now.instead_of
    assert (now.person.key, now.instead_of.key) == ("ito", "mori")
    assert who(desk, "12:00") == "mori"  # recipients ask in their place


def test_who_has_left_without_a_deputy_is_replaced_by_the_lead(desk: Desk) -> None:
    give_rota(desk, weeks=["mori"])
    change(desk, "mori", active=False)
    assert who(desk, "12:00") == "abe"
    now = standing(desk, "12:00")
    assert (now.why, now.person and now.person.key) == (Why.NOBODY, "abe")


def test_the_page_says_until_when_and_who_is_next(desk: Desk) -> None:
    give_rota(desk)
    take_over(desk, "mori", "18:00", "Fri 09:00")
    now = standing(desk, "12:00")
    assert (now.until, now.after and now.after.key) == (at("18:00"), "mori")
    assert standing(desk, "19:00").until == at("Fri 09:00")


POLICY = "{key: out, when: {clock: response, at: 50}, tell: on-call}"


@pytest.mark.parametrize(("when", "key"), [("2026-11-26 09:30", "mori"), ("Mon 09:30", "abe")])
def test_a_rule_tells_whoever_is_on_call_when_it_fires(desk: Desk, when: str, key: str) -> None:
    """E1: on-call is the holder's rota at the firing, not at the report."""
    rota = "{from: 2026-11-09, weeks: [mori, mori, mori, abe]}"  # Abe from Monday the 30th
    give_policy(desk, POLICY)
    publish_rota(desk, rota)
    n = desk.log(when="09:00")
    desk.do(escalation.hand_off, n, "network", by="ito", when="09:05", note="Please")
    sweep(desk, at(when))
    assert told_by_rules(desk, n) == [key]


def publish_rota(desk: Desk, rota: str) -> None:
    """Give the network team a rota beside the policies that are loaded already."""
    with desk.session():
        text = dump()
        entry = next(line for line in text.splitlines() if line.startswith("  network:"))
        given = text.replace(entry, f"{entry[:-1]}, rota: {rota}}}")
        load_text(given, "cast.yaml", now=at("2026-11-01 09:00"))


def test_more_changes_and_more_groups_need_no_more_queries(desk: Desk) -> None:
    give_rota(desk)
    abe = desk.visit("abe")
    pages = ("/oncall", "/oncall/network")
    for page in pages:
        abe.get(page)
    few = [queries_of(desk, abe, page) for page in pages]
    fill(desk, 200)
    assert [queries_of(desk, abe, page) for page in pages] == few


def queries_of(desk: Desk, visitor: Visitor, page: str) -> int:
    with counted(desk) as statements:
        assert visitor.get(page).status_code == 200
    return len(statements)


def fill(desk: Desk, number: int) -> None:
    """Give the network team many changes."""
    group, start = int(desk.ref("network").partition(":")[2]), at("12:00")
    with desk.session(), transaction() as session:
        session.add_all(
            DutyChange(
                group_id=group,
                person_id=desk_person,
                start_at=start + timedelta(hours=n),
                end_at=start + timedelta(hours=n + 1),
                kind=OVERRIDE,
                made_by_id=desk_person,
                made_at=start,
            )
            for n in range(number)
            for desk_person in [session.scalar(sa.select(Person.id).where(Person.key == "mori"))]
        )
