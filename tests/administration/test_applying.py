"""C8: a version of an agreement applied to what is open, and feasibility on the command line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner

from servicedesk import journal
from servicedesk.administration.agreements import queries
from servicedesk.escalation.commands import accept, answer, hand_off
from servicedesk.incidents import applying, commands
from servicedesk.incidents.clocks import follow
from servicedesk.incidents.models import OPEN, Incident
from servicedesk.setup.snapshot import directory
from tests.administration.filling import STANDARD, publish, resolution, send, words
from tests.cast import Desk, Visitor, at
from tests.support.clock import Clock


def shorter(desk: Desk, page: Visitor) -> None:
    """Halve P1's resolution target."""
    assert publish(page, f"{STANDARD}/edit", P1_resolution="120").status_code == 303


def test_applying_re_targets_what_is_open(desk: Desk, clock: Clock) -> None:
    """C8, C9: from the original start, with all that is counted and paused kept."""
    number = desk.log(when="13:00", impact=1, urgency=1)
    late = desk.log(when="10:00", impact=1, urgency=1)
    closed = desk.log(when="09:00", impact=1, urgency=1)
    desk.do(commands.resolve, closed, by="ito", when="11:30", code="solved", text="Done")
    page = desk.visit("root")
    shorter(desk, page)
    assert "2 open incidents still go by an earlier version." in words(page.get(STANDARD))
    looked_at = page.get(f"{STANDARD}/apply")
    said = words(looked_at)
    assert "2 open incidents go by an earlier version. 2 deadlines or targets move." in said
    assert "1 verdict becomes another." in said
    assert "running → breached" in said
    assert desk.kinds(number)[-1] != "agreement.applied"
    # Taken: ten to three, two hours from 13:00; the other was late at 12:00 and is so from now on.
    assert send(page, f"{STANDARD}/apply", "", looked_at).status_code == 303
    assert resolution(desk, number) == (7200, "running", at("15:00"))
    assert resolution(desk, late)[:2] == (7200, "breached")
    assert desk.clock(late, "resolution").breached_at == at("14:05")
    assert [desk.kinds(n)[-1] for n in (number, late)] == ["agreement.applied"] * 2
    assert resolution(desk, closed)[:2] == (14400, "met")
    assert "agreement.applied" not in desk.kinds(closed)
    said = words(page.get(STANDARD))
    assert "earlier version" not in said
    assert "Applied to 2 open incidents" in said


def test_no_breach_is_un_made(desk: Desk, clock: Clock) -> None:
    """C8, C11: what was late by the earlier version stays late by a longer one."""
    number = desk.log(when="2026-11-25 09:00", impact=1, urgency=1)
    page = desk.visit("root")
    publish(page, f"{STANDARD}/edit", P1_resolution="80h")
    looked_at = page.get(f"{STANDARD}/apply")
    assert "No verdict becomes another." in words(looked_at)
    send(page, f"{STANDARD}/apply", "", looked_at)
    row = desk.clock(number, "resolution")
    assert (row.target_seconds, row.state) == (80 * 3600, "breached")
    assert row.breached_at == at("2026-11-25 14:00")


def test_a_group_s_agreement_is_applied_to_those_that_it_holds(desk: Desk, clock: Clock) -> None:
    """C8, C9: the clocks of a party that have not stopped, and a holding that may go on."""
    number = desk.log(when="09:00")
    other = desk.log(when="09:00")
    desk.do(hand_off, number, "network", note="Look", by="ito", when="13:00")
    page = desk.visit("root")
    publish(page, "/admin/agreements/ola/network/edit", P3_answer="30", P3_holding="30")
    path = "/admin/agreements/ola/network/apply"
    looked_at = page.get(path)
    assert "1 open incident goes by an earlier version." in words(looked_at)
    assert "Network team answer" in words(looked_at)
    send(page, path, "", looked_at)
    answering = desk.clock(number, "answer", "network")
    assert (answering.target_seconds, answering.state) == (1800, "breached")
    assert "agreement.applied" not in desk.kinds(other)


def test_what_was_not_looked_at_is_not_applied(desk: Desk, clock: Clock) -> None:
    """C8: another version published meanwhile is looked at first."""
    desk.log(when="13:00", impact=1, urgency=1)
    page = desk.visit("root")
    shorter(desk, page)
    looked_at = page.get(f"{STANDARD}/apply")
    clock.advance(minutes=1)
    publish(page, f"{STANDARD}/edit", P1_resolution="60")
    again = send(page, f"{STANDARD}/apply", "", looked_at)
    assert again.status_code == 409
    assert "Somebody published another version meanwhile." in words(again)
    assert desk.kinds(1)[-1] != "agreement.applied"
    assert send(page, f"{STANDARD}/apply", "", again).status_code == 303


def test_progress_is_shown_until_it_is_done(desk: Desk, clock: Clock) -> None:
    """C8: what takes long goes on by itself, and a second time is refused meanwhile."""
    for _ in range(3):
        desk.log(when="13:00", impact=1, urgency=1)
    page = desk.visit("root")
    shorter(desk, page)
    with desk.session():
        applying.begin("sla", "standard", actor=None, now=clock.now)
    assert "0 of 3 open incidents looked at" in words(page.get(f"{STANDARD}/apply"))
    assert "0 of 3 looked at" in words(page.get(STANDARD))
    assert page.post(f"{STANDARD}/apply", version="2").status_code == 409
    with desk.session():
        while applying.go_on(clock.now):
            pass
    assert "Nothing changes" in words(page.get(f"{STANDARD}/apply"))


