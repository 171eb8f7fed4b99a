"""What an import makes of a history, paragraph by paragraph of the contract."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from servicedesk.escalation.commands import answer, hand_off
from servicedesk.incidents import commands
from servicedesk.incidents.models import DateChange, HandOff, Holding
from servicedesk.people.models import Person
from servicedesk.sla.models import ClockRow
from tests.cast import at
from tests.history.histories import LATER, History

# One row per change


def test_a_row_is_the_state_from_its_instant_on(history: History) -> None:
    """Contract: one row per change; the row is the incident's state from that instant on."""
    history.row("09:00", group="desk", title="No network", impact="1", urgency="1")
    history.row("10:00", state="in_progress", assignee="ito")
    history.row("11:00", state="on_hold", hold="requester")
    history.row("12:00", state="resolved")
    history.row("Fri 09:00", state="closed")
    assert history.replay().incidents == 1
    desk, incident = history.desk, history.desk.incident(1)
    assert (incident.external_id, incident.title, incident.channel) == ("a", "No network", "import")
    assert (incident.state, incident.priority) == ("closed", "P1")
    assert (incident.logged_at, incident.resolved_at) == (at("09:00"), at("12:00"))
    assert (incident.closed_at, desk.assignee(1)) == (at("Fri 09:00"), "ito")
    assert desk.holders(1) == ["desk", "requester"]
    assert desk.clock(1, "resolution").counted_seconds == 2 * 3600


def test_everything_is_marked_as_imported(history: History) -> None:
    """Contract: an import records what happened, marked as imported."""
    history.row("09:00")
    history.row("10:00", state="resolved", group="network", replied="1")
    history.replay()
    assert all(event.data["imported"] for event in history.desk.events(1))


def test_rows_at_the_same_instant_follow_each_other_as_in_the_file(history: History) -> None:
    """Contract: rows at the same instant: in file order."""
    history.row("09:00", group="desk")
    history.row("10:00", group="network")
    history.row("10:00", group="netone")
    history.replay()
    handoffs = history.desk.rows(HandOff, 1)
    assert [h.receiver for h in handoffs] == [history.desk.ref(k) for k in ("network", "netone")]
    lasting = [h for h in history.desk.rows(Holding, 1) if h.end != h.start]
    assert [h.holder for h in lasting] == [history.desk.ref("desk"), history.desk.ref("netone")]


def test_rows_of_an_incident_may_stand_apart(history: History) -> None:
    """Contract: in time order within an incident."""
    history.row("09:00", "a")
    history.row("08:00", "b")
    history.row("10:00", "a", state="resolved")
    history.row("09:30", "b", state="cancelled")
    assert history.replay().incidents == 2
    states = {n: history.desk.incident(n).state for n in (1, 2)}
    assert states == {1: "resolved", 2: "cancelled"}


def test_a_blank_cell_means_unchanged(history: History) -> None:
    """Contract: a blank cell means unchanged."""
    cells = {"group": "desk", "assignee": "ito", "impact": "1", "urgency": "1", "title": "Fire"}
    history.row("09:00", state="in_progress", requested_due="2026-11-27", **cells)
    history.row("10:00")
    history.replay()
    desk, incident = history.desk, history.desk.incident(1)
    assert (incident.state, incident.title, incident.priority) == ("in_progress", "Fire", "P1")
    assert (incident.requested_day, desk.assignee(1)) == (date(2026, 11, 27), "ito")
    assert max(event.at for event in desk.events(1)) == at("09:00")


def test_a_dash_empties_a_cell(history: History) -> None:
    """Contract: `-` empties a cell."""
    cells = {"assignee": "ito", "title": "Fire", "category": "Hall", "department": "Press"}
    dates = {"requested_due": "2026-11-27", "promised_due": "2026-11-28"}
    history.row("09:00", state="on_hold", hold="delivery", **cells, **dates)
    history.row("10:00", state="in_progress", hold="-", **dict.fromkeys([*cells, *dates], "-"))
    history.replay()
    desk, incident = history.desk, history.desk.incident(1)
    assert (incident.title, incident.category, incident.department) == ("", "", "")
    assert (desk.assignee(1), incident.state) == (None, "in_progress")
    assert (incident.requested_due, incident.promised_due) == (None, None)
    assert incident.first_requested_day == date(2026, 11, 27)


