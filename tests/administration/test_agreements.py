"""Agreements on the administrator's pages: looking at them, and changing them."""

from __future__ import annotations

import re

import pytest

from servicedesk.administration.agreements import queries
from servicedesk.setup import editing
from servicedesk.setup.dump import dump
from servicedesk.setup.load import load_text
from servicedesk.setup.snapshot import directory
from servicedesk.sla.models import ClockRow
from tests.administration.filling import STANDARD, fields, publish, resolution, send, words
from tests.cast import DESK, Desk, at
from tests.support.clock import Clock


def load(desk: Desk, before: str, after: str, when: str) -> None:
    """Change the set-up as somebody else would."""
    with desk.session():
        text = dump()
        assert before in text
        load_text(text.replace(before, after, 1), "desk.yaml", now=at(when))


def versions(desk: Desk, kind: str = "sla", key: str = "standard") -> int:
    with desk.session() as session:
        known = queries.one(session, directory(session), kind, key)
        assert known
        return known.last.number


# Looking


@pytest.mark.backends("sqlite")
def test_the_list_names_what_is_agreed_with_whom(desk: Desk, clock: Clock) -> None:
    said = words(desk.visit("root").get("/admin/agreements"))
    assert "Resolution 4 h" in said
    assert "2 working days" in said
    assert "Internet access Payroll" in said
    assert "Network team" in said
    assert "NetOne Inc." in said
    assert "Version 1, from the beginning" in said
    assert "by an earlier one" not in said


@pytest.mark.backends("sqlite")
def test_an_agreement_tells_whether_it_can_be_kept(desk: Desk, clock: Clock) -> None:
    said = words(desk.visit("root").get("/admin/agreements/sla/round"))
    assert "not always, for 1 of 1 services" in said
    assert "Printing Service desk → PrintCo Ltd." in said
    assert "All priorities First answer 1 h Fits in" in said
    assert "PrintCo Ltd.: no target." in said


@pytest.mark.backends("sqlite")
def test_a_group_s_agreement_is_judged_by_the_services_on_whose_path_it_stands(
    desk: Desk, clock: Clock
) -> None:
    said = words(desk.visit("root").get("/admin/agreements/uc/netone"))
    assert "Internet access" in said
    assert "Printing" not in said
    everything = words(desk.visit("root").get("/admin/agreements/feasibility"))
    assert "for 3 of 3 services" in everything


@pytest.mark.backends("sqlite")
def test_agreements_are_the_administrator_s(desk: Desk, clock: Clock) -> None:
    """§9: for everybody else there is no such page."""
    paths = ("", "/sla/standard", "/sla/standard/edit", "/sla/standard/apply", "/feasibility")
    for who in ("emi", "ito", "sato", "ueda", "kim"):
        page = desk.visit(who)
        assert {page.get(f"/admin/agreements{path}").status_code for path in paths} == {404}
        assert page.post(f"{STANDARD}/apply", version="1").status_code == 404
        assert page.post(f"{STANDARD}/edit", act="publish").status_code == 404


@pytest.mark.backends("sqlite")
def test_what_is_not_there_is_not_found(desk: Desk, clock: Clock) -> None:
    page = desk.visit("root")
    for path in ("sla/desk", "uc/standard", "sla/nothing", "xyz/standard", "services/nothing"):
        assert page.get(f"/admin/agreements/{path}").status_code == 404
    assert page.get("/admin/agreements/ola/desk").status_code == 200


# Changing


def test_a_new_version_is_for_what_is_logged_after_it(desk: Desk, clock: Clock) -> None:
    """C8: what is open keeps the version that it was logged under."""
    before = desk.log(when="09:00", impact=1, urgency=1)
    path = f"{STANDARD}/edit"
    page = desk.visit("root")
    looked_at = send(page, path, "preview", page.get(path), P1_resolution="2h", P4_response="1d")
    said = words(looked_at)
    assert "P1, Resolution: from 4 h to 2 h." in said
    assert "P4, First answer: 1 working day, where there was no target." in said
    assert "incidents that are logged from now on" in said
    assert versions(desk) == 1
    assert send(page, path, "publish", looked_at).status_code == 303
    assert versions(desk) == 2
    after = desk.log(when="14:10", impact=1, urgency=1)
    assert resolution(desk, before)[0] == 240 * 60
    assert resolution(desk, after)[0] == 120 * 60
    assert "Version 2, since Today 14:05" in words(page.get(STANDARD))
    assert "P1, Resolution: from 4 h to 2 h." in words(page.get(STANDARD))


@pytest.mark.backends("sqlite")
def test_the_preview_shows_feasibility_beside_as_it_stands(desk: Desk, clock: Clock) -> None:
    page = desk.visit("root")
    path = f"{STANDARD}/edit"
    said = words(send(page, path, "preview", page.get(path), P1_resolution="40h"))
    assert re.search(r"4 h 40 h Never fits .*? Fits .*? to spare", said)


