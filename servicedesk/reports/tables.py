"""The tables and lists of a report: figures split up, and the exceptions among their cases."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from servicedesk.reports.cases import Case, Frame, Result
from servicedesk.reports.facts import (
    OPEN,
    RESOLVED,
    ClockFact,
    DateFact,
    ExclusionFact,
    Fact,
)
from servicedesk.reports.figures import BY_ID, Figure, net_of
from servicedesk.setup.directory import REQUESTER, Directory

PARTNERS = 0  # the tier that partner companies stand for
TIERS = (1, 2, 3, PARTNERS)
OTHERS = "…"  # the key of a table's last row, which sums up the rest
BANDS = (7, 14, 28, 91)  # days at which an age band ends

T = TypeVar("T")
Key = Callable[[Fact, Case], str | None]


@dataclass(frozen=True, slots=True)
class Split:
    """One row of a figure split up; `rows` says how many the others are."""

    key: str
    result: Result
    rows: int = 1
    net: Result | None = None  # C11: of a figure that has a twin

    @property
    def lifted(self) -> bool:
        """C11: say whether net it is another figure than gross."""
        return self.net is not None and self.net != self.result


def split(
    figure: Figure, facts: Sequence[Fact], frame: Frame, key: Key, most: int = 12
) -> list[Split]:
    """Split a figure up; the rows with the most cases first, the rest summed up."""

    def of(one: Figure) -> list[tuple[Fact, Case]]:
        return [(fact, case) for fact in facts for case in one.cases(fact, frame)]

    return split_cases(figure, of, key, most)


def split_cases(
    figure: Figure, of: Callable[[Figure], Iterable[tuple[Fact, Case]]], key: Key, most: int = 12
) -> list[Split]:
    """Split a figure up; `of` gives the cases of a figure."""
    twin = net_of(figure.id)
    found, nets = _by_key(of(figure), key), _by_key(of(twin), key) if twin else {}
    by_key = {name: found.get(name, []) for name in (*found, *nets)}
    ranked = sorted(by_key.items(), key=lambda item: (-len(item[1]), item[0]))
    shown, rest = _cut(ranked, most)

    def row(name: str, cases: list[Case], keys: Iterable[str], rows: int = 1) -> Split:
        net = [case for one in keys for case in nets.get(one, [])]
        return Split(name, figure.sum_up(cases), rows, twin.sum_up(net) if twin else None)

    rows = [row(name, cases, [name]) for name, cases in shown]
    if rest:
        others = [case for _name, cases in rest for case in cases]
        rows.append(row(OTHERS, others, [name for name, _cases in rest], len(rest)))
    return rows


def _by_key(found: Iterable[tuple[Fact, Case]], key: Key) -> dict[str, list[Case]]:
    by_key: dict[str, list[Case]] = defaultdict(list)
    for fact, case in found:
        if (name := key(fact, case)) is not None:
            by_key[name].append(case)
    return by_key


def _cut(ranked: list[T], most: int) -> tuple[list[T], list[T]]:
    """Show so many rows; one more rather than sum up a single one."""
    return (ranked, []) if len(ranked) <= most + 1 else (ranked[:most], ranked[most:])


def by_service(fact: Fact, case: Case) -> str:
    """Split by service, as its id."""
    return str(fact.service)


def by_priority(fact: Fact, case: Case) -> str:
    """Split by priority."""
    return fact.priority


def by_type(fact: Fact, case: Case) -> str:
    """Split incidents from service requests."""
    return fact.type


def by_party(kind: str) -> Key:
    """Split by who answers for it, of groups, of partners or (any) of all."""

    def key(fact: Fact, case: Case) -> str | None:
        mine = kind == "any" or (case.party or "").partition(":")[0] == kind
        return case.party if mine else None

    return key


@dataclass(frozen=True, slots=True)
class Volume:
    """How many were logged, resolved and left open, of one kind."""

    key: str
    intake: int
    resolved: int
    backlog: int
    rows: int = 1


VOLUMES = ("intake", "resolved", "backlog")


def volumes(
    facts: Sequence[Fact], frame: Frame, key: Callable[[Fact], str | None], most: int = 8
) -> list[Volume]:
    """Split intake, resolved and backlog up; the largest first, the rest summed up."""

    def of(name: str) -> list[Fact]:
        return [fact for fact in facts for _case in BY_ID[name].cases(fact, frame)]

    return split_volumes(of, key, most)


def split_volumes(
    of: Callable[[str], Iterable[Fact]], key: Callable[[Fact], str | None], most: int = 8
) -> list[Volume]:
    """Split intake, resolved and backlog up; `of` gives those that each of them counts."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for n, name in enumerate(VOLUMES):
        for fact in of(name):
            counts[key(fact) or ""][n] += 1
    ranked = sorted(counts.items(), key=lambda item: (-max(item[1]), -item[1][0], item[0]))
    shown, rest = _cut(ranked, most)
    rows = [Volume(name, found[0], found[1], found[2]) for name, found in shown]
    if rest:
        logged, done, left = (sum(found[n] for _name, found in rest) for n in range(3))
        rows.append(Volume(OTHERS, logged, done, left, len(rest)))
    return rows


