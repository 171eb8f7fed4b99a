"""The history of an incident's hand-offs in the reader's words: a picture and a table beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from servicedesk import formats
from servicedesk.incidents import handoff_reasons
from servicedesk.incidents.chips import day_length
from servicedesk.incidents.detail import Detail, handoff_state
from servicedesk.incidents.episodes import HandOff, Holding, WorkRequest
from servicedesk.incidents.handed import parts
from servicedesk.incidents.handed.draw import draw
from servicedesk.incidents.handed.shares import Share, length, open_seconds, shares
from servicedesk.incidents.lifeline.parts import Lane, LaneKind, LifeLine, Span
from servicedesk.incidents.models import HandOff as HandOffRow
from servicedesk.incidents.story import REQUESTER
from servicedesk.setup.directory import Party
from servicedesk.sla.calendar import Calendar

_KINDS: tuple[LaneKind, ...] = ("partner", "tier-1", "tier-2", "tier-3")


@dataclass(frozen=True, slots=True)
class Held:
    """A line of the table: how long one party held it, in plain time and in its own hours."""

    party: Party | None  # None: the requester
    seconds: int
    worked: int | None  # None: the requester keeps no hours
    from_: Party | None = None
    handoff: HandOff | None = None
    way: str = ""
    reason: str = ""
    state: str = ""
    notes: tuple[str, ...] = ()  # questions, nudges, refused answers


@dataclass(frozen=True, slots=True)
class History:
    """What the templates show."""

    svg: Markup
    lanes: tuple[Lane, ...]
    ways: tuple[str, ...]  # those that occur, for the legend
    signs: tuple[str, ...]
    errands: bool
    rows: tuple[Held, ...]  # by hand-offs
    besides: tuple[Held, ...]  # between them
    total: int  # seconds of both together: the open time
    is_open: bool


def history(it: Detail) -> History:
    """Gather picture and table of an incident's hand-offs."""
    teller = _Teller(it)
    hands = teller.hands()
    found = [teller.held(share) for share in shares(it.work.story, it.now)]
    return History(
        svg=draw(hands, it.painter.tick),
        lanes=tuple(hands.lanes),
        ways=tuple(way for way in parts.WAYS if any(p.way == way for p in hands.passings)),
        signs=tuple(kind for kind in parts.SIGNS if any(s.kind == kind for s in hands.signs)),
        errands=bool(hands.errands),
        rows=tuple(line for line in found if line.handoff),
        besides=tuple(line for line in found if not line.handoff),
        total=open_seconds(it.work.story, it.now),
        is_open=it.work.story.is_open,
    )


def way_of(direction: str) -> parts.Way:
    """Give how a hand-off's direction is drawn: to and from a partner alike."""
    ways: Mapping[str, parts.Way] = {"up": "up", "down": "down", "across": "across"}
    return ways.get(direction, "partner")


def way_name(direction: str) -> str:
    """Name which way a hand-off went."""
    names: dict[str, str] = {
        "up": _("up"),
        "down": _("down"),
        "across": _("across"),
        "partner": _("to a partner"),
        "from-partner": _("from a partner"),
    }
    return names[direction]


