"""Doing what was previewed: each its own transaction, each exactly once."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.db import db
from servicedesk.errors import BadInput, NotFound
from servicedesk.escalation import handing
from servicedesk.escalation.commands import hand_off
from servicedesk.incidents.commands import comment, resolve
from servicedesk.incidents.models import HandOff, Incident, ReturnProposal
from servicedesk.people.models import Person
from servicedesk.selection import commands
from servicedesk.selection.commands import begin, finish, go_on
from servicedesk.selection.deeds import Wanted
from servicedesk.selection.models import Chosen
from servicedesk.setup.load import load_text
from tests.cast import DESK, Desk, at

TO_NETWORK = Wanted("hand_off", to="network", note="Please look", reason="skill")


def versions(desk: Desk, numbers: Sequence[int]) -> list[tuple[int, int]]:
    return [(n, desk.incident(n).version) for n in numbers]


def done(
    desk: Desk,
    wanted: Wanted,
    chosen: Sequence[tuple[int, int]],
    *,
    by: str = "ito",
    when: str = "15:00",
    token: str = "",
) -> dict[int, tuple[str, str]]:
    """Confirm a preview; gives what became of each, and why not."""
    id = desk.call(begin, token or secrets.token_hex(16), wanted, chosen, by=by, when=when)
    with desk.session(), desk.app.test_request_context():
        go_on(id, at(when))
    return lines(desk)


def lines(desk: Desk) -> dict[int, tuple[str, str]]:
    with desk.session() as session:
        query = sa.select(Incident.number, Chosen.state, Chosen.why).join(Incident)
        rows = session.execute(query.order_by(Chosen.id))
        return {n: (state, why) for n, state, why in rows}


def test_each_goes_where_it_should_with_its_note_and_reason(desk: Desk) -> None:
    """H2: what one hand-off keeps, each of many keeps."""
    numbers = [desk.log(), desk.log()]
    wanted = Wanted(
        "hand_off", to="netone", note="Please look", reason="vendor",
        answer_by=at("Fri 17:00"), share_requester=True,
    )  # fmt: skip
    assert set(done(desk, wanted, versions(desk, numbers)).values()) == {("done", "")}
    for n in numbers:
        sent = desk.handoff(n)
        assert (sent.reason, sent.note, sent.answer_by) == (
            "vendor", "Please look", at("Fri 17:00"),
        )  # fmt: skip
        assert (sent.share_requester, sent.share_files) == (True, False)
        assert desk.incident(n).holder == desk.ref("netone")


def test_one_that_fails_stops_no_other(desk: Desk) -> None:
    first, changed, ended, last = (desk.log() for _ in range(4))
    chosen = versions(desk, [first, changed, ended, last])
    desk.do(comment, changed, "note", "Found it", by="sato", when="14:00")
    desk.do(resolve, ended, "solved", "It is", by="sato", when="14:00")
    found = done(desk, TO_NETWORK, chosen)
    assert (found[first], found[last]) == (("done", ""), ("done", ""))
    assert found[changed] == ("not_done", "Somebody changed this incident meanwhile.")
    assert found[ended][0] == "not_done"
    assert desk.kinds(changed).count("handoff.sent") == 0


def test_what_comes_back_again_waits_for_the_lead(desk: Desk) -> None:
    """H5: of many too, each return that is one too many is the lead's to decide."""
    n, plain = desk.log(), desk.log()
    desk.do(hand_off, n, "network", note="Please", by="ito", when="09:10")
    desk.do(hand_off, n, "desk", note="Not ours", by="abe", when="09:20")
    found = done(desk, TO_NETWORK, versions(desk, [n, plain]))
    assert (found[n][0], found[plain][0]) == ("asked", "done")
    assert desk.rows(ReturnProposal, n)[0].note == "Please look"
    assert desk.incident(n).given_to == desk.ref("desk")


def test_the_same_form_sent_twice_does_each_once(desk: Desk) -> None:
    numbers, token = [desk.log(), desk.log()], secrets.token_hex(16)
    chosen = versions(desk, numbers)
    first = done(desk, TO_NETWORK, chosen, token=token)
    assert done(desk, TO_NETWORK, chosen, token=token, when="15:01") == first
    assert [len(desk.rows(HandOff, n)) for n in numbers] == [1, 1]


class Killed(BaseException):
    """The process ends in the middle."""


@pytest.mark.parametrize("after", [0, 1, 2])
def test_what_a_killed_process_left_goes_on_when_sent_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Killed before an act's transaction is committed, whatever it had done by then."""
    numbers, token = [desk.log() for _ in range(3)], secrets.token_hex(16)
    chosen, count, send = versions(desk, numbers), 0, handing.send

    def deadly(*args: Any, **more: Any) -> int | None:
        nonlocal count
        sent = send(*args, **more)
        count += 1
        if count > after:
            raise Killed
        return sent

    monkeypatch.setattr(handing, "send", deadly)
    with pytest.raises(Killed):
        done(desk, TO_NETWORK, chosen, token=token)
    states = [state for state, _why in lines(desk).values()]
    assert states == ["done"] * after + ["waiting"] * (3 - after)
    assert [len(desk.rows(HandOff, n)) for n in numbers] == [1] * after + [0] * (3 - after)
    monkeypatch.setattr(handing, "send", send)
    assert set(done(desk, TO_NETWORK, chosen, token=token, when="15:10").values()) == {("done", "")}
    assert [len(desk.rows(HandOff, n)) for n in numbers] == [1, 1, 1]