@pytest.mark.backends("sqlite")
def test_saying_the_same_again_is_no_version(desk: Desk, clock: Clock) -> None:
    page = desk.visit("root")
    for path in ("sla/standard", "sla/round", "ola/desk", "uc/netone", "uc/printco"):
        edit = f"/admin/agreements/{path}/edit"
        looked_at = send(page, edit, "preview", page.get(edit))
        assert "Nothing: it says this already." in words(looked_at)
        assert "Publish" not in words(looked_at)
        assert send(page, edit, "publish", looked_at).status_code == 303
        assert versions(desk, *path.split("/")) == 1


@pytest.mark.backends("sqlite")
def test_what_was_typed_comes_back_from_the_preview(desk: Desk, clock: Clock) -> None:
    page = desk.visit("root")
    path = f"{STANDARD}/edit"
    looked_at = send(page, path, "preview", page.get(path), P1_resolution="2h", pauses=["change"])
    again = fields(send(page, path, "change", looked_at))
    assert (again["P1_resolution"], again["P3_resolution"]) == ("2h", "2d")
    assert again["pauses"] == "change"


NONSENSE = {
    "soon": "“soon” is no target: write minutes such as 240",
    "0": "“0” is no target",
    "-5": "“-5” is no target",
    "1.5": "“1.5” is no target",
    "2d4h": "“2d4h” is no target",
    "0d": "“0d” is no target",
    "1000001": "“1000001” is too long: 1000000 minutes or 9999 days at most.",
    "10000d": "“10000d” is too long",
    "<b>": "“&lt;b&gt;” is no target",
    "9" * 60: "is no target",
}


@pytest.mark.backends("sqlite")
def test_nonsense_is_refused_with_a_sentence(desk: Desk, clock: Clock) -> None:
    page = desk.visit("root")
    path = f"{STANDARD}/edit"
    form = page.get(path)
    for text, sentence in NONSENSE.items():
        answered = send(page, path, "publish", form, P2_response=text, P1_resolution="3h")
        assert answered.status_code == 422
        assert sentence in answered.text
        assert answered.text.count('class="error"') == 2  # the summary, and the sentence
        assert (fields(answered)["P2_response"], fields(answered)["P1_resolution"]) == (text, "3h")
    assert versions(desk) == 1


@pytest.mark.backends("sqlite")
def test_targets_are_read_as_people_write_them(desk: Desk, clock: Clock) -> None:
    page = desk.visit("root")
    typed = {"P1": "90", "P2": " 4h", "P3": "30 min ", "P4": "2D", "P5": "４時間"}
    publish(page, f"{STANDARD}/edit", **{f"{name}_response": it for name, it in typed.items()})
    with desk.session() as session:
        said = editing.document(session)["agreements"]["standard"]["targets"]
    found = [targets["response"] for targets in said.values()]
    assert found == [90, 240, 30, "2d", 240]


@pytest.mark.backends("sqlite")
def test_a_calendar_that_is_not_there_is_refused(desk: Desk, clock: Clock) -> None:
    page = desk.visit("root")
    path = f"{STANDARD}/edit"
    assert send(page, path, "publish", page.get(path), calendar="moon").status_code == 422
    assert versions(desk) == 1


@pytest.mark.backends("sqlite")
def test_all_targets_can_go(desk: Desk, clock: Clock) -> None:
    """A priority without a target has no clock, and an agreement may have none at all."""
    page = desk.visit("root")
    path = "/admin/agreements/sla/round/edit"
    nothing = {name: "" for name in fields(page.get(path)) if re.match(r"P\d_", name)}
    assert publish(page, path, **nothing).status_code == 303
    number = desk.log(when="14:10", service="printing")
    assert not [row for row in desk.rows(ClockRow, number) if row.party is None]
    assert "No target, so nothing is promised." in words(page.get("/admin/agreements/sla/round"))
    assert "No target: no clock" in words(page.get("/admin/agreements"))


@pytest.mark.backends("sqlite")
def test_pauses_and_calendar_are_part_of_it(desk: Desk, clock: Clock) -> None:
    """C4: an agreement names the hold reasons that pause."""
    page = desk.visit("root")
    path = f"{STANDARD}/edit"
    looked_at = send(
        page, path, "preview", page.get(path), calendar="always", pauses=["approval", "change"]
    )
    said = words(looked_at)
    assert "Calendar: from office to always." in said
    assert "The resolution rests during “waiting for approval” now." in said
    assert "The resolution rests no more during “waiting for the requester”." in said
    send(page, path, "publish", looked_at)
    with desk.session() as session:
        said_now = editing.document(session)["agreements"]["standard"]
    assert (said_now["calendar"], said_now["pauses"]) == ("always", ["approval", "change"])


