"""The acts of an incident that ask for something first: one form and one command each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from servicedesk.errors import BadInput
from servicedesk.incidents import commands, forms
from servicedesk.incidents.acts import Due
from servicedesk.incidents.detail import Detail, colleagues
from servicedesk.major import resolving
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act

Run = Callable[[int, Any, Detail, Person, datetime], None]
Fill = Callable[[Any, Detail, Session], None]


def _nothing(_form: Any, _detail: Detail, _session: Session) -> None:
    """Leave the form as it is."""


@dataclass(frozen=True)
class Dialog:
    """One act: its words, its form, the command it runs, how the form is filled, who may."""

    title: Any
    button: Any
    form: type[forms.VersionForm]
    run: Run
    fill: Fill = _nothing
    right: Act = Act.WORK_INCIDENT


def _offer_colleagues(form: forms.AssignForm, detail: Detail, session: Session) -> None:
    form.offer([(str(person.id), person.name) for person in colleagues(session, detail)])
    if not form.is_submitted():
        form.person.data = str(detail.incident.assignee_id or 0)


def _fill_service(form: forms.ServiceForm, detail: Detail, _session: Session) -> None:
    services = detail.setup.services_by_key.values()
    form.offer([(service.key, service.name) for service in services])
    if not form.is_submitted():
        form.service.data = detail.setup.services[detail.incident.service_id].key
        form.type.data = detail.incident.type
        form.category.data = detail.incident.category


def _fill_priority(form: forms.PriorityForm, detail: Detail, _session: Session) -> None:
    if not form.is_submitted():
        form.impact.data = str(detail.incident.impact)
        form.urgency.data = str(detail.incident.urgency)


def _fill_promise(form: forms.PromiseForm, detail: Detail, _session: Session) -> None:
    """Offer the date asked for, if it still lies ahead, and the earliest with its reason."""
    incident = detail.incident
    ahead = incident.requested_due is not None and incident.requested_due > detail.now
    if not form.is_submitted():
        form.offered_reason.data = detail.proposal.reason
    if not form.is_submitted() and ahead:
        _fill_date(form, detail, incident.requested_day, incident.requested_due)


def _fill_wish(form: forms.WishForm, detail: Detail, _session: Session) -> None:
    incident = detail.incident
    if not form.is_submitted():
        _fill_date(form, detail, incident.requested_day, incident.requested_due)


def _fill_date(form: forms.DueForm, detail: Detail, day: Any, due: datetime | None) -> None:
    form.day.data = day
    if day is None and due is not None:
        local = due.astimezone(ZoneInfo(detail.setup.zone))
        form.day.data, form.time.data = local.date(), local.time()


def _hold(n: int, form: forms.HoldForm, detail: Detail, actor: Person, now: datetime) -> None:
    commands.hold(
        n,
        form.reason.data,
        actor=actor,
        now=now,
        until=form.until(detail.setup.zone),
        question=form.question.data or "",
        version=form.based_on,
    )


def _resolve(n: int, form: forms.ResolveForm, d: Detail, actor: Person, now: datetime) -> None:
    with_linked = form.linked.data and d.work.story.major is not None
    run = resolving.resolve_with_linked if with_linked else commands.resolve
    run(
        n,
        form.code.data,
        form.text.data or "",
        actor=actor,
        now=now,
        workaround=form.workaround.data or "",
        root_cause=form.root_cause.data or "",
        version=form.based_on,
    )


def _promise(n: int, form: forms.PromiseForm, d: Detail, actor: Person, now: datetime) -> None:
    due, reason = _answered(form, d)
    commands.promise(n, due, actor=actor, now=now, reason=reason, version=form.based_on)


def _answered(form: forms.PromiseForm, detail: Detail) -> tuple[Due, str]:
    """Give the date and its reason, by whichever button was pressed."""
    incident = detail.incident
    if form.agree.data:
        if incident.requested_due is None:
            raise BadInput(str(_("Nothing was asked for: please choose a day.")))
        day = incident.requested_day
        return Due(day, None if day else incident.requested_due), ""
    if form.offered.data:
        return Due(form.offered.data), form.offered_reason.data or ""
    return form.due(detail.setup.zone), form.reason.data or ""


def _wish(n: int, form: forms.WishForm, d: Detail, actor: Person, now: datetime) -> None:
    due, reason = form.due(d.setup.zone), form.reason.data or ""
    commands.wish(n, due, actor=actor, now=now, reason=reason, version=form.based_on)


def _priority(n: int, form: forms.PriorityForm, _d: Detail, actor: Person, now: datetime) -> None:
    commands.prioritise(
        n,
        int(form.impact.data),
        int(form.urgency.data),
        actor=actor,
        now=now,
        reason=form.reason.data or "",
        version=form.based_on,
    )


def _service(n: int, form: forms.ServiceForm, _d: Detail, actor: Person, now: datetime) -> None:
    commands.reclassify(
        n,
        form.service.data,
        form.type.data,
        actor=actor,
        now=now,
        category=(form.category.data or "").strip() or None,
        version=form.based_on,
    )


def _assign(n: int, form: forms.AssignForm, _d: Detail, actor: Person, now: datetime) -> None:
    person = int(form.person.data) or None
    commands.assign(n, person, actor=actor, now=now, version=form.based_on)


def _reopen(n: int, form: forms.ReopenForm, _d: Detail, actor: Person, now: datetime) -> None:
    text = form.text.data or ""
    commands.reopen(n, actor=actor, now=now, text=text, version=form.based_on)


def _cancel(n: int, form: forms.CancelForm, _d: Detail, actor: Person, now: datetime) -> None:
    commands.cancel(
        n,
        actor=actor,
        now=now,
        consent=bool(form.consent.data),
        duplicate_of=form.other(),
        version=form.based_on,
    )


DIALOGS: Mapping[str, Dialog] = {
    "hold": Dialog(_("Put on hold"), _("Put on hold"), forms.HoldForm, _hold),
    "resolve": Dialog(_("Resolve"), _("Resolve"), forms.ResolveForm, _resolve),
    "promise": Dialog(
        _("Promise a date"), _("Promise"), forms.PromiseForm, _promise, _fill_promise
    ),
    "wish": Dialog(
        _("Date asked for"),
        _("Keep this date"),
        forms.WishForm,
        _wish,
        _fill_wish,
        Act.REVISE_WISH,
    ),
    "priority": Dialog(
        _("Change the priority"), _("Change"), forms.PriorityForm, _priority, _fill_priority
    ),
    "service": Dialog(
        _("Change the service"), _("Change"), forms.ServiceForm, _service, _fill_service
    ),
    "assign": Dialog(_("Assign"), _("Assign"), forms.AssignForm, _assign, _offer_colleagues),
    "reopen": Dialog(
        _("It is not solved"), _("Reopen"), forms.ReopenForm, _reopen, right=Act.REOPEN_INCIDENT
    ),
    "cancel": Dialog(
        _("Cancel the incident"),
        _("Cancel the incident"),
        forms.CancelForm,
        _cancel,
        right=Act.CANCEL_INCIDENT,
    ),
}
