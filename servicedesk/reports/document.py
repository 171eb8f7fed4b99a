"""Lays a report out: which sections it has, and what stands in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import current_app
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from servicedesk.incidents.models import label
from servicedesk.reports import cases, pictures, rounding, tables, words
from servicedesk.reports.cases import Case, Frame, Result
from servicedesk.reports.contents import Contents
from servicedesk.reports.facts import Fact
from servicedesk.reports.figures import BY_ID, DEFINITIONS, FIGURES, MORE, SHARE, Figure

MOST_LATE, MOST_BREACHES, MOST_OPEN = 40, 20, 20  # rows of a list; the rest is in the data
HEADLINE = "requested_due.first"
WISHES = ("requested_due.first", "requested_due.current", "requested_due.ahead", "promised_due")
HANDED = ("first_tier_resolution", "handoffs", "ola.acceptance", "ola.answer", "ola.holding")
TIMES = (
    "working_time_to_resolve.p50", "working_time_to_resolve.p90", "time_to_resolve.p50",
    "time_to_resolve.p90", "time_to_resolve.mean",
)  # fmt: skip

SUMMARY: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("dates", ("requested_due.first", "requested_due.current", "promised_due", "open_past_due")),
    ("service", ("sla.response", "sla.resolution")),
    ("volume", ("intake", "resolved", "backlog")),
    (
        "tiers",
        ("first_tier_resolution", "working_time_to_resolve.p90", "reopened", "escalation_rate",
         "ping_pong", "partner.acceptance", "partner.answer"),
    ),
    ("time", ("working_time_to_resolve.p50", "time_to_resolve.p50", "time_to_resolve.mean")),
)  # fmt: skip


@dataclass(frozen=True)
class Seal:
    """F6: how a report is marked: a revision, who made it, what changed since the one before."""

    revision: int | None  # None: a draft
    author: str = ""
    changes: Sequence[tuple[str, Any, Any]] = ()  # figure, its value before, and now
    touched: Sequence[int] = ()  # numbers of incidents that later facts changed


@dataclass(frozen=True)
class Row:
    """A figure with its goal and what it was before."""

    figure: Figure
    now: Result
    before: Result | None
    goal: float | None

    @property
    def change(self) -> int | None:
        """Give the difference, as printed; of few cases it would say nothing."""
        if self.before is None or rounding.few(self.now) or rounding.few(self.before):
            return None
        return rounding.change(self.figure, self.now, self.before)

    @property
    def was(self) -> Result | None:
        """Give what it was before where there were too few cases for a difference."""
        return (
            self.before if self.change is None and self.before and not self.before.empty else None
        )

    @property
    def direction(self) -> str:
        """Say whether that is better or worse."""
        return rounding.direction(self.figure, self.change)

    @property
    def verdict(self) -> str | None:
        """Hold it against its goal."""
        return rounding.verdict(self.figure, self.now, self.goal)

    @property
    def below(self) -> int | None:
        """Give by how many tenths of a point a share misses its goal, as printed."""
        if self.goal is None or self.figure.unit != SHARE or not self.now.denominator:
            return None
        actual = rounding.tenths(self.now.numerator or 0, self.now.denominator, self.figure.better)
        wanted = round(self.goal * 1000)
        return wanted - actual if self.figure.better == MORE else actual - wanted


@dataclass
class Document:
    """A report as its template sees it."""

    contents: Contents
    seal: Seal
    titles: Mapping[int, str] = field(default_factory=dict)

    @property
    def frame(self) -> Frame:
        """Give what its figures are given for."""
        return self.contents.frame

    def row(self, id: str) -> Row:
        """Give a figure with goal and change."""
        before = self.contents.before.get(id)
        return Row(BY_ID[id], self.contents.results[id], before, self.contents.goals.get(id))

    def rows(self, *ids: str) -> list[Row]:
        """Give figures with goals and changes."""
        return [self.row(id) for id in ids]

    def any(self, *ids: str) -> bool:
        """Say whether any of some figures has something to count; a section without is left out."""
        found = (self.contents.results[id] for id in ids)
        return any(result.denominator or result.value for result in found)

    @cached_property
    def summary(self) -> list[tuple[str, list[Row]]]:
        """Give the one-page summary, without figures that there is nothing to say of."""
        asked = self.contents.results["requested_due.share"].numerator
        wishes = bool(asked) or self.any("open_past_due", *WISHES)
        groups = [
            (name, [row for row in self.rows(*ids) if _worth(row, wishes)]) for name, ids in SUMMARY
        ]
        return [(name, rows) for name, rows in groups if rows]

    def title(self, number: int) -> str:
        """Give an incident's title; of a confidential one it is not told."""
        return self.titles.get(number) or _("confidential")

    # figures split up

    def split(self, id: str, key: tables.Key, most: int = 12) -> list[tables.Split]:
        """Split a figure up."""
        return tables.split(BY_ID[id], self.contents.facts, self.frame, key, most)

    def by_service(self, id: str) -> list[tables.Split]:
        """Split a figure by service, where there is more than one."""
        rows = self.split(id, tables.by_service)
        return rows if len(rows) > 1 else []

    def by_party(self, id: str, kind: str) -> list[tables.Split]:
        """Split a figure by who answers for it."""
        return self.split(id, tables.by_party(kind))

    def by_type(self) -> list[tables.Volume]:
        """Set incidents and service requests apart, with their sum."""
        rows = tables.volumes(self.contents.facts, self.frame, lambda fact: fact.type)
        return sorted(rows, key=lambda row: row.key)

    @cached_property
    def breakdowns(self) -> list[tuple[str, list[tables.Volume]]]:
        """Break volumes down by whatever has more than one value."""
        found = [
            (name, tables.volumes(self.contents.facts, self.frame, key))
            for name, key in BREAKDOWNS.items()
        ]
        return [
            (name, sorted(rows, key=lambda row: row.key) if name == "priority" else rows)
            for name, rows in found
            if len(rows) > 1
        ]

    def measure(self, id: str, key: Callable[[Fact], str]) -> dict[str, Result]:
        """Work a figure of one incident each out by a property of incidents."""
        found: dict[str, list[Case]] = {}
        for fact in self.contents.facts:
            for case in BY_ID[id].cases(fact, self.frame):
                found.setdefault(key(fact), []).append(case)
        return {name: BY_ID[id].sum_up(mine) for name, mine in sorted(found.items())}

    @cached_property
    def sections(self) -> list[tuple[str, str]]:
        """List the sections, each a template; one without data is left out."""
        contents = self.contents
        said: list[tuple[str, str, object]] = [
            ("summary", _("Summary"), True),
            ("volume", _("Logged, resolved, open"), True),
            ("wishes", _("Requested-date compliance"), self.any(*WISHES)),
            ("service-levels", _("Service levels"), self.any("sla.response", "sla.resolution")),
            ("tiers", _("Tiers and hand-offs"), self.any(*HANDED)),
            ("handling", _("Handling times"), self.any("resolved")),
            ("partners", _("Partner companies"), self.partners),
            ("ageing", _("What is open, and for how long"), contents.results["backlog"].value),
            ("annex", _("Annex: definitions and data"), True),
        ]
        return [(id, title) for id, title, there in said if there]

    @property
    def in_short(self) -> list[str]:
        """Say the report in sentences."""
        return list(sentences(self))

    # lists of exceptions

    def named(self, dimension: str, key: str, rows: int) -> str:
        """Name a row of a breakdown."""
        if dimension == "service":
            return words.service(key, self.contents.setup, rows)
        if dimension == "channel" and key != tables.OTHERS:
            return words.channel(key)
        return words.named(key, self.contents.setup, rows)

    @cached_property
    def late(self) -> list[tables.Late]:
        """List the wishes that were not kept."""
        return tables.late(self.contents.facts, self.frame)

    @cached_property
    def breaches(self) -> list[tuple[Fact, Case]]:
        """List the resolutions that missed their target."""
        return tables.breaches(self.contents.facts, self.frame)

    @cached_property
    def longest_open(self) -> list[tuple[Fact, Case]]:
        """List what has been open for longest."""
        return tables.longest_open(self.contents.facts, self.frame)

    def listed(self) -> set[int]:
        """Give the numbers of what is listed, for their titles."""
        late = {row.fact.number for row in self.late[:MOST_LATE]}
        breaches = {fact.number for fact, _case in self.breaches[:MOST_BREACHES]}
        return late | breaches | {fact.number for fact, _case in self.longest_open[:MOST_OPEN]}

    def lateness(self, row: tables.Late) -> int:
        """Give by how many seconds a wish was missed."""
        return int((row.until - row.date.due).total_seconds())

    def ended(self, fact: Fact) -> datetime | None:
        """Give when an incident ended, if that was by the end of the period."""
        ended = fact.ended_at
        return ended if ended and ended < self.frame.until else None

    def age(self, fact: Fact) -> int:
        """Give how old an incident was at the end, in seconds."""
        return int((self.frame.until - fact.logged_at).total_seconds())

    def past(self, fact: Fact) -> bool:
        """Say whether an incident's wish had passed by the end."""
        return cases.past_due(fact, self.frame)

    # tiers, hands, partners, ages

    @cached_property
    def flow(self) -> dict[tuple[int, int], int]:
        """Count hand-offs from tier to tier."""
        return tables.flow(self.contents.facts, self.frame)

    def flow_tiers(self) -> list[int]:
        """List the tiers that hand-offs went from or to."""
        there = {tier for pair in self.flow for tier in pair}
        return [tier for tier in tables.TIERS if tier in there]

    def flow_heads(self) -> list[tuple[str, str]]:
        """Name the columns of the flow between tiers."""
        return [(words.tier(tier), "number") for tier in self.flow_tiers()]

    def ageing_tiers(self) -> list[int | None]:
        """List the tiers that hold anything open."""
        there = {tier for tier, _band in self.ageing}
        return [tier for tier in (*tables.TIERS, None) if tier in there]

    def open_with(self, holder: int | None) -> int:
        """Count what a tier holds."""
        return sum(count for (tier, _band), count in self.ageing.items() if tier == holder)

    def sent_from(self, sender: int) -> int:
        """Count what a tier handed off."""
        return sum(count for (tier, _to), count in self.flow.items() if tier == sender)

    @cached_property
    def hands(self) -> dict[int | None, int]:
        """Say in whose hands what was resolved had been: seconds by tier."""
        return tables.hands(self.contents.facts, self.frame, self.contents.setup)

    @cached_property
    def partners(self) -> list[tables.Partner]:
        """List the partner companies."""
        return tables.partners(self.contents.facts, self.frame, self.contents.setup)

    @cached_property
    def ageing(self) -> dict[tuple[int | None, int], int]:
        """Count what is open by holder's tier and age."""
        return tables.ageing(self.contents.facts, self.frame, self.contents.setup)

    @cached_property
    def course(self) -> list[tables.Month]:
        """Follow the months."""
        return tables.course(self.contents.facts, self.frame)


