"""E5: what is to be told is queued with the act, or not at all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from servicedesk import outbox
from servicedesk.db import transaction
from servicedesk.errors import BadInput, Refused
from servicedesk.escalation import commands as escalation
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from servicedesk.incidents.dates import promises
from servicedesk.incidents.dates.promises import Answer
from servicedesk.incidents.exclusions.commands import ask_for, settle
from servicedesk.incidents.exclusions.effects import Wanted
from servicedesk.incidents.models import DateChange
from servicedesk.mail.letter import NotToBeSent
from servicedesk.outbox import Notification
from servicedesk.people.links import Link
from tests.cast import Desk, at
from tests.mail.mailbox import Mailroom


@pytest.fixture
def n(desk: Desk) -> int:
    return desk.log()


def test_the_requester_is_told_through_the_whole_story(
    desk: Desk, mailroom: Mailroom, n: int
) -> None:
    desk.do(commands.comment, n, "reply", "We look at it", by="ito", when="09:10")
    desk.do(commands.hold, n, "requester", question="Which floor?", by="ito", when="09:20")
    desk.do(commands.comment, n, "reply", "The second", by="emi", when="09:30")
    desk.do(commands.promise, n, Due(at=at("Fri 10:00")), by="ito", when="09:40")
    desk.do(commands.resolve, n, "solved", "New switch", by="ito", when="10:00")
    desk.do(commands.reopen, n, text="Still dead", by="emi", when="10:10")
    desk.do(commands.cancel, n, consent=True, by="ito", when="10:20")
    kinds = ("received", "reply", "question", "promised", "solved", "cancelled")
    assert mailroom.told() == [(kind, "emi") for kind in kinds]


def test_whoever_acted_is_not_told_of_it(desk: Desk, mailroom: Mailroom) -> None:
    n = desk.log(by="ito")  # the desk's own people report too
    desk.do(commands.comment, n, "reply", "Done soon", by="sato", when="09:10")
    desk.do(commands.watch, n, desk.id("sato"), by="ito", when="09:15")
    desk.do(commands.resolve, n, "solved", "It was the plug", by="ito", when="09:20")
    assert mailroom.told() == [("received", "ito"), ("reply", "ito"), ("solved", "sato")]


def test_what_the_desk_logs_is_told_to_its_requester(desk: Desk, mailroom: Mailroom) -> None:
    desk.log(by="ito", requester=desk.id("emi"), channel="phone")
    assert mailroom.told() == [("received", "emi")]


def test_watchers_are_told_but_of_what_concerns_the_requester_alone(
    desk: Desk, mailroom: Mailroom, n: int
) -> None:
    desk.do(commands.watch, n, desk.id("taro"), by="ito", when="09:05")
    desk.do(commands.hold, n, "requester", question="Which floor?", by="ito", when="09:20")
    desk.do(commands.resolve, n, "solved", "New switch", by="ito", when="10:00")
    assert mailroom.told()[1:] == [
        ("reply", "taro"), ("question", "emi"), ("solved", "emi"), ("solved", "taro"),
    ]  # fmt: skip
    assert [row.link_id is not None for row in mailroom.queued("solved")] == [True, False]


def test_notes_and_partner_threads_are_told_to_nobody_but_the_desk(
    desk: Desk, mailroom: Mailroom, n: int
) -> None:
    """§1: the requester must never see internal notes and partner threads."""
    desk.do(commands.comment, n, "note", "Looks like the old switch", by="ito", when="09:10")
    desk.do(escalation.hand_off, n, "network", note="Please look", by="ito", when="09:20")
    desk.do(escalation.answer, n, 1, "It is the switch", by="abe", when="09:30")
    assert mailroom.told() == [("received", "emi"), ("handoff_answered", "ito")]


def test_a_partner_is_told_at_its_address_or_else_through_its_people(
    desk: Desk, mailroom: Mailroom, n: int
) -> None:
    """H7: a partner is reached by its portal, by mail, or both."""
    desk.do(escalation.hand_off, n, "netone", note="Please look", by="ito", when="09:20")
    desk.do(escalation.recall, n, 1, by="ito", when="09:30")
    desk.do(escalation.hand_off, n, "printco", note="Please look", by="ito", when="09:40")
    over = ("handoff_over", "netone")
    assert mailroom.told()[1:] == [("handed_off", "netone"), over, ("handed_off", "park")]
    assert [row.data["n"] for row in mailroom.queued("handed_off")] == [1, 2]


def test_the_disabled_are_told_nothing(desk: Desk, mailroom: Mailroom, n: int) -> None:
    mailroom.change("emi", active=False)
    desk.do(commands.comment, n, "reply", "We look at it", by="ito", when="09:10")
    assert mailroom.told() == [("received", "emi")]


def test_the_absent_still_hear_of_what_is_theirs(desk: Desk, mailroom: Mailroom, n: int) -> None:
    mailroom.change("emi", absent_from=at("09:00").date())
    desk.do(commands.comment, n, "reply", "We look at it", by="ito", when="09:10")
    assert mailroom.told() == [("received", "emi"), ("reply", "emi")]


def test_what_is_refused_tells_nobody(desk: Desk, mailroom: Mailroom, n: int) -> None:
    """E5: nothing is told that did not happen."""
    with pytest.raises(Refused):
        desk.do(commands.close, n, by="emi", when="09:10")
    with pytest.raises(BadInput):
        desk.do(commands.comment, n, "reply", " ", by="ito", when="09:20")
    assert mailroom.told() == [("received", "emi")]


def test_is_it_solved_can_be_answered_from_the_mail_until_it_closes(
    desk: Desk, mailroom: Mailroom, n: int
) -> None:
    """§4: closed by itself after the agreed working days; they are five here."""
    desk.do(commands.resolve, n, "solved", "New switch", by="ito", when="10:00")
    (row,) = mailroom.queued("solved")
    with desk.session() as session:
        link = session.get_one(Link, row.link_id)
        assert (link.purpose, link.person_id, link.data) == ("solved", desk.id("emi"), {"cycle": 0})
        assert link.ends_at == at("2026-12-03 18:00")


def test_the_link_lasts_thirty_days_at_most(desk: Desk, mailroom: Mailroom) -> None:
    with desk.session(), transaction() as session:
        session.execute(sa.text("update desk set more = '{\"close_after\": 60}', revision = 2"))
    n = desk.log()
    desk.do(commands.resolve, n, "solved", "New switch", by="ito", when="10:00")
    with desk.session() as session:
        assert session.scalars(sa.select(Link.ends_at)).all() == [at("10:00") + timedelta(days=30)]


def test_each_round_has_a_link_of_its_own(desk: Desk, mailroom: Mailroom, n: int) -> None:
    desk.do(commands.resolve, n, "solved", "New switch", by="ito", when="10:00")
    desk.do(commands.reopen, n, by="emi", when="10:10")
    desk.do(commands.resolve, n, "solved", "New cable", by="ito", when="10:20")
    assert [row.data["cycle"] for row in mailroom.queued("solved")] == [0, 1]
    with desk.session() as session:
        assert [link.data["cycle"] for link in session.scalars(sa.select(Link))] == [0, 1]


def test_a_past_that_is_made_up_tells_nobody(desk: Desk, n: int) -> None:
    """The demo's three months leave no thousands of mails."""
    with desk.session(), transaction() as session, outbox.quiet(session):
        outbox.queue(session, "reply", now=at("09:10"), person=desk.id("emi"))
    with desk.session(), transaction() as session:
        assert not outbox.is_quiet(session)
        assert session.scalars(sa.select(Notification.kind)).all() == ["received"]


