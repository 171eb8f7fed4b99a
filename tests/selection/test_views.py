"""From boxes ticked in the list to what was done, without any script."""

from __future__ import annotations

import html
import re

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from servicedesk.escalation.commands import hand_off
from servicedesk.incidents.commands import comment
from servicedesk.incidents.models import label
from servicedesk.people.models import group_member
from tests.cast import Desk, Visitor
from tests.support.statements import counted

SAID = {"to": "network", "reason": "skill", "note": "Please <look>"}


def fields(page: TestResponse, button: str = 'name="token"') -> list[tuple[str, str]]:
    """Read the hidden fields of the form that has something in it."""
    form = next(part for part in page.text.split("<form")[1:] if button in part.split("</form")[0])
    found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form.split("</form")[0])
    return [(name, html.unescape(said)) for name, said in found if name != "csrf_token"]


def send(visitor: Visitor, act: str, said: list[tuple[str, str]]) -> TestResponse:
    data: dict[str, object] = {}
    for name, value in said:
        if name == "chosen":
            data.setdefault(name, [])
            data[name].append(value)  # type: ignore[attr-defined]
        else:
            data[name] = value
    return visitor.post(f"/chosen/{act}", **data)


def previewed(desk: Desk, numbers: list[int], by: str = "ito", **said: str) -> TestResponse:
    chosen = [("chosen", label(n)) for n in numbers]
    back = ("back", "/incidents?view=all")
    return send(
        desk.visit(by), "hand-off",
        [*chosen, back, ("step", "preview"), *(SAID | said).items()],
    )  # fmt: skip


def test_the_list_can_be_chosen_from_without_a_script(desk: Desk) -> None:
    """screens.md: many can be chosen and acted on at once."""
    n = desk.log()
    page = desk.visit("ito").get("/incidents?view=all").text
    assert f'name="chosen" value="{label(n)}" form="choose"' in page
    assert 'formaction="/chosen/hand-off"' in page
    assert "data-choose-bar hidden" not in page


@pytest.mark.parametrize("who", ["ueda", "root"])
def test_who_only_looks_on_has_nothing_to_choose(desk: Desk, who: str) -> None:
    """§9: a manager sees everything and works on nothing."""
    desk.log()
    assert 'name="chosen"' not in desk.visit(who).get("/incidents?view=all").text


def test_from_the_boxes_to_the_result(desk: Desk) -> None:
    numbers = [desk.log(), desk.log()]
    there = desk.log()
    desk.do(hand_off, there, "network", note="Please", by="ito", when="10:00")
    visitor = desk.visit("ito")
    form = send(visitor, "hand-off", [("chosen", label(n)) for n in (*numbers, there)])
    assert "3 incidents are chosen" in form.text
    page = previewed(desk, [*numbers, there])
    assert "<b>2</b> goes there" in page.text
    assert "<b>1</b> is so already" in page.text
    assert "Please &lt;look&gt;" in page.text
    assert [desk.story(n).handoffs for n in numbers] == [[], []]
    answer = send(visitor, "hand-off", fields(page))
    assert answer.status_code == 303
    result = visitor.get(answer.location).text
    assert "<b>2</b> done" in result
    assert 'href="/incidents?view=all"' in result
    assert [desk.handoff(n).note for n in numbers] == ["Please <look>"] * 2


def test_sent_twice_it_is_done_once_and_says_the_same(desk: Desk) -> None:
    n = desk.log()
    said, visitor = fields(previewed(desk, [n])), desk.visit("ito")
    first, second = (send(visitor, "hand-off", said) for _ in range(2))
    assert first.location == second.location
    assert desk.kinds(n).count("handoff.sent") == 1


def test_what_was_changed_meanwhile_is_said_not_overwritten(desk: Desk) -> None:
    changed, same = desk.log(), desk.log()
    said = fields(previewed(desk, [changed, same]))
    desk.do(comment, changed, "note", "Found it", by="sato", when="14:00")
    visitor = desk.visit("ito")
    result = visitor.get(send(visitor, "hand-off", said).location).text
    assert "<b>1</b> not done" in result
    assert "Somebody changed this incident meanwhile." in result
    assert desk.kinds(same).count("handoff.sent") == 1


