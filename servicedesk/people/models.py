"""People, support groups, partner companies and services as tables."""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.db import Model
from servicedesk.people import permissions

ROLES = permissions.ROLES

group_member = sa.Table(
    "group_member",
    Model.metadata,
    sa.Column("group_id", sa.ForeignKey("support_group.id"), primary_key=True),
    sa.Column("person_id", sa.ForeignKey("person.id"), primary_key=True, index=True),
)
partner_member = sa.Table(
    "partner_member",
    Model.metadata,
    sa.Column("partner_id", sa.ForeignKey("partner.id"), primary_key=True),
    sa.Column("person_id", sa.ForeignKey("person.id"), primary_key=True, index=True),
    # looks after the company's people
    sa.Column("admin", sa.Boolean, nullable=False, server_default=sa.false()),
    # added by the company itself: no set-up that does not name them takes them away
    sa.Column("by_company", sa.Boolean, nullable=False, server_default=sa.false()),
)


def new_token() -> str:
    """Make what a session cookie carries."""
    return secrets.token_urlsafe(32)


class Person(Model):
    """Somebody who can be named; who has a password can sign in."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    mail: Mapped[str | None] = mapped_column(sa.String(254))
    phone: Mapped[str | None] = mapped_column(sa.String(40))
    roles: Mapped[list[str]] = mapped_column(default=list)
    language: Mapped[str | None] = mapped_column(sa.String(8))
    zone: Mapped[str | None] = mapped_column(sa.String(64))
    department: Mapped[str | None] = mapped_column(sa.String(200))
    manager_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    deputy_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    absent_from: Mapped[date | None]  # days in the desk's zone; meanwhile the deputy is asked
    absent_until: Mapped[date | None]  # the last day; None: until told otherwise
    active: Mapped[bool] = mapped_column(default=True)
    listed: Mapped[bool] = mapped_column(default=True)  # in the set-up; False: not named there
    imported: Mapped[bool] = mapped_column(default=False)  # came with a list of people
    barred: Mapped[bool] = mapped_column(default=False)  # disabled by hand: no file changes that
    sources: Mapped[dict[str, Any] | None]  # see people.sources: which column is whose
    # how messages reach them, where it is not by mail: a channel for each group, and the hour
    channels: Mapped[dict[str, Any] | None]
    invited_at: Mapped[datetime | None]
    signed_in_at: Mapped[datetime | None]  # the last time
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    # what the session cookie carries; a new one signs the person out everywhere
    session_token: Mapped[str] = mapped_column(sa.String(43), unique=True, default=new_token)

    groups: Mapped[list[Group]] = relationship(
        secondary=group_member, back_populates="members", order_by="Group.key"
    )
    partners: Mapped[list[Partner]] = relationship(
        secondary=partner_member, back_populates="members", order_by="Partner.key"
    )
    leads: Mapped[list[Group]] = relationship(
        primaryjoin="and_(Group.lead_id == Person.id, Group.active)",
        order_by="Group.key",
        viewonly=True,
    )

    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        """Say whether this person may come in at all."""
        return self.active

    def get_id(self) -> str:
        """Give what the session cookie carries instead of the id: it can be revoked."""
        return self.session_token

    @property
    def held_roles(self) -> frozenset[str]:
        """Give the roles: those of the set-up, and `lead` for whoever leads a group."""
        return frozenset(self.roles) | ({"lead"} if self.leads else frozenset())

    def has(self, *roles: str) -> bool:
        """Say whether this person has one of some roles."""
        return not self.held_roles.isdisjoint(roles)

    def is_absent(self, day: date) -> bool:
        """Say whether this person is away on a day (in the desk's zone)."""
        if self.absent_from is None or day < self.absent_from:
            return False
        return self.absent_until is None or day <= self.absent_until

    @property
    def initials(self) -> str:
        """Give at most two characters that stand for the name."""
        return initials(self.name)


class Group(Model):
    """A support group of tier 1, 2 or 3."""

    __tablename__ = "support_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    tier: Mapped[int]
    agreement_id: Mapped[int] = mapped_column(sa.ForeignKey("agreement.id"))  # its OLA
    lead_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    rota: Mapped[list[Any] | None] = mapped_column(sa.JSON)  # who is on call: setup.rota
    active: Mapped[bool] = mapped_column(default=True)

    members: Mapped[list[Person]] = relationship(
        secondary=group_member, back_populates="groups", order_by=Person.key
    )


class Partner(Model):
    """A partner company (協力会社)."""

    __tablename__ = "partner"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    agreement_id: Mapped[int] = mapped_column(sa.ForeignKey("agreement.id"))  # its contract (UC)
    mail: Mapped[str | None] = mapped_column(sa.String(254))
    valid: Mapped[dict[str, Any] | None]  # {"from": day, "to": day} of the contract
    active: Mapped[bool] = mapped_column(default=True)

    members: Mapped[list[Person]] = relationship(
        secondary=partner_member, back_populates="partners", order_by=Person.key
    )


class Service(Model):
    """What the desk supports, with the path that its incidents climb."""

    __tablename__ = "service"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    agreement_id: Mapped[int] = mapped_column(sa.ForeignKey("agreement.id"))
    path: Mapped[list[str]]  # parties as "group:3", "partner:1", in order
    policy: Mapped[str | None] = mapped_column(sa.String(64))
    policy_since: Mapped[datetime | None]  # when it was given that policy
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    more: Mapped[dict[str, Any]] = mapped_column(default=dict)  # approval, lead_time, fields, …
    active: Mapped[bool] = mapped_column(default=True)


class SignInAttempt(Model):
    """A failed sign-in, kept to slow guessing down."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (sa.Index("ix_sign_in_attempt_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(64))
    address: Mapped[str] = mapped_column(sa.String(64), index=True)
    at: Mapped[datetime]


def initials(name: str) -> str:
    """Shorten a name to two characters: `Ito Tsubasa` to `IT`, `伊藤 翼` to `伊藤`."""
    words: list[str] = re.findall(r"[^\W\d_]+", unicodedata.normalize("NFKC", name))
    if not words:
        return name.strip()[:2].upper()
    first, last = words[0], words[-1]
    if unicodedata.east_asian_width(first[0]) == "W":
        return first[:2]
    return (first[:2] if len(words) == 1 else first[0] + last[0]).upper()[:2]
