"""What the desk did and who is there, as files: firings, calls of webhooks, people."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.exports.lists import AT_ONCE, Asked
from servicedesk.exports.sheet import Column, Row, Sheet, when
from servicedesk.incidents.models import Firing, Incident, label
from servicedesk.incidents.visibility import visible
from servicedesk.mail import words as mail_words
from servicedesk.mail.messages import (
    FAILED,
    FOR_BUNDLE,
    FOR_SUMMARY,
    IN_BUNDLE,
    IN_SUMMARY,
    SENT,
    UNSENT,
    WAITS,
    some_messages,
)
from servicedesk.outbox import Notification
from servicedesk.people import words
from servicedesk.people.models import Group, Person
from servicedesk.people.register import queries as register
from servicedesk.rulebook import today
from servicedesk.setup.signals import Hook


def firings(asked: Asked) -> Sheet:
    """Give what rules did today, the last first; of a confidential incident its number alone."""
    policy, step = asked.said("policy"), asked.said("step")
    within = today.of_today(
        asked.setup.zone, asked.now, (policy, step) if policy and step else None
    )
    sees = sa.func.coalesce(visible(asked.person), sa.false())
    query = sa.select(Firing, Incident.number, Incident.title, sees)
    query = query.join(Incident, Incident.id == Firing.incident_id).where(*within)
    columns = [
        Column(_("Number"), 14), Column(_("Title"), 48), Column(_("Policy"), 18),
        Column(_("Step"), 18), when(_("Due")), when(_("Fired")), when(_("Taken on")),
    ]  # fmt: skip

    def rows() -> Iterator[Row]:
        ordered = query.order_by(Firing.fired_at.desc(), Firing.id.desc())
        for row, number, title, seen in asked.stream(ordered):
            sheet.withheld += not seen
            yield (
                label(number), title if seen else _("Confidential"), row.policy, row.step,
                row.due_at, row.fired_at, row.acknowledged_at,
            )  # fmt: skip

    sheet = Sheet(_("Rules today"), columns, rows())
    return sheet


def people(asked: Asked) -> Sheet:
    """Give the register of people, as it is narrowed."""
    view = asked.said("view")
    within = register.VIEWS.get(view, register.VIEWS["active"]), register.found(asked.said("q"))
    leads = sa.exists().where(Group.lead_id == Person.id, Group.active).correlate(Person)
    query = sa.select(Person, leads).where(*within).order_by(Person.key)
    columns = [
        Column(_("Name"), 24), Column(_("Sign-in name"), 16), Column(_("Mail"), 32),
        Column(_("Phone"), 16), Column(_("Department"), 20), Column(_("Roles"), 24),
        Column(_("State"), 12), when(_("Invited")),
    ]  # fmt: skip
    return Sheet(_("People"), columns, _people(asked, query))


def _people(asked: Asked, query: sa.Select[Person, bool]) -> Iterator[Row]:
    for row, leads in asked.stream(query):
        roles = {*row.roles, *(["lead"] if leads else [])}
        yield (
            row.name, row.key, row.mail, row.phone, row.department, words.roles(roles),
            _("Active") if row.active else _("Disabled"), row.invited_at,
        )  # fmt: skip


def messages(asked: Asked) -> Sheet:
    """E5, §9: give what one was told, or would have been, as one may know it now."""
    columns = [
        when(_("When")), Column(_("Message"), 28), Column(_("Number"), 14), Column(_("Title"), 48),
        Column(_("Why"), 36), Column(_("What became of it"), 28), when(_("Mailed")),
    ]  # fmt: skip
    return Sheet(_("My messages"), columns, _messages(asked))


def _messages(asked: Asked) -> Iterator[Row]:
    mail = asked.said("mail")
    of = int(mail) if mail.isascii() and mail.isdecimal() and len(mail) < 10 else None
    before, became = None, cache(_became)
    while True:
        page = some_messages(asked.session, asked.person, asked.now, of, before, AT_ONCE)
        for it in page.messages:
            sent = it.when if it.became in (SENT, IN_SUMMARY, IN_BUNDLE) else None
            yield (
                it.at, mail_words.message(it.kind), it.label or None, it.title or None,
                mail_words.why(it.group, it.data) or None, became(it.became), sent,
            )  # fmt: skip
        if (before := page.older) is None:
            return


def _became(key: str) -> str:
    return {
        SENT: _("mailed"),
        WAITS: _("goes out soon"),
        FAILED: _("could not be mailed"),
        IN_SUMMARY: _("in the summary"),
        IN_BUNDLE: _("with others in one mail"),
        FOR_BUNDLE: _("waits for others"),
        FOR_SUMMARY: _("for the summary"),
        UNSENT: _("not sent, as you chose"),
    }[key]


def calls(asked: Asked, hook: Hook) -> Sheet:
    """Give the calls of a webhook, the newest first."""
    query = sa.select(Notification, Incident.number)
    query = query.outerjoin(Incident, Incident.id == Notification.incident_id)
    query = query.where(Notification.hook_id == hook.id).order_by(Notification.id.desc())
    columns = [
        Column(_("What"), 24), Column(_("Number"), 14), when(_("Made")), when(_("Sent")),
        when(_("Given up")), Column(_("Tries"), 8), Column(_("Error"), 48),
    ]  # fmt: skip
    return Sheet(hook.name, columns, _calls(asked, query))


def _calls(asked: Asked, query: sa.Select[Notification, int]) -> Iterator[Row]:
    for row, number in asked.stream(query):
        yield (
            row.kind, label(number) if number else None, row.made_at, row.sent_at, row.failed_at,
            row.tries, row.error,
        )  # fmt: skip
