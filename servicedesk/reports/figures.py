"""F1: every figure with its one definition: population, exclusions, formula, unit, version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from servicedesk.reports import cases
from servicedesk.reports.cases import (
    Case,
    Cases,
    Frame,
    Result,
    Total,
    count,
    mean,
    percentile,
    share,
)
from servicedesk.reports.facts import CANCELLED, NO_ANSWER, Fact

DEFINITIONS = "4"  # grows with every change below: of a definition, or a new one
INCIDENTS, HANDOFFS, SHARE, SECONDS = "incidents", "handoffs", "share", "seconds"
EXCLUSIONS, MAJORS, UPDATES = "exclusions", "majors", "updates"
MORE, LESS, NEITHER = "more", "less", ""  # what is better


def N_(text: str) -> str:  # noqa: N802 - the name that marks a text to be translated later
    """Mark a text for translation where it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Figure:
    """F1: one figure."""

    id: str
    name: str
    population: str
    exclusions: str
    formula: tuple[str, ...]  # sentences
    unit: str
    better: str
    cases: Cases
    total: Total
    version: int = 1
    since: int = 1  # the version of the definitions that it came with

    @property
    def column(self) -> str:
        """Name the column of the data that holds its cases: figures of one measure share it."""
        name, _dot, last = self.id.rpartition(".")
        return name if last in ("mean", "p50", "p90") else self.id

    def of(self, facts: Iterable[Fact], frame: Frame) -> list[Case]:
        """List the cases that it is made of."""
        return [case for fact in facts for case in self.cases(fact, frame)]

    def result(self, facts: Iterable[Fact], frame: Frame) -> Result:
        """Work it out."""
        return self.sum_up(self.of(facts, frame))

    def sum_up(self, cases: Iterable[Case]) -> Result:
        """Work it out from cases, all or some."""
        return self.total([case.value for case in cases])


# Words that several definitions share

_LOGGED = N_("Incidents and requests logged in the period.")
_SOLVED = N_(
    "Incidents and requests resolved in the period: resolved or closed at the cut-off, with the "
    "last resolution in the period."
)
_BACKLOG = N_("Incidents and requests open at the end of the period.")
_NONE = N_("None.")
_NOT_SOLVED = N_("What was cancelled, or is open again at the cut-off.")
_NO_VERDICT = N_(
    "Clocks without a target, and those that still run, rest or were cancelled without a breach."
)
_MET = N_("Clocks met ÷ clocks met or breached.")
_OWN_CLOCK = N_(
    "The clocks of support groups that were decided in the period: breached ones at the breach, "
    "met ones at their last stop, each once."
)
_PARTNER_CLOCK = N_(
    "The clocks of partner companies that were decided in the period: breached ones at the "
    "breach, met ones at their last stop, each once."
)
_CUSTOMER_CLOCK = N_(
    "The requesters' clocks that were decided in the period: breached ones at the breach, met "
    "ones at their last stop, each once."
)
_NET_CUSTOMER_CLOCK = N_(
    "The requesters' clocks that were decided in the period when nothing counts that an approved "
    "exclusion takes out: breached ones at that breach, met ones at their last stop, each once."
)
_NET_OWN_CLOCK = N_(
    "The clocks of support groups that were decided in the period when nothing counts that an "
    "approved exclusion takes out: breached ones at that breach, met ones at their last stop, "
    "each once."
)
_NET_PARTNER_CLOCK = N_(
    "The clocks of partner companies that were decided in the period when nothing counts that an "
    "approved exclusion takes out: breached ones at that breach, met ones at their last stop, "
    "each once."
)
_WISHES = N_("Incidents and requests whose current wish falls in the period.")
_FIRST_WISHES = N_("Incidents and requests whose first wish falls in the period.")
_PROMISES = N_("Incidents and requests whose current promise falls in the period.")
_NOT_YET = N_("What was cancelled before the date, and dates still ahead at the cut-off.")
_IN_TIME = N_(
    "In time ÷ all. In time is what was last resolved by the date: a day up to its end, an "
    "instant up to that instant. What is still open past its date is late."
)
_TAKEN = N_(
    "From logging to the last resolution, without the time between a resolution and its "
    "reopening; round the clock."
)
_WORKED = N_(
    "From logging to the last resolution, without the time between a resolution and its "
    "reopening; working time of the desk group."
)
_RANK = N_("Nearest rank: the shortest time that half of them did not exceed.")
_RANK_90 = N_("Nearest rank: the shortest time that nine in ten of them did not exceed.")

