"""Writes a notification out as a mail, in its reader's language, as of when it is sent."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from config import Mailbox
from servicedesk import outbox
from servicedesk.bridge.incoming import MARK
from servicedesk.incidents.story import ASKED
from servicedesk.mail import (
    envelope,
    footing,
    for_bundle,
    for_desk,
    for_digest,
    for_entry,
    for_exclusions,
    for_hands,
    for_majors,
    for_oncall,
    for_partner,
    for_report_approval,
    for_reports,
    for_requester,
    for_signals,
    look,
)
from servicedesk.mail.envelope import Mail
from servicedesk.mail.letter import Button, Letter, NotToBeSent
from servicedesk.mail.matter import APPROVALS, Matter, gather
from servicedesk.outbox import Notification

LETTERS: dict[str, Callable[[Matter], Letter]] = {
    **for_requester.LETTERS,
    **for_desk.LETTERS,
    **for_exclusions.LETTERS,
    **for_report_approval.LETTERS,
    **for_hands.LETTERS,
    **for_majors.LETTERS,
    **for_partner.LETTERS,
    **for_entry.LETTERS,
    **for_oncall.LETTERS,
    **for_signals.LETTERS,
    **for_reports.LETTERS,
    outbox.SUMMARY: lambda it: for_digest.summary(it, compose),
    outbox.BUNDLE: lambda it: for_bundle.bundle(it, compose),
}
# these know themselves what to leave out
FIGURES = ("rule", "handoff_over", "work_withdrawn", *for_majors.CONCERNED)


def write(session: Session, note: Notification) -> Mail:
    """Step: write a notification out; raises NotToBeSent."""
    it = gather(session, note)
    reader = _reader(it)
    with force_locale(it.language):
        letter = compose(it)
        subject = _subject(it, letter)
        text, html = _laid_out(it, letter, subject)
        return envelope.seal(it, reader, subject, text, html, letter.files)


def compose(it: Matter) -> Letter:
    """Say it in the reader's language; §9: who may not see the incident gets figures only."""
    if it.note.kind in APPROVALS and it.about.approval != ASKED:
        raise NotToBeSent("overtaken")
    if it.sees or it.note.kind in FIGURES:
        return LETTERS[it.note.kind](it)
    return _withheld(it)


def _withheld(it: Matter) -> Letter:
    return Letter(
        _("News"),
        _("There is news about %(number)s.", number=it.about.label),
        footing.why(it),
        Button(_("Open the desk"), it.page),
        lines=(
            _("What it says is not for this mail: it is confidential, or no longer yours to see."),
        ),
    )


def _reader(it: Matter) -> Mailbox:
    """Give name and address of who gets it; raises NotToBeSent."""
    reader = it.person or it.partner
    if reader is None:
        raise NotToBeSent("nobody")
    if not reader.active:
        raise NotToBeSent("disabled")
    return Mailbox(reader.name, envelope.checked(reader.mail))


def _subject(it: Matter, letter: Letter) -> str:
    """Give the subject: with the title only where that is not confidential."""
    if it.incident is None:
        return f"{letter.subject} - {it.setup.name}"
    number = f"[{it.incident.label}] {letter.subject}"
    return number if it.incident.confidential or not it.sees else f"{number} - {it.title}"


def _laid_out(it: Matter, letter: Letter, subject: str) -> tuple[str, str]:
    """Lay a letter out as text and as HTML."""
    number = it.incident.label if it.incident else ""
    said = {
        "letter": letter,
        "number": number,
        "title": it.title if it.incident else "",
        "subject": subject,
        "desk": it.setup.name,
        "choices": footing.choices(it),
        "fixed": footing.fixed(it),
        "answered": envelope.reply_to(it) is not None,
        "mark": MARK,
        "language": it.language,
        "dressed": look.dressed,
        "sheet": look.sheet(),
    }
    pages = current_app.jinja_env  # not render_template: a mail is no page, and has no navigation
    text = pages.get_template("mail/letter.txt").render(said)
    return text.strip() + "\n", pages.get_template("mail/letter.html").render(said)
