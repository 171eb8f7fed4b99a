"""Makes the demo company: its set-up, three months of its history, and a password for everybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.db import db, transaction
from servicedesk.demo import arranged, letterbox
from servicedesk.demo.affairs import AFFAIRS
from servicedesk.demo.going_on import go_on
from servicedesk.demo.history import History
from servicedesk.demo.opening import open_desk
from servicedesk.demo.stage import Stage
from servicedesk.errors import Refused
from servicedesk.incidents.models import Incident
from servicedesk.people import passwords
from servicedesk.people.models import Person
from servicedesk.setup.models import Desk
from servicedesk.setup.snapshot import directory

NAME = "Asagiri Seiki IT desk"  # as in the file
PASSWORD = "service-desk"  # noqa: S105 - printed for whoever starts the demo
SEED = 20261126

Progress = Callable[[int, int], None]  # incidents told, of how many


class AnotherDesk(Refused):
    """This database holds another desk; the demo makes one of its own."""


def there(session: Session) -> bool:
    """Say whether the demo is in the database already; raises AnotherDesk."""
    name = session.scalar(sa.select(Desk.name))
    if name not in (None, NAME):
        raise AnotherDesk(
            f"This database holds the desk “{name}”. The demo needs a database of its own: "
            "name one with DATABASE_URL, or run `make demo`."
        )
    return session.scalar(sa.select(Incident.id).limit(1)) is not None


def create(*, now: datetime, progress: Progress = lambda done, of: None) -> int:
    """Make the company and its history, all of it or nothing; gives the number of incidents.

    What goes on between hands in some of them follows by commands, each kept at once.
    """
    letterbox.open_inbox()
    if db.session.scalar(sa.select(Desk.id)) is None:
        open_desk(now)
    if there(db.session()):
        return 0
    arranged.arrange(_stage(db.session(), now))
    with transaction() as session:
        if there(session):
            return 0  # somebody else was quicker
        stage = _stage(session, now)
        history = History(stage)
        entries = history.entries()
        for done, _tale in enumerate(history.tell(entries), 1):
            progress(done, len(entries))
        _give_passwords(session)
    go_on(stage, AFFAIRS)
    return len(entries)


def _stage(session: Session, now: datetime) -> Stage:
    return Stage(session, directory(session), now, Random(SEED))  # noqa: S311


def _give_passwords(session: Session) -> None:
    """Let everybody in with the one password, hashed once."""
    hashed = passwords.hashed(PASSWORD)
    session.execute(sa.update(Person).where(Person.listed).values(password_hash=hashed))
