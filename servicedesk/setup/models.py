"""The desk's own settings and its escalation policies."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from servicedesk.db import Model


class Desk(Model):
    """The desk: one row."""

    __tablename__ = "desk"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    zone: Mapped[str] = mapped_column(sa.String(64))
    language: Mapped[str] = mapped_column(sa.String(8))
    more: Mapped[dict[str, Any]] = mapped_column(default=dict)  # close_after, goals, remind_after
    priorities: Mapped[dict[str, Any]] = mapped_column(default=dict)  # {"1,1": "P1"}
    revision: Mapped[int] = mapped_column(default=1)  # grows with each change of the set-up


class Policy(Model):
    """An escalation policy as in DESK.yaml."""

    __tablename__ = "policy"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    steps: Mapped[list[Any]] = mapped_column(sa.JSON)
    # since when each step stands there, by `steps.identity`; left out: for ever
    since: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    active: Mapped[bool] = mapped_column(default=True)


class PolicyVersion(Model):
    """What an escalation policy said from an instant on; its last version is the one in force."""

    __tablename__ = "policy_version"
    __table_args__ = (sa.UniqueConstraint("policy_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    policy_id: Mapped[int] = mapped_column(sa.ForeignKey("policy.id"))
    number: Mapped[int]
    steps: Mapped[list[Any]] = mapped_column(sa.JSON)
    published_at: Mapped[datetime]
    published_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class Hook(Model):
    """A webhook as in DESK.yaml; its address and secrets are in `hook_receiver`."""

    __tablename__ = "hook"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    format: Mapped[str] = mapped_column(sa.String(10))  # desk, slack, teams
    titles: Mapped[bool] = mapped_column(default=False)
    more: Mapped[dict[str, Any]] = mapped_column(default=dict)  # {"kinds": […], "for": {…}}
    active: Mapped[bool] = mapped_column(default=True)


class Schedule(Model):
    """F9: a report that is made by itself, as in DESK.yaml."""

    __tablename__ = "report_schedule"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    scope: Mapped[str] = mapped_column(sa.String(220))
    every: Mapped[str] = mapped_column(sa.String(8))  # month, quarter, year
    day: Mapped[int]  # working day of the month; 0: its last one
    at: Mapped[str] = mapped_column(sa.String(5))  # in the desk's zone
    languages: Mapped[list[str]]
    send: Mapped[str] = mapped_column(sa.String(8))  # file, link
    seal: Mapped[str] = mapped_column(sa.String(8))  # itself, approved
    people: Mapped[list[Any]] = mapped_column(sa.JSON)  # ids: those who are named
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    active: Mapped[bool] = mapped_column(default=True)
    since: Mapped[datetime]  # what was due before is not made up
    paused_at: Mapped[datetime | None]  # by hand


class Counter(Model):
    """A number that is given out once: the row is locked while one is taken."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    last: Mapped[int]
