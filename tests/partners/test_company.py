"""Partner companies look after their own people."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk.errors import BadInput, NotFound, Refused
from servicedesk.outbox import Notification
from servicedesk.partners.company import commands, queries, words
from servicedesk.partners.company.commands import New
from servicedesk.people.companies import CompanyChange, administered
from servicedesk.people.models import Partner, Person
from servicedesk.people.register import commands as register
from servicedesk.people.register.importing import import_people
from servicedesk.setup.dump import dump
from servicedesk.setup.load import load_text
from tests.cast import DESK, Desk, Visitor, at
from tests.support.clock import Clock

WITH_ADMIN = DESK.replace("members: [kim],", "members: [kim, lee], admins: [kim],").replace(
    "  kim:  {name: Kim Haneul}\n",
    "  kim:  {name: Kim Haneul, mail: kim@netone.example}\n  lee:  {name: Lee Sora}\n",
)
WITH_ADMIN = WITH_ADMIN.replace(
    "members: [park]}", "mail: desk@printco.example, members: [park], admins: [park]}"
)
CHOI = New("Choi Mina", "mina.choi@netone.example", "03-1111-0001", "en")


@pytest.fixture
def company(desk: Desk, clock: Clock) -> Desk:
    """NetOne with Kim, its admin, and Lee; PrintCo with Park, its admin."""
    load(desk, WITH_ADMIN)
    return desk


def load(desk: Desk, text: str) -> list[str]:
    with desk.session():
        return load_text(text, "desk.yaml", now=at("09:00"))


def dumped(desk: Desk) -> str:
    with desk.session():
        return dump()


def act(desk: Desk, command: Any, *what: Any, by: str = "kim", when: str = "10:00") -> Any:
    return desk.call(command, *what, by=by, when=when)


def person(desk: Desk, key: str) -> Person:
    with desk.session() as session:
        return session.scalars(sa.select(Person).where(Person.key == key)).one()


def people(desk: Desk, company: str = "netone") -> dict[str, tuple[bool, bool]]:
    """Who is of a company: whether they come in, whether they are its admin."""
    with desk.session() as session:
        row = session.scalars(sa.select(Partner).where(Partner.key == company)).one()
        found = queries.colleagues(session, row)
        return {it.person.key: (it.person.active, it.admin) for it in found}


def told(desk: Desk, company: str = "netone") -> list[str]:
    with desk.app.test_request_context(), desk.session() as session:
        row = session.scalars(sa.select(Partner).where(Partner.key == company)).one()
        return [words.sentence(it) for it in queries.changes(session, row)]


def invited(desk: Desk) -> list[str]:
    with desk.session() as session:
        query = sa.select(Person.key).join(Notification, Notification.person_id == Person.id)
        return list(session.scalars(query.where(Notification.kind == "invitation")))


# Who looks after whom


def test_the_set_up_names_a_company_s_admins(company: Desk) -> None:
    assert people(company) == {"kim": (True, True), "lee": (True, False)}
    assert "admins: [kim]" in dumped(company)
    assert load(company, dumped(company)) == ["nothing to change"]


@pytest.mark.backends("sqlite")
def test_an_admin_is_one_of_the_members(desk: Desk) -> None:
    with pytest.raises(BadInput, match='"park" is not among the members of "netone"'):
        load(desk, WITH_ADMIN.replace("admins: [kim]", "admins: [park]"))


def test_a_set_up_that_says_nothing_of_admins_leaves_them(company: Desk) -> None:
    act(company, commands.make_admin, "netone", "lee")
    silent = WITH_ADMIN.replace("admins: [kim], ", "").replace("admins: [kim],", "")
    load(company, silent)
    assert people(company) == {"kim": (True, True), "lee": (True, True)}
    changes = load(company, WITH_ADMIN)
    assert changes == ["~ partner netone (admins)"]
    assert people(company)["lee"] == (True, False)
    assert told(company)[0] == "The desk took the administration from Lee Sora."


def test_only_a_company_s_own_admin_looks_after_it(company: Desk) -> None:
    """§9: default is no, for colleagues and for another company's admin too."""
    for who in ("lee", "park", "sato", "root", "emi"):
        with pytest.raises(NotFound):
            act(company, commands.add, "netone", CHOI, by=who)
        with pytest.raises(NotFound):
            act(company, commands.disable, "netone", "lee", by=who)
    assert "netone-mina-choi" not in people(company)


