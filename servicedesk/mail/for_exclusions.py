"""What is told of an exclusion: to who can decide it, and to who asked for it."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk import journal, times
from servicedesk.incidents.clocks import follow
from servicedesk.incidents.exclusions import words
from servicedesk.incidents.exclusions.commands import APPROVED, ASKED
from servicedesk.incidents.exclusions.effects import effects
from servicedesk.incidents.models import Exclusion, Incident
from servicedesk.incidents.visibility import visible
from servicedesk.mail import addresses
from servicedesk.mail.letter import Button, Letter, NotToBeSent, facts
from servicedesk.mail.matter import Matter
from servicedesk.people.permissions import Act


def _asked(it: Matter) -> Letter:
    row = _row(it)
    if row.state != ASKED:
        raise NotToBeSent("overtaken")
    said = {"name": it.name(row.asked_by_id), **_span(it, row)}
    page = addresses.page("exclusions.decide", number=it.about.number, n=row.n)
    return Letter(
        _("Exclusion to decide"),
        _("%(name)s asks that the time from %(start)s to %(end)s does not count.", **said),
        _("You get this because you can decide it: no group of yours gains by it."),
        Button(_("Look and decide"), page),
        lines=tuple(_effects(it, row)),
        quotes=it.text(row.reason, it.name(row.asked_by_id)),
        facts=facts((_("Clocks"), words.clocks(row.clocks, it.setup)), (_("Service"), it.service)),
    )


def _decided(it: Matter) -> Letter:
    row = _row(it)
    approved = row.state == APPROVED
    said = {"name": it.name(row.decided_by_id), **_span(it, row)}
    yes = _("%(name)s approved that the time from %(start)s to %(end)s does not count.", **said)
    no = _("%(name)s refused that the time from %(start)s to %(end)s does not count.", **said)
    return Letter(
        _("Exclusion approved") if approved else _("Exclusion refused"),
        yes if approved else no,
        _("You get this because you asked for it."),
        Button(_("Open %(number)s", number=it.about.label), it.page),
        lines=tuple(_effects(it, row)) if approved else (),
        quotes=it.text(row.decision, it.name(row.decided_by_id)),
        facts=facts((_("Clocks"), words.clocks(row.clocks, it.setup))),
    )


def _row(it: Matter) -> Exclusion:
    """§3: give what it is about to the desk side alone; raises NotToBeSent."""
    if it.person is None:
        raise NotToBeSent("nobody")
    query = sa.select(Exclusion).join(Incident).where(visible(it.person, Act.SEE_NOTES))
    mine = query.where(Exclusion.incident_id == it.about.id, Exclusion.n == it.data.get("n"))
    row = it.session.scalar(mine)
    if row is None:
        raise NotToBeSent("nothing to say")
    return row


def _span(it: Matter, row: Exclusion) -> dict[str, str | None]:
    return {"start": it.at(row.start), "end": it.at(row.end)}


def _effects(it: Matter, row: Exclusion) -> list[str]:
    """C11: say what it changes, clock by clock, before it is decided too."""
    work = follow(journal.read(it.session, it.about.id), it.setup)
    one = next(each for each in work.story.exclusions if each.n == row.n)
    what = effects(work, one, max(times.now(), work.story.changed_at))
    changing = [each for each in what if each.changes]
    said = [words.effect(each, it.setup) for each in changing]
    return said or [_("It changes nothing.")]


LETTERS: dict[str, Callable[[Matter], Letter]] = {
    "exclusion_asked": _asked,
    "exclusion_decided": _decided,
}