FIGURES: tuple[Figure, ...] = (
    Figure(
        "intake", N_("Logged"), _LOGGED, _NONE,
        (N_("Their number; those that were cancelled count too."),),
        INCIDENTS, NEITHER, cases.logged(lambda fact: True), count,
    ),
    Figure(
        "intake.cancelled", N_("Logged and cancelled"), _LOGGED, _NONE,
        (N_("The number of those that are cancelled at the cut-off."),),
        INCIDENTS, NEITHER, cases.logged(lambda fact: fact.state == CANCELLED), count,
    ),
    Figure(
        "resolved", N_("Resolved"), _SOLVED, _NOT_SOLVED, (N_("Their number."),),
        INCIDENTS, NEITHER, cases.resolved(lambda fact: 1), count,
    ),
    Figure(
        "resolved.no_answer", N_("Resolved without an answer"), _SOLVED, _NOT_SOLVED,
        (N_("The number of those whose requester left a question and its reminders unanswered."),),
        INCIDENTS, NEITHER, cases.resolved(lambda fact: fact.code == NO_ANSWER), count, since=2,
    ),
    Figure(
        "backlog", N_("Open at the end"), _BACKLOG, _NONE, (N_("Their number."),),
        INCIDENTS, LESS, cases.still_open(lambda fact, frame: True), count,
    ),
    Figure(
        "open_past_due", N_("Open past the wish"), _BACKLOG,
        N_("Those without a wish are not past it."),
        (N_("The number of those whose current wish had passed by then."),),
        INCIDENTS, LESS, cases.still_open(cases.past_due), count,
    ),
    Figure(
        "requested_due.first", N_("Kept the first wish"), _FIRST_WISHES, _NOT_YET, (_IN_TIME,),
        SHARE, MORE, cases.dated(lambda fact: fact.first_wish), share,
    ),
    Figure(
        "requested_due.current", N_("Kept the current wish"), _WISHES, _NOT_YET, (_IN_TIME,),
        SHARE, MORE, cases.dated(lambda fact: fact.wish), share,
    ),
    Figure(
        "requested_due.rush", N_("Kept the first wish, rush"),
        N_(
            "Incidents and requests whose first wish falls in the period and is shorter than the "
            "service's standard lead time."
        ),
        _NOT_YET, (_IN_TIME,), SHARE, MORE,
        cases.dated(lambda fact: fact.first_wish, lambda fact: fact.rush), share,
    ),
    Figure(
        "requested_due.revised", N_("Wishes revised"), _WISHES, _NOT_YET,
        (N_("The number of those whose wish was revised at least once."),),
        INCIDENTS, LESS,
        cases.dated(lambda fact: fact.wish, value=lambda fact, in_time: fact.revised), count,
    ),
    Figure(
        "requested_due.ahead", N_("Wishes still ahead"), _WISHES,
        N_("What is resolved or cancelled."),
        (N_("The number of those that are open and whose wish lies ahead of the cut-off."),),
        INCIDENTS, NEITHER, cases.ahead, count,
    ),
    Figure(
        "requested_due.share", N_("Logged with a wish"), _LOGGED, _NONE,
        (N_("Those that ever had a wish ÷ all."),),
        SHARE, MORE, cases.logged(lambda fact: fact.first_wish is not None), share,
    ),
    Figure(
        "promised_due", N_("Kept the promise"), _PROMISES, _NOT_YET, (_IN_TIME,),
        SHARE, MORE, cases.dated(lambda fact: fact.promise), share,
    ),
    Figure(
        "sla.response", N_("First response in time"), _CUSTOMER_CLOCK, _NO_VERDICT, (_MET,),
        SHARE, MORE, cases.decided("response"), share,
    ),
    Figure(
        "sla.response.net", N_("First response in time, net"), _NET_CUSTOMER_CLOCK,
        _NO_VERDICT, (_MET,), SHARE, MORE,
        cases.decided("response", net=True), share, since=3,
    ),
    Figure(
        "sla.resolution", N_("Resolution in time"), _CUSTOMER_CLOCK, _NO_VERDICT, (_MET,),
        SHARE, MORE, cases.decided("resolution"), share,
    ),
    Figure(
        "sla.resolution.net", N_("Resolution in time, net"), _NET_CUSTOMER_CLOCK,
        _NO_VERDICT, (_MET,), SHARE, MORE,
        cases.decided("resolution", net=True), share, since=3,
    ),
    Figure(
        "sla.untargeted", N_("Resolved without a target"), _SOLVED, _NOT_SOLVED,
        (N_("The number of those whose agreement sets no resolution target for their priority."),),
        INCIDENTS, NEITHER, cases.resolved(lambda fact: "resolution" in fact.untargeted), count,
    ),
    Figure(
        "sla.lowered", N_("Resolved with a priority lowered late"), _SOLVED, _NOT_SOLVED,
        (
            N_(
                "The number of those whose priority was lowered at least once after half of a "
                "target was used up."
            ),
        ),
        INCIDENTS, LESS, cases.resolved(lambda fact: fact.lowered > 0), count, since=2,
    ),
    Figure(
        "ola.acceptance", N_("Groups: accepted in time"), _OWN_CLOCK, _NO_VERDICT, (_MET,),
        SHARE, MORE, cases.decided("acceptance", "group"), share,
    ),
    Figure(
        "ola.acceptance.net", N_("Groups: accepted in time, net"), _NET_OWN_CLOCK,
        _NO_VERDICT, (_MET,), SHARE, MORE,
        cases.decided("acceptance", "group", net=True), share, since=3,
    ),
    Figure(
        "ola.answer", N_("Groups: answered in time"), _OWN_CLOCK, _NO_VERDICT, (_MET,),
        SHARE, MORE, cases.decided("answer", "group"), share,
    ),
    Figure(
        "ola.answer.net", N_("Groups: answered in time, net"), _NET_OWN_CLOCK,
        _NO_VERDICT, (_MET,), SHARE, MORE,
        cases.decided("answer", "group", net=True), share, since=3,
    ),
    Figure(
        "ola.holding", N_("Groups: held within target"), _OWN_CLOCK, _NO_VERDICT, (_MET,),
        SHARE, MORE, cases.decided("holding", "group"), share,
    ),
    Figure(
        "ola.holding.net", N_("Groups: held within target, net"), _NET_OWN_CLOCK,
        _NO_VERDICT, (_MET,), SHARE, MORE,
        cases.decided("holding", "group", net=True), share, since=3,
    ),
    Figure(
        "partner.acceptance", N_("Partners: accepted in time"), _PARTNER_CLOCK, _NO_VERDICT,
        (_MET,),
        SHARE, MORE, cases.decided("acceptance", "partner"), share,
    ),
    Figure(
        "partner.acceptance.net", N_("Partners: accepted in time, net"), _NET_PARTNER_CLOCK,
        _NO_VERDICT, (_MET,), SHARE, MORE,
        cases.decided("acceptance", "partner", net=True), share, since=3,
    ),
    Figure(
        "partner.answer", N_("Partners: answered in time"), _PARTNER_CLOCK, _NO_VERDICT, (_MET,),
        SHARE, MORE, cases.decided("answer", "partner"), share,
    ),
    Figure(
        "partner.answer.net", N_("Partners: answered in time, net"), _NET_PARTNER_CLOCK,
        _NO_VERDICT, (_MET,), SHARE, MORE,
        cases.decided("answer", "partner", net=True), share, since=3,
    ),
    Figure(
        "partner.holding", N_("Partners: held within target"), _PARTNER_CLOCK, _NO_VERDICT, (_MET,),
        SHARE, MORE, cases.decided("holding", "partner"), share,
    ),
    Figure(
        "partner.holding.net", N_("Partners: held within target, net"), _NET_PARTNER_CLOCK,
        _NO_VERDICT, (_MET,), SHARE, MORE,
        cases.decided("holding", "partner", net=True), share, since=3,
    ),
    Figure(
        "exclusions", N_("Exclusions approved"),
        N_("Approved exclusions whose approval falls in the period."),
        _NONE, (N_("Their number."),),
        EXCLUSIONS, NEITHER, cases.excluded, count, since=3,
    ),
    Figure(
        "first_tier_resolution", N_("First-tier resolution"), _SOLVED, _NOT_SOLVED,
        (
            N_(
                "Those that were never given to another tier or to a partner company, however "
                "briefly ÷ all."
            ),
        ),
        SHARE, MORE, cases.resolved(lambda fact: fact.tiers == {1}), share,
    ),
    Figure(
        "escalation_rate", N_("Escalation rate"), _SOLVED, _NOT_SOLVED,
        (N_("Those with at least one hand-off to a higher tier or to a partner company ÷ all."),),
        SHARE, LESS, cases.resolved(cases.escalated), share,
    ),
    Figure(
        "ping_pong", N_("Came back"), _SOLVED, _NOT_SOLVED,
        (N_("Those handed at least once to a party that had been given them before ÷ all."),),
        SHARE, LESS, cases.resolved(lambda fact: fact.returns > 0), share,
    ),
    Figure(
        "reopened", N_("Reopened"), _SOLVED, _NOT_SOLVED,
        (
            N_(
                "Those that were reopened, or continued under a new number once they were closed, "
                "at least once ÷ all."
            ),
        ),
        SHARE, LESS, cases.resolved(lambda fact: fact.reopened > 0), share, version=2,
    ),
    Figure(
        "handoffs", N_("Hand-offs"),
        N_("Hand-offs sent in the period; in the report of a party those that it sent or got."),
        _NONE, (N_("Their number."),),
        HANDOFFS, LESS, cases.sent, count,
    ),
    Figure(
        "working_time_to_resolve.p50", N_("Working time to resolve: median"),
        _SOLVED, _NOT_SOLVED, (_WORKED, _RANK),
        SECONDS, LESS, cases.resolved(lambda fact: fact.worked), percentile(50),
    ),
    Figure(
        "working_time_to_resolve.p90", N_("Working time to resolve: P90"),
        _SOLVED, _NOT_SOLVED, (_WORKED, _RANK_90),
        SECONDS, LESS, cases.resolved(lambda fact: fact.worked), percentile(90),
    ),
    Figure(
        "time_to_resolve.p50", N_("Time to resolve: median"), _SOLVED, _NOT_SOLVED,
        (_TAKEN, _RANK),
        SECONDS, LESS, cases.resolved(lambda fact: fact.elapsed), percentile(50),
    ),
    Figure(
        "time_to_resolve.p90", N_("Time to resolve: P90"), _SOLVED, _NOT_SOLVED,
        (_TAKEN, _RANK_90),
        SECONDS, LESS, cases.resolved(lambda fact: fact.elapsed), percentile(90),
    ),
    Figure(
        "time_to_resolve.mean", N_("Time to resolve: mean"), _SOLVED, _NOT_SOLVED, (_TAKEN,),
        SECONDS, LESS, cases.resolved(lambda fact: fact.elapsed), mean,
    ),
    Figure(
        "majors", N_("Major incidents"),
        N_("Major incidents confirmed in the period."),
        N_("What was proposed as a major incident and not confirmed."), (N_("Their number."),),
        MAJORS, LESS, cases.majors, count, since=4,
    ),
    Figure(
        "majors.updates_missed", N_("Updates missed"),
        N_(
            "Updates to those concerned by a major incident that were due and noted as missing in "
            "the period."
        ),
        _NONE, (N_("Their number."),),
        UPDATES, LESS, cases.updates_missed, count, since=4,
    ),
)  # fmt: skip

BY_ID: Mapping[str, Figure] = {figure.id: figure for figure in FIGURES}

# Figures that may count an incident more than once, or that say who answers for it.
_CLOCKS = (
    "sla.response", "sla.resolution", "ola.acceptance", "ola.answer", "ola.holding",
    "partner.acceptance", "partner.answer", "partner.holding",
)  # fmt: skip
MANY = (
    *_CLOCKS, "handoffs", *(f"{id}.net" for id in _CLOCKS), "exclusions", "majors",
    "majors.updates_missed",
)  # fmt: skip


def defined(version: str) -> tuple[Figure, ...]:
    """F1: list the figures that there are under a version of the definitions."""
    since = int(version) if version.isdecimal() else 0
    return tuple(figure for figure in FIGURES if figure.since <= since)


def net_of(id: str) -> Figure | None:
    """C11: give a figure's twin, net of exclusions; None for what has none, as dates."""
    return BY_ID.get(f"{id}.net")


def gross_of(id: str) -> str | None:
    """C11: give the id of the figure that a net one is the twin of."""
    return id.removesuffix(".net") if id.endswith(".net") else None
