"""C7, C8: what a published calendar or agreement does to what is open, and what is said first."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from servicedesk.errors import NotFound, Refused, Stale
from servicedesk.history.check import check
from servicedesk.incidents import applying, catching_up, commands, preview
from servicedesk.incidents.models import Incident, label
from servicedesk.setup import editing
from servicedesk.setup.problems import BadFile
from servicedesk.setup.snapshot import directory
from servicedesk.sla.models import Application, ClockRow
from tests.cast import Desk, at, page_of
from tests.support.clock import Clock

HOUR = 3600


def document(desk: Desk) -> dict[str, Any]:
    """Read the set-up as data."""
    with desk.session() as session:
        return editing.document(session)


def closed(desk: Desk, day: str = "2026-11-27") -> dict[str, Any]:
    """Change the office's calendar: a day more is off."""
    data = document(desk)
    office = data["calendars"]["office"]
    office["closed"] = [*office["closed"], day]
    return data


def targets(desk: Desk, **by_priority: dict[str, Any]) -> dict[str, Any]:
    """Change the standard agreement's targets."""
    data = document(desk)
    data["agreements"]["standard"]["targets"].update(by_priority)
    return data


def publish(desk: Desk, data: dict[str, Any], when: str) -> list[str]:
    """Publish a set-up and leave what is open as it is."""
    with desk.session():
        return editing.publish(data, at(when))


def catch_up(desk: Desk, when: str, **how: Any) -> int:
    """Bring what is open up to the set-up."""
    with desk.session():
        return catching_up.catch_up(at(when), **how)


def apply(desk: Desk, kind: str, key: str, when: str) -> int:
    """Have an agreement applied to what is open."""
    with desk.session():
        return applying.apply(kind, key, actor=None, now=at(when))


def moves(desk: Desk, data: dict[str, Any], when: str) -> list[preview.Moved]:
    """Ask what a set-up's calendars would move."""
    with desk.session() as session:
        plan = editing.plan(data, at(when))
        return preview.by_calendars(session, plan.before, plan.after, at(when))


def agreement(desk: Desk, key: str = "standard") -> int:
    """Give an agreement's id."""
    return next(one.id for one in desk.setup().agreements.values() if one.key == key)


def soon(desk: Desk, when: str = "Thu 16:00", **more: Any) -> int:
    """Log an incident with four hours' time, answered at once."""
    n = desk.log(when=when, impact=1, urgency=1, **more)
    desk.do(commands.comment, n, "reply", "We look at it", by="ito", when=when)
    return n


# Calendars


def test_what_would_move_is_said_before_it_is_published(desk: Desk) -> None:
    """C7: publishing shows first which open deadlines move from when to when."""
    n = soon(desk)
    found = moves(desk, closed(desk), "Thu 17:00")
    resolution = next(moved for moved in found if moved.kind == "resolution")
    assert (resolution.number, resolution.due_before) == (n, at("Fri 11:00"))
    assert resolution.due_after == at("Mon 11:00")
    assert desk.clock(n, "resolution").due_at == at("Fri 11:00")  # nothing is done yet
    assert "closed: [2026-11-27" not in str(document(desk))


def test_what_was_said_is_what_happens(desk: Desk) -> None:
    """C7: the preview and the publishing agree, clock by clock."""
    numbers = [soon(desk, when) for when in ("Thu 09:00", "Thu 16:00", "Thu 17:30", "17:59")]
    desk.do(commands.resolve, numbers[1], "solved", "Done", by="ito", when="Thu 17:59")
    said = {
        (m.number, m.kind, m.party, m.handoff): m.due_after
        for m in moves(desk, closed(desk), "Thu 18:30")
    }
    before = dues(desk, numbers)
    publish(desk, closed(desk), "Thu 18:30")
    catch_up(desk, "Thu 18:30")
    after = dues(desk, numbers)
    assert said == {name: due for name, due in after.items() if due != before[name]}
    assert said


