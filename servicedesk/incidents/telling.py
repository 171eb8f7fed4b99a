"""What happened, said in a sentence: for the thread and for "what changed meanwhile"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from servicedesk import formats
from servicedesk.event import Event
from servicedesk.setup.directory import Directory


@dataclass(frozen=True)
class Told:
    """A line of the thread."""

    at: datetime
    text: str
    glyph: str
    public: bool  # the requester may read it
    by: int | None = None
    minor: bool = False  # follows from what was done with it
    policy: str = ""  # whose rule did it


@dataclass(frozen=True)
class Teller:
    """Says events in the reader's language; `people` gives names by id."""

    setup: Directory
    people: Mapping[int, str]

    def tell(self, event: Event) -> Told | None:
        """Say an event; None for what shows by itself, such as a comment."""
        found = _LINES.get(event.kind)
        if found is None:
            return None
        say, glyph, public = found
        minor = event.kind in _MINOR or _nobody_now(event)
        policy = event.data.get("policy") or ""
        text = say(self, event, event.data)
        return Told(event.at, text, glyph, public, event.actor, minor, policy)

    def actor(self, event: Event) -> str:
        """Name who did it; H7: by mail it may be a company."""
        if event.actor is None and event.data.get("company"):
            return str(_("%(company)s, by mail", company=self.party(event.data["company"])))
        return self.person(event.actor) if event.actor else str(_("The desk"))

    def person(self, id: int | None) -> str:
        """Name a person."""
        return self.people.get(id or 0) or str(_("somebody"))

    def party(self, ref: str) -> str:
        """Name a group or partner."""
        return self.setup.party(ref).name if ref in self.setup.parties else ref

    def date(self, data: Mapping[str, Any]) -> str:
        """Write a wish or promise as it was made."""
        if data.get("day"):
            return formats.day(date.fromisoformat(data["day"]), self.setup.zone)
        due = data.get("due")
        return formats.moment(datetime.fromisoformat(due)) if due else str(_("no date"))

    def moment(self, text: str | None) -> str:
        """Write an instant as the journal holds it."""
        return formats.moment(datetime.fromisoformat(text)) if text else "–"


Say = Callable[[Teller, Event, Mapping[str, Any]], str]


def _logged(it: Teller, event: Event, data: Mapping[str, Any]) -> str:
    if data.get("logged_by") in (None, data["requester"]):
        return str(_("%(who)s reported it", who=it.person(data["requester"])))
    return str(
        _(
            "%(who)s logged it for %(requester)s",
            who=it.actor(event),
            requester=it.person(data["requester"]),
        )
    )


def _assigned(it: Teller, event: Event, data: Mapping[str, Any]) -> str:
    person = data.get("assignee")
    if person is None:
        return str(_("Not assigned any more"))
    if person == event.actor:
        return str(_("%(who)s took it", who=it.actor(event)))
    return str(_("Assigned to %(who)s", who=it.person(person)))


def hold_reason(reason: str) -> str:
    """Name what is being waited for."""
    names: dict[str, str] = {
        "requester": _("waiting for the requester"),
        "approval": _("waiting for approval"),
        "change": _("waiting for a change"),
        "delivery": _("waiting for a delivery"),
        "other": _("waiting for something else"),
    }
    return names[reason]


def _held(it: Teller, event: Event, data: Mapping[str, Any]) -> str:
    reason = hold_reason(data["reason"])
    if not data.get("until"):
        return str(_("On hold: %(reason)s", reason=reason))
    until = formats.moment(datetime.fromisoformat(data["until"]))
    return str(_("On hold until %(until)s: %(reason)s", until=until, reason=reason))


def resolution_code(code: str) -> str:
    """Name how it was resolved."""
    names: dict[str, str] = {
        "solved": _("Solved"),
        "workaround": _("Workaround given"),
        "explained": _("Explained"),
        "duplicate": _("Duplicate"),
        "not_reproducible": _("Not reproducible"),
        "no_answer": _("No answer from the requester"),
        "declined": _("Declined"),
    }
    return names[code]


def _resolved(it: Teller, event: Event, data: Mapping[str, Any]) -> str:
    if not data.get("code"):
        return str(_("Resolved"))
    how = resolution_code(data["code"])
    return str(_("%(who)s resolved it: %(how)s", who=it.actor(event), how=how))