def flow(facts: Iterable[Fact], frame: Frame) -> dict[tuple[int, int], int]:
    """Count hand-offs of the period from tier to tier."""
    counts: dict[tuple[int, int], int] = defaultdict(int)
    for fact in facts:
        wanted = {case.handoff for case in BY_ID["handoffs"].cases(fact, frame)}
        for handoff in fact.handoffs:
            if handoff.n in wanted:
                counts[handoff.tiers] += 1
    return dict(counts)


def tier_of(setup: Directory, holder: str) -> int | None:
    """Give a holder's tier; None: the requester."""
    return None if holder == REQUESTER else setup.party(holder).tier


def hands(facts: Iterable[Fact], frame: Frame, setup: Directory) -> dict[int | None, int]:
    """Add up in whose hands what was resolved in the period had been, in seconds by tier."""
    seconds: dict[int | None, int] = defaultdict(int)
    for fact in facts:
        if fact.state == RESOLVED and frame.period.holds(fact.resolved_at):
            for held in fact.held:
                if held.end:
                    spent = int((held.end - held.start).total_seconds())
                    seconds[tier_of(setup, held.holder)] += spent
    return dict(seconds)


@dataclass(slots=True)
class Partner:
    """How a partner company did in the period."""

    ref: str
    sent: int
    accepted: Result
    answered: Result
    held: Result
    nets: Mapping[str, Result]  # C11: the three shares net, by their figures
    sent_back: int = 0
    open: int = 0
    seconds: int = 0  # that it held in the period


CONTRACT = ("partner.acceptance", "partner.answer", "partner.holding")


def partners(facts: Sequence[Fact], frame: Frame, setup: Directory) -> list[Partner]:
    """List the partner companies that had anything in the period, by name."""
    rows = []
    for party in setup.parties.values():
        if not party.is_partner or frame.party not in (None, party.ref):
            continue
        row = _partner(party.ref, facts, frame)
        if row.sent or row.open or row.seconds or row.answered.denominator:
            rows.append(row)
    return sorted(rows, key=lambda row: (setup.party(row.ref).name, row.ref))


def _partner(ref: str, facts: Sequence[Fact], frame: Frame) -> Partner:
    own = Frame(frame.period, frame.at, ref)
    mine = [fact for fact in facts if ref in fact.given]
    handoffs = [h for fact in mine for h in fact.handoffs if h.receiver == ref]
    ended = [h for h in handoffs if frame.period.holds(h.ended_at)]
    return Partner(
        ref,
        sum(frame.period.holds(h.sent_at) for h in handoffs),
        accepted=BY_ID["partner.acceptance"].result(mine, own),
        answered=BY_ID["partner.answer"].result(mine, own),
        held=BY_ID["partner.holding"].result(mine, own),
        nets={id: BY_ID[f"{id}.net"].result(mine, own) for id in CONTRACT},
        sent_back=sum(h.state == "sent_back" for h in ended),
        open=sum(_open_at(h.sent_at, h.ended_at, frame.until) for h in handoffs),
        seconds=sum(_seconds_within(fact, ref, frame) for fact in mine),
    )