class _Teller:
    """Puts one incident's story into parts of the picture and lines of the table."""

    def __init__(self, it: Detail) -> None:
        self.it, self.story, self.setup = it, it.work.story, it.setup
        self.now = max(it.now, self.story.changed_at)

    def hands(self) -> parts.Hands:
        line = self.it.painter.line()
        bare = replace(
            line, title=_("Hand-offs over time"), lanes=(), bars=(), dots=(), rail=(), marks=()
        )
        start = min((line.start, *(h.start for h in self.story.holdings)))
        return parts.Hands(
            line=replace(bare, start=start),
            lanes=[self._lane(ref) for ref in self._refs()],
            stays=[self._stay(holding) for holding in self.story.holdings],
            passings=[*self._sent(), *self._back(line)],
            signs=[*self._questions(), *self._sent_back(), *self._refused(), *self._nudged()],
            errands=[self._errand(request) for request in self.story.requests],
        )

    def _refs(self) -> Iterable[str]:
        """Everybody who held it, in the order of first holding; then who else was concerned."""
        found = [holding.holder for holding in self.story.holdings]
        for each in self.story.handoffs:
            found += (each.sender, each.receiver)
        return dict.fromkeys([*found, *(request.receiver for request in self.story.requests)])

    def _name(self, ref: str) -> str:
        return str(_("Requester")) if ref == REQUESTER else self.setup.party(ref).name

    def _hours(self, ref: str, at: datetime) -> Calendar | None:
        return None if ref == REQUESTER else self.setup.calendar_of(ref, at)

    def _lane(self, ref: str) -> Lane:
        hours = self._hours(ref, self.story.logged_at)
        held = self._held_by(ref, hours)
        kind = "requester" if hours is None else _KINDS[self.setup.party(ref).tier]
        return Lane(ref, kind, self._name(ref), held, hours.windows if hours else None)

    def _held_by(self, ref: str, hours: Calendar | None) -> str:
        """Write for how long: in its own working time, as on the life line."""
        spans = [self._span(h) for h in self.story.holdings if h.holder == ref]
        if not spans:
            return ""
        if hours is None:
            return formats.lasting(sum(length(span) for span in spans))
        return formats.left(sum(hours.counted(*span) for span in spans), day_length(hours))

    def _span(self, holding: Holding) -> Span:
        return holding.start, holding.end or max(self.now, holding.start)

    def _stay(self, holding: Holding) -> parts.Stay:
        start, end = span = self._span(holding)
        hours = self._hours(holding.holder, start)
        said = {
            "name": self._name(holding.holder),
            "start": formats.moment(start),
            "end": formats.moment(holding.end) if holding.end else _("now"),
            "time": formats.lasting(length(span)),
        }
        if hours is None:
            sentence = _("%(name)s held it from %(start)s to %(end)s: %(time)s.", **said)
            return parts.Stay(holding.holder, start, holding.end, [span], sentence)
        said["worked"] = formats.left(hours.counted(start, end), day_length(hours))
        sentence = _(
            "%(name)s held it from %(start)s to %(end)s: %(time)s, of which %(worked)s in its "
            "own working hours.",
            **said,
        )
        inside = list(hours.windows(start, end))
        return parts.Stay(holding.holder, start, holding.end, inside, sentence)

    # What passed between them

    @cached_property
    def _rows(self) -> Mapping[int, HandOffRow]:
        return {row.n: row for row in self.it.handoffs}

    def _reason(self, handoff: HandOff) -> str:
        row = self._rows.get(handoff.n)
        return handoff_reasons.name_of(self.setup, row.reason if row else None)

    def _sent(self) -> Iterator[parts.Passing]:
        for each in self.story.handoffs:
            if each.sender == each.receiver:
                continue
            sentence = _(
                "%(at)s: handed off %(way)s, from %(one)s to %(two)s.",
                at=formats.moment(each.sent_at),
                way=way_name(each.direction),
                one=self._name(each.sender),
                two=self._name(each.receiver),
            )
            said = " ".join(part for part in (sentence, self._reason(each)) if part)
            way = way_of(each.direction)
            yield parts.Passing(each.sent_at, each.sender, each.receiver, way, said)

    def _back(self, line: LifeLine) -> Iterator[parts.Passing]:
        """Give where the holder changed without a hand-off: by an answer, a question, a hold."""
        sent = {(each.sent_at, each.receiver) for each in self.story.handoffs}
        causes = _causes()
        happened = {
            event.at: causes[event.kind] for event in self.it.events if event.kind in causes
        }
        for each in line.hand_offs:
            if (each.at, each.to_lane) not in sent:
                said = " ".join(part for part in (each.sentence, happened.get(each.at)) if part)
                yield parts.Passing(each.at, each.from_lane, each.to_lane, "back", said)

    def _questions(self) -> Iterator[parts.Sign]:
        for each in self.story.handoffs:
            for question in each.questions:
                said = _(
                    "%(at)s: %(name)s asked a question.",
                    at=formats.moment(question.asked_at),
                    name=self._name(each.receiver),
                )
                if question.replied_at:
                    took = length((question.asked_at, question.replied_at))
                    said += " " + _("Replied after %(time)s.", time=formats.lasting(took))
                yield parts.Sign(question.asked_at, each.receiver, "asked", said)

    def _sent_back(self) -> Iterator[parts.Sign]:
        for each in self.story.handoffs:
            if each.state == "sent_back" and each.ended_at:
                at, name = formats.moment(each.ended_at), self._name(each.receiver)
                said = _("%(at)s: %(name)s sent it back.", at=at, name=name)
                yield parts.Sign(each.ended_at, each.receiver, "sent_back", said)

    def _refused(self) -> Iterator[parts.Sign]:
        for event in self.it.events:
            if event.kind == "handoff.answer_refused":
                ref, at = self._receiver(event.data["n"]), formats.moment(event.at)
                said = _("%(at)s: the answer of %(name)s was refused.", at=at, name=self._name(ref))
                yield parts.Sign(event.at, ref, "refused", said)

    def _receiver(self, n: int) -> str:
        return self.story.handoffs[n - 1].receiver

    def _nudged(self) -> Iterator[parts.Sign]:
        for each in self.story.handoffs:
            for at in each.nudges:
                name = self._name(each.receiver)
                said = _("%(at)s: %(name)s was nudged.", at=formats.moment(at), name=name)
                yield parts.Sign(at, each.receiver, "nudged", said)

    def _errand(self, request: WorkRequest) -> parts.Errand:
        sentence = _(
            "Work asked of %(name)s from %(start)s to %(end)s.",
            name=self._name(request.receiver),
            start=formats.moment(request.asked_at),
            end=formats.moment(request.ended_at) if request.ended_at else _("now"),
        )
        return parts.Errand(request.receiver, request.asked_at, request.ended_at, sentence)

    # The table

    def held(self, share: Share) -> Held:
        """Write a share as a line of the table."""
        party = None if share.holder == REQUESTER else self.setup.party(share.holder)
        if share.handoff is None:
            return Held(party, share.seconds, self._worked(share))
        handoff = self.story.handoffs[share.handoff - 1]
        return Held(
            party,
            share.seconds,
            self._worked(share),
            self.setup.party(handoff.sender),
            handoff,
            way_name(handoff.direction),
            self._reason(handoff),
            handoff_state(handoff.state),
            tuple(_counted(handoff)),
        )

    def _worked(self, share: Share) -> int | None:
        if share.holder == REQUESTER:
            return None
        return sum(
            self.setup.calendar_of(share.holder, start).counted(start, end)
            for start, end in share.spans
        )


def _causes() -> dict[str, str]:
    """Say why the holder changed, by the kind of event that was the cause."""
    return {
        "handoff.answered": _("It was answered."),
        "handoff.sent_back": _("It was sent back."),
        "handoff.recalled": _("It was recalled."),
        "handoff.asked": _("A question was asked."),
        "handoff.replied": _("The question was replied to."),
        "handoff.answer_refused": _("The answer was refused."),
        "incident.held": _("It waits for the requester."),
    }


def _counted(handoff: HandOff) -> Iterator[str]:
    if handoff.questions:
        yield ngettext("%(num)s question", "%(num)s questions", len(handoff.questions))
    if handoff.refusals:
        yield ngettext("%(num)s answer refused", "%(num)s answers refused", handoff.refusals)
    if handoff.nudges:
        yield ngettext("%(num)s nudge", "%(num)s nudges", len(handoff.nudges))