def _cancelled(it: Teller, event: Event, data: Mapping[str, Any]) -> str:
    if data.get("duplicate_of"):
        return str(_("Cancelled as a duplicate"))
    if data.get("refused"):
        return str(_("Cancelled"))
    return str(_("%(who)s cancelled it", who=it.actor(event)))


def _closed(it: Teller, event: Event, data: Mapping[str, Any]) -> str:
    by_itself = event.actor is None and not data.get("imported")
    return str(_("Closed by itself") if by_itself else _("Closed"))


def _moved(it: Teller, event: Event, data: Mapping[str, Any]) -> str:
    """C7: the deadlines that a calendar's new version moved."""
    return "; ".join(_one_moved(it, moved) for moved in data["clocks"])


def _one_moved(it: Teller, moved: Mapping[str, Any]) -> str:
    party = it.party(moved["party"]) if moved.get("party") else None
    return str(
        _(
            "%(clock)s is due %(to)s, no longer %(before)s: calendar %(calendar)s, version %(n)d",
            clock=clock_name(moved["kind"], party),
            to=it.moment(moved.get("to")),
            before=it.moment(moved.get("from")),
            calendar=moved["calendar"],
            n=moved["version"],
        )
    )


def _agreement_applied(it: Teller, event: Event, data: Mapping[str, Any]) -> str:
    """C8: an agreement's later version applies from now on."""
    agreement = it.setup.agreements[data["agreement"]]
    key, version = agreement.key, data["version"]
    return str(_("Agreement %(key)s applies in version %(n)d", key=key, n=version))


def _approval_asked(it: Teller, event: Event, data: Mapping[str, Any]) -> str:
    return str(_("%(who)s is asked to approve it", who=it.person(data["approver"])))


def _prioritised(it: Teller, event: Event, data: Mapping[str, Any]) -> str:
    said = {"p": data["priority"], "i": data["impact"], "u": data["urgency"]}
    return str(_("Priority %(p)s: impact %(i)s, urgency %(u)s", **said))


def _reclassified(it: Teller, event: Event, data: Mapping[str, Any]) -> str:
    service = it.setup.services.get(data["service"])
    said = _("Service: %(name)s", name=service.name if service else "–")
    if "confidential" not in data:
        return str(said)
    access = _("now confidential") if data["confidential"] else _("no longer confidential")
    return f"{said} · {access}"


def _wished(it: Teller, event: Event, data: Mapping[str, Any]) -> str:
    said = {"who": it.actor(event), "date": it.date(data)}
    if data.get("proposed"):
        return str(_("%(who)s noted another date wished for, to be confirmed: %(date)s", **said))
    return str(_("Requested date: %(date)s", **said))


def _promised(it: Teller, event: Event, data: Mapping[str, Any]) -> str:
    said = {"who": it.actor(event), "date": it.date(data)}
    return str(_("%(who)s promised %(date)s", **said))


def _sent(it: Teller, event: Event, data: Mapping[str, Any]) -> str:
    said = {"who": it.actor(event), "to": it.party(data["to"])}
    return str(_("%(who)s handed it off to %(to)s", **said))


def _return_asked(it: Teller, event: Event, data: Mapping[str, Any]) -> str:
    said = {"who": it.actor(event), "to": it.party(data["to"])}
    return str(_("%(who)s wants to hand it back to %(to)s: the lead is asked", **said))


def _work_requested(it: Teller, event: Event, data: Mapping[str, Any]) -> str:
    said = {"who": it.actor(event), "to": it.party(data["to"])}
    return str(_("%(who)s asked %(to)s for work beside", **said))


def _exclusion_asked(it: Teller, event: Event, data: Mapping[str, Any]) -> str:
    said = {
        "who": it.actor(event),
        "start": formats.moment(datetime.fromisoformat(data["start"])),
        "end": formats.moment(datetime.fromisoformat(data["end"])),
    }
    return str(_("%(who)s asked that %(start)s to %(end)s does not count", **said))


def _plain(sentence: Callable[[], str]) -> Say:
    return lambda it, event, data: str(sentence() % {"who": it.actor(event)})