def _open_at(start: datetime, end: datetime | None, instant: datetime) -> bool:
    return start < instant and (end is None or end >= instant)


def _seconds_within(fact: Fact, ref: str, frame: Frame) -> int:
    spans = (
        min(h.end or frame.until, frame.until) - max(h.start, frame.period.start)
        for h in fact.held
        if h.holder == ref
    )
    return sum(max(0, int(span.total_seconds())) for span in spans)


def ageing(
    facts: Iterable[Fact], frame: Frame, setup: Directory
) -> dict[tuple[int | None, int], int]:
    """Count what is open at the end by its holder's tier and age band (index into BANDS)."""
    counts: dict[tuple[int | None, int], int] = defaultdict(int)
    for fact in facts:
        for case in BY_ID["backlog"].cases(fact, frame):
            counts[tier_of(setup, case.party or fact.desk_group), _band(fact, frame)] += 1
    return dict(counts)


def ageing_types(facts: Iterable[Fact], frame: Frame) -> dict[str, dict[int, int]]:
    """Count what is open at the end by type and age band: incidents and service requests apart."""
    counts: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for fact in facts:
        for _case in BY_ID["backlog"].cases(fact, frame):
            counts[fact.type][_band(fact, frame)] += 1
    return {type: dict(bands) for type, bands in sorted(counts.items())}


def _band(fact: Fact, frame: Frame) -> int:
    return bisect_right(BANDS, (frame.until - fact.logged_at).days)


@dataclass(frozen=True, slots=True)
class Late:
    """A wish that was not kept."""

    fact: Fact
    date: DateFact
    until: datetime  # resolved, cancelled, or the end of what is known
    open: bool


def late(facts: Iterable[Fact], frame: Frame) -> list[Late]:
    """F2: list the current wishes that were not kept, the latest ones first."""
    found = []
    for fact in facts:
        for case in BY_ID["requested_due.current"].cases(fact, frame):
            if not case.value and fact.wish:
                until = min(fact.ended_at or frame.at, frame.at)
                is_open = fact.state == OPEN or until < (fact.ended_at or until)
                found.append(Late(fact, fact.wish, until, is_open))
    return sorted(found, key=lambda row: (row.date.late_from - row.until, row.fact.number))


def breaches(facts: Iterable[Fact], frame: Frame) -> list[tuple[Fact, Case]]:
    """F3: list the resolutions that missed their target, the most urgent first."""
    figure = BY_ID["sla.resolution"]
    found = [(f, c) for f in facts for c in figure.cases(f, frame) if not c.value]
    return sorted(found, key=lambda row: (row[0].priority, str(row[1].at), row[1].number))


@dataclass(frozen=True, slots=True)
class Excluded:
    """C11: an approved exclusion, with the clocks that it takes time out of."""

    fact: Fact
    exclusion: ExclusionFact
    clocks: tuple[ClockFact, ...]  # the decided ones


def exclusions(facts: Iterable[Fact], frame: Frame) -> list[Excluded]:
    """C11: list the exclusions approved in the period, and those of clocks decided in it."""
    found = []
    for fact in facts:
        for one in fact.exclusions:
            if not one.is_of(frame.party):
                continue
            clocks = tuple(c for c in fact.clocks if c.net and c.net.excluded and one.concerns(c))
            if frame.period.holds(one.decided_at) or any(_decided(c, frame) for c in clocks):
                found.append(Excluded(fact, one, clocks))
    return sorted(found, key=lambda row: (row.exclusion.decided_at, row.fact.number))


def _decided(clock: ClockFact, frame: Frame) -> bool:
    instants = (clock.at, clock.net.at if clock.net else None)
    return any(frame.period.holds(at) for at in instants)


