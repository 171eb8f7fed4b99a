"""What a company's admin does about its people, and never about anybody else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk.db import transaction
from servicedesk.errors import BadInput, NotFound, Refused
from servicedesk.partners.company import queries
from servicedesk.partners.company.queries import Colleague
from servicedesk.people import companies, entering, links
from servicedesk.people.models import Partner, Person, new_token, partner_member
from servicedesk.people.sources import OWN

MOST = 200  # people of a company
AGAIN = timedelta(hours=1)  # from one invitation of somebody to the next
LONGEST_KEY = 64
ROLES = ["partner"]
_member = partner_member.c
# Whoever loads a set-up or a list of people holds the desk's one row; so does this.
_desk = sa.table("desk", sa.column("id"))


@dataclass(frozen=True)
class New:
    """What is said of somebody who is added."""

    name: str
    mail: str
    phone: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class _Doing:
    session: Session
    company: Partner
    actor: int
    now: datetime

    def note(self, person: Person, what: str) -> None:
        """Keep what was done, by whom and when."""
        companies.note(
            self.session, [self.company.id], person.id, what, by=self.actor, now=self.now
        )

    def colleague(self, key: str) -> Colleague:
        """Give somebody of the company; raises NotFound."""
        for one in queries.colleagues(self.session, self.company):
            if one.person.key == key:
                return one
        raise NotFound(_("There is no such person in your company."))

    def check_last(self, one: Colleague) -> None:
        """Refuse what would leave the company without an admin who can come in."""
        people = queries.colleagues(self.session, self.company)
        others = [it for it in people if it.admin and it.person.active and it is not one]
        if one.admin and not [it for it in others if it.person.id != one.person.id]:
            raise Refused(_("%(name)s is the only admin of your company.", name=one.person.name))


@contextmanager
def _doing(company: str, actor: Person, now: datetime) -> Iterator[_Doing]:
    """Open the transaction of an admin's act; raises NotFound for a company not theirs."""
    actor_id = actor.id
    with transaction() as session:
        session.execute(sa.select(_desk).with_for_update())
        person = session.get_one(Person, actor_id, populate_existing=True)
        theirs = {it.key: it for it in companies.administered(session, person)}
        if company not in theirs:
            raise NotFound(_("There is no such company, or it is not for you."))
        yield _Doing(session, theirs[company], actor_id, now)


def add(company: str, new: New, *, actor: Person, now: datetime) -> str:
    """Add somebody and invite them by mail; gives their key. Raises BadInput and Refused."""
    with _doing(company, actor, now) as it:
        people = queries.colleagues(it.session, it.company)
        if len(people) >= MOST:
            raise Refused(_("A company has %(n)d people here at most.", n=MOST))
        _check_mail(it, new.mail, people)
        person = Person(
            key=_key(it.session, company, new.mail),
            name=new.name,
            mail=new.mail,
            phone=new.phone,
            language=new.language,
            roles=ROLES,
            listed=False,
            sources=dict.fromkeys(_said(new), OWN),
        )
        it.session.add(person)
        it.session.flush()
        row = {"partner_id": it.company.id, "person_id": person.id, "by_company": True}
        it.session.execute(sa.insert(partner_member).values(row))
        it.note(person, companies.ADDED)
        entering.send_invitation(it.session, person.id, now)
        return person.key


def _said(new: New) -> list[str]:
    kept = ["name", "mail", "roles"]
    return kept + [name for name in ("phone", "language") if getattr(new, name)]


def domains(company: Partner, people: list[Colleague]) -> list[str]:
    """Give at which domains a company may add people: its own address's, and its listed people's.

    So nobody can be added in somebody else's name, nor be asked about by trying addresses.
    """
    mails = [company.mail, *(one.person.mail for one in people if not one.by_company)]
    return sorted({mail.rpartition("@")[2].lower() for mail in mails if mail})


