"""Who is told what of a major incident: each once, and only as long as it is theirs to know."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk.incidents import commands
from servicedesk.incidents.models import Incident
from servicedesk.mail.letter import NotToBeSent
from servicedesk.major import commands as major
from servicedesk.outbox import Notification
from tests.cast import Desk
from tests.escalation.ruled import give_policy, sweep
from tests.mail.mailbox import Mailroom
from tests.major.played import HEADLINE, REASON, add_many, confirm, link, propose, running
from tests.support.clock import Clock
from tests.support.statements import counted

PEOPLE = ("emi", "taro", "sato", "ito", "abe", "mori", "ueda")


@pytest.fixture
def room(desk: Desk, clock: Clock) -> Mailroom:
    found = Mailroom(desk)
    for key in PEOPLE:
        found.change(key, mail=f"{key}@kita.example")
    return found


def told(room: Mailroom, kind: str) -> list[str]:
    """Who was told something of a kind, in order."""
    return [who for said, who in room.told() if said == kind]


def test_a_proposal_asks_the_leads_and_the_manager(room: Mailroom) -> None:
    """E6: what, why and one button; those who decide, but for who proposed it."""
    propose(room.desk)
    assert told(room, "major_proposed") == ["sato", "ueda"]
    mail = room.write(room.queued("major_proposed")[0].id)
    assert "Ito Ren proposes a major incident" in mail.text
    assert REASON in mail.text
    assert "one of those who decide" in mail.text


def test_a_rules_proposal_says_which_rule(room: Mailroom) -> None:
    """E1, E6: propose as major."""
    give_policy(room.desk, "{key: big, when: {unassigned: 30}, do: {major: propose}}")
    room.desk.log(when="09:00", impact=1, urgency=1)
    sweep(room.desk, "09:30")
    assert told(room, "major_proposed") == ["sato", "ueda"]
    assert "The rule “big” of “usual”" in room.write(room.queued("major_proposed")[0].id).text


def test_what_was_decided_meanwhile_asks_nobody(room: Mailroom) -> None:
    number, n = propose(room.desk)
    confirm(room.desk, number, n)
    with pytest.raises(NotToBeSent):
        room.write(room.queued("major_proposed")[0].id)


def test_who_proposed_it_hears_why_not(room: Mailroom) -> None:
    number, n = propose(room.desk)
    room.desk.do(major.refuse, number, n, "One printer only", by="sato", when="09:15")
    assert told(room, "major_refused") == ["ito"]
    assert "One printer only" in room.write(room.queued("major_refused")[0].id).text


def test_the_coordinator_and_all_who_are_concerned_are_told(room: Mailroom) -> None:
    number, n = propose(room.desk)
    room.desk.do(commands.watch, number, room.desk.id("mori"), by="ito", when="09:12")
    confirm(room.desk, number, n)
    assert told(room, "major_coordinates") == ["ito"]
    assert told(room, "major_confirmed") == ["emi", "mori"]


def test_a_person_is_told_once_however_much_of_theirs_is_linked(room: Mailroom) -> None:
    """One message a person, not one an incident."""
    number = running(room.desk)
    for title in ("No mail", "No web", "No phone"):
        link(room.desk, number, title=title)
    link(room.desk, number, by="emi", title="And the printer")
    room.desk.do(major.update, number, "A switch is replaced", by="ito", when="09:40")
    assert told(room, "major_update") == ["emi", "taro"]


@pytest.mark.parametrize("end", ["cancelled", "duplicate", "solved"])
def test_whose_own_incident_has_ended_waits_for_no_news(room: Mailroom, end: str) -> None:
    """And does again once it is opened again."""
    desk = room.desk
    number = running(desk)
    own = link(desk, number)
    if end == "solved":
        desk.do(commands.resolve, own, "workaround", "Use the other one", by="ito", when="09:30")
    else:
        why = {"duplicate_of": number} if end == "duplicate" else {"consent": True}
        desk.do(commands.cancel, own, by="ito", when="09:30", **why)
    desk.do(major.update, number, "A switch is replaced", by="ito", when="09:40")
    assert told(room, "major_update") == ["emi"]
    assert own in [one["number"] for one in linked_to(desk, number)]
    if end == "solved":
        desk.do(commands.reopen, own, by="taro", when="09:45")
        desk.do(major.update, number, "It takes longer", by="ito", when="09:50")
        assert told(room, "major_update")[1:] == ["emi", "taro"]


def linked_to(desk: Desk, number: int) -> list[Any]:
    """Read what belongs to it, whatever became of that."""
    with desk.session() as session:
        query = sa.select(Incident.number).where(Incident.major_id == desk.incident(number).id)
        return [row._mapping for row in session.execute(query)]


def test_an_update_says_headline_and_words_and_no_title(room: Mailroom) -> None:
    """§9: what is told of a major incident is its headline, never its title."""
    number = running(room.desk, title="Secret plan of the board")
    own = link(room.desk, number)
    room.desk.do(major.update, number, "A switch is replaced", by="ito", when="09:40")
    mails = {one.to: one for one in map(room.write, (r.id for r in room.queued("major_update")))}
    mail = mails["taro@kita.example"]
    assert HEADLINE in mail.text
    assert "A switch is replaced" in mail.text
    assert "Secret plan" not in mail.text + mail.html + mail.subject
    assert mail.link.endswith(f"/incidents/INC-{own:08d}")


def test_who_is_no_longer_concerned_is_not_written_to(room: Mailroom) -> None:
    """§9: access is asked again when a message is sent."""
    number = running(room.desk)
    own = link(room.desk, number)
    room.desk.do(major.update, number, "A switch is replaced", by="ito", when="09:40")
    room.desk.do(major.unlink, own, by="ito", when="09:41")
    (row,) = [r for r in room.queued("major_update") if r.person_id == room.desk.id("taro")]
    with pytest.raises(NotToBeSent):
        room.write(row.id)


def test_of_a_confidential_one_only_those_of_it_are_told(room: Mailroom) -> None:
    """§9: named people and the holder only."""
    number = running(room.desk, confidential=True)
    link(room.desk, number)
    room.desk.do(major.update, number, "A switch is replaced", by="ito", when="09:40")
    assert told(room, "major_update") == ["emi"]
    with pytest.raises(NotToBeSent):
        room.letter("major_update", "taro", number, n=1)


def test_the_new_coordinator_is_told_and_their_deputy_while_they_are_away(room: Mailroom) -> None:
    number = running(room.desk)
    room.desk.do(major.coordinate, number, room.desk.id("abe"), by="sato", when="09:30")
    assert told(room, "major_coordinates") == ["ito", "abe"]
    first, second = room.queued("major_coordinates")
    assert "You coordinate" in room.write(second.id).text
    with pytest.raises(NotToBeSent):
        room.write(first.id)


def test_a_missed_update_tells_the_coordinator_then_those_above(room: Mailroom) -> None:
    """By the sweep's own clock: the first one the coordinator, from the second on the lead too."""
    number = running(room.desk)
    sweep(room.desk, "09:50")
    assert told(room, "major_missed") == ["ito"]
    sweep(room.desk, "10:20")
    assert told(room, "major_missed") == ["ito", "ito", "sato", "ueda"]
    room.desk.do(major.update, number, "We are on it", by="ito", when="10:25")
    sweep(room.desk, "10:55")
    assert told(room, "major_missed")[4:] == ["ito"]


