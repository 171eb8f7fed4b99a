"""The administrator's pages of groups and partner companies."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from servicedesk.escalation.commands import hand_off
from servicedesk.partners.company import commands
from servicedesk.partners.company.commands import New
from servicedesk.people.models import Person
from servicedesk.setup.dump import dump
from servicedesk.setup.load import load_text
from tests.administration.filling import fields, words
from tests.cast import DESK, Desk, Visitor, at
from tests.support.clock import Clock

pytestmark = pytest.mark.backends("sqlite")
NETONE, NETWORK = "/admin/partners/netone", "/admin/groups/network"


def typed(page: TestResponse) -> dict[str, Any]:
    """Read the form of a page, long texts too."""
    import re
    from html import unescape

    areas = re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>\s*(.*?)</textarea>', page.text, re.DOTALL)
    return fields(page) | {name: unescape(text) for name, text in areas}


def send(by: Visitor, path: str, act: str, page: TestResponse, **changed: Any) -> TestResponse:
    said = {**typed(page), **changed, "act": act}
    said.pop("csrf_token", None)
    return by.post(path, **said)


def publish(by: Visitor, path: str, **changed: Any) -> TestResponse:
    looked_at = send(by, path, "preview", by.get(path), **changed)
    assert looked_at.status_code == 200, words(looked_at)
    return send(by, path, "publish", looked_at)


def dumped(desk: Desk) -> str:
    with desk.session():
        return dump()


def load(desk: Desk, text: str) -> list[str]:
    with desk.session():
        return load_text(text, "desk.yaml", now=at("09:00"))


def test_the_lists_name_groups_and_companies(desk: Desk, clock: Clock) -> None:
    root = desk.visit("root")
    groups, partners = words(root.get("/admin/groups")), words(root.get("/admin/partners"))
    assert "Network team office Abe Mio Abe Mio, Mori Sho 0" in groups
    assert "NetOne Inc. office support@netone.example no end Kim Haneul 0" in partners
    assert "NetOne" not in groups.partition("Groups Partner companies")[2]


def test_one_leads_to_its_agreement(desk: Desk, clock: Clock) -> None:
    root = desk.visit("root")
    assert 'href="/admin/agreements/ola/network"' in root.get(NETWORK).text
    assert 'href="/admin/agreements/uc/netone"' in root.get(NETONE).text
    assert "On the path of Internet access" in words(root.get(NETONE))
    assert root.get("/admin/partners/nobody").status_code == 404
    assert root.get("/admin/groups/netone").status_code == 404


def test_a_form_that_is_sent_as_it_is_changes_nothing(desk: Desk, clock: Clock) -> None:
    root, before = desk.visit("root"), dumped(desk)
    for path in (NETONE, NETWORK):
        looked_at = send(root, f"{path}/edit", "preview", root.get(f"{path}/edit"))
        assert "Nothing: it says this already." in words(looked_at)
        assert send(root, f"{path}/edit", "publish", looked_at).status_code == 303
    assert dumped(desk) == before


def test_a_group_is_changed_after_a_preview(desk: Desk, clock: Clock) -> None:
    root = desk.visit("root")
    changed = {"name": "Networks", "tier": "3", "lead": "Mori Sho", "members": "mori\nIto Ren"}
    page = root.get(f"{NETWORK}/edit")
    looked_at = send(root, f"{NETWORK}/edit", "preview", page, **changed)
    said = words(looked_at)
    for sentence in (
        "Name: from Network team to Networks.",
        "Tier: from 2 to 3.",
        "Lead: from Abe Mio to Mori Sho.",
        "New members: Ito Ren (ito).",
        "No longer members: Abe Mio (abe).",
    ):
        assert sentence in said
    assert "name: Network team" in dumped(desk)
    assert send(root, f"{NETWORK}/edit", "publish", looked_at).status_code == 303
    assert "network: {name: Networks, tier: 3" in dumped(desk)
    assert "lead: mori, members: [ito, mori]" in dumped(desk)


def test_the_preview_says_who_is_no_longer_an_agent(desk: Desk, clock: Clock) -> None:
    root = desk.visit("root")
    looked_at = send(root, f"{NETWORK}/edit", "preview", root.get(f"{NETWORK}/edit"), members="abe")
    assert "no longer agents: Mori Sho (mori)." in words(looked_at)


def test_a_company_is_changed(desk: Desk, clock: Clock) -> None:
    days = {"valid_from": "2026-04-01", "valid_to": "2027-03-31"}
    changed = {"mail": "new@netone.example", "admins": "Kim Haneul", **days}
    assert publish(desk.visit("root"), f"{NETONE}/edit", **changed).status_code == 303
    said = dumped(desk)
    assert "mail: new@netone.example, members: [kim], admins: [kim]" in said
    assert "valid: {from: 2026-04-01, to: 2027-03-31}" in said.replace("'", "")
    assert "from Wed 1 April 2026 to Wed 31 March 2027" in words(desk.visit("root").get(NETONE))
    assert desk.visit("kim").get("/company").status_code == 200


def test_the_last_admin_of_a_company_can_be_taken_away_by_the_desk(
    desk: Desk, clock: Clock
) -> None:
    load(desk, DESK.replace("members: [kim],", "members: [kim], admins: [kim],"))
    assert publish(desk.visit("root"), f"{NETONE}/edit", admins="").status_code == 303
    assert desk.visit("kim").get("/company").status_code == 404


def test_a_new_company_comes_with_its_people(desk: Desk, clock: Clock) -> None:
    root = desk.visit("root")
    path, new = "/admin/new/partners", "Choi Mina <mina@linkup.example>"
    said = {"key": "linkup", "name": "LinkUp K.K.", "calendar": "office"}
    answer = publish(root, path, **said, members=new, admins=new)
    assert answer.location == "/admin/partners/linkup"
    assert "linkup: {name: LinkUp K.K., calendar: office" in dumped(desk)
    assert "members: [linkup-mina], admins: [linkup-mina]" in dumped(desk)
    with desk.session() as session:
        mina = session.scalars(sa.select(Person).where(Person.key == "linkup-mina")).one()
        assert (mina.name, mina.mail, mina.roles) == (
            "Choi Mina",
            "mina@linkup.example",
            ["partner"],
        )
    assert desk.visit("linkup-mina").get("/company").status_code == 200


@pytest.mark.parametrize(
    ("path", "said", "problem"),
    [
        ("/admin/new/groups", {"key": "Not a key"}, "small letters, digits and hyphens"),
        ("/admin/new/groups", {"key": "netone", "name": "N"}, "with this key already"),
        ("/admin/new/groups", {"key": "next", "name": "N"}, "the next step of a path"),
        (f"{NETWORK}/edit", {"name": ""}, "must not be empty"),
        (f"{NETWORK}/edit", {"members": "nobody"}, "There is nobody called nobody"),
        (f"{NETWORK}/edit", {"members": "kim"}, "can't be in a group: Kim Haneul"),
        (f"{NETWORK}/edit", {"lead": "abe, mori"}, "A group has one lead"),
        (f"{NETONE}/edit", {"members": "ito"}, "role partner alone can be here: Ito Ren"),
        (f"{NETONE}/edit", {"admins": "park"}, "must be among the members"),
        (f"{NETONE}/edit", {"mail": "nowhere"}, "not a mail address"),
        (
            f"{NETONE}/edit",
            {"valid_from": "2027-01-01", "valid_to": "2026-01-01"},
            "lies before the first day",
        ),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(
    desk: Desk, clock: Clock, path: str, said: dict[str, str], problem: str
) -> None:
    root, before = desk.visit("root"), dumped(desk)
    more = {"calendar": "office", "tier": "2"} if "/new/" in path else {}
    answer = send(root, path, "preview", root.get(path), **{**more, **said})
    assert answer.status_code == 422
    assert problem in words(answer).replace("&#39;", "'").replace("’", "'")
    assert dumped(desk) == before


def test_over_somebody_else_s_change_the_form_says_so(desk: Desk, clock: Clock) -> None:
    root = desk.visit("root")
    page = root.get(f"{NETWORK}/edit")
    load(desk, DESK.replace("name: Network team", "name: Backbone team"))
    answer = send(root, f"{NETWORK}/edit", "preview", page, tier="3")
    assert answer.status_code == 409
    assert "Name: from Network team to Backbone team." in words(answer)
    again = send(root, f"{NETWORK}/edit", "preview", answer)
    assert again.status_code == 200
    assert "Tier: from 2 to 3." in words(again)


def test_a_set_up_that_changed_after_the_preview_is_looked_at_again(
    desk: Desk, clock: Clock
) -> None:
    root = desk.visit("root")
    looked_at = send(root, f"{NETWORK}/edit", "preview", root.get(f"{NETWORK}/edit"), tier="3")
    load(desk, DESK.replace("name: PrintCo Ltd.", "name: PrintCo"))
    answer = send(root, f"{NETWORK}/edit", "publish", looked_at)
    assert answer.status_code == 409
    assert "Somebody changed the set-up meanwhile" in words(answer)
    assert "name: PrintCo," in dumped(desk)


def test_what_stands_on_a_path_cannot_be_taken_out_of_use(desk: Desk, clock: Clock) -> None:
    answer = desk.visit("root").post(f"{NETONE}/retire")
    assert answer.status_code == 409
    assert "stands on the path of: Internet access" in words(answer)


def test_a_company_is_taken_out_of_use(desk: Desk, clock: Clock) -> None:
    root = desk.visit("root")
    load(desk, DESK.replace("path: [desk, printco]", "path: [desk]"))
    n = desk.log(service="printing")
    desk.do(hand_off, n, "printco", note="Please look", by="ito", when="10:00")
    busy = root.post("/admin/partners/printco/retire")
    assert (busy.status_code, "1 open incident" in words(busy)) == (409, True)
    with desk.session() as session:
        from servicedesk.escalation.commands import recall

        ito = session.scalars(sa.select(Person).where(Person.key == "ito")).one()
        recall(n, 1, actor=ito, now=at("10:05"))
    assert root.post("/admin/partners/printco/retire").status_code == 303
    assert "printco" not in dumped(desk).replace("park", "")
    with desk.session() as session:
        park = session.scalars(sa.select(Person).where(Person.key == "park")).one()
        assert park.roles == ["partner"]
    assert "PrintCo Ltd." in words(root.get("/admin/partners"))
    assert root.get("/admin/partners/printco/edit").status_code == 404


def test_whom_a_company_added_stays_through_a_change_of_it(desk: Desk, clock: Clock) -> None:
    load(desk, DESK.replace("members: [kim],", "members: [kim], admins: [kim],"))
    desk.call(commands.add, "netone", New("Choi", "choi@netone.example"), by="kim", when="10:00")
    publish(desk.visit("root"), f"{NETONE}/edit", name="NetOne Ltd.")
    said = words(desk.visit("root").get(NETONE))
    assert "Choi netone-choi added by the company" in said
    assert "Choi" in desk.visit("kim").get("/company").text


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ("2026-11-26", "Ends today"),
        ("2027-01-25", "Ends in 60 days"),
        ("2026-11-25", "Has ended"),
    ],
)
def test_the_end_of_a_contract_is_told_ahead(
    desk: Desk, clock: Clock, last: str, said: str
) -> None:
    load(desk, DESK.replace("members: [kim],", f"members: [kim], valid: {{to: {last}}},"))
    root = desk.visit("root")
    assert said in words(root.get("/admin/partners"))
    assert "1 contract ends" in words(root.get("/admin/"))


def test_an_end_far_ahead_is_not_told(desk: Desk, clock: Clock) -> None:
    load(desk, DESK.replace("members: [kim],", "members: [kim], valid: {to: 2027-01-26},"))
    assert "contract ends" not in words(desk.visit("root").get("/admin/"))


def test_the_number_of_queries_does_not_depend_on_what_is_there(desk: Desk, clock: Clock) -> None:
    counts = []
    for more in (1, 25):
        lines = "".join(
            f"  extra{n}: {{name: Extra {n}, calendar: office, members: [x{n}]}}\n"
            for n in range(more)
        )
        load(desk, DESK.replace("agreements:\n", f"{lines}agreements:\n", 1))
        visitor = desk.visit("root")
        found: list[str] = []
        visitor.get("/admin/partners")
        with desk.session() as session:
            engine = session.get_bind()

            def count(*said: Any, found: list[str] = found) -> None:
                found.append(said[2])

            sa.event.listen(engine, "before_cursor_execute", count)
            visitor.get("/admin/partners")
            sa.event.remove(engine, "before_cursor_execute", count)
        counts.append(len(found))
    assert counts[0] == counts[1]
