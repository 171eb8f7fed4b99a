"""Major incidents: proposed, decided, told of on a rhythm, stood down and reviewed."""

from __future__ import annotations

import pytest

from servicedesk.errors import BadInput, NotAllowed, NotFound, Refused
from servicedesk.incidents import commands
from servicedesk.incidents.models import MajorIncident, MajorUpdate
from servicedesk.major import commands as major
from tests.cast import Desk, at
from tests.escalation.ruled import give_policy, sweep
from tests.major.played import confirm, propose, running


def state(desk: Desk, number: int) -> str:
    """Read the state of its last major incident from its row."""
    return desk.rows(MajorIncident, number)[-1].state


def test_a_proposal_waits_for_a_lead(desk: Desk) -> None:
    number, _n = propose(desk)
    assert state(desk, number) == "proposed"
    assert desk.rows(MajorIncident, number)[0].reason == "Nobody can print anywhere"


def test_a_proposal_needs_a_reason(desk: Desk) -> None:
    n = desk.log()
    with pytest.raises(BadInput):
        desk.do(major.propose, n, " ", by="ito", when="09:10")
    assert desk.rows(MajorIncident, n) == []


def test_it_is_not_proposed_twice(desk: Desk) -> None:
    number, _n = propose(desk)
    with pytest.raises(Refused):
        desk.do(major.propose, number, "Once more", by="sato", when="09:12")


def test_a_rule_proposes_and_says_which(desk: Desk) -> None:
    """E1: propose as major."""
    give_policy(desk, "{key: big, when: {unassigned: 30}, do: {major: propose}, tell: [desk-lead]}")
    number = desk.log(when="09:00", impact=1, urgency=1)
    sweep(desk, "09:30")
    row = desk.rows(MajorIncident, number)[0]
    assert (row.policy, row.step, row.proposed_by_id) == ("usual", "big", None)


def test_a_rule_lets_alone_what_is_proposed_already(desk: Desk) -> None:
    """E1: the step still fires."""
    give_policy(desk, "{key: big, when: {unassigned: 60}, do: {major: propose}, tell: [desk-lead]}")
    number, _n = propose(desk)
    assert sweep(desk, "10:00").fired == 1
    assert len(desk.rows(MajorIncident, number)) == 1


def test_only_a_lead_or_manager_confirms(desk: Desk) -> None:
    number, n = propose(desk)
    with pytest.raises(NotAllowed):
        confirm(desk, number, n, by="ito")
    confirm(desk, number, n, by="ueda")
    assert state(desk, number) == "confirmed"


def test_a_decision_is_made_once(desk: Desk) -> None:
    number, n = propose(desk)
    desk.do(major.refuse, number, n, "One printer only", by="sato", when="09:15")
    with pytest.raises(Refused):
        confirm(desk, number, n)
    assert state(desk, number) == "refused"


def test_what_was_refused_can_be_proposed_anew(desk: Desk) -> None:
    number, n = propose(desk)
    desk.do(major.refuse, number, n, "One printer only", by="sato", when="09:15")
    desk.do(major.propose, number, "Now all of them", by="ito", when="09:40")
    assert [row.state for row in desk.rows(MajorIncident, number)] == ["refused", "proposed"]


def test_the_coordinator_must_be_able_to_see_it(desk: Desk) -> None:
    number, n = propose(desk)
    with pytest.raises(BadInput):
        confirm(desk, number, n, coordinator=desk.id("emi"))
    with pytest.raises(BadInput):
        confirm(desk, number, n, coordinator=desk.id("kim"))


def test_a_missed_update_is_noted_at_its_instant_again_and_again(desk: Desk) -> None:
    """A rhythm round the clock: half an hour after the last word, or after the last such note."""
    number = running(desk)
    for when in ("09:49", "09:50", "10:25", "22:00"):
        sweep(desk, when)
    missed = [event.at for event in desk.events(number) if event.kind == "major.update_missed"]
    assert missed == [at("09:50"), at("10:20"), at("10:55")]


def test_a_desk_that_stood_still_notes_one_missed_update(desk: Desk) -> None:
    """E3: late by days it doesn't make up for each half hour."""
    number = running(desk)
    sweep(desk, "Mon 10:00")
    assert desk.kinds(number).count("major.update_missed") == 1
    assert desk.rows(MajorIncident, number)[0].update_due == at("Mon 10:30")


def test_an_update_begins_the_rhythm_anew(desk: Desk) -> None:
    number = running(desk)
    desk.do(major.update, number, "A switch is replaced", by="ito", when="09:45")
    row = desk.rows(MajorIncident, number)[0]
    assert (row.update_due, row.updates, row.missed) == (at("10:15"), 1, 0)
    assert [one.body for one in desk.rows(MajorUpdate, number)] == ["A switch is replaced"]


def test_an_update_may_change_the_rhythm(desk: Desk) -> None:
    number = running(desk)
    desk.do(major.update, number, "We wait for the part", 120, by="ito", when="09:45")
    assert desk.rows(MajorIncident, number)[0].update_due == at("11:45")


@pytest.mark.parametrize("minutes", [0, 4, 1441, -30])
def test_a_rhythm_has_bounds(desk: Desk, minutes: int) -> None:
    number, n = propose(desk)
    with pytest.raises(BadInput):
        confirm(desk, number, n, minutes=minutes)


