"""A report's figures held against goals and the months before, and its summary in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from flask_babel import gettext as _
from flask_babel import ngettext

from servicedesk.reports import rounding, words
from servicedesk.reports.cases import Result
from servicedesk.reports.figures import MAJORS, MORE, SHARE, Figure

HEADLINE = "requested_due.first"

SUMMARY: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("dates", ("requested_due.first", "requested_due.current", "promised_due", "open_past_due")),
    ("service", ("sla.response", "sla.resolution")),
    ("volume", ("intake", "resolved", "backlog", "majors")),
    (
        "tiers",
        ("first_tier_resolution", "working_time_to_resolve.p90", "reopened", "escalation_rate",
         "ping_pong", "partner.acceptance", "partner.answer"),
    ),
    ("time", ("working_time_to_resolve.p50", "time_to_resolve.p50", "time_to_resolve.mean")),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A figure with its goal and what it was before."""

    figure: Figure
    now: Result
    before: Result | None
    goal: float | None
    net: Result | None = None  # C11: of its twin, net of exclusions
    year_before: Result | None = None  # the same months of the year before

    @property
    def since_year(self) -> Row:
        """Hold it against the same months of the year before."""
        return replace(self, before=self.year_before)

    @property
    def lifted(self) -> bool:
        """C11: say whether net it is another figure than gross."""
        return self.net is not None and self.net != self.now

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


class Scores(Protocol):
    """Gives the row of each figure."""

    def row(self, id: str) -> Row: ...

    def shows(self, id: str) -> bool: ...


def worth(row: Row, wishes: bool) -> bool:
    """Say whether there is anything to say of a figure."""
    if row.figure.id == "open_past_due" and not wishes:
        return False
    if row.figure.unit == MAJORS:  # a desk without any needs no line that says so
        return any(one and one.value for one in (row.now, row.before, row.year_before))
    return not row.now.empty or row.goal is not None


def sentences(scores: Scores) -> Iterator[str]:
    """Say in words what a board has to know."""
    wishes, service = scores.row(HEADLINE), scores.row("sla.resolution")
    if wishes.now.denominator:
        yield _("%(parts)s first wishes were kept.", parts=words.parts(wishes.now)) + _short(wishes)
    yield _open(scores.row("backlog").now.value or 0, scores.row("open_past_due").now.value or 0)
    if service.now.denominator and scores.shows("sla.resolution"):
        kept = _("%(parts)s resolutions kept their target.", parts=words.parts(service.now))
        yield kept + _short(service) + _net(service)


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


def _net(row: Row) -> str:
    """C11: say what it is net of exclusions, where that is something else."""
    if row.net is None or not row.lifted:
        return ""
    return _joined("", _("Net of exclusions: %(parts)s.", parts=words.parts(row.net)))


def _joined(one: str, other: str) -> str:
    return one + other if words.japanese() else f"{one} {other}"
