"""What can be done with many incidents: tried on one without keeping anything, or done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, selectinload

from servicedesk import times
from servicedesk.errors import BadInput, DeskError, Refused
from servicedesk.escalation import handing, handoffs, returns
from servicedesk.escalation.handing import Handing
from servicedesk.incidents import acts, handoff_reasons, words
from servicedesk.incidents.acts import Act
from servicedesk.incidents.doing import TEXT_LENGTH, Doing
from servicedesk.incidents.lifecycle import IllegalMove
from servicedesk.incidents.models import OPEN, Incident
from servicedesk.journal import digest
from servicedesk.people.models import Person
from servicedesk.selection.models import ASKED, DONE
from servicedesk.setup.directory import Directory, Party

TAKE, ASSIGN, HAND_OFF, NUDGE = "take", "assign", "hand_off", "nudge"
RESOLVE = "resolve"  # with the major incident that they belong to: nobody chooses them in a list
ACTS = (TAKE, ASSIGN, HAND_OFF, NUDGE)
GOES, ASKS, ALREADY, REFUSED = "goes", "asks", "already", "refused"
OUTCOMES = (GOES, ASKS, ALREADY, REFUSED)


@dataclass(frozen=True)
class Wanted:
    """What is to be done with each of those chosen."""

    act: str
    to: str = ""  # the key of a group or partner
    person: int | None = None
    reason: str = "other"
    note: str = ""
    answer_by: datetime | None = None
    share_requester: bool = False
    share_files: bool = False
    code: str = ""  # how it was resolved
    text: str = ""
    major: int | None = None  # the incident (its id) with which they are resolved

    def plain(self) -> dict[str, Any]:
        """Give it as a row keeps it."""
        return {
            "to": self.to,
            "person": self.person,
            "reason": self.reason,
            "note": self.note,
            "answer_by": times.iso(self.answer_by),
            "share_requester": self.share_requester,
            "share_files": self.share_files,
            **({"code": self.code, "text": self.text} if self.code else {}),
            **({"major": self.major} if self.major else {}),
        }

    @classmethod
    def read(cls, act: str, kept: Mapping[str, Any]) -> Wanted:
        """Read it as a row keeps it."""
        by = kept.get("answer_by")
        return cls(act, **{**kept, "answer_by": times.parse(by) if by else None})

    @property
    def said(self) -> Handing:
        """H8: give what the hand-off says and shows."""
        return Handing(
            self.reason, self.note, self.answer_by, self.share_requester, self.share_files
        )


@dataclass(frozen=True)
class Meant:
    """What is wanted, with whom it means: read once for all of those chosen."""

    wanted: Wanted
    to: Party | None = None
    person: Person | None = None

    @property
    def groups(self) -> set[str]:
        """Give the groups of the person that is meant."""
        return {f"group:{group.id}" for group in self.person.groups} if self.person else set()


def meant(session: Session, setup: Directory, wanted: Wanted) -> Meant:
    """Step: look up whom an act means; raises BadInput for what can be said before any of them."""
    if wanted.act == ASSIGN:
        return Meant(wanted, person=_assignee(session, wanted.person))
    if wanted.act != HAND_OFF:
        return Meant(wanted)
    missing = _("Say in a sentence what you tried and what you need.")
    wanted = replace(wanted, note=words.text(wanted.note, TEXT_LENGTH, missing))
    if not handoff_reasons.is_offered(setup, wanted.reason):
        raise BadInput(_("Please choose a reason."))
    if (to := setup.by_key.get(wanted.to)) is None:
        raise BadInput(_("Please choose a group or a partner company."))
    return Meant(wanted, to)


def _assignee(session: Session, id: int | None) -> Person | None:
    if id is None:
        return None
    query = sa.select(Person).where(Person.id == id).options(selectinload(Person.groups))
    person = session.scalar(query)
    if person is None or not person.active or not person.has("agent", "lead"):
        raise BadInput(_("Please choose somebody of the desk."))
    return person


# Tried


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act would come to."""

    kind: str  # goes, asks, already, refused
    why: str = ""


def rehearse(act: Act, it: Meant, waits: Callable[[Act, Party], bool]) -> Outcome:
    """Do it in memory, by the same rules: what would happen, and why not.

    `waits` says of a hand-off whether it would first be the lead's to decide (H5).
    """
    try:
        return _tried(act, it, waits)
    except IllegalMove as error:
        return Outcome(REFUSED, words.illegal_move(error))
    except DeskError as error:
        return Outcome(REFUSED, str(error))


def _tried(act: Act, it: Meant, waits: Callable[[Act, Party], bool]) -> Outcome:
    if it.to is None:
        _run(act, it)
        return Outcome(GOES if act.events else ALREADY)
    if it.to.ref == act.story.given_to and act.story.is_open and not _asks(act):
        return Outcome(ALREADY)
    note = digest(it.wanted.note)
    handoffs.check(act, it.to, note, it.wanted.answer_by)
    if waits(act, it.to):
        return Outcome(ASKS)
    handoffs.send(act, it.to, reason=it.wanted.reason, note=note, answer_by=it.wanted.answer_by)
    return Outcome(GOES)


def _asks(act: Act) -> bool:
    handoff = act.story.handoff
    return handoff is not None and handoff.question is not None


def _run(act: Act, it: Meant) -> None:
    """Do what leaves no text behind."""
    if it.wanted.act == TAKE:
        _check_ours(act)
        acts.take(act)
    elif it.wanted.act == NUDGE:
        if act.story.handoff is None:
            raise Refused(_("Nobody is asked: there is no hand-off that waits for an answer."))
        handoffs.nudge(act, act.story.handoff.n)
    else:
        _check_group(act, it)
        acts.assign(act, it.person.id if it.person else None)


def _check_ours(act: Act) -> None:
    """Nobody of the desk is offered to work on what a partner company has."""
    has = act.directory.party(act.story.given_to)
    if has.is_partner:
        raise Refused(_("%(name)s has this incident: recall it first.", name=has.name))


def _check_group(act: Act, it: Meant) -> None:
    """Only who is in the group that has an incident is offered for it elsewhere too."""
    has = act.directory.party(act.story.given_to)
    if it.person and has.ref not in it.groups:
        said = {"name": it.person.name, "group": has.name}
        raise Refused(_("%(name)s is not in %(group)s, which has this incident.", **said))


# Done


def do(it: Doing, meant: Meant) -> str:
    """Step: do it; gives done, or asked where the lead has to decide first (H5)."""
    if meant.wanted.act == RESOLVE:
        _resolve(it, meant.wanted)
        return DONE
    if meant.to is None:
        _run(it.act, meant)
        return DONE
    if returns.waits(it, meant.to):
        returns.propose(it, meant.to, meant.wanted.said)
        return ASKED
    handing.send(it, meant.to, meant.wanted.said)
    return DONE


def _resolve(it: Doing, wanted: Wanted) -> None:
    """Resolve what still belongs to a major incident, as long as that one stays resolved."""
    if it.act.story.part_of != wanted.major:
        raise Refused(_("It does not belong to the major incident any more."))
    state = it.session.scalar(sa.select(Incident.state).where(Incident.id == wanted.major))
    if state in OPEN:
        raise Refused(_("The major incident is open again."))
    acts.resolve(it.act, wanted.code, digest(wanted.text) if wanted.text else None)
    it.incident.resolution_text = wanted.text or None