def dues(desk: Desk, numbers: list[int]) -> dict[tuple[Any, ...], datetime | None]:
    """Read when everything is due."""
    rows = [(n, row) for n in numbers for row in desk.rows(ClockRow, n)]
    return {(n, row.kind, row.party, row.handoff): row.due_at for n, row in rows}


def test_a_moved_deadline_is_noted_on_its_incident(desk: Desk) -> None:
    """C7: noted on each incident, with the calendar and its version."""
    n = soon(desk)
    publish(desk, closed(desk), "Thu 17:00")
    assert catch_up(desk, "Thu 17:01") == 1
    noted = desk.events(n)[-1]
    assert (noted.kind, noted.at, noted.actor) == ("clocks.moved", at("Thu 17:01"), None)
    moved = next(one for one in noted.data["clocks"] if one["kind"] == "resolution")
    assert (moved["calendar"], moved["version"]) == ("office", 2)
    assert moved["from"] == "2026-11-27T02:00:00Z"
    assert moved["to"] == "2026-11-30T02:00:00Z"
    page = desk.visit("ito").get(page_of(n)).text
    assert "calendar office, version 2" in page


def test_what_does_not_move_gets_no_line(desk: Desk) -> None:
    n = soon(desk)
    publish(desk, closed(desk, "2027-03-01"), "Thu 17:00")
    assert catch_up(desk, "Thu 17:01") == 1
    assert "clocks.moved" not in desk.kinds(n)
    assert catch_up(desk, "Thu 17:02") == 0


def test_catching_up_goes_on_where_it_was_interrupted(desk: Desk, monkeypatch: Any) -> None:
    numbers = [soon(desk) for _ in range(5)]
    publish(desk, closed(desk), "Thu 17:00")
    monkeypatch.setattr(catching_up, "AT_ONCE", 2)
    assert catch_up(desk, "Thu 17:01", most=2) == 2
    with desk.session():
        assert check(now=at("Thu 17:02")).behind == 3
    assert catch_up(desk, "Thu 17:03") == 3
    assert [desk.kinds(n).count("clocks.moved") for n in numbers] == [1] * 5
    with desk.session():
        found = check(now=at("Thu 17:04"))
    assert (found.behind, found.differences) == (0, [])


def test_an_act_on_an_incident_that_is_behind_brings_it_up_first(desk: Desk) -> None:
    """C6: the note of the move comes before what is done under the new calendar."""
    n = soon(desk)
    publish(desk, closed(desk), "Thu 17:00")
    desk.do(commands.take, n, by="ito", when="Thu 17:01")
    assert desk.kinds(n)[-2:] == ["clocks.moved", "incident.assigned"]
    assert desk.clock(n, "resolution").due_at == at("Mon 11:00")
    assert catch_up(desk, "Thu 17:02") == 0


def test_a_form_from_before_the_move_is_still_taken(desk: Desk) -> None:
    n = soon(desk)
    version = desk.incident(n).version
    publish(desk, closed(desk), "Thu 17:00")
    catch_up(desk, "Thu 17:01")
    desk.do(commands.take, n, by="ito", when="Thu 17:02", version=version)
    assert desk.assignee(n) == "ito"


def test_repairing_brings_up_what_is_behind(desk: Desk) -> None:
    """C6: `check --repair` rebuilds the rows from the journal."""
    n = soon(desk)
    publish(desk, closed(desk), "Thu 17:00")
    with desk.session():
        assert check(now=at("Thu 17:01"), repair=True).behind == 0
    assert desk.clock(n, "resolution").due_at == at("Mon 11:00")


# The set-up's document


def test_a_set_up_that_was_changed_meanwhile_is_not_overwritten(desk: Desk) -> None:
    with desk.session() as session:
        revision = directory(session).revision
    publish(desk, closed(desk), "Thu 10:00")
    with desk.session(), pytest.raises(Stale):
        editing.publish(closed(desk, "2026-12-01"), at("Thu 10:01"), revision)