def test_who_has_another_role_besides_looks_after_nobody(company: Desk) -> None:
    with company.session() as session:
        kim = session.scalars(sa.select(Person).where(Person.key == "kim")).one()
        assert administered(session, kim)
        kim.roles = ["partner", "employee"]
        assert not administered(session, kim)
        kim.roles, kim.active = ["partner"], False
        assert not administered(session, kim)
        session.rollback()


# Adding


def test_a_colleague_is_added_and_invited(company: Desk) -> None:
    """H7: a company's people reach its portal by an invitation of its own admin."""
    key = act(company, commands.add, "netone", CHOI)
    assert key == "netone-mina-choi"
    choi = person(company, key)
    assert (choi.name, choi.mail, choi.roles) == (CHOI.name, CHOI.mail, ["partner"])
    assert people(company)[key] == (True, False)
    assert invited(company) == [key]
    assert told(company)[0] == "Kim Haneul added Choi Mina."


@pytest.mark.parametrize(
    ("mail", "problem"),
    [
        ("choi@printco.example", "Only addresses at netone.example"),
        ("emi@kita.example", "Only addresses at netone.example"),
        ("KIM@netone.example", "somebody with this address"),
    ],
)
def test_only_the_company_s_own_addresses_can_be_added(
    company: Desk, mail: str, problem: str
) -> None:
    """§9: nobody is asked about, or added in whose name, by trying addresses."""
    with pytest.raises(BadInput, match=problem):
        act(company, commands.add, "netone", New("Choi", mail))
    assert not invited(company)


@pytest.mark.backends("sqlite")
def test_a_company_without_an_address_asks_the_desk(desk: Desk, clock: Clock) -> None:
    load(desk, DESK.replace("members: [park]}", "members: [park], admins: [park]}"))
    with pytest.raises(BadInput, match="knows no mail address"):
        act(desk, commands.add, "printco", New("Choi", "choi@printco.example"), by="park")


@pytest.mark.backends("sqlite")
def test_the_key_is_new_each_time(company: Desk) -> None:
    keys = [
        act(company, commands.add, "netone", New("Choi", f"choi{sign}@netone.example"))
        for sign in (".", "+", "-")
    ]
    assert keys == ["netone-choi", "netone-choi-2", "netone-choi-3"]


@pytest.mark.backends("sqlite")
def test_a_company_has_only_so_many_people(company: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "MOST", 2)
    with pytest.raises(Refused, match="2 people"):
        act(company, commands.add, "netone", CHOI)


def test_somebody_is_invited_again_but_not_at_once(company: Desk) -> None:
    key = act(company, commands.add, "netone", CHOI)
    with pytest.raises(Refused, match="less than an hour ago"):
        act(company, commands.invite, "netone", key, when="10:30")
    act(company, commands.invite, "netone", key, when="11:00")
    assert invited(company) == [key, key]


# What files say


def test_whom_a_company_added_survives_a_set_up_that_does_not_name_them(company: Desk) -> None:
    key = act(company, commands.add, "netone", CHOI)
    act(company, commands.make_admin, "netone", key)
    before = dumped(company)
    assert key not in before
    assert load(company, WITH_ADMIN) == ["nothing to change"]
    assert load(company, before) == ["nothing to change"]
    assert dumped(company) == before
    assert people(company)[key] == (True, True)
    load(company, WITH_ADMIN.replace("name: NetOne Inc.", "name: NetOne Ltd."))
    assert people(company)[key] == (True, True)


def test_whom_the_set_up_names_then_is_its_own(company: Desk) -> None:
    key = act(company, commands.add, "netone", CHOI)
    load(company, WITH_ADMIN.replace("[kim, lee]", f"[kim, lee, {key}]"))
    assert key in dumped(company)
    load(company, WITH_ADMIN)
    assert key not in people(company)
    assert not person(company, key).active


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("members: [abe, mori]", "members: [abe, mori, netone-mina-choi]"),
        ("lead: abe", "lead: netone-mina-choi"),
        ("members: [park]", "members: [park, netone-mina-choi]"),
    ],
)
def test_whom_a_company_added_can_be_nothing_else(company: Desk, before: str, after: str) -> None:
    """§9: a set-up cannot make them somebody of the desk, or of another company."""
    key = act(company, commands.add, "netone", CHOI)
    with pytest.raises(Refused, match=f"{key} was added by NetOne Inc."):
        load(company, WITH_ADMIN.replace(before, after))
    assert person(company, key).roles == ["partner"]


