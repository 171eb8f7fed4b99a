"""What a sheet's columns and values stand for: guessed, corrected, kept for next time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, time
from typing import Any

from servicedesk.setup.directory import Directory
from servicedesk.spreadsheet import fields, values
from servicedesk.spreadsheet.cells import plain
from servicedesk.spreadsheet.dates import ORDERS

TIMES = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
MONTH = re.compile(r"(19[7-9]\d|20\d\d|21\d\d)-(0[1-9]|1[0-2])")


@dataclass
class Options:
    """How doubtful lines are read."""

    prefix: str = ""  # before each number: two ledgers may count alike
    order: str = "ymd"
    months_from: str = ""  # `2026-04`: dates without a year lie in the twelve months from there
    opens: str = "09:00"  # what a day without a time means at the beginning …
    closes: str = "17:30"  # … and at the end
    duplicates: str = "out"  # or `suffix`: the second becomes NUMBER-2
    unnumbered: str = "out"  # or `make`: a number is made of what the line says
    undated: str = "out"  # or `last`: what ended without a date ended at its last date

    def __post_init__(self) -> None:
        """Let nothing in that could not be chosen."""
        self.prefix = "".join(str(self.prefix).split())[:20]
        known = {
            "order": ORDERS,
            "duplicates": ("out", "suffix"),
            "unnumbered": ("out", "make"),
            "undated": ("out", "last"),
        }
        for name, allowed in known.items():
            if getattr(self, name) not in allowed:
                setattr(self, name, allowed[0])
        self.months_from = self.months_from if MONTH.fullmatch(self.months_from) else ""
        self.opens = self.opens if TIMES.fullmatch(self.opens) else "09:00"
        self.closes = self.closes if TIMES.fullmatch(self.closes) else "17:30"
        self.closes = max(self.opens, self.closes)

    @property
    def first_month(self) -> date | None:
        """Give the day from which dates without a year count."""
        return date.fromisoformat(f"{self.months_from}-01") if self.months_from else None


@dataclass
class Mapping:
    """Everything that is chosen for a sheet."""

    heads: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)  # the field of each; "": not read
    values: dict[str, dict[str, str]] = field(default_factory=dict)  # field: {value: target}
    blanks: dict[str, str] = field(default_factory=dict)  # field: target of a blank cell
    people: dict[str, str] = field(default_factory=dict)  # name in the sheet: key of a person
    options: Options = field(default_factory=Options)

    def column(self, name: str) -> int | None:
        """Give a field's column."""
        return self.columns.index(name) if name and name in self.columns else None

    @property
    def mapped(self) -> dict[str, int]:
        """Give the column of each field that has one."""
        return {name: column for column, name in enumerate(self.columns) if name}

    def target(self, name: str, value: str, setup: Directory) -> str:
        """Give what a value stands for, as chosen or guessed."""
        chosen = self.values.get(name, {}).get(plain(value))
        possible = (values.OUT, values.BLANK, *values.targets(name, setup))
        return chosen if chosen in possible else values.guess(name, value, setup)

    def blank(self, name: str, setup: Directory) -> str:
        """Give what a blank cell stands for; "": nothing."""
        chosen = self.blanks.get(name, "")
        if chosen in values.targets(name, setup):
            return chosen
        only = list(setup.services_by_key)
        return only[0] if name == "service" and len(only) == 1 else ""

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON can hold it."""
        return asdict(self)


def from_json(said: dict[str, Any]) -> Mapping:
    """Read what `as_json` gave, of this version or another."""
    known = {name: said[name] for name in ("heads", "columns", "values", "blanks", "people")}
    options = said.get("options") or {}
    names = set(asdict(Options()))
    return Mapping(
        **known, options=Options(**{k: str(v) for k, v in options.items() if k in names})
    )


def guess(heads: Sequence[str], setup: Directory, above: str = "") -> Mapping:
    """Guess a mapping from the heads, the desk's hours and what stands above the head."""
    opens, closes = _hours(setup)
    options = Options(
        opens=opens,
        closes=closes,
        months_from=_months_from(above),
        order="ymd" if _is_japanese(heads) or setup.language == "ja" else "dmy",
    )
    return Mapping(list(heads), fields.guess(heads), options=options)


def _is_japanese(heads: Sequence[str]) -> bool:
    return any(re.search("[\u3040-\u30ff\u4e00-\u9fff]", head) for head in heads)


def _hours(setup: Directory) -> tuple[str, str]:
    """Give when the desk opens and closes on its first working day of the week."""
    calendar = setup.desk_calendar
    windows = next((day for day in calendar.versions[-1].weekly if day), ()) if calendar else ()
    if not windows:
        return "09:00", "17:30"
    return _clock(windows[0][0]), _clock(min(windows[-1][1], 24 * 60 - 1))


def _clock(minutes: int) -> str:
    return time(minutes // 60 % 24, minutes % 60).strftime("%H:%M")


def _months_from(above: str) -> str:
    """Read `2026年度`, `令和8年度` or `2026年` above the head or in the sheet's name."""
    said = plain(above)
    found = re.search(r"(20\d\d|令和(?:元|\d{1,2})|r\d{1,2})年?(度)?", said)
    if found is None or not ("年" in found[0] or found[2]):
        return ""
    digits = re.sub(r"\D", "", found[1].replace("元", "1"))
    year = int(digits) if len(digits) == 4 else 2018 + int(digits)
    return f"{year}-{'04' if found[2] else '01'}"


def fits(kept: Mapping, heads: Sequence[str]) -> bool:
    """Say whether a kept mapping belongs to a sheet: every column that it reads is there."""
    there = {plain(head) for head in heads}
    read = {plain(h) for h, name in zip(kept.heads, kept.columns, strict=False) if name}
    return bool(read) and read <= there


def applied(kept: Mapping, heads: Sequence[str]) -> Mapping:
    """Bring a kept mapping to a sheet, whose columns may stand in another order."""
    pairs = zip(kept.heads, kept.columns, strict=False)
    by_head = {plain(head): name for head, name in pairs if name}
    columns: list[str] = []
    for head in heads:
        name = by_head.get(plain(head), "")
        columns.append(name if name not in columns else "")
    return Mapping(list(heads), columns, kept.values, kept.blanks, kept.people, kept.options)
