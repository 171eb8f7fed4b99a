"""What whoever works on it, leads or approves is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk import formats
from servicedesk.incidents import words
from servicedesk.incidents.models import OPEN, Firing
from servicedesk.incidents.story import REQUESTER
from servicedesk.incidents.telling import clock_name
from servicedesk.mail import addresses
from servicedesk.mail.letter import Button, Fact, Letter, facts
from servicedesk.mail.matter import Matter
from servicedesk.setup.steps import WAITS
from servicedesk.times import parse

DATES = ("requested", "promised")


def _rule(it: Matter) -> Letter:
    """E6: what, why (rule and clock), and one button to act."""
    kind, amount = it.data["kind_of_clock"], int(it.data["amount"])
    subject, what = _waited(kind, amount) if kind in WAITS else _used(it, kind, amount)
    taken = _taken(it)
    return Letter(
        subject,
        what,
        _why(it, kind),
        _button(it, taken),
        lines=(*_what_else(it), *_who_has_it(it, taken)),
        facts=_state_of(it, kind),
    )


def _taken(it: Matter) -> Firing | None:
    """E1: give the first round of a repeated step, if somebody has taken responsibility since."""
    if not it.data.get("cycle"):
        return None
    same = {name: it.data[name] for name in ("policy", "step", "cycle")}
    query = sa.select(Firing).filter_by(incident_id=it.about.id, **same)
    return it.session.scalar(query.where(Firing.acknowledged_at.is_not(None)))


def _button(it: Matter, taken: Firing | None) -> Button:
    """E1, E6: take responsibility where that is asked for; else look at it."""
    asked = it.link is not None and it.sees and it.about.state in OPEN and taken is None
    if it.link and asked:
        return Button(_("Take responsibility"), addresses.of_link(it.link))
    open_it = _("Open %(number)s", number=it.about.label) if it.sees else _("Open the desk")
    return Button(open_it, it.page)


def _who_has_it(it: Matter, taken: Firing | None) -> tuple[str, ...]:
    if taken is None:
        return ()
    name = it.name(taken.acknowledged_by_id)
    return (_("Meanwhile %(name)s has taken responsibility.", name=name),)


def _waited(kind: str, seconds: int) -> tuple[str, str]:
    time = formats.left(seconds)
    subjects: dict[str, str] = {
        "unaccepted": _("Not accepted"),
        "unassigned": _("Not assigned"),
        "untouched": _("Not touched"),
        "wish": _("Requested date is near"),
        "promise": _("Promised date is near"),
    }
    sentences: dict[str, str] = {
        "unaccepted": _("The hand-off has not been accepted for %(time)s of work.", time=time),
        "unassigned": _("Nobody has taken it for %(time)s of work.", time=time),
        "untouched": _("Nobody has done anything about it for %(time)s of work.", time=time),
        "wish": _("Only %(time)s of work is left to the requested date.", time=time),
        "promise": _("Only %(time)s of work is left to the promised date.", time=time),
    }
    return subjects[kind], sentences[kind]


def _used(it: Matter, kind: str, percent: int) -> tuple[str, str]:
    said = {"clock": _clock_name(it, kind), "percent": percent}
    subject = _("%(clock)s: %(percent)d %% used", **said)
    return subject, _("%(percent)d %% of the time for “%(clock)s” is used.", **said)


def _clock_name(it: Matter, kind: str) -> str:
    if kind in DATES:
        return _("Requested date") if kind == "requested" else _("Promised date")
    clock = it.clock(kind)
    return clock_name(kind, it.party(clock.party) if clock and clock.party else "")


def _why(it: Matter, kind: str) -> str:
    said = {
        "step": it.data["step"],
        "policy": it.data["policy"],
        "due": it.at(parse(it.data["due"])),
    }
    if kind in WAITS:
        why = _("You get this by the rule “%(step)s” of “%(policy)s”, due %(due)s.", **said)
        return _with_round(it, why)
    said["clock"] = _clock_name(it, kind)
    why = _(
        "You get this by the rule “%(step)s” of “%(policy)s” on the clock “%(clock)s”, "
        "due %(due)s.",
        **said,
    )
    return _with_round(it, why)


def _with_round(it: Matter, why: str) -> str:
    """E6: say which time it is of a rule that comes until somebody takes responsibility."""
    if not it.data.get("most"):
        return why
    said = {"why": why, "n": it.data.get("round", 1), "most": it.data["most"]}
    return _("%(why)s It is time %(n)d of at most %(most)d.", **said)


def _what_else(it: Matter) -> tuple[str, ...]:
    lines = []
    if it.data.get("handed_to"):
        name = it.party(it.data["handed_to"])
        lines.append(_("By the same rule it was handed to %(name)s.", name=name))
    if it.about.state not in OPEN:
        lines.append(_("Meanwhile its state is “%(state)s”.", state=words.state(it.about.state)))
    return tuple(lines)


def _state_of(it: Matter, kind: str) -> tuple[Fact, ...]:
    """§9: of a confidential one the figures alone."""
    incident = it.about
    assignee, requester = incident.assignee, incident.requester
    holder = requester.name if incident.holder == REQUESTER else it.party(incident.holder or "")
    target = None if kind in (*WAITS, *DATES) else it.due(kind)
    figures = facts(
        (_("Priority"), incident.priority),
        (_("State"), words.state(incident.state)),
        (_("Requested date"), it.requested),
        (_("Promised date"), it.promised),
        (_("Target"), target),
    )
    if not it.sees:
        return figures
    return figures + facts(
        (_("With"), holder),
        (_("Assigned to"), assignee.name if assignee else _("nobody") if incident.holder else None),
        (_("Requester"), requester.name),
        (_("Service"), it.service),
    )


def _promise_declined(it: Matter) -> Letter:
    who, date = it.about.requester.name, _date_of(it)
    what = _("%(name)s declined the date promised: %(date)s.", name=who, date=date)
    return _declined(it, _("Promised date declined"), what, _("Promise another date"), "promise")


def _wish_declined(it: Matter) -> Letter:
    who, date = it.about.requester.name, _date_of(it)
    what = _("%(name)s declined the date that the desk had noted: %(date)s.", name=who, date=date)
    return _declined(it, _("Noted date declined"), what, _("Look at the dates"), "wish")


def _date_of(it: Matter) -> str | None:
    return it.day_or_at(it.change.day, it.change.due) if it.change else None


def _declined(it: Matter, subject: str, what: str, action: str, act: str) -> Letter:
    """Say why not, which date is asked for now, and lead to the dialog in which to answer."""
    comment, said = it.comment, it.data.get("by")
    quotes = it.text(comment.body, it.name(said)) if comment else ()
    still_open = it.sees and it.about.state in OPEN
    dialog = addresses.page("incidents.dialog", number=it.about.number, act=act)
    return Letter(
        subject,
        what,
        _("You get this because you work on it, or lead the group that has it."),
        Button(action if still_open else _("Open it"), dialog if still_open else it.page),
        quotes=quotes,
        facts=facts((_("Requested date"), it.requested), (_("Promised date"), it.promised)),
    )


def _approval_asked(it: Matter) -> Letter:
    requester = it.about.requester.name
    what = _("%(name)s asks for something that needs your approval.", name=requester)
    return _approval(it, _("Approval wanted"), what)


def _approval_reminder(it: Matter) -> Letter:
    requester = it.about.requester.name
    what = _("A request by %(name)s still waits for your approval.", name=requester)
    return _approval(it, _("Reminder: approval wanted"), what)


def _approval(it: Matter, subject: str, what: str) -> Letter:
    why = _("You get this because you are asked to approve it.")
    if other := it.data.get("in_place_of"):
        why = _("You get this because you are asked in the place of %(name)s.", name=it.name(other))
    letter = Letter(
        subject,
        what,
        why,
        Button(_("Look and decide"), it.page),
        lines=(_("Until then nobody works on it."),),
        quotes=it.text(it.about.description),
        facts=facts(
            (_("Requester"), it.about.requester.name),
            (_("Department"), it.about.department),
            (_("Service"), it.service),
            (_("Requested date"), it.requested),
        ),
    )
    if it.link is None:
        return letter
    return replace(letter, button=Button(letter.button.label, addresses.of_link(it.link)))


LETTERS: dict[str, Callable[[Matter], Letter]] = {
    "rule": _rule,
    "promise_declined": _promise_declined,
    "wish_declined": _wish_declined,
    "approval_asked": _approval_asked,
    "approval_reminder": _approval_reminder,
}