def test_a_document_as_it_is_changes_nothing(desk: Desk) -> None:
    assert publish(desk, document(desk), "Thu 10:00") == ["nothing to change"]


def test_nonsense_in_a_document_is_refused_in_a_sentence(desk: Desk) -> None:
    data = document(desk)
    data["calendars"]["office"]["hours"] = {"mon": ["25:00-26:00"]}
    with desk.session(), pytest.raises(BadFile, match="hours"):
        editing.plan(data, at("Thu 10:00"))


# Agreements


def test_a_new_version_of_an_agreement_is_for_what_is_logged_after_it(desk: Desk) -> None:
    """C8: an agreement's new version applies to incidents logged after it."""
    old = soon(desk, "Thu 09:00")
    publish(desk, targets(desk, P1={"response": 15, "resolution": 120}), "Thu 10:00")
    catch_up(desk, "Thu 10:00")
    new = soon(desk, "Thu 10:01")
    assert desk.clock(old, "resolution").target_seconds == 4 * HOUR
    assert desk.clock(new, "resolution").target_seconds == 2 * HOUR


def test_applying_it_to_open_ones_is_an_act_of_its_own(desk: Desk) -> None:
    """C8, C9: noted on each incident, and re-targeted with all time already counted."""
    old = soon(desk, "Thu 09:00")
    publish(desk, targets(desk, P1={"response": 15, "resolution": 120}), "Thu 10:00")
    assert apply(desk, "sla", "standard", "Thu 10:30") == 1
    clock = desk.clock(old, "resolution")
    assert (clock.target_seconds, clock.due_at) == (2 * HOUR, at("Thu 11:00"))
    noted = next(event for event in desk.events(old) if event.kind == "agreement.applied")
    assert noted.data == {"agreement": agreement(desk), "version": 2}
    assert apply(desk, "sla", "standard", "Thu 10:31") == 0
    assert desk.kinds(old).count("agreement.applied") == 1


def test_the_preview_lists_every_verdict_that_it_would_change(desk: Desk) -> None:
    """C8: with a preview of every verdict it would change."""
    late, early = soon(desk, "Thu 09:00"), soon(desk, "Thu 11:30")
    publish(desk, targets(desk, P1={"response": 15, "resolution": 60}), "Thu 11:45")
    catch_up(desk, "Thu 11:45")
    with desk.session() as session:
        setup = directory(session)
        found = preview.by_agreement(session, setup, agreement(desk), at("Thu 11:45"))
    said = [(m.number, m.kind, m.state_before, m.state_after, m.differs) for m in found]
    assert (late, "resolution", "running", "breached", True) in said
    assert (early, "resolution", "running", "running", False) in said
    apply(desk, "sla", "standard", "Thu 11:45")
    assert desk.clock(late, "resolution").state == "breached"
    assert desk.clock(late, "resolution").breached_at == at("Thu 11:45")  # C10: the re-targeting


def test_no_breach_is_unmade_by_a_gentler_version(desk: Desk) -> None:
    """C8, C11: no breach is un-made."""
    n = soon(desk, "Thu 09:00")
    desk.do(commands.take, n, by="ito", when="Thu 15:00")
    assert desk.clock(n, "resolution").state == "breached"
    publish(desk, targets(desk, P1={"response": 15, "resolution": 2400}), "Thu 15:30")
    apply(desk, "sla", "standard", "Thu 15:31")
    assert desk.clock(n, "resolution").state == "breached"
    assert desk.clock(n, "resolution").target_seconds == 40 * HOUR


def test_what_is_resolved_or_closed_keeps_its_version(desk: Desk) -> None:
    """C8: what is closed never changes."""
    n = soon(desk, "Thu 09:00")
    desk.do(commands.resolve, n, "solved", "Done", by="ito", when="Thu 09:30")
    publish(desk, targets(desk, P1={"response": 15, "resolution": 20}), "Thu 10:00")
    assert apply(desk, "sla", "standard", "Thu 10:01") == 0
    assert desk.clock(n, "resolution").state == "met"


