"""Kinds of dirt that ledgers have, each with what must come of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from tests.spreadsheet.ledgers import Cells, Ledger

BOTH, XLSX, CSV = "both", "xlsx", "csv"


@dataclass(frozen=True)
class Outcome:
    """What a row must become: skipped as a kind, left out, or an incident with these facts."""

    kind: str  # of dirt
    codes: frozenset[tuple[str, str]] = frozenset()  # field and code of each finding
    out: bool = False
    skip: str = ""
    facts: Cells = field(default_factory=dict)


@dataclass(frozen=True)
class Dirt:
    """One kind: the cells that differ from a clean line's, and the outcome."""

    name: str
    cells: Cells = field(default_factory=dict)
    codes: tuple[tuple[str, str], ...] = ()
    out: bool = False
    skip: str = ""
    facts: Cells = field(default_factory=dict)
    only: str = BOTH

    def outcome(self) -> Outcome:
        """Give what must come of it."""
        return Outcome(self.name, frozenset(self.codes), self.out, self.skip, self.facts)


def out(name: str, cells: Cells, where: str, code: str, only: str = BOTH) -> Dirt:
    """Make a kind that leaves the line out."""
    return Dirt(name, cells, ((where, code),), out=True, only=only)


def without(name: str, cells: Cells, where: str, code: str, only: str = BOTH, **facts: Any) -> Dirt:
    """Make a kind that is explained and imported all the same."""
    return Dirt(name, cells, ((where, code),), facts=facts, only=only)


def fine(name: str, cells: Cells, only: str = BOTH, **facts: Any) -> Dirt:
    """Make a kind that is understood."""
    return Dirt(name, cells, facts=facts, only=only)


def passed(name: str, cells: Cells, skip: str, only: str = BOTH) -> Dirt:
    """Make a kind of row that is no line."""
    return Dirt(name, cells, skip=skip, only=only)


def clean(n: int) -> Cells:
    """Give a line without dirt; its dates are those that the kinds below expect."""
    return {
        "No": f"K-{n:05d}",
        "受付日": "2026/06/01",
        "受付時刻": "09:30",
        "依頼者": "Tada Taro",
        "所属": "営業部",
        "件名": f"つながらない {n}",
        "内容": "朝から社内ネットワークにつながらない。",
        "対象システム": "Internet access",
        "区分": "障害",
        "優先度": "中",
        "希望納期": "2026/06/05",
        "回答納期": "2026/06/04",
        "担当部署": "Service desk",
        "担当者": "ito",
        "状況": "完了",
        "一次回答日": "2026/06/01 16:00",
        "完了日": "2026/06/03 15:00",
        "対応内容": "再起動した",
    }


DAY, TIME = "受付日", "受付時刻"
WISH, PROMISE, DONE, STATE = "希望納期", "回答納期", "完了日", "状況"
JUNE = "2026-06-01 09:30"
FIRST = date(2026, 6, 1)
SERIAL = 46174  # the same
NO_END = {STATE: "対応中", DONE: None}

