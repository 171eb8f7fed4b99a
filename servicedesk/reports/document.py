"""Lays a report out: which sections it has, and what stands in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from servicedesk.reports import cases, causes, scores, tables, tongues, words
from servicedesk.reports.cases import Case, Frame, Result
from servicedesk.reports.contents import Contents
from servicedesk.reports.facts import ClockFact, Fact
from servicedesk.reports.figures import BY_ID, Figure
from servicedesk.reports.majors import ActionSaid, Major, MajorSaid, majors
from servicedesk.reports.scopes import PARTNER
from servicedesk.reports.scores import Row
from servicedesk.reports.seals import Before, Since, Todo

# rows; the rest is in the data
MOST = {
    "late": 40, "breaches": 20, "open": 20, "reopened": 20, "exclusions": 30, "majors": 20,
    "reviewed": 30,
}  # fmt: skip
VOLUMES = ("intake", "resolved", "backlog")
WISHES = ("requested_due.first", "requested_due.current", "requested_due.ahead", "promised_due")
HANDED = ("first_tier_resolution", "handoffs", "ola.acceptance", "ola.answer", "ola.holding")
OF_OTHERS = (  # figures of all tiers, by how they begin
    "sla.", "ola.", "first_tier", "escalation", "ping_pong", "handoffs", "majors",
)  # fmt: skip
TIMES = (
    "working_time_to_resolve.p50", "working_time_to_resolve.p90", "time_to_resolve.p50",
    "time_to_resolve.p90", "time_to_resolve.mean",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Overturned:
    """F3: a breach of what an earlier, sealed report had counted as met."""

    number: int
    period: str
    revision: int


@dataclass(frozen=True)
class Seal:
    """F6: how a report is marked: a revision, who made it, what changed since the one before."""

    revision: int | None  # None: a draft
    author: str = ""
    changes: tuple[tuple[str, Result, Result], ...] = ()  # figure, its value before, and now
    touched: tuple[int, ...] = ()  # numbers of incidents that later facts changed
    definitions: str = ""  # of the revision before, if they were others
    overturned: tuple[Overturned, ...] = ()
    comment: str = ""  # the manager's
    wanted: str = ""  # decisions
    day: date | None = None  # in the desk's zone: of sealing it, or of drafting it
    why: str = ""  # what whoever sealed it again says
    before: Before | None = None  # the revision before
    since: tuple[Since, ...] = ()  # what was recorded of the touched ones after its cut-off
    more: int = 0  # events besides those
    actions: tuple[Todo, ...] = ()  # of this report
    earlier: tuple[Todo, ...] = ()  # from last time
    approver: str = ""  # who is asked to approve it
    approved: str = ""  # who has
    approved_on: date | None = None

    @property
    def waits(self) -> bool:
        """Say whether it is not approved yet."""
        return bool(self.approver) and not self.approved


@dataclass
class Document:
    """A report as its template sees it."""

    contents: Contents
    seal: Seal
    titles: Mapping[int, str] = field(default_factory=dict)
    majors_said: Mapping[int, MajorSaid] = field(default_factory=dict)  # by number

    @property
    def frame(self) -> Frame:
        """Give what its figures are given for."""
        return self.contents.frame

    def row(self, id: str) -> Row:
        """Give a figure with goal and change."""
        said = self.contents
        net = said.results.get(f"{id}.net")
        then = said.before.get(id), said.goals.get(id), net, said.year_before.get(id)
        return Row(BY_ID[id], said.results[id], *then)

    def rows(self, *ids: str) -> list[Row]:
        """Give figures with goals and changes."""
        return [self.row(id) for id in ids]

    def shows(self, id: str) -> bool:
        """Say whether an edition has a figure: that of a partner none of what others did."""
        return self.contents.scope.kind != PARTNER or not id.startswith(OF_OTHERS)

    def shown(self, *ids: str) -> list[Row]:
        """Give those of some figures that this edition has."""
        return self.rows(*filter(self.shows, ids))

    def any(self, *ids: str) -> bool:
        """Say whether any of some figures has something to count; a section without is left out."""
        found = (self.contents.results[id] for id in ids if self.shows(id))
        return any(result.denominator or result.value for result in found)

    @cached_property
    def summary(self) -> list[tuple[str, list[Row]]]:
        """Give the one-page summary, without figures that there is nothing to say of."""
        asked = self.contents.results["requested_due.share"].numerator
        wishes = bool(asked) or self.any("open_past_due", *WISHES)
        groups = [
            (name, [row for row in self.shown(*ids) if scores.worth(row, wishes)])
            for name, ids in scores.SUMMARY
        ]
        return [(name, rows) for name, rows in groups if rows]

    def title(self, number: int) -> str:
        """Give an incident's title; of a confidential one it is not told."""
        title = self.titles.get(number)
        return tongues.printable(title) if title else _("confidential")

    # figures split up

    def split(self, id: str, key: tables.Key, most: int = 12) -> list[tables.Split]:
        """Split a figure up."""
        return tables.split_cases(BY_ID[id], self.counted, key, most)

    def counted(self, figure: Figure) -> list[tuple[Fact, Case]]:
        """Give the cases of a figure, each with its fact."""
        facts = self.by_number
        return [(facts[case.number], case) for case in self.contents.cases[figure.column]]

    @cached_property
    def volumes(self) -> dict[str, list[Fact]]:
        """Give what was logged, resolved and left open."""
        return {id: [fact for fact, _case in self.counted(BY_ID[id])] for id in VOLUMES}

    def by_service(self, id: str) -> list[tables.Split]:
        """Split a figure by service, where there is more than one."""
        rows = self.split(id, tables.by_service)
        return rows if len(rows) > 1 else []

    def by_party(self, id: str, kind: str) -> list[tables.Split]:
        """Split a figure by who answers for it."""
        return self.split(id, tables.by_party(kind))

    def by_kind(self, *ids: str) -> list[tuple[str, list[Result]]]:
        """Set incidents and service requests apart in some figures, where there are both."""
        found = [self.measure(id, lambda fact: fact.type) for id in ids]
        types = sorted({type for results in found for type in results})
        if len(types) < 2:
            return []
        empty = [BY_ID[id].sum_up([]) for id in ids]
        return [
            (type, [one.get(type, none) for one, none in zip(found, empty, strict=True)])
            for type in types
        ]

    def by_type(self) -> list[tables.Volume]:
        """Set incidents and service requests apart, with their sum."""
        rows = tables.split_volumes(self.volumes.__getitem__, lambda fact: fact.type)
        return sorted(rows, key=lambda row: row.key)

    @cached_property
    def breakdowns(self) -> list[tuple[str, list[tables.Volume]]]:
        """Break volumes down by whatever has more than one value."""
        found = [
            (name, tables.split_volumes(self.volumes.__getitem__, key))
            for name, key in BREAKDOWNS.items()
        ]
        return [
            (name, sorted(rows, key=lambda row: row.key) if name == "priority" else rows)
            for name, rows in found
            if len(rows) > 1
        ]

    @cached_property
    def by_number(self) -> dict[int, Fact]:
        """Give facts by their numbers."""
        return {fact.number: fact for fact in self.contents.facts}

    def measure(self, id: str, key: Callable[[Fact], str]) -> dict[str, Result]:
        """Work a figure out by a property of incidents."""
        figure = BY_ID[id]
        found: dict[str, list[Case]] = {}
        for case in self.contents.cases[figure.column]:
            found.setdefault(key(self.by_number[case.number]), []).append(case)
        return {name: figure.sum_up(mine) for name, mine in sorted(found.items())}

    @cached_property
    def sections(self) -> list[tuple[str, str]]:
        """List the sections, each a template; one without data is left out."""
        contents = self.contents
        said: list[tuple[str, str, object]] = [
            ("summary", _("Summary"), True),
            ("revision", _("What changed"), (self.seal.revision or 1) > 1),
            ("volume", _("Logged, resolved, open"), self.any(*VOLUMES) or len(self.course) > 1),
            ("wishes", _("Requested-date compliance"), self.any(*WISHES)),
            ("service-levels", _("Service levels"), self.any("sla.response", "sla.resolution")),
            ("tiers", _("Tiers and hand-offs"), self.any(*HANDED)),
            ("handling", _("Handling times"), self.any("resolved")),
            ("partners", _("Partner companies"), self.partners),
            ("exclusions", _("Exclusions"), self.exclusions),
            ("ageing", _("What is open, and for how long"), contents.results["backlog"].value),
            ("majors", _("Major incidents"), self.majors),
            ("reopened", _("Reopened"), self.reopened or self.seal.overturned),
            ("actions", _("Actions"), self.seal.actions or self.seal.earlier),
            ("annex", _("Annex: definitions and data"), True),
        ]
        return [(id, title) for id, title, there in said if there]

    @property
    def in_short(self) -> list[str]:
        """Say the report in sentences."""
        return list(scores.sentences(self))

    # lists of exceptions

    def named(self, dimension: str, key: str, rows: int) -> str:
        """Name a row of a breakdown."""
        if dimension == "service":
            return words.service(key, self.contents.setup, rows)
        if dimension == "channel" and key != tables.OTHERS:
            return words.channel(key)
        return words.others(rows) if key == tables.OTHERS else key or _("Not given")

    @cached_property
    def late(self) -> list[tables.Late]:
        """List the wishes that were not kept."""
        return tables.late(self.contents.facts, self.frame)

    @cached_property
    def breaches(self) -> list[tuple[Fact, Case]]:
        """List the resolutions that missed their target."""
        return tables.breaches(self.contents.facts, self.frame)

    @cached_property
    def exclusions(self) -> list[tables.Excluded]:
        """C11: list the exclusions approved in the period, and those of clocks decided in it."""
        return tables.exclusions(self.contents.facts, self.frame)

    def lifted(self, fact: Fact, kind: str = "resolution") -> bool:
        """C11: say whether an exclusion has lifted the breach of a customer's clock."""
        return any(c.lifted for c in fact.clocks if c.kind == kind and c.party is None)

    @cached_property
    def longest_open(self) -> list[tuple[Fact, Case]]:
        """List what has been open for longest."""
        return tables.longest_open(self.contents.facts, self.frame)

    @cached_property
    def majors(self) -> list[Major]:
        """List the major incidents that went on in the period."""
        if not self.shows("majors"):
            return []
        return majors(self.contents.facts, self.frame)

    def headline(self, number: int) -> str:
        """Give a major incident's headline; of a confidential one it is not told."""
        said = self.majors_said.get(number)
        return tongues.printable(said.headline) if said else _("confidential")

    @property
    def reviewed(self) -> list[tuple[int, ActionSaid]]:
        """List what the reviews of these major incidents want done."""
        said = {row.fact.number: self.majors_said.get(row.fact.number) for row in self.majors}
        return [(number, one) for number, it in said.items() if it for one in it.actions]

    def is_past(self, day: date | None) -> bool:
        """Say whether a day had passed by the end of the period."""
        until = self.frame.until.astimezone(ZoneInfo(self.frame.period.zone)).date()
        return day is not None and day < until

    @cached_property
    def reopened(self) -> list[Fact]:
        """List what was resolved after it had been reopened."""
        return tables.reopened(self.contents.facts, self.frame)

    @cached_property
    def overturned(self) -> list[tuple[Fact, ClockFact, Overturned]]:
        """F3: list what sealed reports had counted as met, with its breach."""
        found = {f.number: (f, c) for f, c in tables.overturned(self.contents.facts, self.frame)}
        said = [one for one in self.seal.overturned if one.number in found]
        return [(*found[one.number], one) for one in said]

    def listed(self) -> set[int]:
        """Give the numbers of what is listed, for their titles."""
        late = {row.fact.number for row in self.late[: MOST["late"]]}
        breaches = {fact.number for fact, _case in self.breaches[: MOST["breaches"]]}
        again = {fact.number for fact in self.reopened[: MOST["reopened"]]}
        again |= {one.number for one in self.seal.overturned}
        again |= {row.fact.number for row in self.exclusions[: MOST["exclusions"]]}
        longest = {fact.number for fact, _case in self.longest_open[: MOST["open"]]}
        return late | breaches | again | longest

    @cached_property
    def causes(self) -> dict[str, list[tables.Cause]]:
        """Say in whose hands the time of the breaches of the customers' clocks was."""
        ids = ("sla.response", "sla.resolution")
        return {id: tables.causes(id, self.contents.facts, self.frame) for id in ids}

    @cached_property
    def wish_causes(self) -> list[tables.Cause]:
        """F2: say in whose hands the time before the wishes was that were not kept."""
        if self.contents.scope.kind == PARTNER:  # it is told of its own time alone
            return []
        return causes.of_wishes(self.contents.facts, self.frame)

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
        if not self.shows("handoffs"):
            return {}
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
    def ageing_types(self) -> dict[str, dict[int, int]]:
        """Count what is open by type and age, where there is more than one type."""
        found = tables.ageing_types(self.contents.facts, self.frame)
        return found if len(found) > 1 else {}

    @cached_property
    def course(self) -> list[tables.Month]:
        """Follow the months."""
        return self.contents.course

    @property
    def course_types(self) -> list[str]:
        """List the types that there were over the months."""
        return sorted({key for month in self.course for key in month.types})


BREAKDOWNS: Mapping[str, Callable[[Fact], str | None]] = {
    "service": lambda fact: str(fact.service),
    "category": lambda fact: fact.category,
    "channel": lambda fact: fact.channel,
    "priority": lambda fact: fact.priority,
    "department": lambda fact: fact.department,
}