def test_no_file_gives_them_another_role(company: Desk) -> None:
    """§9: whom a company added is of that company and nothing else, whatever lists say."""
    key = act(company, commands.add, "netone", CHOI)
    listed = f"key,name,mail,roles\n{key},Choi,other@kita.example,admin\n"
    with company.session():
        import_people(listed.encode(), "people.csv", now=at("11:00"))
    load(company, f"{WITH_ADMIN}  {key}: {{name: Choi, roles: [admin]}}\n")
    choi = person(company, key)
    assert (choi.roles, choi.name, choi.mail) == (["partner"], CHOI.name, CHOI.mail)


def test_people_go_and_come_with_their_company(company: Desk) -> None:
    key = act(company, commands.add, "netone", CHOI)
    gone = act(company, commands.add, "netone", New("Gone", "gone@netone.example"))
    act(company, commands.disable, "netone", gone)
    text = WITH_ADMIN.replace("path: [desk, network, netone]", "path: [desk, network]")
    start, end = text.index("  netone:"), text.index("  printco:")
    load(company, text[:start] + text[end:])
    assert not person(company, key).active
    load(company, WITH_ADMIN)
    assert people(company)[key] == (True, False)
    assert people(company)[gone] == (False, False)


# Disabling, and making admin


def test_a_colleague_is_disabled_and_enabled(company: Desk) -> None:
    token = person(company, "lee").session_token
    act(company, commands.disable, "netone", "lee")
    assert not person(company, "lee").active
    assert person(company, "lee").session_token != token
    assert load(company, WITH_ADMIN) == ["nothing to change"]
    assert not person(company, "lee").active
    act(company, commands.enable, "netone", "lee")
    assert person(company, "lee").active
    assert told(company)[:2] == [
        "Kim Haneul let Lee Sora in again.",
        "Kim Haneul disabled Lee Sora.",
    ]


def test_whom_the_desk_disabled_only_the_desk_lets_in(company: Desk) -> None:
    act(company, commands.disable, "netone", "lee")
    with company.session():
        register.enable(key="lee", actor="root", now=at("11:00"))
        register.disable(key="lee", actor="root", now=at("12:00"))
    with pytest.raises(Refused, match="Only the desk"):
        act(company, commands.enable, "netone", "lee", when="13:00")
    assert told(company)[0] == "The desk disabled Lee Sora."
    assert "Ando Admin" not in " ".join(told(company))


@pytest.mark.backends("sqlite")
def test_there_is_always_an_admin(company: Desk) -> None:
    with pytest.raises(Refused, match="only admin"):
        act(company, commands.unmake_admin, "netone", "kim")
    with pytest.raises(Refused, match="disable yourself"):
        act(company, commands.disable, "netone", "kim")
    act(company, commands.make_admin, "netone", "lee")
    act(company, commands.unmake_admin, "netone", "kim", by="lee")
    with pytest.raises(NotFound):
        act(company, commands.make_admin, "netone", "kim")
    assert people(company) == {"kim": (True, False), "lee": (True, True)}


@pytest.mark.backends("sqlite")
def test_a_disabled_admin_does_not_count(company: Desk) -> None:
    act(company, commands.make_admin, "netone", "lee")
    act(company, commands.disable, "netone", "lee")
    with pytest.raises(Refused, match="only admin"):
        act(company, commands.unmake_admin, "netone", "kim")


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("who", ["park", "sato", "root", "emi", "nobody"])
def test_nobody_outside_is_reached(company: Desk, who: str) -> None:
    """§9: neither another company's people nor the desk's, whatever is done."""
    for command in (
        commands.disable,
        commands.enable,
        commands.make_admin,
        commands.unmake_admin,
        commands.invite,
    ):
        with pytest.raises(NotFound):
            act(company, command, "netone", who)
    assert "Park" not in " ".join(told(company))


@pytest.mark.backends("sqlite")
def test_somebody_of_two_companies_is_left_to_the_desk(company: Desk) -> None:
    load(company, WITH_ADMIN.replace("members: [park]", "members: [park, lee]"))
    with pytest.raises(Refused, match="works for others too"):
        act(company, commands.disable, "netone", "lee")