DATES = (
    fine("era written out", {DAY: "令和8年6月1日"}, logged=JUNE),
    fine("era as a letter", {DAY: "R8.6.1"}, logged=JUNE),
    fine("era as a small letter with slashes", {DAY: "r8/6/1"}, logged=JUNE),
    fine("first year of an era", {DAY: "令和元年6月3日"}, logged="2019-06-03 09:30"),
    fine("era as one character", {DAY: "㋿8年6月1日"}, logged=JUNE),
    fine("Heisei", {DAY: "平成30年6月1日"}, logged="2018-06-01 09:30"),
    fine("Showa as a letter", {DAY: "S63.12.1"}, logged="1988-12-01 09:30"),
    fine("full-width digits", {DAY: "２０２６／０６／０１"}, logged=JUNE),
    fine("year, month and day with a weekday", {DAY: "2026年6月1日（月）"}, logged=JUNE),
    fine("dots", {DAY: "2026.6.1"}, logged=JUNE),
    fine("eight digits", {DAY: "20260601"}, logged=JUNE),
    fine("eight digits as a number", {DAY: 20260601}, XLSX, logged=JUNE),
    fine("two digits for the year", {DAY: "26/06/01"}, logged=JUNE),
    fine("serial number as text", {DAY: str(SERIAL)}, logged=JUNE),
    fine("serial number", {DAY: SERIAL}, XLSX, logged=JUNE),
    fine("serial number with time", {DAY: SERIAL + 0.5, TIME: None}, logged="2026-06-01 12:00"),
    fine("date cell", {DAY: datetime.combine(FIRST, time())}, XLSX, logged=JUNE),
    fine("date and time in one cell", {DAY: "2026/06/01 14:30", TIME: None},
         logged="2026-06-01 14:30"),
    fine("date and time cell", {DAY: datetime.combine(FIRST, time(14, 30)), TIME: None},
         logged="2026-06-01 14:30"),
    fine("instant with offset", {DAY: "2026-06-01T00:30:00Z", TIME: None}, logged=JUNE),
    fine("hour past midnight", {DAY: "2026/05/31 25:30", TIME: None}, logged="2026-06-01 01:30"),
    fine("kanji digits", {DAY: "二〇二六年六月一日"}, logged=JUNE),
    fine("English month", {DAY: "1 Jun 2026"}, logged=JUNE),
    fine("day without a time", {TIME: None}, logged="2026-06-01 09:00"),
    fine("afternoon in words", {TIME: "午後2時30分"}, logged="2026-06-01 14:30"),
    fine("full-width time", {TIME: "１４：３０"}, logged="2026-06-01 14:30"),
    fine("time without colon", {TIME: "1430"}, logged="2026-06-01 14:30"),
    fine("time cell", {TIME: time(14, 30)}, XLSX, logged="2026-06-01 14:30"),
    fine("duration cell as time", {TIME: timedelta(hours=14, minutes=30)},
         XLSX, logged="2026-06-01 14:30"),
    without("impossible time", {TIME: "99:99"},
            "logged_time", "bad_time", logged="2026-06-01 09:00"),
    without("words for a time", {TIME: "午前中"},
            "logged_time", "no_time", logged="2026-06-01 09:00"),
    out("impossible day", {DAY: "2026/02/30"}, "logged", "impossible"),
    out("thirteenth month", {DAY: "2026/13/01"}, "logged", "impossible"),
    out("era that had ended", {DAY: "平成40年1月1日"}, "logged", "era"),
    out("era before it began", {DAY: "令和元年4月1日"}, "logged", "era"),
    out("year of no era", {DAY: "8年6月1日"}, "logged", "era_missing"),
    out("month only", {DAY: "2026年6月"}, "logged", "month_only"),
    out("words for a day", {DAY: "先週の月曜"}, "logged", "no_date"),
    out("before computers", {DAY: "1899/06/01"}, "logged", "range"),
    out("either way round", {DAY: "03/04/2026"}, "logged", "order"),
    out("blank date", {DAY: None}, "logged", "logged_missing"),
    out("dash for a date", {DAY: "－"}, "logged", "logged_missing"),
    out("in the future", {DAY: "2027/06/01"}, "logged", "future"),
    out("error for a date", {DAY: "#N/A"}, "logged", "broken_error"),
    out("resolved before it was logged", {DONE: "2026/05/01"}, "resolved", "before_logged"),
    out("resolved on an impossible day", {DONE: "2026/06/31"}, "resolved", "impossible"),
    out("resolved in the future", {DONE: "2027/06/01"}, "resolved", "future"),
    out("error for the end", {DONE: "#REF!"}, "resolved", "broken_error"),
    out("finished without a date", {DONE: None}, "state", "undated"),
    out("open with a date of its end", {STATE: "対応中"}, "state", "open_but_dated"),
    without("wish without a year", {WISH: "6/10"},
            "requested_due", "year_assumed", requested="2026-06-10"),
    without("wish of next year without it", {DAY: "2025/12/28", WISH: "1/5"},
            "requested_due", "year_assumed", requested="2026-01-05"),
    without("wish in words", {WISH: "至急"}, "requested_due", "no_date", requested=None),
    without("several dates in a cell", {WISH: "6/5→6/9"},
            "requested_due", "several", requested=None),
    without("time without a day", {WISH: "15:00"}, "requested_due", "time_only", requested=None),
    without("wish before logging", {WISH: "2026/05/20"},
            "requested_due", "wish_before_logged", requested="2026-05-20"),
    without("error for a wish", {WISH: "#VALUE!"}, "requested_due", "broken_error", requested=None),
    without("formula without a result", {WISH: "=B4+3"},
            "requested_due", "broken_formula", XLSX, requested=None),
    without("answered before it was logged", {"一次回答日": "2026/05/01"},
            "replied", "before_logged"),
    without("answered after the end", {"一次回答日": "2026/06/20"}, "replied", "after_end"),
    fine("wish with a time", {WISH: "2026/06/05 17:00"}, requested="2026-06-05 17:00"),
    fine("until a day", {WISH: "2026/06/05まで"}, requested="2026-06-05"),
    fine("dash for a wish", {WISH: "―"}, requested=None),
    fine("undecided promise", {PROMISE: "未定"}, promised=None),
)  # fmt: skip