def test_a_dash_for_the_requester_is_nobody_known(history: History) -> None:
    """Contract: `-` empties a cell: it is nobody's name."""
    history.row("09:00", requester="emi")
    history.row("10:00", requester="-")
    history.row("09:00", "b", requester="-")
    history.replay()
    assert {history.desk.incident(n).requester.key for n in (1, 2)} == {"unknown"}


# Moves that the desk refuses


@pytest.mark.parametrize(
    "states",
    [
        ["resolved"],
        ["closed"],
        ["cancelled"],
        ["on_hold"],
        ["new", "closed", "resolved", "closed"],
        ["resolved", "closed", "in_progress", "resolved"],
        ["resolved", "new"],
        ["in_progress", "new", "in_progress"],
        ["cancelled", "in_progress", "closed"],
        ["resolved", "cancelled", "in_progress"],
        ["cancelled", "resolved", "on_hold", "closed"],
    ],
)
def test_an_import_records_what_happened(history: History, states: list[str]) -> None:
    """Contract: other systems allow moves that the desk refuses."""
    for hour, state in enumerate(states):
        more = {"hold": "other"} if state == "on_hold" else {}
        history.row(f"{10 + hour}:00", state=state, **more)
    history.replay()
    assert history.desk.incident(1).state == states[-1]
    assert history.desk.differences() == []


def test_a_hand_off_after_resolving_is_one_but_no_holding(history: History) -> None:
    """Contract: a hand-off, but no holding; it has the incident once that is open again."""
    history.row("09:00", group="desk")
    history.row("10:00", state="resolved")
    history.row("11:00", group="network")
    history.row("12:00", state="in_progress")
    history.replay()
    desk = history.desk
    held = [(h.holder, h.start, h.end) for h in desk.rows(Holding, 1)]
    assert held == [
        (desk.ref("desk"), at("09:00"), at("10:00")),
        (desk.ref("network"), at("12:00"), None),
    ]
    assert [(h.state, h.ended_at) for h in desk.rows(HandOff, 1)] == [
        ("resolved_there", at("11:00"))
    ]


@pytest.mark.parametrize("end", ["resolved", "closed", "cancelled"])
def test_a_hand_off_in_a_resolving_row_is_one_but_no_holding(history: History, end: str) -> None:
    """Contract: a group change in a resolving row is a hand-off but no holding: no clock moves."""
    history.row("09:00", group="network")
    history.row("10:00", group="desk")
    history.row("11:00", group="network", state=end)
    history.replay()
    desk = history.desk
    assert desk.holders(1) == ["network", "desk"]
    assert desk.incident(1).handoff_count == 2
    assert desk.incident(1).given_to == desk.ref("network")
    clock = desk.clock(1, "holding", "network")
    assert (clock.counted_seconds, clock.stopped_at, clock.state) == (3600, at("10:00"), "met")
    assert {c.kind for c in desk.rows(ClockRow, 1) if c.handoff == 2} == set()


def test_a_partner_has_not_resolved_it_there(history: History) -> None:
    """H2: resolved there: groups only."""
    history.row("09:00", group="desk")
    history.row("10:00", group="netone")
    history.row("11:00", state="resolved")
    history.row("09:00", "b", group="desk")
    history.row("10:00", "b", group="netone", state="closed")
    history.replay()
    states = {n: history.desk.handoff(n).state for n in (1, 2)}
    assert states == {1: "recalled", 2: "recalled"}


def test_resolved_again_changes_no_clock_and_no_resolved_at(history: History) -> None:
    """Contract: resolved or closed again without having been open in between."""
    history.row("09:00", group="desk", requested_due=at("11:30").isoformat())
    history.row("11:00", state="resolved")
    history.row("Fri 11:00", state="closed")
    history.row("Mon 11:00", state="resolved")
    history.row("Tue 11:00", state="closed")
    history.replay()
    desk = history.desk
    assert desk.incident(1).resolved_at == at("11:00")
    clocks = {c.kind: (c.state, c.stopped_at) for c in desk.rows(ClockRow, 1)}
    met = ("met", at("11:00"))
    assert clocks == {
        "response": ("breached", at("11:00")),
        "resolution": met,
        "holding": met,
        "requested": met,
    }


