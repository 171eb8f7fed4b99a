"""C11: time that shall not count, asked for by one person and decided by another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import journal
from servicedesk.errors import BadInput, NotFound, Refused
from servicedesk.incidents import record, words
from servicedesk.incidents.acts import Act
from servicedesk.incidents.clocks import Clockwork
from servicedesk.incidents.doing import TEXT_LENGTH, Doing, Right, doing
from servicedesk.incidents.episodes import Exclusion
from servicedesk.incidents.exclusions.effects import Wanted, choices, gaining, last_instant
from servicedesk.incidents.models import Exclusion as ExclusionRow
from servicedesk.incidents.story import Story
from servicedesk.people.models import Person
from servicedesk.setup.directory import Directory
from servicedesk.times import iso

ASKED, APPROVED, REFUSED, WITHDRAWN = "asked", "approved", "refused", "withdrawn"
MINUTE = timedelta(minutes=1)


# Acts


def ask(act: Act, wanted: Wanted, reason: str, role: str) -> None:
    """C11: ask that an interval of the past shall not count, with a reason (as digest).

    Also of what is resolved, closed or cancelled: what its clocks came to is not sealed with it.
    """
    check(act.work, wanted, act.now)
    act.record(
        "exclusion.asked",
        start=iso(wanted.start),
        end=iso(wanted.end),
        clocks=list(wanted.clocks),
        reason=reason,
        role=role,
    )


def check(work: Clockwork, wanted: Wanted, now: datetime) -> None:
    """C11: refuse what can't be excluded; raises BadInput."""
    _check_interval(work.story, wanted, now)
    _check_clocks(wanted.clocks, choices(work, now))


def _check_interval(story: Story, wanted: Wanted, now: datetime) -> None:
    if wanted.start >= wanted.end:
        raise BadInput(_("The end must lie after the beginning."))
    if wanted.end > now:
        raise BadInput(_("Only time that has passed can be excluded."))
    if wanted.start < story.logged_at or wanted.end > last_instant(story, now):
        raise BadInput(_("The time must lie between the logging and the end of the incident."))


def _check_clocks(clocks: Iterable[str], there: Iterable[str]) -> None:
    wanted = set(clocks)
    if not wanted or wanted - set(there):
        raise BadInput(_("Please choose for which clocks."))


def decide(
    act: Act, n: int, approved: bool, own: Iterable[str], role: str, reason: str | None = None
) -> None:
    """C11: approve it or not, as somebody outside of what gains; `own`: the parties one is of."""
    one = undecided(act.story, n)
    if why := hindrance(act.story, one, act.actor, own):
        raise Refused(why)
    kind = f"exclusion.{APPROVED if approved else REFUSED}"
    act.record(kind, n=n, reason=reason, role=role)


def withdraw(act: Act, n: int) -> None:
    """Take back what one has asked for, while nobody has decided."""
    if undecided(act.story, n).asked_by != act.actor:
        raise Refused(_("Only who has asked for it can withdraw it."))
    act.record("exclusion.withdrawn", n=n)


def undecided(story: Story, n: int) -> Exclusion:
    """Give an exclusion that still waits; raises NotFound or Refused."""
    one = next((one for one in story.exclusions if one.n == n), None)
    if one is None:
        raise NotFound(_("There is no such exclusion."))
    if one.state != ASKED:
        raise Refused(_("This was decided already, or is no longer asked for."))
    return one


def hindrance(story: Story, one: Exclusion, actor: int | None, own: Iterable[str]) -> str | None:
    """C11: say why somebody can't decide: they asked, or their group gains; None if they can."""
    if one.asked_by == actor:
        return str(_("Nobody decides on what they have asked for themselves."))
    if gaining(story, one).intersection(own):
        return str(_("Only somebody outside of the groups that gain by it can decide."))
    return None


# Who


def parties_of(person: Person, setup: Directory) -> frozenset[str]:
    """Name the groups and partner companies that a person is a member or the lead of."""
    led = {party.ref for party in setup.parties.values() if party.lead == person.id}
    groups = {f"group:{group.id}" for group in person.groups}
    return frozenset(led | groups | {f"partner:{partner.id}" for partner in person.partners})


def role_of(person: Person, *roles: str) -> str:
    """Say as what a person does it: the first of some roles that they hold."""
    return next((role for role in roles if role in person.held_roles), roles[-1])


# Commands


def fitted(story: Story, wanted: Wanted, now: datetime) -> Wanted:
    """Give an interval typed in whole minutes the seconds of the logging and of the end."""
    last = last_instant(story, now)
    start = story.logged_at if _same_minute(story.logged_at, wanted.start) else wanted.start
    end = last if _same_minute(last, wanted.end) else wanted.end
    return replace(wanted, start=start, end=end)


def _same_minute(exact: datetime, typed: datetime) -> bool:
    """Say whether an instant lies in the minute that was typed."""
    return typed.second == 0 and typed <= exact < typed + MINUTE


def ask_for(
    number: int,
    wanted: Wanted,
    reason: str,
    *,
    actor: Person,
    now: datetime,
    version: int | None = None,
) -> int:
    """Ask for an exclusion; gives its number within the incident."""
    text = words.text(reason, TEXT_LENGTH, _("Please say why this time shall not count."))
    with doing(number, actor=actor, now=now, version=version) as it:
        role = role_of(it.actor, "lead", "agent")
        ask(it.act, fitted(it.act.story, wanted, it.act.now), journal.digest(text), role)
        n = it.act.story.seq
        _row(it, n).reason = text
        return n


def settle(
    number: int,
    n: int,
    approved: bool,
    reason: str = "",
    *,
    actor: Person,
    now: datetime,
    version: int | None = None,
) -> None:
    """Approve an exclusion, or refuse it with a reason; raises Refused for who may not."""
    missing = None if approved else _("Please say why it is refused.")
    text = words.text(reason, TEXT_LENGTH, missing)
    right = Right.DECIDE_EXCLUSION
    with doing(number, actor=actor, now=now, right=right, version=version) as it:
        role = role_of(it.actor, "manager", "lead")
        own = parties_of(it.actor, it.act.directory)
        decide(it.act, n, approved, own, role, journal.digest(text) if text else None)
        _row(it, n).decision = text


def take_back(number: int, n: int, *, actor: Person, now: datetime) -> None:
    """Withdraw an exclusion that one has asked for."""
    with doing(number, actor=actor, now=now) as it:
        withdraw(it.act, n)


def _row(it: Doing, n: int) -> ExclusionRow:
    """Step: bring the rows up, and give that of an exclusion for its texts."""
    record.bring_up(it.session, it.incident, it.act.work, it.act.now)
    return row(it.session, it.incident.id, n)


def row(session: Session, incident_id: int, n: int) -> ExclusionRow:
    """Step: read an exclusion."""
    query = sa.select(ExclusionRow).where(ExclusionRow.incident_id == incident_id)
    return session.scalars(query.where(ExclusionRow.n == n)).one()
