"""Reading a list of people: what Excel writes, and what is wrong on which line."""

from __future__ import annotations

from typing import Any

import pytest

from servicedesk.people.register.roster import COLUMNS, Roster, read
from servicedesk.people.register.words import BadList, sentence

HEAD = ",".join(COLUMNS)


def roster(*lines: str, head: str = HEAD) -> Roster:
    return read("\n".join([head, *lines, ""]).encode())


def said(found: Roster) -> list[tuple[int, str, str]]:
    return [(it.line, it.field, it.code) for it in sorted(found.problems)]


def test_everybody_is_read_with_all_that_is_said() -> None:
    found = roster("sato,佐藤 結衣,sato@a.example,03-1,情報,agent; lead,abe,ito,ja,Asia/Tokyo")
    assert found.problems == []
    assert [(it.line, it.key) for it in found.entries] == [(2, "sato")]
    assert found.entries[0].fields == {
        "name": "佐藤 結衣",
        "mail": "sato@a.example",
        "phone": "03-1",
        "department": "情報",
        "roles": ["agent", "lead"],
        "manager": "abe",
        "deputy": "ito",
        "language": "ja",
        "zone": "Asia/Tokyo",
    }


TEXT = "key,name,mail\r\nsato,佐藤 結衣,sato@a.example\r\nito,髙橋①,\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_file_may_be_of_any_excel(encoding: str) -> None:
    found = read(TEXT.encode(encoding))
    assert found.problems == []
    assert [it.fields["name"] for it in found.entries] == ["佐藤 結衣", "髙橋①"]
    assert found.entries[1].fields["mail"] is None


def test_utf_8_that_is_damaged_is_not_taken_for_something_else() -> None:
    for cut in (TEXT.encode()[:-8] + b"\xe9\r\n", TEXT.encode("utf-8-sig")[:24]):
        assert [it.code for it in read(cut).problems] == ["utf-8"]


def test_what_is_no_text_is_refused() -> None:
    assert [it.code for it in read(b"\x80\x81\xff" * 9).problems] == ["encoding"]


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("", "column-missing"),
        ("key,name", "column-missing"),
        ("key,name,mail,age", "column-unknown"),
        ("key,name,mail,key", "column-twice"),
    ],
)
def test_the_columns_are_checked_first(head: str, code: str) -> None:
    assert said(roster("a,A,a@a", head=head)) == [(1, "", code)]


def test_columns_may_stand_in_any_order_and_be_written_large() -> None:
    found = roster("a@a.example,Ａ-1,A", head="Mail, ＫＥＹ ,Name,,")
    assert found.problems == []
    assert found.entries[0].key == "a-1"


def test_empty_lines_and_cells_at_the_end_are_nothing() -> None:
    found = roster("", "a,A,", ",,,,,,,,,", "b,B", "c,C,c@a.example,,,,,,,,,,")
    assert found.problems == []
    assert [(it.line, it.key) for it in found.entries] == [(3, "a"), (5, "b"), (6, "c")]


WRONG = [
    ("A b,N,", "key", "key"),
    ("a_b,N,", "key", "key"),
    (f"{'k' * 65},N,", "key", "key"),
    (",N,", "key", "empty"),
    ("a,,", "name", "empty"),
    (f"a,{'N' * 201},", "name", "long"),
    ("a,N\x00,", "name", "control"),
    ('a,"N\nM",', "name", "control"),
    ("a,N,nowhere", "mail", "mail"),
    ("a,N,a@b c", "mail", "mail"),
    (f"a,N,{'a' * 251}@b.c", "mail", "long"),
    (f"a,N,,{'0' * 41}", "phone", "long"),
    ("a,N,,,,boss", "roles", "role"),
    ("a,N,,,,partner agent", "roles", "partner-alone"),
    ("a,N,,,,,A b", "manager", "key"),
    ("a,N,,,,,A", "manager", "oneself"),
    ("a,N,,,,,,a", "deputy", "oneself"),
    ("a,N,,,,,,,fr", "language", "language"),
    ("a,N,,,,,,,,Mars/Base", "zone", "zone"),
    ("a,N,,,,,,,,,too,many", "", "cells"),
]


@pytest.mark.parametrize(("line", "field", "code"), WRONG)
def test_what_is_wrong_names_line_field_and_one_sentence(line: str, field: str, code: str) -> None:
    found = roster("b,B,", line)
    assert said(found) == [(3, field, code)]
    assert len(found.entries) == 1
    assert sentence_of(found).endswith(".")


def sentence_of(found: Roster) -> str:
    return sentence(found.problems[0])


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say sentences without a desk around them."""

    def plain(text: str, **values: Any) -> str:
        return text % values

    monkeypatch.setattr("servicedesk.people.register.words._", plain)


def test_everything_that_is_wrong_is_named_at_once() -> None:
    found = roster("A b,,nowhere", "c,C,", "d,,")
    assert said(found) == [
        (2, "key", "key"),
        (2, "mail", "mail"),
        (2, "name", "empty"),
        (4, "name", "empty"),
    ]


def test_keys_and_addresses_stand_once() -> None:
    found = roster("a,A,x@a.example", "b,B,X@a.example", "A,C,", "c,C,", "d,D,")
    assert said(found) == [(3, "mail", "twice"), (4, "key", "twice")]


def test_a_line_that_spans_several_is_named_by_its_first() -> None:
    found = roster('a,A,,,"x\ny"', "b,,")
    assert said(found) == [(2, "department", "control"), (4, "name", "empty")]


def test_a_quote_that_never_ends_is_named() -> None:
    assert [(it.line, it.code) for it in roster("a,A,", 'b,"B').problems] == [(3, "csv")]


def test_of_very_many_problems_fifty_are_listed() -> None:
    found = roster(*(f"k{n}," for n in range(60)))
    lines = str(BadList(found.problems, "people.csv")).splitlines()
    assert lines[0] == "people.csv:2: name: This must not be empty."
    assert (len(lines), lines[-1]) == (51, "people.csv: and 10 more")