def test_a_groups_targets_are_applied_to_what_it_holds(desk: Desk) -> None:
    """C8: an OLA is an agreement too."""
    n = soon(desk, "Thu 09:00")
    data = document(desk)
    data["groups"]["desk"]["targets"]["holding"] = 60
    publish(desk, data, "Thu 09:30")
    assert desk.clock(n, "holding", "desk").target_seconds == 8 * HOUR
    assert apply(desk, "ola", "desk", "Thu 09:40") == 1
    assert desk.clock(n, "holding", "desk").due_at == at("Thu 10:00")


def test_a_clock_of_a_later_version_is_left_alone(desk: Desk) -> None:
    publish(desk, targets(desk, P1={"response": 15, "resolution": 120}), "Thu 09:00")
    n = soon(desk, "Thu 09:30")
    assert apply(desk, "sla", "standard", "Thu 09:40") == 0
    assert "agreement.applied" not in desk.kinds(n)


def test_applying_goes_on_where_it_was_interrupted(desk: Desk, monkeypatch: Any) -> None:
    numbers = [soon(desk, "Thu 09:00") for _ in range(5)]
    publish(desk, targets(desk, P1={"response": 15, "resolution": 120}), "Thu 10:00")
    monkeypatch.setattr(applying, "AT_ONCE", 2)
    with desk.session() as session:
        id = applying.begin("sla", "standard", actor=None, now=at("Thu 10:01"))
        assert applying.go_on(at("Thu 10:01"))
        assert session.get_one(Application, id).looked_at == 2
    with desk.session(), pytest.raises(Refused, match="being applied"):
        applying.begin("sla", "standard", actor=None, now=at("Thu 10:02"))
    with desk.session():
        applying.work_off(at("Thu 10:03"))
    assert [desk.kinds(n).count("agreement.applied") for n in numbers] == [1] * 5
    assert not desk.differences()


def test_applying_what_there_is_not_is_refused(desk: Desk) -> None:
    with pytest.raises(NotFound):
        apply(desk, "sla", "golden", "Thu 10:00")


def test_applying_brings_up_what_is_behind_first(desk: Desk) -> None:
    n = soon(desk, "Thu 16:00")
    data = closed(desk)
    data["agreements"]["standard"]["targets"]["P1"]["resolution"] = 480
    publish(desk, data, "Thu 17:00")
    assert apply(desk, "sla", "standard", "Thu 17:01") == 1
    kinds = desk.kinds(n)
    assert kinds.index("clocks.moved") < kinds.index("agreement.applied")
    assert desk.incident(n).setup_revision == desk.setup().revision


def test_the_incidents_of_a_history_know_their_revision(desk: Desk) -> None:
    soon(desk)
    with desk.session() as session:
        revisions = {row.setup_revision for row in session.query(Incident)}
        assert revisions == {directory(session).revision}


# The command line


def test_a_dry_run_of_a_set_up_says_which_deadlines_would_move(
    desk: Desk, tmp_path: Path, clock: Clock
) -> None:
    """C7: publishing shows first what changes."""
    n = soon(desk)
    clock.advance(minutes=175)
    file = tmp_path / "desk.yaml"
    file.write_text(yaml.safe_dump(closed(desk), sort_keys=False), encoding="utf-8")
    said = desk.app.test_cli_runner().invoke(args=["desk", "load", str(file), "--dry-run"])
    assert "~ calendar office (version 2 from 2026-11-26T08:00:00Z)" in said.output
    moved = f"{label(n)} resolution: 2026-11-27T02:00:00Z -> 2026-11-30T02:00:00Z"
    assert moved in said.output
    assert desk.clock(n, "resolution").due_at == at("Fri 11:00")
