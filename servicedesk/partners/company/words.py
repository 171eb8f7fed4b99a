"""How it is said what was done about a company's people."""

from __future__ import annotations

from flask_babel import gettext as _

from servicedesk.partners.company.queries import Change
from servicedesk.people import companies


def sentence(change: Change) -> str:
    """Say who did what; for whoever is not of the company: the desk."""
    by = change.by if change.is_own else _("The desk")
    said = {"by": by, "name": change.name}
    sentences = {
        companies.ADDED: _("%(by)s added %(name)s.", **said),
        companies.INVITED: _("%(by)s invited %(name)s again.", **said),
        companies.DISABLED: _("%(by)s disabled %(name)s.", **said),
        companies.ENABLED: _("%(by)s let %(name)s in again.", **said),
        companies.ADMIN: _("%(by)s made %(name)s an admin.", **said),
        companies.NO_ADMIN: _("%(by)s took the administration from %(name)s.", **said),
    }
    return sentences[change.what]


GLYPHS = {
    companies.ADDED: "user-plus",
    companies.INVITED: "mail",
    companies.DISABLED: "user-x",
    companies.ENABLED: "user-check",
    companies.ADMIN: "shield-check",
    companies.NO_ADMIN: "shield-off",
}
