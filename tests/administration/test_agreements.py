"""Agreements on the administrator's pages: looking, changing, applying to what is open."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskCliRunner
from werkzeug.test import TestResponse

from servicedesk import journal
from servicedesk.administration.agreements import queries
from servicedesk.escalation.commands import accept, answer, hand_off
from servicedesk.incidents import applying, commands
from servicedesk.incidents.clocks import follow
from servicedesk.incidents.models import OPEN, Incident
from servicedesk.setup import editing
from servicedesk.setup.dump import dump
from servicedesk.setup.load import load_text
from servicedesk.setup.snapshot import directory
from servicedesk.sla.models import ClockRow
from tests.cast import DESK, Desk, Visitor, at
from tests.support.clock import Clock

STANDARD = "/admin/agreements/sla/standard"


class _Fields(HTMLParser):
    """What a browser would send of the form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        name, value = said.get("name") or "", said.get("value") or ""
        if tag == "select":
            self._select = name
        if tag == "option" and "selected" in said:
            self.found.setdefault(self._select, []).append(value)
        if tag == "input" and name and (said.get("type") != "checkbox" or "checked" in said):
            self.found.setdefault(name, []).append(value)


def fields(page: TestResponse) -> dict[str, Any]:
    """Read the form of a page."""
    parser = _Fields()
    parser.feed(page.text.partition("<main")[2])
    return {name: it[0] if len(it) == 1 else it for name, it in parser.found.items()}


def words(page: TestResponse) -> str:
    """Read what stands on a page."""
    text = re.sub(r"<(script|style).*?</\1>", "", page.text.partition("<main")[2], flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def send(by: Visitor, path: str, act: str, page: TestResponse, **changed: Any) -> TestResponse:
    """Fill a page's form in and send it."""
    said = {**fields(page), **changed, "act": act}
    said.pop("csrf_token", None)
    return by.post(path, **said)


def publish(by: Visitor, path: str, **changed: Any) -> TestResponse:
    """Fill a form in, look at the preview, publish it."""
    looked_at = send(by, path, "preview", by.get(path), **changed)
    assert looked_at.status_code == 200, words(looked_at)
    return send(by, path, "publish", looked_at)


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


def resolution(desk: Desk, number: int) -> tuple[int | None, str, Any]:
    row = desk.clock(number, "resolution")
    return row.target_seconds, row.state, row.due_at


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


# Applying to what is open


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


def test_the_cast_says_what_these_tests_change() -> None:
    assert "P2: {response: 30, resolution: 480}" in DESK