def longest_open(facts: Iterable[Fact], frame: Frame) -> list[tuple[Fact, Case]]:
    """List what is open at the end, the oldest first."""
    found = [(f, c) for f in facts for c in BY_ID["backlog"].cases(f, frame)]
    return sorted(found, key=lambda row: (row[0].logged_at, row[0].number))


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the course over time."""

    name: str
    intake: int
    resolved: int
    backlog: int
    wishes: Result
    types: Mapping[str, Volume] = field(default_factory=dict)  # incidents and requests apart


def course(facts: Sequence[Fact], frame: Frame, count: int = 13) -> list[Month]:
    """Follow the figures over the months that have begun, from the first incident on."""
    first = min((fact.logged_at for fact in facts), default=frame.at)
    months = frame.period.months_to_here(count)
    begun = (month for month in months if first < month.end and month.start < frame.at)
    return [_month(facts, Frame(month, frame.at, frame.party)) for month in begun]


def _month(facts: Sequence[Fact], own: Frame) -> Month:
    types = {row.key: row for row in volumes(facts, own, lambda fact: fact.type)}
    rows = types.values()
    return Month(
        own.period.name,
        sum(row.intake for row in rows),
        sum(row.resolved for row in rows),
        sum(row.backlog for row in rows),
        BY_ID["requested_due.first"].result(facts, own),
        types,
    )


@dataclass(slots=True)
class Cause:
    """How much of the time that clocks had counted when they ran over was in one party's hands."""

    key: str
    held: int = 0  # clocks that it held when they ran over
    longest: int = 0  # clocks of whose time it had had the most
    seconds: int = 0
    rows: int = 1


def causes(id: str, facts: Iterable[Fact], frame: Frame, most: int = 12) -> list[Cause]:
    """Split the time of the breaches of a customer's clock up by whose hands it was in."""
    breached = _breached(id, facts, frame)
    return together(((clock.holder, dict(clock.spent)) for _fact, clock in breached), most)


def together(breaches: Iterable[tuple[str, Mapping[str, int]]], most: int) -> list[Cause]:
    """Add up breaches, each with its holder then and seconds by holder; the longest time first."""
    found: dict[str, Cause] = {}
    for last, spent in breaches:
        _cause(found, last).held += 1
        for holder, seconds in spent.items():
            _cause(found, holder).seconds += seconds
        if spent:
            longest = max(spent.items(), key=lambda item: (item[1], item[0] == last))
            _cause(found, longest[0]).longest += 1
    ranked = sorted(found.values(), key=lambda row: (-row.seconds, -row.held, row.key))
    shown, rest = _cut(ranked, most)
    return [*shown, _together(rest)] if rest else shown


def _cause(found: dict[str, Cause], key: str) -> Cause:
    return found.setdefault(key, Cause(key))


def _together(rows: Sequence[Cause]) -> Cause:
    return Cause(
        OTHERS,
        sum(row.held for row in rows),
        sum(row.longest for row in rows),
        sum(row.seconds for row in rows),
        len(rows),
    )


def _breached(id: str, facts: Iterable[Fact], frame: Frame) -> Iterator[tuple[Fact, ClockFact]]:
    """Give the customers' clocks of a kind that were breached in the period."""
    kind = id.rpartition(".")[2]
    for fact in facts:
        for clock in fact.clocks:
            mine = clock.party is None and clock.kind == kind and not clock.met
            if mine and frame.period.holds(clock.at):
                yield fact, clock


def overturned(facts: Iterable[Fact], frame: Frame) -> list[tuple[Fact, ClockFact]]:
    """F3: list the breaches of the period of what had met its target until it was reopened."""
    found = [(f, c) for f, c in _breached("sla.resolution", facts, frame) if c.met_before]
    return sorted(found, key=lambda row: row[0].number)


def reopened(facts: Iterable[Fact], frame: Frame) -> list[Fact]:
    """F4: list what was resolved in the period and had been reopened, most often first."""
    found = [f for f in facts for c in BY_ID["reopened"].cases(f, frame) if c.value]
    return sorted(found, key=lambda fact: (-fact.reopened, fact.number))
