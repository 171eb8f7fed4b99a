"""What people do with an incident: each act checks the rules and adds events to its story."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from flask_babel import gettext as _

from servicedesk.errors import BadInput, Refused
from servicedesk.event import Event
from servicedesk.incidents import lifecycle, rules
from servicedesk.incidents.clocks import Clockwork
from servicedesk.incidents.lead_time import is_short
from servicedesk.incidents.priority import lowered, priority
from servicedesk.incidents.story import APPROVAL, ASKED, REQUESTER, Fired, Story
from servicedesk.setup.directory import Directory, Party, Service
from servicedesk.times import end_of_day, iso


@dataclass
class Act:
    """One act on one incident: what it is based on, and the events that it adds."""

    work: Clockwork
    now: datetime
    actor: int | None = None
    imported: bool = False  # a history records what happened, allowed here or not
    company: str | None = None  # H7: in whose name it is done where no person is known: partner:2
    by_mail: bool = False
    events: list[Event] = field(default_factory=list)

    @property
    def story(self) -> Story:
        """The story so far, these events included."""
        return self.work.story

    @property
    def directory(self) -> Directory:
        """The set-up that it is judged by."""
        return self.work.directory

    def record(self, kind: str, /, **data: Any) -> Event:
        """Add an event; empty values are left out."""
        said = {name: value for name, value in data.items() if value is not None}
        if self.imported:
            said["imported"] = True
        if self.by_mail:
            said |= {"by_mail": True} | ({"company": self.company} if self.company else {})
        event = Event(self.story.seq + 1, kind, self.now, self.actor, said)
        self.work.apply(event)
        self.events.append(event)
        return event

    def check(self, move: str) -> None:
        """Refuse a move that the present state does not allow, but in a history."""
        if not self.imported:
            lifecycle.check(move, self.story.state)

    @property
    def waits_for_approval(self) -> bool:
        """Say whether somebody is asked to approve, which the desk can't do in their place."""
        return self.story.approval == ASKED and not self.imported


@dataclass(frozen=True, slots=True)
class Due:
    """A wish or promise: a day, or an instant."""

    day: date | None = None
    at: datetime | None = None

    def judged(self, zone: str) -> datetime:
        """D1: give the instant to be judged by: for a day the next local midnight."""
        return self.at or end_of_day(self.day or date.max, zone)


def log(
    act: Act,
    *,
    requester: int,
    service: Service,
    impact: int = 2,
    urgency: int = 2,
    type: str = "incident",
    channel: str = "portal",
    confidential: bool = False,
    given_to: Party | None = None,
    response: bool = False,
    parent: int | None = None,
    **digests: str | None,
) -> None:
    """Log an incident: its first event; without a party it goes to the first step of the path."""
    first = given_to or act.directory.party(service.path[0])
    desk = first if first.tier == 1 else act.directory.desk_group(service) or first
    act.record(
        "incident.logged",
        type=type,
        channel=channel,
        confidential=confidential or None,
        requester=requester,
        logged_by=act.actor,
        service=service.id,
        agreement=service.agreement.id,
        impact=impact,
        urgency=urgency,
        priority=priority(act.directory.priorities, impact, urgency),
        desk_group=desk.ref,
        given_to=first.ref,
        tier=first.tier,
        response=response or None,
        parent=parent,
        **digests,
    )


def start(act: Act) -> None:
    """Begin, or go on with, the work."""
    act.check("resume" if act.story.state == lifecycle.ON_HOLD else "start")
    _check_approval(act)
    act.record("incident.started")


def _check_approval(act: Act) -> None:
    """§4: on hold until it is decided; the desk can't decide."""
    if act.waits_for_approval:
        raise Refused(_("This waits for approval: only who is asked can decide."))


def assign(act: Act, person: int | None) -> None:
    """Give the incident to a person; a new one is in progress from then on."""
    act.check("assign")
    if person != act.story.assignee:
        act.record("incident.assigned", assignee=person)
    if person and not act.imported and act.story.state == lifecycle.NEW:
        start(act)


def take(act: Act) -> None:
    """Take the incident oneself; that accepts a hand-off to one's group."""
    act.check("assign")
    handoff = act.story.handoff
    if handoff and handoff.state == "sent" and handoff.receiver.startswith("group:"):
        act.record("handoff.accepted", n=handoff.n)
    assign(act, act.actor)
    acknowledge(act)


def acknowledge(act: Act, only: Fired | None = None) -> bool:
    """E1: take responsibility for what repeated steps ask, or one: they come no more.

    Says whether there was something to take responsibility for.
    """
    found = [one for one in rules.appeals(act.work) if only in (None, one.identity)]
    for appeal in found:
        policy, step, cycle = appeal.identity
        act.record("step.acknowledged", policy=policy, step=step, cycle=cycle)
    return bool(found)