def test_closing_straight_from_open_resolves(history: History) -> None:
    """Contract: resolved_at: last resolution (or closing straight from open)."""
    history.row("09:00")
    history.row("10:00", state="closed")
    history.replay()
    incident = history.desk.incident(1)
    assert (incident.resolved_at, incident.closed_at) == (at("10:00"), at("10:00"))


def test_reopened_again_it_is_open_without_a_resolution(history: History) -> None:
    """C12: reopening resumes the clocks; the time in between is not counted."""
    history.row("09:00", group="desk", impact="1", urgency="1")
    history.row("11:00", state="closed")
    history.row("Fri 11:00", state="in_progress")
    history.replay()
    incident, clock = history.desk.incident(1), history.desk.clock(1, "resolution")
    assert (incident.resolved_at, incident.closed_at, incident.reopened) == (None, None, 1)
    assert clock.due_at == at("Fri 14:00")


def test_resolved_in_time_and_cancelled_later_is_still_kept(history: History) -> None:
    """C11: a wish is judged at the last resolution, whatever the other system did then."""
    history.row("09:00", requested_due="2026-11-27")
    history.row("10:00", state="resolved")
    history.row("Mon 10:00", state="cancelled")
    history.replay()
    assert history.desk.clock(1, "requested").state == "met"


# Groups


def test_a_change_of_group_is_a_hand_off_sent_and_accepted(history: History) -> None:
    """Contract: sent and accepted at that instant."""
    history.row("09:00", group="desk")
    history.row("10:00", group="netone")
    history.row("11:00", group="network")
    history.replay()
    desk = history.desk
    said = [(h.direction, h.sent_at, h.accepted_at, h.state) for h in desk.rows(HandOff, 1)]
    assert said == [
        ("partner", at("10:00"), at("10:00"), "passed_on"),
        ("from-partner", at("11:00"), at("11:00"), "accepted"),
    ]


def test_the_first_group_holds_from_the_start_without_a_hand_off(history: History) -> None:
    """Contract: its group is the desk group if it is tier 1, else the path's first of tier 1 is."""
    history.row("09:00", "a", group="network")
    history.row("09:00", "b", group="desk")
    history.row("09:00", "c", group="netone")
    history.replay()
    desk = history.desk
    assert [desk.holders(n) for n in (1, 2, 3)] == [["network"], ["desk"], ["netone"]]
    assert {desk.incident(n).desk_group for n in (1, 2, 3)} == {desk.ref("desk")}
    assert [desk.incident(n).handoff_count for n in (1, 2, 3)] == [0, 0, 0]


def test_without_a_group_it_goes_to_the_first_step_of_the_path(history: History) -> None:
    """Contract: a first row without group; impact and urgency are 2 until given."""
    history.row("09:00")
    history.row("10:00", urgency="1")
    history.replay()
    desk, incident = history.desk, history.desk.incident(1)
    assert desk.holders(1) == ["desk"]
    assert (incident.impact, incident.urgency, incident.priority) == (2, 1, "P2")
    assert desk.events(1)[0].data["priority"] == "P3"


def test_a_return_is_counted(history: History) -> None:
    """H5: a hand-off to a party that had been given the incident before, logging included."""
    for hour, group in enumerate(["desk", "network", "desk", "network", "netone"]):
        history.row(f"1{hour}:00", group=group)
    history.replay()
    assert (history.desk.incident(1).handoff_count, history.desk.incident(1).returns) == (4, 2)


# Within a row


def test_a_blank_state_stays_whatever_else_changes(history: History) -> None:
    """Contract: neither `replied`, `assignee` nor `group` starts work or ends a hold."""
    history.row("09:00", "a")
    history.row("09:00", "b", state="on_hold", hold="requester")
    for key in "ab":
        history.row("10:00", key, replied="1", assignee="ito", group="network")
    history.replay()
    states = [(history.desk.incident(n).state, history.desk.assignee(n)) for n in (1, 2)]
    assert states == [("new", "ito"), ("on_hold", "ito")]
    assert history.desk.holders(2) == ["requester"]