# Who is told that a date was declined


def decline(desk: Desk, n: int, by: str = "emi") -> None:
    offered = desk.rows(DateChange, n)[-1]
    answer = Answer(False, "Too late")
    desk.do(promises.answer, n, offered.kind, offered.n, answer, by=by, when="11:00")


def offer(desk: Desk, n: int) -> None:
    later = Due(day=date(2026, 12, 1))
    desk.do(commands.promise, n, later, by="ito", when="10:00", reason="Not before")


def told_of_it(mailroom: Mailroom) -> list[str]:
    return [key for kind, key in mailroom.told() if kind.endswith("_declined")]


def test_whoever_works_on_it_is_told_that_a_date_was_declined(
    desk: Desk, mailroom: Mailroom, n: int
) -> None:
    """§5: the requester declines; the answer carries what was written."""
    desk.do(commands.take, n, by="ito", when="09:30")
    offer(desk, n)
    decline(desk, n)
    assert told_of_it(mailroom) == ["ito"]
    (note,) = mailroom.queued("promise_declined")
    assert note.data["n"] == desk.rows(DateChange, n)[0].n
    assert note.data["comment"]


def test_else_the_lead_of_the_group_that_has_it(desk: Desk, mailroom: Mailroom, n: int) -> None:
    offer(desk, n)
    desk.do(escalation.hand_off, n, "network", note="Please look", by="ito", when="10:30")
    decline(desk, n)
    assert told_of_it(mailroom) == ["abe"]


def test_while_a_partner_has_it_the_desks_lead(desk: Desk, mailroom: Mailroom, n: int) -> None:
    """H3: the desk stays answerable; a partner is told nothing of the requester's dates."""
    offer(desk, n)
    desk.do(escalation.hand_off, n, "netone", note="Please look", by="ito", when="10:30")
    decline(desk, n)
    assert told_of_it(mailroom) == ["sato"]