def hold(act: Act, reason: str, until: datetime | None = None) -> None:
    """Put the incident on hold for a reason; some need an end (§4)."""
    act.check("hold")
    _check_approval(act)
    if reason not in lifecycle.HOLD_REASONS:
        raise BadInput(_("Please choose what is being waited for."))
    if not act.imported and reason in lifecycle.HOLDS_WITH_END and until is None:
        raise BadInput(_("Please say until when: the hold then ends by itself."))
    if until and until <= act.now and not act.imported:
        raise BadInput(_("The end of the hold must lie ahead."))
    act.record("incident.held", reason=reason, until=iso(until))


def resolve(act: Act, code: str | None, text: str | None = None) -> None:
    """Resolve with a code and a text (given as digest)."""
    act.check("resolve")
    if not act.imported and code not in lifecycle.RESOLUTION_CODES:
        raise BadInput(_("Please choose how it was resolved."))
    if code in lifecycle.DONE_CODES:
        _check_approval(act)
    if act.story.unfinished and not act.imported:  # H6
        raise Refused(_("A work request that must finish first is still open."))
    act.record("incident.resolved", code=code, text=text)


def close(act: Act) -> None:
    """Close what is resolved."""
    act.check("close")
    act.record("incident.closed")


def reopen(act: Act) -> None:
    """Open it again: it is not solved."""
    act.check("reopen")
    act.record("incident.reopened")


def continue_(act: Act, by: int) -> None:
    """§4: note by which new incident (its id) a closed one goes on."""
    act.check("continue")
    act.record("incident.continued", by=by)


def cancel(act: Act, *, consent: bool = False, duplicate_of: int | None = None) -> None:
    """Cancel: the requester, or the desk with the requester's consent or as a duplicate (§4)."""
    act.check("cancel")
    own = act.actor == act.story.requester
    if not (own or consent or duplicate_of or act.imported):
        raise Refused(_("The desk cancels only with the requester's consent or as a duplicate."))
    act.record("incident.cancelled", consent=consent or None, duplicate_of=duplicate_of)


def ask_approval(act: Act, approver: int) -> None:
    """§4: put it on hold until somebody has approved it or not; never its requester."""
    act.record("approval.asked", approver=approver)
    act.record("incident.held", reason=APPROVAL)


def grant_approval(act: Act) -> None:
    """§4: approve it: it goes on from where it was held."""
    _check_asked(act)
    act.record("approval.granted")
    _let_go_on(act)


def refuse_approval(act: Act, reason: str, comment: int) -> None:
    """§4: don't approve it, with a reason (as digest) that stands in a comment: it ends."""
    _check_asked(act)
    act.record("approval.refused", reason=reason, comment=comment)
    act.record("incident.cancelled", refused=True)


def withdraw_approval(act: Act) -> None:
    """§4: nobody needs to approve it any more."""
    act.record("approval.withdrawn")
    _let_go_on(act)


def _check_asked(act: Act) -> None:
    if act.story.approval != ASKED:
        raise Refused(_("This was decided already, or is no longer asked for."))
    if act.actor == act.story.requester:
        raise Refused(_("Nobody approves their own request."))


def _let_go_on(act: Act) -> None:
    """End the hold: back to new, unless somebody began before or took it meanwhile."""
    story, hold = act.story, act.story.hold
    if hold is None or hold.reason != APPROVAL:
        return
    began = story.first_response_at and story.first_response_at > hold.start
    untouched = story.held_from == lifecycle.NEW and not story.assignee and not began
    act.record("incident.requeued" if untouched else "incident.started")


def prioritise(
    act: Act, impact: int, urgency: int, *, reason: str | None = None, lead: bool = False
) -> None:
    """C9: change impact and urgency; lowering late needs a reason (as digest) and the lead."""
    act.check("prioritise")
    new = priority(act.directory.priorities, impact, urgency)
    if (impact, urgency) == (act.story.impact, act.story.urgency):
        return
    late = _half_used(act) and lowered(act.story.priority, new)
    if late and not act.imported:
        if not lead:
            raise Refused(
                _("More than half of the target is used: only the lead can lower the priority.")
            )
        if not reason:
            raise BadInput(_("Please say why the priority is lowered."))
    act.record(
        "incident.prioritised",
        impact=impact,
        urgency=urgency,
        priority=new,
        reason=reason,
        lowered=late or None,
    )


def _half_used(act: Act) -> bool:
    clocks = (s for s in act.work.states(act.now) if s.kind in ("response", "resolution"))
    open_ones = (s for s in clocks if s.stopped_at is None and s.target and s.counted is not None)
    return any(2 * (s.counted or 0) > (s.target or 0) for s in open_ones)