def test_what_is_missing_is_asked_for_and_what_was_typed_kept(desk: Desk) -> None:
    page = previewed(desk, [desk.log()], note="", to="netone")
    assert page.status_code == 422
    assert "Say in a sentence what you tried" in page.text
    assert '<option value="netone" selected>' in page.text


def test_one_can_go_back_from_the_preview_and_change_something(desk: Desk) -> None:
    page = previewed(desk, [desk.log()])
    back = send(desk.visit("ito"), "hand-off", fields(page, 'value="form"'))
    assert back.status_code == 200
    assert "Please &lt;look&gt;" in back.text
    assert '<option value="network" selected>' in back.text


def test_of_what_one_may_not_see_nothing_is_said(desk: Desk) -> None:
    """§9: neither its title nor that it was chosen."""
    secret = desk.log(service="payroll", title="zqsalary")
    page = previewed(desk, [secret], by="mori").text
    assert "zqsalary" not in page
    assert label(secret) not in page
    assert "None of them is there" in page


def test_somebody_elses_result_is_nobodys(desk: Desk) -> None:
    said = fields(previewed(desk, [desk.log()]))
    where = send(desk.visit("ito"), "hand-off", said).location
    assert desk.visit("sato").get(where).status_code == 404


def test_what_one_sees_no_more_is_not_in_the_result(desk: Desk) -> None:
    """§9: access is checked again whenever a page is opened."""
    secret = desk.log(service="payroll", title="zqsalary")
    visitor = desk.visit("ito")
    where = send(visitor, "hand-off", fields(previewed(desk, [secret]))).location
    assert "zqsalary" in visitor.get(where).text
    with desk.session() as session:
        session.execute(sa.delete(group_member))
        session.commit()
    assert "zqsalary" not in visitor.get(where).text


@pytest.mark.parametrize("act", ["take", "assign", "hand-off", "nudge"])
def test_with_nothing_chosen_it_says_so(desk: Desk, act: str) -> None:
    visitor = desk.visit("ito")
    answer = visitor.post(f"/chosen/{act}", back="/incidents?view=mine")
    assert (answer.status_code, answer.location) == (303, "/incidents?view=mine")
    assert "Choose some incidents first" in visitor.get(answer.location).text


def test_an_address_elsewhere_is_no_way_back(desk: Desk) -> None:
    answer = desk.visit("ito").post("/chosen/take", back="//evil.example/")
    assert answer.location == "/incidents"


def test_numbers_that_make_no_sense_are_let_pass(desk: Desk) -> None:
    n = desk.log()
    chosen = [("chosen", said) for said in ("x", "INC-99999999999", "INC-1:x", label(n))]
    page = send(desk.visit("ito"), "take", chosen)
    assert page.text.count('name="chosen"') == 1


def test_too_many_at_once_are_refused(desk: Desk) -> None:
    chosen = [("chosen", label(n)) for n in range(1, 502)]
    visitor = desk.visit("ito")
    answer = send(visitor, "take", chosen)
    assert "up to 500" in visitor.get(answer.location).text


@pytest.mark.backends("sqlite")
def test_the_number_of_queries_of_each_page_does_not_depend_on_how_many(desk: Desk) -> None:
    numbers = [desk.log() for _ in range(9)]
    visitor, counts = desk.visit("ito"), []
    visitor.post("/chosen/take")
    for some in (numbers[:2], numbers[2:]):
        with counted(desk) as preview:
            page = send(visitor, "take", [("chosen", label(n)) for n in some])
        where = send(visitor, "take", fields(page)).location
        with counted(desk) as result:
            visitor.get(where)
        counts.append((len(preview), len(result)))
    assert counts[0] == counts[1]