VALUES = (
    out("unknown state", {STATE: "魔界"}, "state", "unknown_value"),
    out("unknown service", {"対象システム": "炊飯器"}, "service", "unknown_value"),
    out("blank service", {"対象システム": None}, "service", "service_missing"),
    out("unknown group", {"担当部署": "総務部庶務課"}, "party", "unknown_value"),
    without("unknown priority", {"優先度": "謎"}, "priority", "as_blank", priority="P3"),
    without("unknown type", {"区分": "その他"}, "type", "as_blank", type="incident"),
    fine("state by its dates", {STATE: None}, state="closed"),
    fine("nothing begun", {STATE: None, DONE: None, "担当者": None, "一次回答日": None},
         state="new"),
    fine("spaces within a state", {STATE: "　完　了 "}, state="closed"),
    fine("circle for a state", {STATE: "○"}, state="closed"),
    fine("number before a state", {STATE: "3.対応中", DONE: None}, state="in_progress"),
    fine("waiting for the requester", {STATE: "ユーザー確認待ち", DONE: None}, state="on_hold"),
    fine("withdrawn", {STATE: "取り下げ"}, state="cancelled"),
    fine("misspelt service", {"対象システム": "Internet acess"}, service="internet"),
    fine("part of a service's name", {"対象システム": "internet"}, service="internet"),
    fine("partner company", {"担当部署": "NetOne", **NO_END}, holder="netone"),
    fine("full-width priority", {"優先度": "Ｐ１"}, priority="P1"),
    fine("request", {"区分": "作業依頼"}, type="request"),
)  # fmt: skip

PEOPLE = (
    fine("full-width space in a name", {"依頼者": "Endo　Emi"}, requester="emi"),
    fine("polite name", {"依頼者": "Endo Emi様"}, requester="emi"),
    fine("department behind a name", {"依頼者": "Endo Emi（営業）"}, requester="emi"),
    fine("mail address", {"依頼者": "EMI@kita.example"}, requester="emi"),
    fine("sign-in name", {"依頼者": "ｅｍｉ"}, requester="emi"),
    fine("somebody who is not there", {"依頼者": "山田 花子"}, requester="山田 花子"),
    fine("blank requester", {"依頼者": None}, requester="unknown"),
    without("several people", {"依頼者": "Endo Emi、Tada Taro"},
            "requester", "several_people", requester="emi"),
    without("endless name", {"依頼者": "長" * 70}, "requester", "cut", requester="長" * 64),
    fine("blank assignee", {"担当者": "未定"}, assignee=None),
)  # fmt: skip