def test_a_row_answers_where_it_says_so(history: History) -> None:
    """C13; contract: `replied`: 1 where desk side answered the requester in that row."""
    history.row("09:00", replied="0")
    history.row("09:30", replied="1")
    history.row("10:00", replied="1")
    history.row("09:00", "b", replied="1")
    history.replay()
    assert history.desk.incident(1).first_response_at == at("09:30")
    assert history.desk.incident(2).first_response_at == at("09:00")


def test_priority_comes_before_group_and_state(history: History) -> None:
    """Contract: within a row: impact and urgency first, then group, reply, hold and state."""
    history.row("09:00", group="desk", impact="3", urgency="3")
    history.row("10:00", impact="1", urgency="1", group="netone", replied="1", state="resolved")
    history.replay()
    desk = history.desk
    assert desk.clock(1, "resolution").priority == "P1"
    kinds = [kind.partition(".")[2] for kind in desk.kinds(1)[1:]]
    assert kinds == ["prioritised", "sent", "added", "resolved"]


def test_a_hold_ends_with_its_state(history: History) -> None:
    """Contract: hold: with `on_hold`; it ends with that state."""
    history.row("09:00", state="on_hold", hold="change")
    history.row("10:00", hold="requester")
    history.row("11:00", state="in_progress")
    history.replay()
    kinds = [(e.kind, e.data.get("reason")) for e in history.desk.events(1)[1:]]
    assert kinds == [
        ("incident.held", "change"),
        ("incident.held", "requester"),
        ("incident.started", None),
    ]
    assert history.desk.holders(1) == ["desk", "requester", "desk"]


@pytest.mark.parametrize("reason", ["requester", "approval", "change", "delivery", "other"])
def test_every_reason_holds_without_an_end(history: History, reason: str) -> None:
    """Contract: `until` and approval do not act on imported rows."""
    history.row("09:00", state="on_hold", hold=reason)
    history.replay()
    assert history.desk.incident(1).hold_reason == reason


# Dates


def test_a_date_is_a_day_or_an_instant(history: History) -> None:
    """Contract: requested_due, promised_due: a day or an instant."""
    history.row("09:00", requested_due="2026-11-27", promised_due="2026-11-27T12:00:00+09:00")
    history.replay()
    incident = history.desk.incident(1)
    assert (incident.requested_day, incident.requested_due) == (date(2026, 11, 27), at("Sat 00:00"))
    assert (incident.promised_day, incident.promised_due) == (None, at("Fri 12:00"))


def test_a_revised_date_counts_at_once(history: History) -> None:
    """Contract: even after the old one has passed, and a date in the past is accepted."""
    history.row("09:00", requested_due="2026-11-01")
    history.row("10:00", requested_due="2026-11-20")
    history.row("11:00", requested_due="2026-11-30", promised_due="2026-11-10")
    history.replay()
    dates = [(d.kind, str(d.day), d.state) for d in history.desk.rows(DateChange, 1)]
    assert dates == [
        ("requested", "2026-11-01", "superseded"),
        ("requested", "2026-11-20", "superseded"),
        ("requested", "2026-11-30", "current"),
        ("promised", "2026-11-10", "current"),
    ]


def test_lowering_late_needs_no_lead(history: History) -> None:
    """Contract: C9's lead does not act on imported rows; the change is counted all the same."""
    history.row("09:00", impact="1", urgency="1")
    history.row("Mon 10:00", impact="3", urgency="3")
    history.replay()
    assert history.desk.events(1)[-1].data["lowered"] is True


# People


def test_people_who_are_not_in_the_set_up_are_made_without_a_login(history: History) -> None:
    """Contract: people who are not in the set-up are made without a login."""
    history.row("09:00", requester="Müller, H.", assignee="a0001")
    history.row("09:00", "b", requester="a0001", assignee="emi")
    history.replay()
    with history.desk.session() as session:
        made = session.scalars(sa.select(Person).where(Person.listed.is_(False))).all()
        said = {(person.key, tuple(person.roles), person.password_hash) for person in made}
    assert said == {("Müller, H.", (), None), ("a0001", (), None)}
    assert history.desk.assignee(2) == "emi"  # an assignee need not be a member


