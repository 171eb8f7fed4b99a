"""A list of people against who is there: added, changed, disabled, and by whose word."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from servicedesk import db
from servicedesk.errors import Refused
from servicedesk.people import links
from servicedesk.people.links import Link
from servicedesk.people.models import Person
from servicedesk.people.profile.commands import Own, save
from servicedesk.people.register.commands import disable, enable
from servicedesk.people.register.importing import import_people, preview
from servicedesk.people.register.planning import Plan
from servicedesk.people.register.words import BadList
from servicedesk.setup.dump import dump
from servicedesk.setup.load import load_text

HEAD = "key,name,mail,department,roles,manager,deputy,language\n"
LIST = HEAD + (
    "abe,Abe Mio,abe@a.example,IT,manager,,,\n"
    "ito,Ito Ren,ito@a.example,IT,,abe,,ja\n"
    "mori,Mori Sho,mori@a.example,Sales,,abe,ito,\n"
    "sato,Sato Yui,,Sales,,ito,,\n"
)


@pytest.fixture(autouse=True)
def _inside(session: Session) -> Iterator[None]:
    yield
    session.rollback()


def take(text: str, now: datetime, **more: Any) -> Plan:
    return import_people(text.encode(), "people.csv", now=now, **more)


def without(*keys: str, text: str = LIST) -> str:
    return "".join(line + "\n" for line in text.splitlines() if line.partition(",")[0] not in keys)


def one(key: str) -> Person:
    db.db.session.rollback()
    return db.db.session.execute(sa.select(Person).filter_by(key=key)).scalar_one()


def refusal(text: str, now: datetime, **more: Any) -> list[str]:
    with pytest.raises(BadList) as caught:
        take(text, now, **more)
    return str(caught.value).splitlines()


def test_a_list_adds_everybody_with_managers_and_deputies(session: Session, now: datetime) -> None:
    found = take(LIST, now)
    assert found.added == ["abe", "ito", "mori", "sato"]
    ito, mori = one("ito"), one("mori")
    assert (ito.name, ito.mail, ito.department, ito.roles) == (
        "Ito Ren",
        "ito@a.example",
        "IT",
        ["employee"],
    )
    assert (ito.manager_id, mori.deputy_id, ito.language) == (one("abe").id, ito.id, "ja")
    assert (ito.active, ito.imported, ito.listed, ito.password_hash) == (True, True, False, None)
    assert one("abe").roles == ["manager"]
    assert len({one(key).session_token for key in ("abe", "ito", "mori", "sato")}) == 4


def test_the_same_list_again_changes_nothing(session: Session, now: datetime) -> None:
    take(LIST, now)
    found = take(LIST, now)
    assert not found
    assert (found.added, found.changed, found.disabled, found.unchanged) == ([], {}, [], 4)


def test_what_differs_is_changed_and_named(session: Session, now: datetime) -> None:
    take(LIST, now)
    token = one("ito").session_token
    text = LIST.replace("Ito Ren,ito@a.example,IT,,abe", "Ito Len,ito@a.example,,agent,mori")
    assert take(text, now).changed == {"ito": ["name", "roles", "department", "manager"]}
    ito = one("ito")
    assert (ito.name, ito.department, ito.roles) == ("Ito Len", None, ["agent"])
    assert (ito.manager_id, ito.session_token) == (one("mori").id, token)


def test_a_preview_changes_nothing(session: Session, now: datetime) -> None:
    assert preview(LIST.encode(), "people.csv").added == ["abe", "ito", "mori", "sato"]
    assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 0
    take(LIST, now)
    found = preview(without("sato").replace("Ito Ren", "Ito").encode(), "people.csv")
    assert (found.disabled, found.changed) == (["sato"], {"ito": ["name"]})
    assert one("sato").active
    assert one("ito").name == "Ito Ren"


def test_columns_that_are_not_there_leave_what_is_known(session: Session, now: datetime) -> None:
    take(LIST, now)
    bare = "key,name,mail\nabe,Abe Mio,abe@a.example\nito,Ito Ren,ito@a.example\n"
    take(bare + "mori,Mori Sho,mori@a.example\nsato,Sato Yui,\n", now)
    assert (one("ito").department, one("ito").language, one("abe").roles) == (
        "IT",
        "ja",
        ["manager"],
    )


# Leavers


def test_who_is_missing_is_disabled_and_signed_out_not_deleted(
    session: Session, now: datetime
) -> None:
    take(LIST, now)
    token, id = one("mori").session_token, one("mori").id
    with db.transaction() as writing:
        for purpose in ("reset", "approval"):
            links.make(writing, purpose, now=now, lasts=timedelta(hours=1), person=id)
    assert take(without("mori"), now).disabled == ["mori"]
    mori = one("mori")
    assert (mori.id, mori.active, mori.name) == (id, False, "Mori Sho")
    assert mori.session_token != token
    assert session.scalars(sa.select(Link.used_at)).all() == [now, now]


def test_who_comes_back_is_who_they_were(session: Session, now: datetime) -> None:
    take(LIST, now)
    id = one("mori").id
    take(without("mori"), now)
    assert take(without("mori"), now).disabled == []
    assert take(LIST, now).back == ["mori"]
    assert (one("mori").id, one("mori").active) == (id, True)


def test_a_list_that_would_disable_more_than_half_is_refused(
    session: Session, now: datetime
) -> None:
    take(LIST, now)
    half = without("mori", "sato")
    less = without("ito", "mori", "sato")
    assert preview(less.encode(), "x").disables_many
    for text in (less, HEAD):
        with pytest.raises(Refused, match="may not be whole"):
            take(text, now)
    assert one("ito").active
    assert take(less, now, disable_many=True).disabled == ["ito", "mori", "sato"]
    take(LIST, now)
    assert take(half, now).disabled == ["mori", "sato"]


def test_who_came_by_history_or_set_up_is_never_disabled(session: Session, now: datetime) -> None:
    session.add(Person(key="old", name="Old", roles=[], listed=False))
    session.commit()
    load_text(DESK, "desk.yaml", now=now)
    take(LIST, now)
    take(without("ito"), now)
    assert [one(key).active for key in ("old", "root", "ito")] == [True, True, True]


def test_whoever_a_history_made_can_be_in_the_list(session: Session, now: datetime) -> None:
    session.add(Person(key="ito", name="ito", roles=[], listed=False))
    session.commit()
    bare = "key,name,mail\nito,Ito Ren,ito@a.example\n"
    assert take(bare, now).changed == {"ito": ["name", "mail", "roles"]}
    assert (one("ito").roles, one("ito").imported) == (["employee"], True)


# The set-up


DESK = """
desk: {name: Kita, zone: Asia/Tokyo, language: en}
calendars: {office: {hours: {mon-fri: ["09:00-17:00"]}}}
groups: {desk: {name: Desk, tier: 1, calendar: office, lead: ito, members: [ito]}}
people:
  root: {name: Root, roles: [admin], mail: root@a.example}