TEXTS = (
    fine("line break in a title", {"件名": "つながら\nない"}, title="つながら ない"),
    fine("blank title", {"件名": None, "内容": "印刷できない\n紙がつまる"}, title="印刷できない"),
    without("not a word", {"件名": None, "内容": None}, "title", "title_missing"),
    without("endless title", {"件名": "あ" * 400}, "title", "cut", title="あ" * 300),
    fine("invisible characters", {"件名": "つな\u200bがら\ufeffない"}, title="つながらない"),
    fine("Excel's line ends", {"件名": "つながらない_x000D_"}, title="つながらない"),
    fine("half-width katakana", {"件名": "ﾌﾟﾘﾝﾀ"}, title="ﾌﾟﾘﾝﾀ"),
    fine("emoji", {"件名": "動かない😱"}, title="動かない😱"),
    fine("formula as text", {"件名": "=1+1"}, CSV, title="=1+1"),
    fine("separator and quotes", {"件名": '彼は"急ぎ",と'}, title='彼は"急ぎ",と'),
    fine("yes or no in a cell", {"備考": True}),
    fine("title merged over the description", {"内容": None}, title=None),
)  # fmt: skip

NUMBERS = (
    out("blank number", {"No": None}, "number", "number_missing"),
    out("error for a number", {"No": "#REF!"}, "number", "broken_error"),
    out("endless number", {"No": "9" * 130}, "number", "number_long"),
)
ROWS = (
    passed("empty row", {}, "empty"),
    passed("row of spaces", {"件名": "　 "}, "empty"),
    passed("the head again", {head: head for head in clean(0)}, "header"),
    passed("total", {"No": "合計", "件名": "120件"}, "total"),
    passed("subtotal", {"No": "小計：", "優先度": 12}, "total"),
    passed("note", {"件名": "※ 10月より様式変更"}, "note"),
    passed("unused number", {"No": "K-99999", "件名": "欠番"}, "void"),
    passed("remark beside nothing", {"備考": "確認済"}, "empty"),
)
SINGLE = (*DATES, *VALUES, *PEOPLE, *TEXTS, *NUMBERS, *ROWS)


# Kinds that take several rows


def full_width_number(ledger: Ledger, n: int) -> list[Outcome]:
    number = f"Ｋ－{n:05d}".translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    ledger.add(**clean(n) | {"No": number})
    return [Outcome("full-width number", facts={"external_id": f"K-{n:05d}"})]


def number_cell(ledger: Ledger, n: int) -> list[Outcome]:
    ledger.add(**clean(n) | {"No": float(n)})
    return [Outcome("number as a number", facts={"external_id": f"{n}"})]


def filled_in_ahead(ledger: Ledger, n: int) -> list[Outcome]:
    ledger.add(No=f"K-{n:05d}")
    return [Outcome("number filled in ahead", skip="number")]


def duplicate(ledger: Ledger, n: int) -> list[Outcome]:
    ledger.add(**clean(n))
    ledger.add(**clean(n) | {"件名": "もう一度"})
    return [Outcome("first of two"), twice("duplicate number")]


def duplicate_in_full_width(ledger: Ledger, n: int) -> list[Outcome]:
    ledger.add(**clean(n))
    ledger.add(**clean(n) | {"No": f" Ｋ-{n:05d}\n"})
    return [Outcome("first of two"), twice("duplicate in full width")]


def twice(kind: str) -> Outcome:
    return Outcome(kind, frozenset({("number", "duplicate")}), out=True)


def merged_requester(ledger: Ledger, n: int) -> list[Outcome]:
    first = ledger.add(**clean(n) | {"依頼者": "Endo Emi"})
    for more in (1, 2):
        ledger.add(**clean(n + more) | {"依頼者": None})
    ledger.merged.append((first, first + 2, "依頼者", "依頼者"))
    return [Outcome("requester merged over rows", facts={"requester": "emi"})] * 3