def test_a_requester_keeps_the_department_of_the_set_up(history: History) -> None:
    """§3: requester and their department at logging."""
    history.row("09:00", "a")
    history.row("09:00", "b", department="Press")
    history.replay()
    assert [history.desk.incident(n).department for n in (1, 2)] == ["Sales", "Press"]


def test_further_columns_may_follow(history: History) -> None:
    """Contract: `type,category,channel,department` may follow."""
    more = {"type": "service request", "category": "Toner", "channel": "phone"}
    history.row("09:00", **more)
    history.replay()
    incident = history.desk.incident(1)
    assert (incident.type, incident.category, incident.channel) == ("request", "Toner", "phone")


def test_the_only_service_needs_no_naming(history: History) -> None:
    history.row("09:00", service="")
    with pytest.raises(Exception, match="service: the first row of an incident needs it"):
        history.replay()
    history.rows.clear()


# Again, and afterwards


def test_the_same_history_again_adds_nothing(history: History) -> None:
    """Contract: idempotent: running it twice adds nothing."""
    history.row("09:00", "a")
    history.row("10:00", "a", state="resolved")
    history.replay()
    before = history.desk.events(1)
    history.row("09:00", "b")
    again = history.replay()
    assert (again.incidents, again.there) == (1, 1)
    assert history.desk.events(1) == before
    assert history.desk.incident(2).external_id == "b"


def test_what_went_on_here_is_not_touched_by_the_same_history(history: History) -> None:
    """Contract: what is open at its end is live from then on."""
    history.row("09:00", group="desk", title="No network")
    history.replay(now="Fri 09:00")
    desk = history.desk
    desk.do(commands.take, 1, by="ito", when="Fri 10:00")
    desk.do(hand_off, 1, "netone", note="Please look", by="ito", when="Fri 10:10")
    desk.do(answer, 1, 1, "A cut cable", by="kim", when="Fri 10:20")
    desk.do(commands.resolve, 1, "solved", "Mended", by="ito", when="Fri 10:30")
    history.replay()
    assert (desk.incident(1).state, desk.log(when="Mon 09:00")) == ("resolved", 2)


def test_an_imported_hand_off_is_answered_here(history: History) -> None:
    """Contract: live from then on: the partner has it, answers, and the desk has it again."""
    history.row("09:00", group="desk", assignee="ito")
    history.row("10:00", group="netone")
    history.replay(now="Fri 09:00")
    desk = history.desk
    desk.do(answer, 1, 1, "A cut cable", by="kim", when="Fri 10:00")
    assert (desk.incident(1).holder, desk.handoff(1).state) == (desk.ref("desk"), "answered")


def test_importing_sends_nothing(history: History) -> None:
    """Contract: a history is history: nobody is told, nothing fires."""
    history.row("2020-01-06 09:00", requested_due="2020-01-07")
    history.row("2020-01-06 10:00", state="on_hold", hold="other")
    history.replay(now=LATER)
    assert {event.at.year for event in history.desk.events(1)} == {2020}
    assert {event.actor for event in history.desk.events(1)} == {None}


# Texts


def test_texts_come_with_their_rows(history: History) -> None:
    """What was asked for, anew where a row says so; and how it was resolved."""
    history.row("09:00", description="It blinks red.")
    history.row("10:00", description="It blinks red\nand green.")
    history.row("11:00", state="resolved", resolution="A new router.")
    history.row("09:00", "b")
    history.replay()
    one, two = history.desk.incident(1), history.desk.incident(2)
    assert (one.description, one.resolution_text) == ("It blinks red\nand green.", "A new router.")
    assert (two.description, two.resolution_text) == ("", None)


def test_a_confidential_service_makes_its_incidents_confidential(history: History) -> None:
    """§9: marked by the service, in a history as on the page."""
    history.row("09:00", service="payroll")
    history.row("09:00", "b")
    history.replay()
    assert [history.desk.incident(n).confidential for n in (1, 2)] == [True, False]