"""


def test_what_the_set_up_says_wins_and_what_it_leaves_out_comes_from_the_list(
    session: Session, now: datetime
) -> None:
    load_text(DESK, "desk.yaml", now=now)
    text = LIST.replace("ito,Ito Ren,ito@a.example,IT,,", "ito,Ito Ren,ito@a.example,IT,manager,")
    text += "root,Somebody,other@a.example,IT,,,,\n"
    found = take(text, now)
    ito, root = one("ito"), one("root")
    assert (ito.name, ito.mail, ito.department, ito.roles) == (
        "Ito Ren",
        "ito@a.example",
        "IT",
        ["agent"],
    )
    assert (root.name, root.mail, root.roles, root.department) == (
        "Root",
        "root@a.example",
        ["admin"],
        "IT",
    )
    assert found.changed["root"] == ["department"]
    assert not take(text, now)


def test_loading_leaves_what_the_list_says(session: Session, now: datetime) -> None:
    load_text(DESK, "desk.yaml", now=now)
    take(LIST, now)
    assert load_text(DESK, "desk.yaml", now=now) == ["nothing to change"]
    assert (one("ito").name, one("sato").active) == ("Ito Ren", True)
    more = DESK + "  ito: {department: Desk, phone: '7'}\n"
    assert load_text(more, "desk.yaml", now=now) == ["~ person ito (phone, department)"]
    assert (one("ito").name, one("ito").department) == ("Ito Ren", "Desk")
    assert not take(LIST, now).changed


def test_a_list_first_and_the_set_up_afterwards_come_to_the_same(
    session: Session, now: datetime
) -> None:
    take(LIST, now)
    said = load_text(DESK, "desk.yaml", now=now)
    assert "+ person ito" in said
    assert not [line for line in said if line.startswith("-")]
    ito = one("ito")
    assert (ito.name, ito.roles, ito.listed, ito.imported) == ("Ito Ren", ["agent"], True, True)
    assert not take(LIST, now).changed


def test_what_is_dumped_is_the_set_up_and_loads_as_nothing_new(
    session: Session, now: datetime
) -> None:
    load_text(DESK, "desk.yaml", now=now)
    before = dump()
    take(LIST, now)
    assert dump() == before
    assert load_text(dump(), "desk.yaml", now=now) == ["nothing to change"]
    assert one("ito").name == "Ito Ren"


def test_who_leaves_the_set_up_stays_by_the_list_without_its_roles(
    session: Session, now: datetime
) -> None:
    load_text(DESK, "desk.yaml", now=now)
    take(LIST, now)
    less = DESK.replace(", lead: ito, members: [ito]", "")
    assert "- person ito" in load_text(less, "desk.yaml", now=now)
    ito = one("ito")
    assert (ito.active, ito.listed, ito.roles, ito.groups) == (True, False, ["employee"], [])
    assert load_text(less, "desk.yaml", now=now) == ["nothing to change"]
    assert take(without("ito").replace(",ito,", ",,"), now).disabled == ["ito"]


def test_who_left_the_set_up_before_comes_back_by_the_list(session: Session, now: datetime) -> None:
    load_text(DESK, "desk.yaml", now=now)
    load_text(DESK.replace(", lead: ito, members: [ito]", ""), "desk.yaml", now=now)
    assert not one("ito").active
    assert take(LIST, now).back == ["ito"]
    assert (one("ito").roles, one("ito").listed, one("ito").active) == (["employee"], False, True)


def test_who_is_missing_in_the_list_stays_by_the_set_up(session: Session, now: datetime) -> None:
    load_text(DESK, "desk.yaml", now=now)
    take(LIST, now)
    assert take(without("ito").replace(",ito,", ",,"), now).disabled == []
    ito = one("ito")
    assert (ito.active, ito.imported, ito.listed, ito.name) == (True, False, True, "Ito Ren")


# By hand, and by people themselves


def test_what_people_choose_themselves_stays(session: Session, now: datetime) -> None:
    load_text(DESK, "desk.yaml", now=now)
    take(LIST, now)
    for key in ("ito", "mori"):
        save(key=key, own=Own(language="en", zone="Europe/Berlin", deputy="abe"))
    assert not take(LIST, now)
    assert load_text(DESK, "desk.yaml", now=now) == ["nothing to change"]
    for key in ("ito", "mori"):
        person = one(key)
        assert (person.language, person.zone, person.deputy_id) == (
            "en",
            "Europe/Berlin",
            one("abe").id,
        )


def test_what_people_no_longer_choose_themselves_is_the_lists_again(
    session: Session, now: datetime
) -> None:
    take(LIST, now)
    save(key="mori", own=Own(deputy="abe"))
    save(key="mori", own=Own())
    assert one("mori").deputy_id is None
    assert take(LIST, now).changed == {"mori": ["deputy"]}


def test_who_is_disabled_by_hand_stays_so_whatever_files_say(
    session: Session, now: datetime
) -> None:
    load_text(DESK, "desk.yaml", now=now)
    take(LIST, now)
    before = dump()
    for key in ("mori", "ito"):
        disable(key=key, actor="root", now=now)
    assert take(LIST, now).barred == ["ito", "mori"]
    assert load_text(DESK, "desk.yaml", now=now) == ["nothing to change"]
    assert dump() == before
    assert (one("mori").active, one("ito").active) == (False, False)
    for key in ("mori", "ito"):
        enable(key=key, actor="root", now=now)
    assert (one("mori").active, one("ito").active) == (True, True)
    assert not take(LIST, now)


def test_whoever_imports_cannot_lock_themselves_out(session: Session, now: datetime) -> None:
    text = LIST.replace("IT,manager", "IT,admin")
    take(text, now)
    for worse in (LIST, without("abe", text=text).replace(",abe,", ",,")):
        with pytest.raises(Refused, match="from yourself"):
            take(worse, now, actor="abe")
    assert one("abe").roles == ["admin"]
    take(LIST, now, actor="root")


# What is wrong between the lines


def test_all_or_nothing(session: Session, now: datetime) -> None:
    assert refusal(LIST + "x y,N,,,,,,\n", now) == [
        "people.csv:6: key: “x y” is not a key: 1 to 64 of a-z, 0-9 and -."
    ]
    assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 0


def test_managers_are_people_of_the_list_or_of_the_desk(session: Session, now: datetime) -> None:
    load_text(DESK, "desk.yaml", now=now)
    text = HEAD + "a,A,,,,root,nobody,\nb,B,,,,none,ito,\n"
    assert refusal(text, now) == [
        "people.csv:2: deputy: There is nobody with the key “nobody”.",
        "people.csv:3: manager: There is nobody with the key “none”.",
    ]
    take(text.replace("nobody", "b").replace("none", "a"), now)
    assert one("a").manager_id == one("root").id


def test_a_leaver_can_be_nobodys_manager(session: Session, now: datetime) -> None:
    take(LIST, now)
    assert refusal(without("abe"), now) == [
        "people.csv:2: manager: There is nobody with the key “abe”.",
        "people.csv:3: manager: There is nobody with the key “abe”.",
    ]


def test_a_loop_of_managers_is_named_once(session: Session, now: datetime) -> None:
    text = HEAD + "a,A,,,,b,,\nb,B,,,,c,,\nc,C,,,,b,,\nd,D,,,,a,,\n"
    assert refusal(text, now) == [
        "people.csv:3: manager: These are each other's managers: b → c → b."
    ]


def test_a_loop_through_who_is_there_already_is_named(session: Session, now: datetime) -> None:
    load_text(DESK + "  abe: {manager: sato}\n", "desk.yaml", now=now)
    text = HEAD + "sato,Sato,,,,ito,,\nito,Ito,,,,abe,,\n"
    assert refusal(text, now) == [
        "people.csv:2: manager: These are each other's managers: sato → ito → abe → sato."
    ]


def test_an_address_belongs_to_one_person_of_the_desk(session: Session, now: datetime) -> None:
    load_text(DESK, "desk.yaml", now=now)
    assert refusal(HEAD + "a,A,Root@a.example,,,,,\n", now) == [
        "people.csv:2: mail: “Root@a.example” is the address of root."
    ]
    take(HEAD + "a,A,a@a.example,,,,,\nb,B,,,,,,\n", now)
    take(HEAD + "c,C,a@a.example,,,,,\nb,B,,,,,,\n", now)  # under another key: A has left
    assert (one("a").active, one("c").active) == (False, True)


# Many


def many(count: int, name: str = "Person") -> str:
    lines = (
        f"p{n},{name} {n},p{n}@a.example,Dept {n % 40},,{f'p{n // 10}' if n else ''},"
        f"{f'p{n - 1}' if n else ''},\n"
        for n in range(count)
    )
    return HEAD + "".join(lines)


@pytest.mark.slow
def test_three_thousand_people_take_few_statements(session: Session, now: datetime) -> None:
    statements: list[str] = []

    def count(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(session.get_bind(), "before_cursor_execute", count)
    assert len(take(many(3000), now).added) == 3000
    assert len(statements) < 20
    statements.clear()
    assert len(take(many(3000, "Somebody"), now).changed) == 3000
    assert len(statements) < 20
    statements.clear()
    assert len(take(many(1501, "Somebody"), now).disabled) == 1499
    assert len(statements) < 20
    assert one("p2999").deputy_id == one("p2998").id