def _check_mail(it: _Doing, mail: str, people: list[Colleague]) -> None:
    known = domains(it.company, people)
    if not known:
        raise BadInput(_("The desk knows no mail address of your company yet: please tell it."))
    if mail.rpartition("@")[2].lower() not in known:
        raise BadInput(
            _(
                "Only addresses at %(domains)s can be added here; for others please ask the desk.",
                domains=", ".join(known),
            )
        )
    same = sa.select(Person.id).where(sa.func.lower(Person.mail) == mail.lower())
    if it.session.scalar(same.limit(1)) is not None:
        raise BadInput(_("There is somebody with this address already."))


def _key(session: Session, company: str, mail: str) -> str:
    """Make the name to sign in with: the company's key, and what stands before the @."""
    text = unicodedata.normalize("NFKD", mail.partition("@")[0]).lower()
    local = re.sub(r"[^a-z0-9]+", "-", text).strip("-") or "person"
    base = f"{company}-{local}"[: LONGEST_KEY - 4].rstrip("-")
    like = sa.select(Person.key).where(Person.key.startswith(base, autoescape=True))
    taken = set(session.scalars(like))
    tries = (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3)))
    return next(key for key in tries if key not in taken)


def invite(company: str, key: str, *, actor: Person, now: datetime) -> Person:
    """Invite somebody again; raises NotFound and Refused."""
    with _doing(company, actor, now) as it:
        person = it.colleague(key).person
        if person.invited_at and now < person.invited_at + AGAIN:
            raise Refused(_("%(name)s was invited less than an hour ago.", name=person.name))
        entering.check_invitable(person)
        it.note(person, companies.INVITED)
        entering.send_invitation(it.session, person.id, now)
        return person


def disable(company: str, key: str, *, actor: Person, now: datetime) -> Person:
    """Let a colleague in no more; raises NotFound and Refused."""
    with _doing(company, actor, now) as it:
        one = it.colleague(key)
        person = one.person
        if person.id == it.actor:
            raise Refused(_("You can't disable yourself."))
        _check_only_here(it, person)
        it.check_last(one)
        if person.active:
            person.active, person.barred, person.session_token = False, True, new_token()
            links.revoke_all(it.session, [person.id], now)
            it.note(person, companies.DISABLED)
        return person


def enable(company: str, key: str, *, actor: Person, now: datetime) -> Person:
    """Let a colleague in again whom the company itself disabled; raises NotFound and Refused."""
    with _doing(company, actor, now) as it:
        one = it.colleague(key)
        if not one.person.active:
            if not one.can_enable:
                raise Refused(_("Only the desk can let %(name)s in again.", name=one.person.name))
            one.person.active, one.person.barred = True, False
            it.note(one.person, companies.ENABLED)
        return one.person


def make_admin(company: str, key: str, *, actor: Person, now: datetime) -> Person:
    """Let a colleague look after the company's people too; raises NotFound and Refused."""
    with _doing(company, actor, now) as it:
        one = it.colleague(key)
        if not one.person.active:
            raise Refused(_("%(name)s is disabled.", name=one.person.name))
        if set(one.person.roles) != set(ROLES):
            raise Refused(_("Only people of your company can be its admin."))
        _set_admin(it, one, True)
        return one.person


def unmake_admin(company: str, key: str, *, actor: Person, now: datetime) -> Person:
    """Let somebody, or oneself, no longer look after the company; never the last one."""
    with _doing(company, actor, now) as it:
        one = it.colleague(key)
        it.check_last(one)
        _set_admin(it, one, False)
        return one.person


def _set_admin(it: _Doing, one: Colleague, admin: bool) -> None:
    if one.admin == admin:
        return
    row = (_member.partner_id == it.company.id, _member.person_id == one.person.id)
    it.session.execute(sa.update(partner_member).where(*row).values(admin=admin))
    it.note(one.person, companies.ADMIN if admin else companies.NO_ADMIN)


def _check_only_here(it: _Doing, person: Person) -> None:
    """Leave alone whom more than this company lets in."""
    if companies.of_person(it.session, person.id) != [it.company.id]:
        raise Refused(_("%(name)s works for others too: please ask the desk.", name=person.name))
