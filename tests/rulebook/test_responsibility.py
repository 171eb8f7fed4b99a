"""E1: taking responsibility on the incident's page and by the link in a mail."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask_babel import force_locale

from servicedesk.escalation.acknowledging import acknowledge
from servicedesk.incidents import commands
from servicedesk.incidents.models import Firing
from servicedesk.mail.letter import Letter
from servicedesk.mail.letters import compose
from servicedesk.mail.matter import gather
from servicedesk.outbox import Notification
from servicedesk.people import links
from servicedesk.people.links import Link
from tests.administration.filling import words
from tests.cast import Desk, at, page_of
from tests.escalation.ruled import give_policy, sweep
from tests.escalation.test_repeats import CLIMB, FIRST, urgent
from tests.support.clock import Clock

AGAIN = (
    "{key: lying, when: {untouched: 30}, tell: [requester, holder-lead], "
    "repeat: {every: 60, most: 2}}"
)
ONCE = "{key: once, when: {clock: resolution, at: 75}, tell: [assignee]}"


def link_of(desk: Desk, key: str) -> tuple[Link, str]:
    """Give the link of the last mail of a rule to somebody, and its path."""
    with desk.app.test_request_context(), desk.session() as session:
        query = sa.select(Link).where(Link.purpose == "acknowledge")
        query = query.where(Link.person_id == desk.id(key)).order_by(Link.id.desc())
        link = session.scalars(query).first()
        assert link
        return link, f"/responsibility/{links.token(link)}"


def letter_to(desk: Desk, key: str) -> Letter:
    """Write the last mail of a rule to somebody."""
    with desk.app.test_request_context(), desk.session() as session:
        query = sa.select(Notification).where(Notification.kind == "rule")
        query = query.where(Notification.person_id == desk.id(key)).order_by(Notification.id.desc())
        note = session.scalars(query).first()
        assert note
        with force_locale("en"):
            return compose(gather(session, note))


def taken(desk: Desk, number: int) -> tuple[datetime | None, int | None]:
    row = desk.rows(Firing, number)[0]
    return row.acknowledged_at, row.acknowledged_by_id


def climbing(desk: Desk, clock: Clock) -> int:
    """Have the rule climb come twice: to Ito, then to Sato; it is 13:40."""
    give_policy(desk, CLIMB)
    n = urgent(desk)
    sweep(desk, "12:00")
    sweep(desk, "13:30")
    clock.now = at("13:40")
    return n


# On the page


def test_the_page_asks_for_responsibility_and_takes_it(desk: Desk, clock: Clock) -> None:
    """E1: the rule has come twice; whoever takes it on stops it, once."""
    n = climbing(desk, clock)
    sato = desk.visit("sato")
    said = words(sato.get(page_of(n)))
    assert "Rule “climb” has come 2 times; nobody has taken responsibility." in said
    rule = dict(zip(("policy", "step", "cycle"), FIRST, strict=True))
    assert sato.post(page_of(n, "acknowledge"), **rule).status_code == 303
    assert taken(desk, n) == (at("13:40"), desk.id("sato"))
    said = words(sato.get(page_of(n)))
    assert "nobody has taken responsibility" not in said
    assert "Sato Yui takes responsibility (rule “climb”)" in said
    desk.visit("ueda").post(page_of(n, "acknowledge"), **rule)
    assert taken(desk, n) == (at("13:40"), desk.id("sato"))


@pytest.mark.backends("sqlite")
def test_the_thread_leads_to_the_policy(desk: Desk, clock: Clock) -> None:
    """E6: who is told why can read the rule."""
    n = climbing(desk, clock)
    assert 'href="/rules/usual"' in desk.visit("ito").get(page_of(n)).text


@pytest.mark.backends("sqlite")
def test_a_requester_is_not_asked_and_cannot_take_it(desk: Desk, clock: Clock) -> None:
    """§9: that is for the desk's people and managers."""
    n = climbing(desk, clock)
    emi = desk.visit("emi")
    page = emi.get(page_of(n), follow_redirects=True).text
    assert "responsibility" not in page
    assert "/rules/" not in page
    assert emi.post(page_of(n, "acknowledge")).status_code == 404


# From the mail