# The page


def marked(visitor: Visitor, path: str) -> str:
    page = visitor.get(path)
    assert page.status_code == 200
    return page.text.partition("<main")[2]


@pytest.mark.backends("sqlite")
def test_the_page_shows_the_own_company_and_nothing_of_another(company: Desk) -> None:
    """§9: names, addresses and numbers of another company stand nowhere."""
    act(company, commands.add, "printco", New("Zzmarker", "zzmarker@printco.example"), by="park")
    said = marked(company.visit("kim"), "/company")
    for word in ("Kim Haneul", "Lee Sora", "support@netone.example", "2 people"):
        assert word in said
    for word in ("Park", "printco", "PrintCo", "Zzmarker", "zzmarker"):
        assert word not in said
    assert company.visit("kim").get("/company?of=printco").status_code == 404
    assert company.visit("kim").get("/company/add?of=printco").status_code == 404


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("act", ["invite", "disable", "enable", "admin", "no-admin"])
def test_another_company_s_people_are_reached_by_no_address(company: Desk, act: str) -> None:
    """§9: neither by naming the company nor by naming the person."""
    kim, before = company.visit("kim"), people(company, "printco")
    for of, key in (("printco", "park"), ("netone", "park"), ("printco", "kim")):
        assert kim.post(f"/company/people/{key}/{act}", of=of).status_code == 404
    said = {"name": "New", "mail": "new@printco.example", "language": ""}
    assert kim.post("/company/add", of="printco", **said).status_code == 404
    assert people(company, "printco") == before


@pytest.mark.backends("sqlite")
def test_the_place_is_in_the_bar_of_its_admin_alone(company: Desk) -> None:
    assert 'href="/company"' in company.visit("kim").get("/inbox").text
    for who in ("lee", "sato", "root"):
        visitor = company.visit(who)
        assert 'href="/company"' not in visitor.get("/", follow_redirects=True).text
        assert visitor.get("/company").status_code == 404


@pytest.mark.backends("sqlite")
def test_everything_is_done_on_the_page(company: Desk) -> None:
    kim = company.visit("kim")
    said = {"name": CHOI.name, "mail": CHOI.mail, "phone": "", "language": "", "of": "netone"}
    assert kim.post("/company/add", **said).status_code == 303
    for what in ("admin", "no-admin", "disable", "enable"):
        answer = kim.post(f"/company/people/netone-mina-choi/{what}", of="netone")
        assert answer.status_code == 303
    page = marked(kim, "/company")
    assert "Kim Haneul let Choi Mina in again." in page
    assert "Invite again" in page


@pytest.mark.backends("sqlite")
def test_a_refused_form_keeps_what_was_typed(company: Desk) -> None:
    said = {"name": "Typed Name", "mail": "typed@elsewhere.example", "language": ""}
    answer = company.visit("kim").post("/company/add", of="netone", **said)
    assert answer.status_code == 422
    assert 'value="Typed Name"' in answer.text
    assert "Only addresses at netone.example" in answer.text


@pytest.mark.backends("sqlite")
def test_who_gives_the_administration_away_is_led_home(company: Desk) -> None:
    act(company, commands.make_admin, "netone", "lee")
    answer = company.visit("kim").post("/company/people/kim/no-admin", of="netone")
    assert answer.location == "/"


@pytest.mark.backends("sqlite")
def test_the_number_of_queries_does_not_grow_with_the_people(company: Desk) -> None:
    counts = []
    for n in range(2):
        for more in range(n * 20):
            act(company, commands.add, "netone", New("Choi", f"c{more}@netone.example"))
        counts.append(queries_of(company))
    assert counts[0] == counts[1]


def queries_of(desk: Desk) -> int:
    visitor, found = desk.visit("kim"), []
    visitor.get("/company")
    with desk.session() as session:
        engine = session.get_bind()
        sa.event.listen(engine, "before_cursor_execute", lambda *it: found.append(it[2]))
        visitor.get("/company")
        return len(found)


@pytest.mark.backends("sqlite")
def test_a_change_knows_who_and_when(company: Desk) -> None:
    act(company, commands.make_admin, "netone", "lee", when="10:15")
    with company.session() as session:
        row = session.scalars(sa.select(CompanyChange)).all()[-1]
        assert (row.what, row.at, row.by_id) == ("admin", at("10:15"), company.id("kim"))