def merged_date(ledger: Ledger, n: int) -> list[Outcome]:
    first = ledger.add(**clean(n))
    ledger.add(**clean(n + 1) | {"受付日": None, "受付時刻": None})
    ledger.merged.append((first, first + 1, "受付日", "受付時刻"))
    return [Outcome("date merged over rows and columns", facts={"logged": "2026-06-01 09:00"})] * 2


def merged_number(ledger: Ledger, n: int) -> list[Outcome]:
    first = ledger.add(**clean(n))
    ledger.add(**clean(n) | {"No": None})
    ledger.merged.append((first, first + 1, "No", "No"))
    return [Outcome("first of two"), twice("number merged over rows")]


def heading(ledger: Ledger, n: int) -> list[Outcome]:
    first = ledger.add(No="■ 6月分")
    ledger.merged.append((first, first, "No", "備考"))
    return [Outcome("heading merged across the sheet", skip="heading")]


Maker = Callable[[Ledger, int], list[Outcome]]
SEVERAL: tuple[tuple[Maker, str], ...] = (
    (full_width_number, BOTH),
    (number_cell, XLSX),
    (filled_in_ahead, BOTH),
    (duplicate, BOTH),
    (duplicate_in_full_width, BOTH),
    (merged_requester, XLSX),
    (merged_date, XLSX),
    (merged_number, XLSX),
    (heading, XLSX),
)


NOT_IN_CP932 = ("emoji", "era as one character", "invisible characters")


def dirty(
    count: int, form: str, seed: int = 7, in_unicode: bool = True
) -> tuple[Ledger, list[Outcome]]:
    """Make a ledger of so many rows in which every kind of dirt comes up again and again."""
    ledger, outcomes = Ledger(), list[Outcome]()
    chance = random.Random(seed)
    singles = [dirt for dirt in SINGLE if dirt.only in (BOTH, form)]
    if not in_unicode:
        singles = [dirt for dirt in singles if dirt.name not in NOT_IN_CP932]
    several = [maker for maker, only in SEVERAL if only in (BOTH, form)]
    kinds: list[Dirt | Maker] = [*singles, *several]
    often: list[Dirt | Maker | None] = [*kinds, *[None] * len(singles)]
    while len(ledger.rows) < count - 1:  # the last line is clean: what is empty below is no row
        n = len(ledger.rows) * 3 + 1
        kind = kinds.pop() if kinds else chance.choice(often)
        if isinstance(kind, Dirt):
            outcomes.append(kind.outcome())
            ledger.add(**_cells(kind, n))
        elif kind:
            outcomes += kind(ledger, n)
        else:
            outcomes.append(Outcome("clean", facts=CLEAN))
            ledger.add(**clean(n))
    ledger.add(**clean(count * 3 + 1))
    return ledger, [*outcomes, Outcome("clean", facts=CLEAN)]


CLEAN = {
    "logged": JUNE,
    "requested": "2026-06-05",
    "promised": "2026-06-04",
    "resolved": "2026-06-03 15:00",
    "state": "closed",
    "requester": "taro",
    "assignee": "ito",
    "service": "internet",
    "holder": "desk",
    "type": "incident",
    "priority": "P3",
}


def _cells(dirt: Dirt, n: int) -> Cells:
    if dirt.skip:
        return dirt.cells
    cells = clean(n) | dirt.cells
    if dirt.facts.get("logged", "2026") < "2026":  # its other dates must follow
        old = {"希望納期": None, "回答納期": None, "一次回答日": None, "完了日": "2026/06/03 15:00"}
        cells |= old
    return cells


NAMES = [dirt.name for dirt in SINGLE] + [maker.__name__ for maker, _only in SEVERAL]