def test_a_draft_over_an_older_version_comes_back_with_what_changed(
    desk: Desk, clock: Clock
) -> None:
    page = desk.visit("root")
    path = f"{STANDARD}/edit"
    form = page.get(path)
    load(
        desk, "P2: {response: 30, resolution: 480}", "P2: {response: 20, resolution: 480}", "14:06"
    )
    clock.advance(minutes=5)
    refused = send(page, path, "publish", form, P1_resolution="2h")
    assert refused.status_code == 409
    assert "P2, First answer: from 30 min to 20 min." in words(refused)
    assert (fields(refused)["P1_resolution"], fields(refused)["P2_response"]) == ("2h", "30")
    assert versions(desk) == 2
    looked_at = send(page, path, "preview", refused, P2_response="20")
    assert send(page, path, "publish", looked_at).status_code == 303
    assert versions(desk) == 3


def test_a_preview_of_another_set_up_comes_back_for_a_look(desk: Desk, clock: Clock) -> None:
    page = desk.visit("root")
    path = f"{STANDARD}/edit"
    looked_at = send(page, path, "preview", page.get(path), P1_resolution="2h")
    load(desk, "holding: 480", "holding: 60", "14:06")
    clock.advance(minutes=5)
    again = send(page, path, "publish", looked_at)
    assert again.status_code == 409
    assert "Somebody changed the set-up meanwhile." in words(again)
    assert "P1, Resolution: from 4 h to 2 h." in words(again)
    assert versions(desk) == 1
    assert send(page, path, "publish", again).status_code == 303
    assert versions(desk) == 2


def test_a_new_agreement_for_some_services(desk: Desk, clock: Clock) -> None:
    page = desk.visit("root")
    path = "/admin/new-agreement"
    said = {
        "key": "gold",
        "calendar": "always",
        "services": ["printing", "payroll"],
        **{f"P{n}_resolution": "8h" for n in range(1, 6)},
    }
    looked_at = send(page, path, "preview", page.get(path), **said)
    assert "Printing: from agreement round to gold." in words(looked_at)
    assert send(page, path, "publish", looked_at).status_code == 303
    with desk.session() as session:
        data = editing.document(session)
    assert data["agreements"]["gold"] == {"calendar": "always", "targets": {"resolution": 480}}
    number = desk.log(when="14:10", service="printing")
    assert resolution(desk, number)[0] == 8 * 3600


@pytest.mark.backends("sqlite")
def test_a_name_that_cannot_be_is_refused(desk: Desk, clock: Clock) -> None:
    page = desk.visit("root")
    path = "/admin/new-agreement"
    plain = "Please name it with small letters, digits and hyphens"
    for key, sentence in {"standard": "There is an agreement", "Gold!": plain, "": plain}.items():
        refused = send(page, path, "publish", page.get(path), key=key, calendar="office")
        assert refused.status_code == 422
        assert sentence in words(refused)


def test_an_agreement_that_is_in_use_stays(desk: Desk, clock: Clock) -> None:
    page = desk.visit("root")
    retire = "/admin/agreements/sla/round/retire"
    assert "This cannot be done while it is in use" in words(page.get(retire))
    assert page.post(retire).status_code == 409
    publish(page, "/admin/agreements/services/printing", agreement="standard")
    assert page.post(retire).status_code == 303
    said = words(page.get("/admin/agreements"))
    assert "No longer in use round" in said
    assert page.get("/admin/agreements/sla/round").status_code == 200
    assert page.get("/admin/agreements/sla/round/edit").status_code == 404
    form = {"key": "round", "calendar": "office", "P1_resolution": "60"}
    assert publish(page, "/admin/new-agreement", **form).status_code == 303
    assert versions(desk, "sla", "round") == 2


def test_another_agreement_is_for_what_is_logged_after_it(desk: Desk, clock: Clock) -> None:
    """C8: an open incident keeps the agreement that it was logged under."""
    before = desk.log(when="09:00", service="printing")
    page = desk.visit("root")
    path = "/admin/agreements/services/printing"
    assert publish(page, path, agreement="standard").status_code == 303
    after = desk.log(when="14:10", service="printing", impact=1, urgency=1)
    assert (resolution(desk, before)[0], resolution(desk, after)[0]) == (600 * 60, 240 * 60)
    stale = send(page, path, "publish", page.get(path), before="round", agreement="round")
    assert stale.status_code == 409
    assert "Somebody chose another agreement meanwhile: standard." in words(stale)
    assert fields(stale)["agreement"] == "round"


def test_the_cast_says_what_these_tests_change() -> None:
    assert "P2: {response: 30, resolution: 480}" in DESK