def _fired(it: Teller, event: Event, data: Mapping[str, Any]) -> str:
    told = ", ".join(it.person(id) for id in data.get("told", ()))
    said = _("Rule “%(step)s”", step=data["step"])
    if told:
        said = _("Rule “%(step)s” told %(people)s", step=data["step"], people=told)
    if "#" in data["cycle"]:
        said += " · " + _("time %(n)s", n=data["cycle"].partition("#")[2])
    if closed := ", ".join(it.party(ref) for ref in data.get("closed", ())):
        said += " · " + _("outside of the contract: %(names)s", names=closed)
    return str(said)


def _acknowledged(it: Teller, event: Event, data: Mapping[str, Any]) -> str:
    said = {"who": it.actor(event), "step": data["step"]}
    return str(_("%(who)s takes responsibility (rule “%(step)s”)", **said))


def _proposed(it: Teller, event: Event, data: Mapping[str, Any]) -> str:
    if data.get("step"):
        return str(_("Rule “%(step)s” proposed a major incident", step=data["step"]))
    return str(_("%(who)s proposed a major incident", who=it.actor(event)))


def _confirmed(it: Teller, event: Event, data: Mapping[str, Any]) -> str:
    said = {"who": it.actor(event), "name": it.person(data["coordinator"])}
    return str(_("%(who)s confirmed a major incident; %(name)s coordinates", **said))


def _coordinated(it: Teller, event: Event, data: Mapping[str, Any]) -> str:
    return str(_("%(name)s coordinates now", name=it.person(data["coordinator"])))