def test_a_missed_update_that_was_written_meanwhile_nags_nobody(room: Mailroom) -> None:
    number = running(room.desk)
    sweep(room.desk, "09:50")
    row = room.queued("major_missed")[0]
    assert "No update was written in time" in room.write(row.id).text
    room.desk.do(major.update, number, "We are on it", by="ito", when="09:51")
    with pytest.raises(NotToBeSent):
        room.write(row.id)


def test_standing_down_is_told_once_to_each(room: Mailroom) -> None:
    number = running(room.desk)
    link(room.desk, number)
    room.desk.do(major.stand_down, number, "It works again", by="sato", when="10:00")
    assert told(room, "major_over") == ["emi", "taro"]
    assert "It works again" in room.write(room.queued("major_over")[0].id).text


def test_the_end_is_told_to_those_of_what_belongs_to_it(room: Mailroom) -> None:
    """Its own requester is asked whether it is solved, as ever."""
    number = running(room.desk)
    link(room.desk, number)
    room.desk.do(commands.resolve, number, "solved", "Switch replaced", by="ito", when="10:00")
    assert told(room, "major_ended") == ["taro"]
    assert told(room, "solved") == ["emi"]


def test_nothing_is_told_at_the_end_of_what_was_stood_down(room: Mailroom) -> None:
    number = running(room.desk)
    link(room.desk, number)
    room.desk.do(major.stand_down, number, "It works again", by="sato", when="10:00")
    room.desk.do(commands.resolve, number, "solved", "Switch replaced", by="ito", when="11:00")
    assert told(room, "major_ended") == []


def test_who_only_belongs_to_it_has_no_address_to_answer_to(room: Mailroom) -> None:
    """H7: a reply goes to an incident that one may write to, or nowhere."""
    room.desk.app.config["MAIL_INBOX"] = "desk@kita.example"
    number = running(room.desk)
    link(room.desk, number)
    room.desk.do(major.update, number, "A switch is replaced", by="ito", when="09:40")
    mail = room.write(room.queued("major_update")[-1].id)
    assert mail.to == "taro@kita.example"
    assert mail.message["Reply-To"] is None


# However many


def test_telling_many_does_not_ask_for_each_of_them(room: Mailroom) -> None:
    """The number of questions to the database does not grow with those concerned."""
    desk = room.desk
    number = running(desk)
    counts = []
    for n, extra in enumerate((5, 200)):
        if extra == 200:
            add_many(desk, number, extra)
        with counted(desk) as sent:
            desk.do(major.update, number, f"Update {n}", by="ito", when=f"09:4{n}")
        counts.append(sum(one.startswith("SELECT") for one in sent))
    with desk.session() as session:
        query = sa.select(sa.func.count()).where(Notification.kind == "major_update")
        assert session.scalar(query) == 1 + 201
    assert counts[1] <= counts[0]