def reclassify(act: Act, service: Service, type: str | None = None) -> None:
    """C9: change the service, and with it the agreement; or the type."""
    act.check("reclassify")
    type = type or act.story.type
    if (service.id, type) != (act.story.service, act.story.type):
        agreement = service.agreement.id
        secret = True if service.more.get("confidential") and not act.story.confidential else None
        said = {"service": service.id, "agreement": agreement, "type": type, "confidential": secret}
        act.record("incident.reclassified", **said)


def describe(act: Act, **digests: str | None) -> None:
    """Note that title or description were written anew."""
    act.record("incident.described", **digests)


def comment(
    act: Act,
    id: int | None,
    kind: str,
    text: str | None,
    *,
    desk: bool,
    handoff: int | None = None,
    request: int | None = None,
) -> None:
    """Note a comment; a first reply starts the work, the requester's ends the waiting (§4)."""
    act.check("comment")
    response = (kind == "reply" and desk) or None
    about = {"handoff": handoff, "request": request}
    act.record("comment.added", id=id, kind=kind, text=text, response=response, **about)
    if act.imported or kind != "reply":
        return
    if desk and act.story.state == lifecycle.NEW:
        start(act)
    if not desk and act.story.hold and act.story.hold.reason == REQUESTER:
        start(act)


def attach(act: Act, id: int, sha256: str, comment: int | None = None) -> None:
    """Note a file."""
    act.check("attach")
    act.record("file.attached", id=id, sha256=sha256, comment=comment)


def wish(
    act: Act, due: Due | None, *, by_requester: bool = True, reason: str | None = None
) -> Event | None:
    """D3, D6: set or revise the requested date; the desk's revision waits to be confirmed."""
    act.check("wish")
    judged = due.judged(act.directory.zone) if due else None
    if judged and not act.imported and judged <= act.now:
        raise BadInput(_("The date wished for must lie ahead."))
    if _same(act, "requested", due, judged):
        return None
    proposed = not by_requester and act.story.first_wish() is not None and not act.imported
    if proposed:
        _before_old_date(act)
    short = is_short(act.story, act.directory, act.now, judged) if judged else None
    said = {"proposed": proposed or None, "rush": short, "reason": reason}
    return act.record("wish.set", **_due_data(due, judged), **said)


def _before_old_date(act: Act) -> None:
    """D3: the desk's revision counts only if it is confirmed before the old date."""
    old = act.story.current("requested")
    if old and old.due and old.due <= act.now and not act.imported:
        raise Refused(_("The date wished for has passed: it can't be revised any more."))


def confirm_wish(act: Act, n: int, accept: bool, comment: int | None = None) -> None:
    """D3: the requester confirms or declines a revision that the desk has noted.

    `comment` is the one that says why not.
    """
    act.check("wish")
    _proposed(act, n)
    if accept:
        _before_old_date(act)
    act.record("wish.confirmed" if accept else "wish.declined", n=n, comment=comment)


def _proposed(act: Act, n: int) -> None:
    entries = [d for d in act.story.dates if d.n == n and d.state == "proposed"]
    if not entries:
        raise Refused(_("This date no longer waits for an answer."))


def promise(act: Act, due: Due | None, *, reason: str | None = None) -> Event | None:
    """Answer the wish: agree with it, or offer another date with a reason."""
    act.check("promise")
    judged = due.judged(act.directory.zone) if due else None
    if judged and not act.imported and judged <= act.now:
        raise BadInput(_("The date promised must lie ahead."))
    if _same(act, "promised", due, judged):
        return None
    current = act.story.current("requested")
    agrees = bool(current and current.due == judged)
    if current and due and not agrees and not reason and not act.imported:
        raise BadInput(_("Please say why another date than the one wished for is promised."))
    return act.record("promise.set", **_due_data(due, judged), agrees=agrees or None, reason=reason)


def answer_promise(act: Act, n: int, accept: bool, comment: int | None = None) -> None:
    """The requester accepts or declines the date offered; `comment` is the one that says why."""
    act.check("promise")
    current = act.story.current("promised")
    if not current or current.n != n or current.answer:
        raise Refused(_("This date no longer waits for an answer."))
    if accept and current.due and current.due <= act.now:
        raise Refused(_("This date has passed."))
    act.record("promise.accepted" if accept else "promise.declined", n=n, comment=comment)


def _same(act: Act, kind: str, due: Due | None, judged: datetime | None) -> bool:
    entry = act.story.current(kind)
    if entry is None:
        return due is None
    same = due is not None and (entry.day, entry.due) == (due.day, judged)
    return same and entry.answer != "declined"  # what was declined can be offered again


def _due_data(due: Due | None, judged: datetime | None) -> dict[str, str | None]:
    if due is None or judged is None:
        return {}
    return {"day": due.day.isoformat() if due.day else None, "due": iso(judged.astimezone(UTC))}