def test_all_that_would_change_comes_as_a_file(desk: Desk, clock: Clock) -> None:
    desk.log(when="10:00", impact=1, urgency=1)
    page = desk.visit("root")
    shorter(desk, page)
    lines = page.get(f"{STANDARD}/apply.csv").text.splitlines()
    assert lines[1].startswith(
        "INC-00000001,resolution,,,2026-11-26T06:00:00Z,2026-11-26T03:00:00Z"
    )
    assert lines[1].endswith("running,breached")


def test_titles_are_not_shown_to_the_administrator(desk: Desk, clock: Clock) -> None:
    """§9: number and dates are enough."""
    desk.log(when="10:00", impact=1, urgency=1, title="Secret plan")
    page = desk.visit("root")
    shorter(desk, page)
    assert "Secret plan" not in page.get(f"{STANDARD}/apply").text


def test_the_count_of_what_goes_by_an_earlier_version_is_right(desk: Desk, clock: Clock) -> None:
    """C8: as following each incident's journal finds it."""
    numbers = [desk.log(when="09:00") for _ in range(5)]
    printing = desk.log(when="09:00", service="printing")
    urgent = desk.log(when="09:00", impact=1, urgency=1)
    desk.do(hand_off, urgent, "netone", note="Look", by="ito", when="10:00")
    desk.do(hand_off, numbers[0], "network", note="Look", by="ito", when="10:00")
    desk.do(accept, numbers[0], 1, by="abe", when="10:10")
    desk.do(answer, numbers[0], 1, "Done", by="abe", when="10:20")
    desk.do(
        commands.reclassify, numbers[1], by="ito", when="10:00", service="printing", type="incident"
    )
    desk.do(commands.resolve, numbers[2], by="ito", when="11:00", code="solved", text="Done")
    page = desk.visit("root")
    for name in ("sla/standard", "sla/round", "ola/desk", "ola/network", "uc/netone"):
        kind, _slash, key = name.partition("/")
        cell = {"sla": "P3_resolution", "ola": "P3_holding", "uc": "P1_answer"}[kind]
        publish(page, f"/admin/agreements/{kind}/{key}/edit", **{cell: "77"})
    with desk.session():
        applying.apply("sla", "round", actor=None, now=clock.now)
    desk.do(commands.reopen, numbers[2], by="ito", when="14:10", text="Not solved")
    desk.do(hand_off, printing, "printco", note="Look", by="ito", when="14:10")
    desk.log(when="14:20")
    with desk.session() as session:
        setup = directory(session)
        found = queries.earlier(session, setup)
        expected = dict.fromkeys(setup.agreements, 0)
        for incident in session.query(Incident).filter(Incident.state.in_(OPEN)):
            work = follow(journal.read(session, incident.id), setup)
            for id in setup.agreements:
                expected[id] += applying.concerns(work, id)
    assert {id: found[id] for id in expected} == expected
    assert sum(1 for count in expected.values() if count) == 4  # not "round", which was applied


# The command line


@pytest.mark.backends("sqlite")
def test_feasibility_exits_with_what_it_found(
    desk: Desk, clock: Clock, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    """C10: exit status 1 where something does not fit."""
    said = runner.invoke(args=["desk", "feasibility"])
    assert said.exit_code == 1
    assert re.search(r"^internet +P1 +resolution +4 h +Never fits", said.output, re.MULTILINE)
    assert "3 services looked at, 3 with something that does not fit." in said.output
    file = tmp_path / "other.yaml"
    fine = """
desk: {name: Other, zone: Asia/Tokyo}
calendars: {office: {hours: {mon-fri: ["09:00-18:00"]}}}
groups: {desk: {name: Desk, tier: 1, calendar: office, targets: {holding: 60}}}
agreements: {plain: {targets: {resolution: 1d}}}
services: {mail: {path: [desk], agreement: plain}}
"""
    file.write_text(fine)
    said = runner.invoke(args=["desk", "feasibility", str(file)])
    assert (said.exit_code, said.output.splitlines()[-1]) == (
        0,
        "1 services looked at, 0 with something that does not fit.",
    )
    assert desk.setup().name == "Kita Electric IT"
    file.write_text(fine.replace("plain}", "gold}"))
    assert runner.invoke(args=["desk", "feasibility", str(file)]).exit_code == 2


def test_an_agreement_is_applied_from_the_command_line(
    desk: Desk, clock: Clock, runner: FlaskCliRunner
) -> None:
    """C8: first what it would change."""
    number = desk.log(when="10:00", impact=1, urgency=1)
    shorter(desk, desk.visit("root"))
    said = runner.invoke(args=["desk", "apply-agreement", "sla", "standard", "--dry-run"]).output
    assert re.search(r"^INC-00000001 +Resolution +.*running -> breached$", said, re.MULTILINE)
    assert "1 deadlines or targets would move, 1 verdicts become others." in said
    assert resolution(desk, number)[0] == 14400
    said = runner.invoke(args=["desk", "apply-agreement", "sla", "standard"]).output
    assert said.endswith("Applied to 1 open incidents.\n")
    assert resolution(desk, number)[0] == 7200
    assert runner.invoke(args=["desk", "apply-agreement", "sla", "x"]).exit_code == 2
    assert runner.invoke(args=["desk", "apply-agreement", "uc", "x", "--dry-run"]).exit_code == 2
