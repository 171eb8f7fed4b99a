"""What is told to which webhook, in the transaction in which it happens."""

from __future__ import annotations

import pytest

from servicedesk import outbox
from servicedesk.db import transaction
from servicedesk.escalation.commands import hand_off
from servicedesk.incidents import commands
from servicedesk.setup.signals import KINDS
from tests.cast import Desk
from tests.escalation.ruled import sweep
from tests.signals.hooked import Hooked

sqlite = pytest.mark.backends("sqlite")
SOMEWHERE = "https://hook.example/zqpath"
LOGGED = "ops: {kinds: [incident.logged]}"


def test_each_webhook_is_told_of_its_kinds_alone(hooked: Hooked, desk: Desk) -> None:
    """E5: queued with what happened, on both databases."""
    hooked.give(LOGGED, "chat: {kinds: [incident.resolved, handoff.sent], format: slack}")
    for key in ("ops", "chat"):
        hooked.call_at(SOMEWHERE, key)
    n = desk.log()
    desk.do(hand_off, n, "network", note="zqnote", by="ito", when="10:00")
    desk.do(commands.resolve, n, "solved", "zqsolved", by="ito", when="11:00")
    assert hooked.events("ops") == ["incident.logged"]
    assert hooked.events("chat") == ["handoff.sent", "incident.resolved"]


@sqlite
def test_what_did_not_happen_is_told_to_nobody(hooked: Hooked, desk: Desk) -> None:
    """E5: one transaction for the act and its messages."""
    hooked.give(LOGGED)
    hooked.call_at(SOMEWHERE)
    with pytest.raises(Exception, match="service"):
        desk.log(service="nothing")
    assert hooked.events() == []


@sqlite
def test_only_the_incidents_of_its_scope_are_told(hooked: Hooked, desk: Desk) -> None:
    scopes = {
        "a": "{service: printing}",
        "b": "{priority: [P3], type: incident}",
        "c": "{group: network}",
        "d": "{partner: netone, type: request}",
    }
    kinds = "kinds: [incident.logged, handoff.sent]"
    hooked.give(*(f"{key}: {{{kinds}, for: {said}}}" for key, said in scopes.items()))
    for key in scopes:
        hooked.call_at(SOMEWHERE, key)
    desk.log(service="printing")
    n = desk.log()
    desk.do(hand_off, n, "network", note="Look", by="ito", when="10:00")
    assert [len(hooked.events(key)) for key in scopes] == [1, 3, 1, 0]
    assert hooked.events("c") == ["handoff.sent"]


@sqlite
def test_a_step_calls_the_webhooks_that_it_names_each_once(hooked: Hooked, desk: Desk) -> None:
    """E1: `signal` of a step; a webhook that hears of all steps hears of it once."""
    step = "{key: lying, when: {unassigned: 30}, tell: holder-lead, signal: [ops, page, ops]}"
    hooked.give("ops: {kinds: [step.fired]}", "page: {}", "other: {}", steps=(step,))
    for key in ("ops", "page", "other"):
        hooked.call_at(SOMEWHERE, key)
    desk.log(when="09:00")
    sweep(desk, "10:00")
    sweep(desk, "11:00")
    assert [hooked.events(key) for key in ("ops", "page", "other")] == [
        ["step.fired"], ["step.fired"], [],
    ]  # fmt: skip
    (row,) = hooked.queued("page")
    said = {key: row.data[key] for key in ("policy", "step", "clock", "amount", "due", "seq")}
    assert said == {
        "policy": "usual",
        "step": "lying",
        "clock": "unassigned",
        "amount": 1800,
        "due": "2026-11-26T00:30:00Z",
        "seq": 2,
    }


@sqlite
def test_what_is_confidential_is_told_to_none(hooked: Hooked, desk: Desk) -> None:
    """§9: number and figures of it are for the desk's own people."""
    hooked.give(f"ops: {{kinds: [{', '.join(KINDS)}]}}")
    hooked.call_at(SOMEWHERE)
    n = desk.log(service="payroll")
    desk.do(hand_off, n, "network", note="Look", by="ito", when="10:00")
    assert hooked.events() == []


@sqlite
@pytest.mark.parametrize("state", ["unset", "off"])
def test_a_webhook_that_is_not_called_keeps_nothing(hooked: Hooked, desk: Desk, state: str) -> None:
    hooked.give(LOGGED)
    if state == "off":
        hooked.call_at(SOMEWHERE)
        with desk.app.app_context(), transaction() as session:
            line = session.merge(hooked.line())
            line.disabled_at = line.set_at
    desk.log()
    assert hooked.events() == []


@sqlite
def test_a_past_that_is_made_up_is_told_to_none(
    hooked: Hooked, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooked.give(LOGGED)
    hooked.call_at(SOMEWHERE)
    monkeypatch.setattr(outbox, "is_quiet", lambda _session: True)
    desk.log()
    assert hooked.events() == []


@sqlite
def test_no_person_stands_in_what_is_kept(hooked: Hooked, desk: Desk) -> None:
    """§3: ids and values, never texts."""
    hooked.give(f"ops: {{kinds: [{', '.join(KINDS)}]}}")
    hooked.call_at(SOMEWHERE)
    n = desk.log(title="zqtitle", description="zqtext")
    desk.do(commands.take, n, by="ito", when="09:30")
    desk.do(hand_off, n, "network", note="zqnote", by="ito", when="10:00")
    kept = str([row.data for row in hooked.queued()])
    assert "zq" not in kept
    assert hooked.events() == ["incident.logged", "incident.assigned", "handoff.sent"]