BREAKDOWNS: Mapping[str, Callable[[Fact], str | None]] = {
    "service": lambda fact: str(fact.service),
    "priority": lambda fact: fact.priority,
    "channel": lambda fact: fact.channel,
    "category": lambda fact: fact.category,
    "department": lambda fact: fact.department,
}


def _worth(row: Row, wishes: bool) -> bool:
    """Say whether there is anything to say of a figure."""
    if row.figure.id == "open_past_due" and not wishes:
        return False
    return not row.now.empty or row.goal is not None


def sentences(doc: Document) -> Iterator[str]:
    """Say in words what a board has to know."""
    wishes, service = doc.row(HEADLINE), doc.row("sla.resolution")
    if wishes.now.denominator:
        yield _("%(parts)s first wishes were kept.", parts=words.parts(wishes.now)) + _short(wishes)
    yield _open(doc.row("backlog").now.value or 0, doc.row("open_past_due").now.value or 0)
    if service.now.denominator:
        kept = _("%(parts)s resolutions kept their target.", parts=words.parts(service.now))
        yield kept + _short(service)


def _open(count: int, past: int) -> str:
    said = ngettext("%(num)s is open at the end.", "%(num)s are open at the end.", count)
    if not past:
        return said
    late = ngettext(
        "%(num)s of these is past the date wished for.",
        "%(num)s of these are past the date wished for.",
        past,
    )
    return _joined(said, late)


def _short(row: Row) -> str:
    """Say by how much a goal was missed."""
    if not row.below or row.below <= 0:
        return ""
    said = {"goal": words.goal(row.figure, row.goal), "points": rounding.decimal(row.below)}
    return _joined("", _("That is %(points)s points short of the goal of %(goal)s.", **said))


def _joined(one: str, other: str) -> str:
    return one + other if words.japanese() else f"{one} {other}"


def to_html(document: Document, language: str) -> str:
    """Write a report as HTML for print."""
    contents = document.contents
    template = current_app.jinja_env.get_template("reports/print/report.html")
    with force_locale(language):
        return template.render(
            doc=document,
            it=contents,
            say=words,
            draw=pictures,
            definitions=DEFINITIONS,
            figure_of=BY_ID,
            figures=FIGURES,
            label=label,
            language=language,
            setup=contents.setup,
            tables=tables,
            versus=words.versus(contents.period),
            year=contents.period.last_day.year,
            zone=contents.period.zone,
            times=TIMES,
            bands=len(tables.BANDS) + 1,
            type_of=lambda fact: fact.type,
            priority_of=lambda fact: fact.priority,
            most={"late": MOST_LATE, "breaches": MOST_BREACHES, "open": MOST_OPEN},
        )