def test_the_mail_has_one_button_and_its_page_takes_responsibility(
    desk: Desk, clock: Clock
) -> None:
    """E1, E6: opening the page does nothing; the button does, without signing in."""
    n = climbing(desk, clock)
    link, path = link_of(desk, "sato")
    button = letter_to(desk, "sato").button
    assert button.label == "Take responsibility"
    assert button.url.endswith(path)
    visitor = desk.visit()
    said = words(visitor.get(path))
    assert "“climb” of “usual”" in said
    assert "2 of at most 4 times" in said
    assert "Service desk" in said
    assert "No network" not in said
    assert "Endo" not in said
    assert taken(desk, n) == (None, None)
    assert visitor.post(path).status_code == 303
    assert taken(desk, n) == (at("13:40"), desk.id("sato"))
    assert "You have taken responsibility: Today 13:40." in words(visitor.get(path))
    assert link.ends_at - link.made_at == timedelta(days=7)


def test_who_comes_second_is_told_who_was_quicker(desk: Desk, clock: Clock) -> None:
    """E1: responsibility is taken once."""
    n = climbing(desk, clock)
    _link, path = link_of(desk, "sato")
    desk.do(acknowledge, n, FIRST, by="ueda", when="13:35")
    said = desk.visit().get(path)
    assert "Ueda Rin was quicker and has taken responsibility: Today 13:35." in words(said)
    answer = desk.visit().post(path)
    assert answer.status_code == 409
    assert taken(desk, n) == (at("13:35"), desk.id("ueda"))


@pytest.mark.backends("sqlite")
def test_a_link_ends_after_a_week(desk: Desk, clock: Clock) -> None:
    n = climbing(desk, clock)
    _link, path = link_of(desk, "sato")
    clock.now = at("2026-12-03 13:31")
    assert "The time of this link is over" in words(desk.visit().get(path))
    assert desk.visit().post(path).status_code == 404
    assert taken(desk, n) == (None, None)


@pytest.mark.backends("sqlite")
def test_what_is_no_longer_due_says_so(desk: Desk, clock: Clock) -> None:
    """E4: it was resolved meanwhile."""
    n = climbing(desk, clock)
    _link, path = link_of(desk, "sato")
    desk.do(commands.resolve, n, "solved", "Plugged in", by="ito", when="13:39")
    assert "Nobody needs to take responsibility any more" in words(desk.visit().get(path))
    assert desk.visit().post(path).status_code == 409


@pytest.mark.backends("sqlite")
def test_a_forged_link_opens_nothing(desk: Desk, clock: Clock) -> None:
    n = climbing(desk, clock)
    _link, path = link_of(desk, "sato")
    assert desk.visit().get(path[:-3] + "xyz").status_code == 404
    assert desk.visit().get("/responsibility/forged").status_code == 404
    assert taken(desk, n) == (None, None)


@pytest.mark.backends("sqlite")
def test_a_link_is_nobody_s_once_its_reader_may_not_see_the_incident(
    desk: Desk, clock: Clock
) -> None:
    """§9: made confidential and held elsewhere meanwhile, it is not Sato's manager's any more."""
    n = climbing(desk, clock)
    sweep(desk, "14:00")
    _link, path = link_of(desk, "ueda")
    assert desk.visit().get(path).status_code == 200
    desk.do(commands.reclassify, n, "payroll", "incident", by="ito", when="14:05")
    assert desk.visit().get(path).status_code == 404
    assert desk.visit().post(path).status_code == 404


@pytest.mark.backends("sqlite")
def test_only_repeated_steps_and_only_who_may_get_the_link(desk: Desk, clock: Clock) -> None:
    """E1: a requester is told, but takes no responsibility; what comes once asks for none."""
    give_policy(desk, AGAIN, ONCE)
    n = desk.log(when="09:00", impact=1, urgency=1)
    sweep(desk, "10:00")
    with desk.session() as session:
        people = session.scalars(sa.select(Link.person_id).where(Link.purpose == "acknowledge"))
        assert list(people) == [desk.id("sato")]
    assert letter_to(desk, "emi").button.label.startswith("Open INC-")
    desk.do(commands.take, n, by="ito", when="10:05")
    sweep(desk, "15:00")
    assert letter_to(desk, "ito").button.label.startswith("Open INC-")


@pytest.mark.backends("sqlite")
def test_the_mail_says_why_and_which_time_it_is(desk: Desk, clock: Clock) -> None:
    """E6: rule, clock, and time n of at most m; once somebody has it, the mail says who."""
    n = climbing(desk, clock)
    why = letter_to(desk, "sato").why
    assert "by the rule “climb” of “usual” on the clock “Resolution”" in why
    assert "It is time 2 of at most 4." in why
    desk.do(acknowledge, n, FIRST, by="ueda", when="13:35")
    letter = letter_to(desk, "sato")
    assert "Meanwhile Ueda Rin has taken responsibility." in letter.lines
    assert letter.button.label.startswith("Open INC-")