def test_nothing_is_due_once_it_is_resolved(desk: Desk) -> None:
    number = running(desk)
    desk.do(commands.resolve, number, "solved", "Switch replaced", by="ito", when="09:40")
    sweep(desk, "12:00")
    assert "major.update_missed" not in desk.kinds(number)
    assert desk.rows(MajorIncident, number)[0].update_due is None


def test_it_is_over_when_the_incident_closes(desk: Desk) -> None:
    number = running(desk)
    desk.do(commands.resolve, number, "solved", "Switch replaced", by="ito", when="09:40")
    sweep(desk, "2026-12-10 09:00")
    assert state(desk, number) == "over"


def test_standing_down_leaves_an_incident_as_any_other(desk: Desk) -> None:
    number = running(desk)
    desk.do(major.stand_down, number, "It works again, we watch it", by="sato", when="10:00")
    assert state(desk, number) == "over"
    assert desk.incident(number).state == "new"
    with pytest.raises(Refused):
        desk.do(major.update, number, "One more word", by="ito", when="10:10")


def test_a_proposal_goes_with_the_incident(desk: Desk) -> None:
    number, _n = propose(desk)
    desk.do(commands.resolve, number, "solved", "Restarted", by="ito", when="09:40")
    assert state(desk, number) == "withdrawn"


def test_it_is_reviewed_when_it_is_over(desk: Desk) -> None:
    number = running(desk)
    said = {"what": "A switch failed", "cause": "Age", "better": "Replace at five years"}
    with pytest.raises(Refused):
        desk.do(major.review, number, said, by="ito", when="10:00")
    desk.do(major.stand_down, number, "It works again", by="sato", when="10:00")
    desk.do(major.review, number, said, by="ito", when="Fri 10:00")
    row = desk.rows(MajorIncident, number)[0]
    assert (row.review, row.reviewed_at) == (said, at("Fri 10:00"))


def test_what_was_proposed_anew_in_vain_leaves_the_one_before_to_be_reviewed(desk: Desk) -> None:
    number = running(desk)
    desk.do(major.stand_down, number, "It works again", by="sato", when="10:00")
    desk.do(major.propose, number, "Again", by="ito", when="10:10")
    anew = desk.story(number).majors[-1].n
    desk.do(major.refuse, number, anew, "One room only", by="sato", when="10:20")
    desk.do(major.review, number, {"what": "A switch failed"}, by="ito", when="Fri 10:00")
    first, second = desk.rows(MajorIncident, number)
    assert (first.reviewed_at, second.reviewed_at) == (at("Fri 10:00"), None)
    assert (first.review["what"], second.review) == ("A switch failed", {})


def test_what_belongs_to_it_is_linked_and_unlinked(desk: Desk) -> None:
    number, other = running(desk), desk.log(by="taro", when="09:30")
    desk.do(major.link, other, number, by="ito", when="09:35")
    assert desk.incident(other).major_id == desk.incident(number).id
    desk.do(major.unlink, other, by="ito", when="09:36")
    assert desk.incident(other).major_id is None


def test_what_belongs_to_one_is_not_taken_away_by_another(desk: Desk) -> None:
    """It is unlinked first; from what is over it goes over by itself."""
    one, two, other = running(desk), running(desk), desk.log(by="taro", when="09:30")
    desk.do(major.link, other, one, by="ito", when="09:35")
    with pytest.raises(Refused, match="already"):
        desk.do(major.link, other, two, by="abe", when="09:36")
    assert desk.incident(other).major_id == desk.incident(one).id
    desk.do(major.stand_down, one, "Over", by="sato", when="09:40")
    desk.do(major.link, other, two, by="abe", when="09:41")
    assert desk.incident(other).major_id == desk.incident(two).id


def test_a_major_incident_belongs_to_no_other(desk: Desk) -> None:
    one, two = running(desk), running(desk)
    with pytest.raises(Refused):
        desk.do(major.link, one, two, by="ito", when="09:35")


def test_me_too_logs_an_incident_of_ones_own_once(desk: Desk) -> None:
    number = running(desk)
    own = desk.call(major.me_too, number, by="taro", when="09:30")
    again = desk.call(major.me_too, number, by="taro", when="09:31")
    assert own == again != number
    row = desk.incident(own)
    assert (row.title, row.major_id) == ("Network disturbed", desk.incident(number).id)


def test_who_reported_it_is_concerned_already(desk: Desk) -> None:
    number = running(desk)
    assert desk.call(major.me_too, number, by="emi", when="09:30") == number


def test_nobody_learns_of_a_confidential_one(desk: Desk) -> None:
    """§9: it can be major, but the portal doesn't offer it."""
    number, n = propose(desk, confidential=True)
    confirm(desk, number, n)
    with pytest.raises(NotFound):
        desk.call(major.me_too, number, by="taro", when="09:30")


def test_the_check_finds_no_difference(desk: Desk) -> None:
    """C6: every row follows from the journal."""
    number, other = running(desk), desk.log(by="taro", when="09:30")
    desk.do(major.link, other, number, by="ito", when="09:35")
    desk.do(major.coordinate, number, desk.id("sato"), by="ueda", when="09:36")
    desk.do(major.update, number, "A switch is replaced", by="sato", when="09:45")
    sweep(desk, "11:00")
    desk.do(major.stand_down, number, "It works again", by="sato", when="11:10")
    assert desk.differences() == []
