"""The page on which a partner company's admin looks after its people."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk import times
from servicedesk.db import db
from servicedesk.errors import BadInput, DeskError, NotFound
from servicedesk.partners.company import commands, queries, words
from servicedesk.partners.company.forms import NewForm
from servicedesk.people.access import requires
from servicedesk.people.companies import administered
from servicedesk.people.models import Partner, Person
from servicedesk.people.permissions import Act, Reach
from servicedesk.people.queries import desk_zone
from servicedesk.setup import contracts
from servicedesk.setup.snapshot import directory

blueprint = Blueprint("company", __name__)


@blueprint.app_template_global("ending_contracts")
def ending() -> list[contracts.Ending]:
    """Tell managers and administrators which contracts end soon, or have ended."""
    if not current_user.has("manager", "admin"):
        return []
    setup = directory(db.session())
    return contracts.ending(setup.parties.values(), times.local_day(g.now, setup.zone))


def _actor() -> Person:
    person: Person = current_user._get_current_object()
    return person


def _company() -> tuple[Partner, list[Partner]]:
    """Give the company that is asked for, and all that are this person's to look after."""
    theirs = administered(db.session(), _actor())
    asked = request.values.get("of")
    found = next((company for company in theirs if asked in (None, company.key)), None)
    if found is None:
        abort(404)
    return found, theirs


@blueprint.get("/company")
@requires(Act.KEEP_COMPANY, Reach.HANDED)
def page() -> ResponseReturnValue:
    """Show one's own company: its people, and what was done about them."""
    company, theirs = _company()
    session = db.session()
    people = queries.colleagues(session, company)
    return render_template(
        "partners/company/page.html",
        company=company,
        theirs=theirs,
        people=people,
        admins=sum(it.admin and it.person.active for it in people),
        changes=queries.changes(session, company),
        words=words,
        party=directory(session).parties[f"partner:{company.id}"],
        today=times.local_day(g.now, desk_zone()),
    )


@blueprint.route("/company/add", methods=["GET", "POST"])
@requires(Act.KEEP_COMPANY, Reach.HANDED)
def add() -> ResponseReturnValue:
    """Add a colleague, who is invited by mail."""
    company, _theirs = _company()
    form, status = NewForm(), 200
    if form.is_submitted():
        status = 422
        try:
            if form.validate():
                commands.add(company.key, form.new(), actor=_actor(), now=g.now)
                flash(_("%(name)s is added and invited by mail.", name=form.name.data))
                return _back(company.key)
        except BadInput as error:
            form.mail.errors = [str(error)]
        except NotFound:
            raise
        except DeskError as error:
            form.form_errors.append(str(error))
            status = error.status
    people = queries.colleagues(db.session(), company)
    page = render_template(
        "partners/company/add.html",
        form=form,
        company=company,
        domains=commands.domains(company, people),
        cancel_url=url_for("company.page", of=company.key),
    )
    return page, status


def _back(key: str) -> ResponseReturnValue:
    return redirect(url_for("company.page", of=key), 303)


ACTS: dict[str, Callable[..., Person]] = {
    "invite": commands.invite,
    "disable": commands.disable,
    "enable": commands.enable,
    "admin": commands.make_admin,
    "no-admin": commands.unmake_admin,
}


@blueprint.post(f"/company/people/<key>/<any({', '.join(map(repr, ACTS))}):act>")
@requires(Act.KEEP_COMPANY, Reach.HANDED)
def change(key: str, act: str) -> ResponseReturnValue:
    """Invite a colleague again, let them in no more or again, make them admin or not."""
    company, _theirs = _company()
    of = company.key
    try:
        person = ACTS[act](of, key, actor=_actor(), now=g.now)
        flash(_done(act, person.name))
    except NotFound:
        raise
    except DeskError as error:
        flash(str(error), "error")
    return _back(of) if administered(db.session(), _actor()) else redirect(url_for("home"), 303)


def _done(act: str, name: str) -> str:
    said = {
        "invite": _("The invitation is on its way."),
        "disable": _("%(name)s is disabled and signed out.", name=name),
        "enable": _("%(name)s may come in again.", name=name),
        "admin": _("%(name)s looks after your company's people too now.", name=name),
        "no-admin": _("%(name)s no longer looks after your company's people.", name=name),
    }
    return said[act]
