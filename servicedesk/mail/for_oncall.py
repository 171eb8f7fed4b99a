"""What the desk's people are told of their turns on call: changed, swapped, asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import pgettext

from servicedesk import times
from servicedesk.mail import addresses
from servicedesk.mail.letter import Button, Fact, Letter, NotToBeSent, facts, quote
from servicedesk.mail.matter import Matter
from servicedesk.oncall import queries
from servicedesk.oncall.models import ASKED, DutyChange, DutySwap
from servicedesk.setup.directory import Party
from servicedesk.setup.rota import CLOSED

AHEAD = timedelta(weeks=8)


def _soon(it: Matter) -> Letter:
    """Remind of a turn, unless somebody else has it by now."""
    party, whose = _party(it), it.data["whose"]
    start, end = times.parse(it.data["start"]), times.parse(it.data["end"])
    book = queries.book(it.session, it.setup, [party], start, end)
    turn = next((turn for turn in book.turns(party) if turn.start == start), None)
    if turn is None or turn.person != whose or turn.end <= times.now():
        raise NotToBeSent("overtaken")
    is_other = it.person is not None and it.person.id != whose
    away = _("%(name)s, who has this turn, is away: you are asked.", name=it.name(whose))
    return Letter(
        _("On call: your next turn"),
        _("You are on call for %(group)s.", group=party.name),
        _("You get this because this turn begins soon."),
        _button(party),
        lines=(
            *((away,) if is_other else ()),
            *((_("Only while the group is closed."),) if turn.covers == CLOSED else ()),
        ),
        facts=facts(
            (_("Group"), party.name),
            (pgettext("on call", "From"), it.at(turn.start)),
            (pgettext("on call", "Until"), it.at(turn.end)),
        ),
    )


def _changed(it: Matter) -> Letter:
    """Tell of a change by hand; without one it is the rota that changed."""
    party = _party(it)
    row = it.session.get(DutyChange, it.data.get("change") or 0)
    if row is None:
        return _published(it, party)
    if row.end_at <= times.now():
        raise NotToBeSent("overtaken")
    said = {"name": it.name(row.person_id), "group": party.name}
    if row.withdrawn_at:
        what = _("What was changed for %(name)s does not hold any more: the rota does.", **said)
    else:
        what = _("%(name)s is on call for %(group)s instead of what the rota says.", **said)
    return Letter(
        _("On call: a change"),
        what,
        _("You get this because it changes when you are on call."),
        _button(party),
        quotes=quote(row.reason, it.name(row.made_by_id)),
        facts=facts(
            (_("Group"), party.name),
            (pgettext("on call", "From"), it.at(row.start_at)),
            (pgettext("on call", "Until"), it.at(row.end_at)),
        ),
    )


def _published(it: Matter, party: Party) -> Letter:
    now = times.now()
    book = queries.book(it.session, it.setup, [party], now, now + AHEAD)
    mine = [turn for turn in book.turns(party) if it.person and turn.person == it.person.id]
    following = mine[0] if mine else None
    return Letter(
        _("On call: another rota"),
        _("The rota of %(group)s has changed, and with it your turns.", group=party.name),
        _("You get this because it changes when you are on call."),
        _button(party),
        lines=() if mine else (_("In the coming weeks you have no turn."),),
        facts=facts(
            (_("Your next turn"), it.at(following.start if following else None)),
            (pgettext("on call", "Until"), it.at(following.end if following else None)),
        ),
    )


def _asked(it: Matter) -> Letter:
    row, party = _swap(it), _party(it)
    if row.state != ASKED or row.end_at <= times.now():
        raise NotToBeSent("overtaken")
    said = {"name": it.name(row.asker_id), "group": party.name}
    if row.other_start_at:
        what = _("%(name)s would like to swap a turn on call for %(group)s with you.", **said)
    else:
        what = _("%(name)s asks you to take a turn on call for %(group)s.", **said)
    return Letter(
        _("On call: will you swap?"),
        what,
        _("You get this because you are asked to take a turn."),
        Button(_("Agree or refuse"), f"{addresses.page('oncall.group', key=party.key)}#swaps"),
        quotes=quote(row.note, it.name(row.asker_id)),
        facts=_turns(it, row),
    )


def _agreed(it: Matter) -> Letter:
    row, party = _swap(it), _party(it)
    if it.person is None or it.person.id != row.asker_id:
        return _agreed_among(it, row, party)
    return Letter(
        _("On call: swapped"),
        _("%(name)s has agreed, and takes your turn.", name=it.name(row.other_id)),
        _("You get this because you asked for this swap."),
        _button(party),
        facts=_turns(it, row),
    )


def _agreed_among(it: Matter, row: DutySwap, party: Party) -> Letter:
    """Tell the lead what two of the group have agreed."""
    said = {
        "name": it.name(row.asker_id),
        "other": it.name(row.other_id),
        "group": party.name,
    }
    if row.other_start_at:
        what = _("%(name)s and %(other)s have swapped turns on call for %(group)s.", **said)
    else:
        what = _("%(other)s takes a turn of %(name)s on call for %(group)s.", **said)
    why = _("You get this because you lead %(party)s, or stand in for who does.", party=party.name)
    return Letter(_("On call: swapped"), what, why, _button(party), facts=_turns(it, row))


def _refused(it: Matter) -> Letter:
    row, party = _swap(it), _party(it)
    return Letter(
        _("On call: not swapped"),
        _("%(name)s can't take your turn: it stays yours.", name=it.name(row.other_id)),
        _("You get this because you asked for this swap."),
        _button(party),
        facts=_turns(it, row),
    )


def _turns(it: Matter, row: DutySwap) -> tuple[Fact, ...]:
    """Name both turns by who has them before the swap."""
    return facts(
        (it.name(row.asker_id), _span(it, row.start_at, row.end_at)),
        (it.name(row.other_id), _span(it, row.other_start_at, row.other_end_at)),
    )


def _span(it: Matter, start: datetime | None, end: datetime | None) -> str | None:
    return f"{it.at(start)} – {it.at(end)}" if start and end else None


def _party(it: Matter) -> Party:
    found = it.setup.parties.get(f"group:{it.data.get('group')}")
    if found is None or not found.active:
        raise NotToBeSent("overtaken")
    return found


def _swap(it: Matter) -> DutySwap:
    row = it.session.get(DutySwap, it.data.get("swap") or 0)
    if row is None:
        raise NotToBeSent("overtaken")
    return row


def _button(party: Party) -> Button:
    return Button(_("Open the rota"), addresses.page("oncall.group", key=party.key))


LETTERS: dict[str, Callable[[Matter], Letter]] = {
    "duty_soon": _soon,
    "duty_changed": _changed,
    "swap_asked": _asked,
    "swap_agreed": _agreed,
    "swap_refused": _refused,
}