def test_the_deputy_while_they_are_absent(desk: Desk, mailroom: Mailroom, n: int) -> None:
    """§3: wherever a lead is asked, the deputy is asked while they are absent."""
    away = {"absent_from": date(2026, 11, 26), "deputy_id": desk.id("ito")}
    mailroom.change("sato", **away)
    offer(desk, n)
    decline(desk, n)
    assert told_of_it(mailroom) == ["ito"]


def test_a_declined_revision_of_the_wish_is_told_too(desk: Desk, mailroom: Mailroom) -> None:
    """D3: the old date still counts."""
    n = desk.log(wish=Due(day=date(2026, 11, 27)))
    later = Due(day=date(2026, 12, 1))
    desk.do(commands.wish, n, later, by="ito", when="10:00", reason="She called")
    decline(desk, n)
    assert [note.kind for note in mailroom.queued()][-1] == "wish_declined"
    assert told_of_it(mailroom) == ["sato"]


def test_who_declines_their_own_is_not_told(desk: Desk, mailroom: Mailroom) -> None:
    n = desk.log(by="sato")
    offer(desk, n)
    decline(desk, n, by="sato")
    assert told_of_it(mailroom) == []


def test_whoever_may_not_see_it_by_then_gets_its_number_alone(
    desk: Desk, mailroom: Mailroom
) -> None:
    """§9: rights are those of the moment at which a mail is sent."""
    mailroom.change("abe", mail="abe@kita.example")
    n = desk.log(title="zqtitle", confidential=True)
    offer(desk, n)
    decline(desk, n)
    id = mailroom.queue("promise_declined", "abe", n, n=desk.rows(DateChange, n)[-1].n)
    mail = mailroom.write(id)
    assert f"INC-{n:08d}" in mail.text
    assert not any(word in mail.text + mail.subject for word in ("zqtitle", "Endo", "Too late"))


# Exclusions


def excluded(desk: Desk, n: int, by: str = "ito", *clocks: str) -> int:
    out = Wanted(at("09:10"), at("09:40"), clocks or ("resolution",))
    return desk.do(ask_for, n, out, "The power was cut", by=by, when="13:00")


def test_the_manager_of_the_holders_lead_is_told_of_an_exclusion(
    desk: Desk, mailroom: Mailroom, n: int
) -> None:
    """C11: one who can decide, as rules find a manager."""
    mailroom.change("taro", roles=["manager"])
    mailroom.change("sato", manager_id=desk.id("taro"))
    excluded(desk, n)
    assert mailroom.told()[1:] == [("exclusion_asked", "taro")]


def test_without_one_all_managers_are_told(desk: Desk, mailroom: Mailroom, n: int) -> None:
    mailroom.change("taro", roles=["manager"])
    excluded(desk, n)
    told = sorted(mailroom.told()[1:])
    assert told == [("exclusion_asked", "taro"), ("exclusion_asked", "ueda")]


def test_a_manager_who_gains_or_has_no_right_is_passed_over(
    desk: Desk, mailroom: Mailroom, n: int
) -> None:
    """C11: the approver is outside of what gains; Taro is no manager here, Ueda is."""
    mailroom.change("sato", manager_id=desk.id("taro"))
    excluded(desk, n)
    assert mailroom.told()[1:] == [("exclusion_asked", "ueda")]


def test_where_no_manager_can_decide_the_leads_who_can_are_told(
    desk: Desk, mailroom: Mailroom, n: int
) -> None:
    mailroom.change("ueda", active=False)
    excluded(desk, n)
    assert mailroom.told()[1:] == [("exclusion_asked", "abe")]  # Sato's group gains


def test_of_a_confidential_one_only_who_is_named_in_it_is_told(
    desk: Desk, mailroom: Mailroom
) -> None:
    """§9."""
    n = desk.log(service="payroll")
    excluded(desk, n)
    assert mailroom.told() == [("received", "emi")]
    desk.do(commands.watch, n, desk.id("ueda"), by="ito", when="13:05")
    excluded(desk, n)
    assert mailroom.told()[1:] == [("exclusion_asked", "ueda")]


def test_who_asked_is_told_what_was_decided(desk: Desk, mailroom: Mailroom, n: int) -> None:
    desk.do(settle, n, excluded(desk, n), True, by="ueda", when="13:30")
    desk.do(settle, n, excluded(desk, n), False, "No", by="abe", when="13:40")
    told = [line for line in mailroom.told() if line[0] == "exclusion_decided"]
    assert told == [("exclusion_decided", "ito")] * 2


def test_what_was_decided_meanwhile_is_asked_of_nobody_any_more(
    desk: Desk, mailroom: Mailroom, n: int
) -> None:
    mailroom.change("ueda", mail="ueda@kita.example")
    asked = excluded(desk, n)
    (note,) = mailroom.queued("exclusion_asked")
    desk.do(settle, n, asked, True, by="abe", when="13:30")
    with pytest.raises(NotToBeSent, match="overtaken"):
        mailroom.write(note.id)
