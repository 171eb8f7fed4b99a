"""What is told of a sealed report: to who is to approve it, and to who sealed it."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _

from servicedesk import times
from servicedesk.mail import addresses
from servicedesk.mail.letter import Button, Letter, NotToBeSent, facts, quote
from servicedesk.mail.matter import Matter
from servicedesk.people.permissions import Act, may
from servicedesk.reports import approvals, carried, commands, embedded, words
from servicedesk.reports.figures import BY_ID
from servicedesk.reports.models import Approval, Report
from servicedesk.reports.periods import fiscal_from, read_period
from servicedesk.reports.scopes import ALL

LEADING = ("requested_due.first", "sla.resolution", "backlog")


def _asked(it: Matter) -> Letter:
    row, sealed = _row(it)
    still = it.person and approvals.find(it.session, row.id, it.person, times.now())
    if row.state != approvals.ASKED or it.link is None or not still:
        raise NotToBeSent("overtaken")
    seal, figures = carried.seal(commands.read_file(sealed)), embedded.results(sealed.figures)
    said = {"name": it.name(row.asked_by_id), "period": _period(it, row)}
    leading = [id for id in LEADING if id in figures]
    shown = ((_(BY_ID[id].name), words.value(BY_ID[id], figures[id])) for id in leading)
    return Letter(
        _("Report to approve"),
        _("%(name)s has sealed the service report for %(period)s: do you approve it?", **said),
        _("You get this because you are asked to approve service reports."),
        Button(_("Look and decide"), addresses.of_link(it.link)),
        quotes=(
            *quote(seal.comment, _("Manager's comment")),
            *quote(seal.wanted, _("Decisions wanted")),
        ),
        facts=facts(*_about(it, row), *shown),
    )  # fmt: skip


def _decided(it: Matter) -> Letter:
    row, _sealed = _row(it)
    if row.state == approvals.ASKED:
        raise NotToBeSent("overtaken")
    if it.person is None or not may(it.person, Act.SEE_REPORTS):
        raise NotToBeSent("not allowed any more")
    said = {"name": it.name(row.decided_by_id), "period": _period(it, row)}
    approved = row.state == approvals.APPROVED
    yes = _("%(name)s approved the service report for %(period)s.", **said)
    no = _("%(name)s did not approve the service report for %(period)s.", **said)
    scope = None if row.scope == ALL else row.scope
    page = addresses.page("reports.month", period=row.period, scope=scope)
    return Letter(
        _("Report approved") if approved else _("Report not approved"),
        yes if approved else no,
        _("You get this because you sealed it.")
        if row.asked_by_id == it.person.id
        else _("You get this because the desk sealed it by itself, and you can seal it again."),
        Button(_("Open the report"), page),
        quotes=quote(row.reason, it.name(row.decided_by_id)),
        facts=facts(*_about(it, row)),
    )  # fmt: skip


def _row(it: Matter) -> tuple[Approval, Report]:
    """Give what it is about; raises NotToBeSent."""
    row = it.session.get(Approval, it.data.get("approval") or 0)
    sealed = approvals.reports(it.session, row) if row else []
    if row is None or not sealed:
        raise NotToBeSent("nothing to say")
    return row, sealed[0]


def _period(it: Matter, row: Approval) -> str:
    return words.period(read_period(row.period, row.zone, fiscal_from(it.setup)))


def _about(it: Matter, row: Approval) -> tuple[tuple[str, str], ...]:
    about = words.scope_of(row.scope, it.setup)
    scope = () if row.scope == ALL else ((_("Scope"), about),)
    return (*scope, (_("Revision"), str(row.revision)))


LETTERS: dict[str, Callable[[Matter], Letter]] = {
    "report_to_approve": _asked,
    "report_decided": _decided,
}
