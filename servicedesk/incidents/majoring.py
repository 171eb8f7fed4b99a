"""What is done with a major incident: each act checks the rules and adds events to its story."""

from __future__ import annotations

from flask_babel import gettext as _

from servicedesk.errors import BadInput, NotFound, Refused
from servicedesk.incidents.acts import Act
from servicedesk.incidents.episodes import Major
from servicedesk.incidents.majors import last_confirmed
from servicedesk.incidents.story import Fired

MINUTES = range(5, 24 * 60 + 1)  # from one update to the next


def propose(act: Act, reason: str | None = None, *, rule: Fired | None = None) -> bool:
    """Propose an incident as major, with a reason (as digest) or by a rule.

    Says whether that was new: what is proposed or major already is not proposed again.
    """
    if not act.story.is_open:
        raise Refused(_("Only what is open can be a major incident."))
    if act.story.part_of:
        raise Refused(_("It belongs to a major incident already."))
    if act.story.major:
        return False
    policy, step, _cycle = rule or (None, None, None)
    act.record("major.proposed", reason=reason, policy=policy, step=step)
    return True


def confirm(act: Act, n: int, *, headline: str, coordinator: int, every: int) -> None:
    """Confirm what was proposed: who coordinates, and every how many minutes there is an update."""
    _proposed(act, n)
    seconds = _seconds(every)
    act.record("major.confirmed", n=n, headline=headline, coordinator=coordinator, every=seconds)


def refuse(act: Act, n: int, reason: str) -> None:
    """Don't make it a major incident, with a reason (as digest)."""
    _proposed(act, n)
    act.record("major.refused", n=n, reason=reason)


def coordinate(act: Act, coordinator: int) -> None:
    """Give the coordination to somebody else."""
    if coordinator != running(act).coordinator:
        act.record("major.coordinated", coordinator=coordinator)


def update(act: Act, text: str, every: int | None = None) -> int:
    """Tell those concerned how it stands (a digest); gives the number of the update."""
    major = running(act)
    seconds = None if every is None or every * 60 == major.every else _seconds(every)
    return act.record("major.updated", text=text, every=seconds).seq


def stand_down(act: Act, text: str) -> int:
    """End the major incident, with a last word (as digest) to those concerned."""
    running(act)
    return act.record("major.stood_down", text=text).seq


def review(act: Act, **digests: str) -> int:
    """Note what is learned from the last one, once it is over or the incident is resolved.

    Gives its number.
    """
    major = last_confirmed(act.story)
    if major is None:
        raise NotFound(_("There is no such major incident."))
    if major.is_running and act.story.is_open:
        raise Refused(_("A major incident is reviewed once it is over."))
    act.record("major.reviewed", **digests)
    return major.n


def link(act: Act, major: int) -> None:
    """Let an incident belong to a major one (its id)."""
    if not act.story.is_open:
        raise Refused(_("Only what is open can belong to a major incident."))
    if act.story.major:
        raise Refused(_("A major incident doesn't belong to another one."))
    if act.story.part_of != major:
        act.record("incident.linked", major=major)


def unlink(act: Act) -> None:
    """Let an incident stand by itself again."""
    if act.story.part_of is None:
        raise Refused(_("It doesn't belong to a major incident."))
    act.record("incident.unlinked", major=act.story.part_of)


def running(act: Act) -> Major:
    """Give the major incident that goes on; raises Refused."""
    major = act.story.major
    if major is None or not major.is_running or not act.story.is_open:
        raise Refused(_("This is not a major incident, or no longer."))
    return major


def _proposed(act: Act, n: int) -> None:
    major = act.story.major
    if major is None or major.n != n or major.is_running:
        raise Refused(_("This was decided already, or is no longer asked for."))


def _seconds(minutes: int) -> int:
    if minutes not in MINUTES:
        raise BadInput(_("Updates come every 5 minutes to 24 hours."))
    return minutes * 60