_LINES: dict[str, tuple[Say, str, bool]] = {
    "step.acknowledged": (_acknowledged, "hand", False),
    "major.proposed": (_proposed, "megaphone", False),
    "major.confirmed": (_confirmed, "megaphone", False),
    "major.refused": (_plain(lambda: _("%(who)s: not a major incident")), "ban", False),
    "major.withdrawn": (_plain(lambda: _("No longer proposed as major")), "undo-2", False),
    "major.coordinated": (_coordinated, "user", False),
    "major.updated": (_plain(lambda: _("%(who)s told those concerned")), "megaphone", False),
    "major.update_missed": (_plain(lambda: _("An update was due")), "timer", False),
    "major.stood_down": (_plain(lambda: _("%(who)s: the major incident is over")), "check", False),
    "major.reviewed": (_plain(lambda: _("%(who)s wrote the review")), "notebook-pen", False),
    "incident.linked": (_plain(lambda: _("Belongs to a major incident")), "link", False),
    "incident.unlinked": (_plain(lambda: _("Stands by itself again")), "unlink", False),
    "step.fired": (_fired, "bell-ring", False),
    "incident.logged": (_logged, "inbox", True),
    "incident.assigned": (_assigned, "user", False),
    "incident.started": (_plain(lambda: _("In progress")), "contrast", True),
    "incident.requeued": (_plain(lambda: _("Back to new")), "circle-dashed", False),
    "incident.held": (_held, "circle-pause", True),
    "incident.resolved": (_resolved, "circle-check", True),
    "incident.closed": (_closed, "circle-check", True),
    "incident.cancelled": (_cancelled, "ban", True),
    "incident.reopened": (
        _plain(lambda: _("%(who)s reopened it: not solved")),
        "rotate-ccw",
        True,
    ),
    "incident.continued": (
        _plain(lambda: _("%(who)s continued it under a new number")),
        "corner-down-right",
        True,
    ),
    "approval.asked": (_approval_asked, "stamp", True),
    "approval.granted": (_plain(lambda: _("%(who)s approved it")), "stamp", True),
    "approval.refused": (_plain(lambda: _("%(who)s did not approve it")), "ban", True),
    "approval.withdrawn": (_plain(lambda: _("Approval is no longer needed")), "stamp", True),
    "approval.skipped": (
        _plain(lambda: _("Approval is needed, but there is nobody to ask")),
        "stamp",
        False,
    ),
    "requester.reminded": (_plain(lambda: _("The requester was reminded")), "bell", True),
    "approver.reminded": (_plain(lambda: _("Whoever is to approve was reminded")), "bell", True),
    "incident.described": (_plain(lambda: _("Description changed")), "pencil", True),
    "clocks.moved": (_moved, "calendar-clock", False),
    "agreement.applied": (_agreement_applied, "scale", False),
    "incident.prioritised": (_prioritised, "gauge", False),
    "incident.reclassified": (_reclassified, "shapes", False),
    "incident.requester_changed": (_plain(lambda: _("Requester changed")), "user", False),
    "wish.set": (_wished, "flag", True),
    "wish.confirmed": (_plain(lambda: _("The requester confirmed the date")), "flag", True),
    "wish.declined": (_plain(lambda: _("The requester declined the date")), "flag", True),
    "promise.set": (_promised, "diamond", True),
    "promise.accepted": (
        _plain(lambda: _("The requester accepted the date promised")),
        "diamond",
        True,
    ),
    "promise.declined": (
        _plain(lambda: _("The requester declined the date promised")),
        "diamond",
        True,
    ),
    "handoff.sent": (_sent, "arrow-right-to-line", False),
    "handoff.accepted": (_plain(lambda: _("%(who)s accepted the hand-off")), "check", False),
    "handoff.answered": (
        _plain(lambda: _("%(who)s answered the hand-off")),
        "corner-up-left",
        False,
    ),
    "handoff.sent_back": (_plain(lambda: _("%(who)s sent it back")), "undo-2", False),
    "handoff.recalled": (_plain(lambda: _("%(who)s recalled the hand-off")), "undo-2", False),
    "handoff.ticket_noted": (
        _plain(lambda: _("%(who)s noted the partner's ticket number")),
        "ticket",
        False,
    ),
    "handoff.asked": (
        _plain(lambda: _("%(who)s asked the sender something")),
        "circle-question-mark",
        False,
    ),
    "handoff.replied": (
        _plain(lambda: _("%(who)s answered the question")),
        "corner-up-right",
        False,
    ),
    "handoff.answer_refused": (
        _plain(lambda: _("%(who)s did not take the answer: it goes on")),
        "rotate-ccw",
        False,
    ),
    "handoff.nudged": (_plain(lambda: _("%(who)s pressed for an answer")), "bell-ring", False),
    "return.asked": (_return_asked, "split", False),
    "return.allowed": (_plain(lambda: _("%(who)s lets it go back")), "check", False),
    "return.refused": (_plain(lambda: _("%(who)s keeps it here")), "ban", False),
    "return.withdrawn": (_plain(lambda: _("It is not to go back any more")), "undo-2", False),
    "return.lapsed": (_plain(lambda: _("Nobody decided in time: it goes back")), "timer", False),
    "work.requested": (_work_requested, "list-todo", False),
    "work.accepted": (_plain(lambda: _("%(who)s accepted the work request")), "check", False),
    "work.done": (_plain(lambda: _("%(who)s finished the work request")), "list-checks", False),
    "work.sent_back": (_plain(lambda: _("%(who)s sent the work request back")), "undo-2", False),
    "work.withdrawn": (_plain(lambda: _("%(who)s withdrew the work request")), "undo-2", False),
    "work.ticket_noted": (
        _plain(lambda: _("%(who)s noted the partner's ticket number")),
        "ticket",
        False,
    ),
    "exclusion.asked": (_exclusion_asked, "calendar-off", False),
    "exclusion.approved": (
        _plain(lambda: _("%(who)s approved an exclusion")),
        "calendar-off",
        False,
    ),
    "exclusion.refused": (_plain(lambda: _("%(who)s refused an exclusion")), "ban", False),
    "exclusion.withdrawn": (_plain(lambda: _("%(who)s withdrew an exclusion")), "undo-2", False),
    "watcher.added": (_plain(lambda: _("Somebody is watching now")), "eye", False),
}


_MINOR = {"incident.started", "incident.requeued"}


def _nobody_now(event: Event) -> bool:
    return event.kind == "incident.assigned" and event.data.get("assignee") is None


def clock_name(kind: str, party: str | None = None) -> str:
    """Name a clock in full."""
    names: dict[str, str] = {
        "response": _("First answer"),
        "resolution": _("Resolution"),
        "acceptance": _("%(party)s acceptance", party=party),
        "answer": _("%(party)s answer", party=party),
        "holding": _("%(party)s holding", party=party),
    }
    return names[kind]
