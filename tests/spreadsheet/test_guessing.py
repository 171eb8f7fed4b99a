"""What is guessed of a ledger: fields from heads, meanings from values, people from names."""

from __future__ import annotations

import pytest

from servicedesk.spreadsheet import fields, mapping, values
from servicedesk.spreadsheet.fields import guess
from servicedesk.spreadsheet.mapping import Mapping, Options
from servicedesk.spreadsheet.people import stripped
from servicedesk.spreadsheet.rest import safe
from tests.cast import Desk
from tests.spreadsheet.ledgers import FIELD_OF, HEADS

pytestmark = pytest.mark.backends("sqlite")


def test_a_japanese_ledger_needs_no_correction() -> None:
    assert dict(zip(HEADS, guess(HEADS), strict=True)) == FIELD_OF


def test_an_english_ledger_needs_no_correction() -> None:
    heads = (
        "Ticket #", "Created At", "Requested By", "Dept.", "Subject", "Description", "Service",
        "Type", "Status", "Assigned To", "Assignment Group", "Needed by", "Promised date",
        "First Response", "Resolved On", "Closed", "Priority", "Resolution", "Remarks",
    )  # fmt: skip
    assert guess(heads) == [
        "number", "logged", "requester", "department", "title", "description", "service",
        "type", "state", "assignee", "party", "requested_due", "promised_due",
        "replied", "resolved", "closed", "priority", "resolution", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("※希望納期\n(必須)", "requested_due"), ("ＮＯ．", "number"), ("【受付 日】", "logged"),
        ("対応完了日", "resolved"), ("問い合わせ内容詳細", "description"),
        ("担当者（対応）", "assignee"),
    ],
)  # fmt: skip
def test_signs_width_and_spaces_in_a_head_do_not_matter(head: str, name: str) -> None:
    assert guess([head]) == [name]


def test_each_field_is_guessed_once() -> None:
    assert guess(["件名", "件名"]) == ["title", ""]


def test_every_field_is_known_by_some_words() -> None:
    assert set(fields.words()["heads"]) == set(fields.NAMES)


def test_months_are_read_above_the_head(desk: Desk) -> None:
    setup = desk.setup()
    for above, months in {
        "2026年度": "2026-04",
        "令和8年度 台帳": "2026-04",
        "2025年": "2025-01",
        "台帳": "",
    }.items():
        assert mapping.guess(["No"], setup, above).options.months_from == months


def test_days_begin_and_end_with_the_desk(desk: Desk) -> None:
    options = mapping.guess(["No"], desk.setup()).options
    assert (options.opens, options.closes) == ("09:00", "18:00")


def test_options_that_cannot_be_chosen_are_none() -> None:
    odd = Options("a b" * 20, "xyz", "2026-13", "25:00", "8:00", "x", "x", "x")
    assert odd == Options(prefix=("ab" * 20)[:20])


@pytest.mark.parametrize(
    ("field", "value", "target"),
    [
        ("state", "完了", "closed"), ("state", "In Progress", "in_progress"),
        ("state", "〇", "closed"),
        ("state", "②対応中", "in_progress"), ("state", "1：未着手", "new"), ("state", "－", "-"),
        ("state", "承認待ち", "on_hold:approval"), ("impact", "高（全社）", "1"),
        ("urgency", "低", "3"),
        ("priority", "最優先", "P1"), ("priority", "P4", "P4"), ("type", "サービス要求", "request"),
        ("channel", "TEL", "phone"), ("service", "printing", "printing"), ("service", "？", "-"),
        ("party", "Network team", "network"), ("party", "ＰｒｉｎｔＣｏ", "printco"),
        ("party", "総務", ""),
    ],
)  # fmt: skip
def test_values_are_known_by_their_words(desk: Desk, field: str, value: str, target: str) -> None:
    assert values.guess(field, value, desk.setup()) == target


def test_a_priority_stands_for_the_most_even_pair(desk: Desk) -> None:
    assert [values.levels(p, desk.setup()) for p in ("P1", "P3", "P5")] == [(1, 1), (2, 2), (3, 3)]


@pytest.mark.parametrize(
    "said", ["田中　太郎様", "田中 太郎 さん", "田中 太郎（総務部）", " 田中\n太郎 "]
)
def test_politeness_and_brackets_are_no_part_of_a_name(said: str) -> None:
    assert stripped(said) == "田中 太郎"


def test_a_kept_mapping_follows_its_columns(desk: Desk) -> None:
    kept = Mapping(["No", "件名", "備考"], ["number", "title", ""])
    assert mapping.fits(kept, ["件名", "新しい列", "ＮＯ"])
    assert mapping.applied(kept, ["件名", "新しい列", "ＮＯ"]).columns == ["title", "", "number"]
    assert not mapping.fits(kept, ["件名"])
    assert not mapping.fits(Mapping(), ["件名"])


@pytest.mark.parametrize("said", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "＝1", "\r=1"])
def test_no_cell_of_a_list_can_be_taken_for_a_formula(said: str) -> None:
    assert safe(said) == f"'{said}"
    assert safe("1-1") == "1-1"
