"""What `init` makes of a desk: of a new one, and of one that an older version made."""

from __future__ import annotations

from pathlib import Path

import alembic.command
import alembic.config
import sqlalchemy as sa

from servicedesk import pulse
from servicedesk.app import create_app
from servicedesk.db import MIGRATIONS, db
from servicedesk.escalation.work import commands as work
from servicedesk.intake import results
from servicedesk.operation.upgrade import upgrade
from servicedesk.people.models import Person
from tests.cast import Desk
from tests.support.clock import Clock


def test_a_new_desk_notes_when_it_began(tmp_path: Path, clock: Clock) -> None:
    """Once: what is brought up to a newer version later is no new desk."""
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    app = create_app({"DATABASE_URL": url, "DESK_VAR": str(tmp_path), "SECRET_KEY": "for tests"})
    began = clock.now
    for _again in range(2):
        with app.app_context():
            upgrade(app)
            assert pulse.last(db.session(), pulse.BEGUN) == began
        clock.advance(minutes=5)


def test_work_requests_of_an_older_desk_are_found(desk: Desk) -> None:
    """H6: it kept their words among those of hand-offs; `init` makes them from the texts."""
    number = desk.log(when="09:00")
    desk.do(work.request, number, "netone", "Zqcable", by="ito", when="10:00")
    settings = alembic.config.Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    with desk.app.app_context():
        db.session.remove()
        alembic.command.downgrade(settings, "0015")
        upgrade(desk.app)
    with desk.session() as session:
        kim = session.scalars(sa.select(Person).where(Person.key == "kim")).one()
        assert results.find_requests(session, kim, "zqcable").total == 1
    assert desk.differences() == []
