"""What the requester is told, and whoever watches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import pgettext

from servicedesk.incidents.lifecycle import RESOLVED
from servicedesk.incidents.story import REQUESTER
from servicedesk.mail import addresses
from servicedesk.mail.letter import Button, Fact, Letter, NotToBeSent, facts
from servicedesk.mail.matter import Matter
from servicedesk.times import parse


def _letter(it: Matter, subject: str, what: str, action: str = "", **more: Any) -> Letter:
    why = (
        _("You get this because it was reported by you or for you.")
        if it.is_requester
        else _("You get this because you watch it.")
    )
    button = Button(action or _("Open it"), it.page)
    return Letter(subject, what, why, **{"button": button, **more})


def _received(it: Matter) -> Letter:
    logged_by = it.about.logged_by_id
    own = logged_by in (None, it.about.requester_id)
    thanks = _("We have your report, and look at it soon.")
    logged = _("%(name)s has logged this for you.", name=it.name(logged_by))
    by_mail = own and it.about.channel == "mail"
    guessed = (_("The service was guessed from your mail: if it is another, just answer."),)
    return _letter(
        it,
        pgettext("mail", "Received"),
        thanks if own else logged,
        lines=guessed if by_mail else (),
        facts=_of_intake(it),
    )


def _of_intake(it: Matter) -> tuple[Fact, ...]:
    answered = it.about.first_response_at is not None
    return facts(
        (_("Service"), it.service),
        (_("Requested date"), it.requested),
        (_("First answer by"), None if answered else it.due("response")),
        (_("Target for solving it"), it.due("resolution")),
    )


def _reply(it: Matter) -> Letter:
    comment = it.comment
    who = it.name(it.data.get("by"))
    what = _("%(name)s has answered you.", name=who)
    if not it.is_requester:
        what = _("%(name)s has written to the requester.", name=who)
    action = _("Read and answer") if it.is_requester else ""
    return _letter(it, _("Answer"), what, action, quotes=it.text(comment.body if comment else None))


def _question(it: Matter) -> Letter:
    comment = it.comment
    what = _("%(name)s needs an answer from you.", name=it.name(it.data.get("by")))
    waits = (_("Until then the work waits."),) if it.about.hold_reason == REQUESTER else ()
    quotes = it.text(comment.body if comment else None)
    return _letter(it, _("Question"), what, _("Answer"), lines=waits, quotes=quotes)


def _reminder(it: Matter) -> Letter:
    if it.about.hold_reason != REQUESTER:
        raise NotToBeSent("overtaken")
    comment = it.last_question
    what = _("We still wait for your answer.")
    ends = _("Without one we take it that you no longer need this, and end the work on it.")
    quotes = it.text(comment.body, it.name(comment.author_id)) if comment else ()
    return _letter(it, _("Reminder"), what, _("Answer"), lines=(ends,), quotes=quotes)


def _promised(it: Matter) -> Letter:
    change = it.change
    if change is not None and change.state != "current":
        raise NotToBeSent("overtaken")  # another date was promised since, and is told
    date = it.day_or_at(change.day, change.due) if change else it.promised
    asks = change is not None and it.is_requester and not change.answer
    agrees = change is not None and change.due == it.about.requested_due
    line = _("Please say whether it suits you.")
    if agrees:
        line = _("This is the date that you asked for.")
    letter = _letter(
        it,
        _("Date promised"),
        _("We promise you: %(date)s.", date=date),
        _("Say whether it suits you") if asks and not agrees else "",
        lines=(line,) if asks else (),
        quotes=it.text(change.reason if change else None),
        facts=facts((_("Requested date"), it.requested), (_("Promised date"), date)),
    )
    return replace(letter, button=_by_link(it, letter.button)) if asks else letter


def _wish(it: Matter) -> Letter:
    change = it.change
    if change is None or change.state != "proposed":
        raise NotToBeSent("overtaken")
    date = it.day_or_at(change.day, change.due)
    said = {"name": it.name(change.by_id), "date": date}
    letter = _letter(
        it,
        _("Please confirm a date"),
        _("%(name)s has noted that you now need it by %(date)s. Is that right?", **said),
        _("Confirm or decline"),
        lines=(_("Until you confirm it, the date before counts."),),
        quotes=it.text(change.reason),
        facts=facts((_("Requested date so far"), it.requested), (_("New date"), date)),
    )
    return replace(letter, button=_by_link(it, letter.button)) if it.is_requester else letter


def _solved(it: Matter) -> Letter:
    text = it.text(it.about.resolution_text)
    if not it.is_requester:
        return _letter(it, _("Solved"), _("The desk has solved it."), quotes=text)
    if not _asks(it):
        return _letter(it, _("Solved"), _("The desk has solved it."), quotes=text)
    what = _("We think that it is solved. Is it?")
    letter = _letter(it, _("Is it solved?"), what, _("Say whether it is solved"), quotes=text)
    return replace(letter, button=_by_link(it, letter.button), lines=_closes(it))


def _asks(it: Matter) -> bool:
    """Say whether it still waits for the requester's word, in the same round."""
    same = it.data.get("cycle", it.about.reopened) == it.about.reopened
    return it.about.state == RESOLVED and same


def _by_link(it: Matter, button: Button) -> Button:
    """Let the button lead to a page that needs no signing in, if the link can still be used."""
    if it.link is None or it.link.used_at or not it.sees:
        return button
    return Button(button.label, addresses.of_link(it.link))


def _closes(it: Matter) -> tuple[str, ...]:
    closes = it.at(parse(it.data["closes"])) if it.data.get("closes") else None
    if closes is None:
        return ()
    return (_("If you say nothing, it closes by itself: %(date)s.", date=closes),)


def _no_answer(it: Matter) -> Letter:
    what = _("We have ended the work on this: there was no answer to our question.")
    if not it.is_requester or not _asks(it):
        return _letter(it, _("Ended without an answer"), what)
    line = _("If you still need it, say that it is not solved, and the work goes on.")
    letter = _letter(it, _("Ended without an answer"), what, _("Say whether it is solved"))
    return replace(letter, button=_by_link(it, letter.button), lines=(line, *_closes(it)))


def _cancelled(it: Matter) -> Letter:
    what = _("%(name)s has cancelled it.", name=it.name(it.data.get("by")))
    line = _("It was reported twice: the work goes on under the other number.")
    lines = (line,) if it.about.duplicate_of_id else ()
    return _letter(it, _("Cancelled"), what, lines=lines)


def _approved(it: Matter) -> Letter:
    return _letter(it, _("Approved"), _("Your request was approved: the work goes on."))


def _not_approved(it: Matter) -> Letter:
    comment = it.comment
    quotes = it.text(comment.body, it.name(comment.author_id)) if comment else ()
    what = _("Your request was not approved: the work on it has ended.")
    return _letter(it, _("Not approved"), what, quotes=quotes)


LETTERS: dict[str, Callable[[Matter], Letter]] = {
    "received": _received,
    "reply": _reply,
    "question": _question,
    "reminder": _reminder,
    "promised": _promised,
    "wish": _wish,
    "solved": _solved,
    "no_answer": _no_answer,
    "cancelled": _cancelled,
    "approved": _approved,
    "not_approved": _not_approved,
}