def test_what_nobody_sends_again_goes_on_by_itself(desk: Desk) -> None:
    n = desk.log()
    desk.call(begin, "0" * 32, TO_NETWORK, versions(desk, [n]), by="ito", when="15:00")
    with desk.session():
        assert finish(at("15:00")) == 0  # whoever began may still be at it
        assert finish(at("15:02")) == 1
        assert finish(at("15:04")) == 0
    assert lines(desk)[n] == ("done", "")


def test_a_request_stops_when_it_has_worked_long_enough(desk: Desk) -> None:
    numbers = [desk.log(), desk.log()]
    id = desk.call(begin, "1" * 32, TO_NETWORK, versions(desk, numbers), by="ito", when="15:00")
    asked = iter([False, True])
    with desk.session():
        assert go_on(id, at("15:00"), lambda: next(asked)) == 1
    assert sorted(state for state, _why in lines(desk).values()) == ["done", "waiting"]


def test_who_may_no_longer_does_nothing(desk: Desk) -> None:
    """§9: rights are those at the time of the act, not of the preview."""
    n = desk.log()
    id = desk.call(begin, "2" * 32, TO_NETWORK, versions(desk, [n]), by="ito", when="15:00")
    with desk.session() as session:
        session.query(Person).filter_by(key="ito").update({"active": False})
        session.commit()
        go_on(id, at("15:00"))
    assert lines(desk)[n][0] == "not_done"
    assert desk.kinds(n).count("handoff.sent") == 0


def test_somebody_elses_token_is_nobodys(desk: Desk) -> None:
    chosen = versions(desk, [desk.log()])
    desk.call(begin, "3" * 32, TO_NETWORK, chosen, by="ito", when="15:00")
    with pytest.raises(NotFound):
        desk.call(begin, "3" * 32, TO_NETWORK, chosen, by="sato", when="15:00")


def test_what_one_may_not_see_cannot_be_slipped_in(desk: Desk) -> None:
    """§9: a number that was written into the form by hand is left out like one not there."""
    n = desk.log(service="payroll")
    chosen = [*versions(desk, [n]), (999_999, 1)]
    assert done(desk, TO_NETWORK, chosen, by="mori") == {}
    assert desk.kinds(n).count("handoff.sent") == 0


@pytest.mark.parametrize("count", [0, 501])
def test_none_and_too_many_are_refused(desk: Desk, count: int) -> None:
    with pytest.raises(BadInput):
        done(desk, TO_NETWORK, [(n, 1) for n in range(count)])


def test_taking_assigning_and_nudging_many(desk: Desk) -> None:
    numbers = [desk.log(), desk.log()]
    done(desk, Wanted("take"), versions(desk, numbers))
    assert [desk.assignee(n) for n in numbers] == ["ito", "ito"]
    done(desk, Wanted("assign", person=desk.id("sato")), versions(desk, numbers), when="15:05")
    assert [desk.assignee(n) for n in numbers] == ["sato", "sato"]
    done(desk, TO_NETWORK, versions(desk, numbers), when="15:10")
    done(desk, Wanted("nudge"), versions(desk, numbers), when="15:20")
    assert [desk.handoff(n).nudges for n in numbers] == [1, 1]


def test_a_fault_of_the_desk_leaves_the_others_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = desk.log(), desk.log()
    send = handing.send

    def faulty(it: Any, *args: Any) -> int | None:
        if it.incident.number == bad:
            raise LookupError
        return send(it, *args)

    monkeypatch.setattr(handing, "send", faulty)
    found = done(desk, TO_NETWORK, versions(desk, [bad, good]))
    assert found[bad] == ("not_done", "Something went wrong here. Nothing was changed.")
    assert found[good] == ("done", "")


@pytest.mark.backends("postgresql")
def test_the_same_form_sent_twice_at_once_does_each_once(desk: Desk, app: Flask) -> None:
    """Two processes at once: who comes second waits for each line and finds it done."""
    from threading import Thread

    numbers, token = [desk.log() for _ in range(6)], secrets.token_hex(16)
    chosen = versions(desk, numbers)

    def confirm() -> None:
        done(desk, TO_NETWORK, chosen, token=token)
        with app.app_context():
            db.session.remove()

    threads = [Thread(target=confirm) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(lines(desk).values()) == {("done", "")}
    assert [len(desk.rows(HandOff, n)) for n in numbers] == [1] * 6


def test_a_reason_off_the_list_is_no_longer_taken(desk: Desk) -> None:
    """The list may change between a preview and its confirmation."""
    n = desk.log()
    chosen = versions(desk, [n])
    desk.call(begin, "4" * 32, TO_NETWORK, chosen, by="ito", when="15:00")
    with desk.session():
        own = DESK.replace("close_after: 5}", "close_after: 5, handoff_reasons: {vendor: }}")
        load_text(own, "desk.yaml", now=at("15:01"))
        finish(at("15:05"))
    assert lines(desk)[n] == ("not_done", "Please choose a reason.")
    assert commands.LEFT_ALONE.total_seconds() == 60
