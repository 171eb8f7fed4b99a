"""A fixed cast: a small desk, its people by name, and what they do, in sentences."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, joinedload
from werkzeug.test import TestResponse

from servicedesk import db, journal
from servicedesk.app import create_app
from servicedesk.event import Event
from servicedesk.history.check import check
from servicedesk.incidents import commands
from servicedesk.incidents.happenings import tell
from servicedesk.incidents.models import HandOff, Holding, Incident, label
from servicedesk.incidents.story import Story
from servicedesk.people.models import Person
from servicedesk.setup.directory import Directory
from servicedesk.setup.load import load_text
from servicedesk.setup.snapshot import directory
from servicedesk.sla.models import ClockRow
from tests.people.signing import come_in, token_for
from tests.support import databases, postgres

TOKYO = ZoneInfo("Asia/Tokyo")
TODAY = datetime(2026, 11, 26, tzinfo=TOKYO)  # a Thursday; Monday the 23rd was a holiday
DAYS = {"Thu": 0, "Fri": 1, "Sat": 2, "Sun": 3, "Mon": 4, "Tue": 5, "Wed": 6}

DESK = """
desk: {name: Kita Electric IT, zone: Asia/Tokyo, language: en, close_after: 5}
calendars:
  office:
    zone: Asia/Tokyo
    hours: {mon-fri: ["09:00-12:00", "13:00-18:00"]}
    holidays: JP
    closed: [2026-12-29, 2026-12-30]
  always: {zone: UTC, hours: {mon-sun: ["00:00-24:00"]}}
groups:
  desk:    {name: Service desk, tier: 1, calendar: office, lead: sato, members: [sato, ito],
            targets: {acceptance: 30, answer: 240, holding: 480}}
  network: {name: Network team, tier: 2, calendar: office, lead: abe, members: [abe, mori],
            targets: {acceptance: 30, answer: 240, holding: 480}}
partners:
  netone:  {name: NetOne Inc., calendar: office, mail: support@netone.example, members: [kim],
            targets: {P1: {acceptance: 15, answer: 120},
                      P3: {acceptance: 60, answer: 480, holding: 960}}}
  printco: {name: PrintCo Ltd., calendar: office, members: [park]}
agreements:
  standard:
    calendar: office
    pauses: [requester]
    targets: {P1: {response: 15, resolution: 240}, P2: {response: 30, resolution: 480},
              P3: {response: 60, resolution: 2d}, P5: {response: 480}}
  round:
    calendar: always
    pauses: [requester, change]
    targets: {response: 60, resolution: 600}
services:
  internet: {name: Internet access, path: [desk, network, netone], agreement: standard}
  printing: {name: Printing, path: [desk, printco], agreement: round}
  payroll:  {name: Payroll, path: [desk, network], agreement: standard, confidential: true}
people:
  emi:  {name: Endo Emi, mail: emi@kita.example, phone: 03-0000-0001, department: Sales}
  taro: {name: Tada Taro, department: Sales}
  sato: {name: Sato Yui, roles: [agent]}
  ito:  {name: Ito Ren}
  abe:  {name: Abe Mio, roles: [agent]}
  mori: {name: Mori Sho}
  ueda: {name: Ueda Rin, roles: [manager]}
  kim:  {name: Kim Haneul}
  park: {name: Park Dae}
  root: {name: Ando Admin, roles: [admin]}
"""

T = TypeVar("T")


def at(text: str) -> datetime:
    """Read an instant in Tokyo: `10:30` is Thursday 26 November, `Mon 10:30` the Monday after it.

    `2026-12-01 10:30` is any day; seconds may follow.
    """
    day, _space, time = text.rpartition(" ")
    if "-" in day:
        return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=TOKYO)
    hours, minutes, *seconds = map(int, time.split(":"))
    since = timedelta(days=DAYS[day or "Thu"], hours=hours, minutes=minutes, seconds=sum(seconds))
    return TODAY + since


@dataclass
class Desk:
    """The desk with the cast at it; every call is a transaction and a session of its own."""

    app: Flask
    tampered: bool = False

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Look into the database."""
        with self.app.app_context():
            yield db.db.session()

    def id(self, key: str) -> int:
        """Give a person's id."""
        with self.session() as session:
            return session.scalars(sa.select(Person.id).where(Person.key == key)).one()

    def setup(self) -> Directory:
        """Give the set-up."""
        with self.session() as session:
            return directory(session)

    def ref(self, key: str) -> str:
        """Give how the journal names a group or partner."""
        return self.setup().by_key[key].ref

    # what people do

    def call(
        self, act: Callable[..., T], *args: Any, by: str, when: str | datetime, **more: Any
    ) -> T:
        """Have somebody do something at an instant."""
        now = at(when) if isinstance(when, str) else when
        with self.session() as session:
            actor = session.scalars(sa.select(Person).where(Person.key == by)).one()
            return act(*args, actor=actor, now=now, **more)

    def log(self, by: str = "emi", when: str = "09:00", **more: Any) -> int:
        """Report an incident; gives its number."""
        said = {"title": "No network", "service": "internet", **more}
        return self.call(commands.log, by=by, when=when, **said)

    def do(self, act: Callable[..., T], number: int, *args: Any, **how: Any) -> T:
        """Have somebody do something with an incident: `do(take, n, by="ito", when="10:00")`."""
        return self.call(act, number, *args, **how)

    # what is so then

    def incident(self, number: int) -> Incident:
        """Read an incident's row."""
        with self.session() as session:
            query = sa.select(Incident).where(Incident.number == number)
            people = joinedload(Incident.assignee), joinedload(Incident.requester)
            return session.scalars(query.options(*people)).one()

    def rows(self, model: type[T], number: int) -> list[T]:
        """Read an incident's rows of a table."""
        table: Any = model
        query = sa.select(table).join(Incident, Incident.id == table.incident_id)
        with self.session() as session:
            return list(session.scalars(query.where(Incident.number == number).order_by(table.id)))

    def handoff(self, number: int, n: int = 1) -> HandOff:
        """Read a hand-off's row."""
        return next(row for row in self.rows(HandOff, number) if row.n == n)

    def clock(self, number: int, kind: str, party: str | None = None) -> ClockRow:
        """Read a clock's row, the last of its kind and party."""
        ref = self.ref(party) if party else None
        found = [c for c in self.rows(ClockRow, number) if (c.kind, c.party) == (kind, ref)]
        return found[-1]

    def holders(self, number: int) -> list[str]:
        """List who held an incident, in order, for however short a time but none."""
        keys = {party.ref: party.key for party in self.setup().parties.values()}
        rows = self.rows(Holding, number)
        return [keys.get(row.holder, row.holder) for row in rows if row.end != row.start]

    def events(self, number: int) -> list[Event]:
        """Read an incident's journal."""
        id = self.incident(number).id
        with self.session() as session:
            return journal.read(session, id)

    def kinds(self, number: int) -> list[str]:
        """List what happened to an incident."""
        return [event.kind for event in self.events(number)]

    def story(self, number: int) -> Story:
        """Tell an incident's story from its journal."""
        return tell(self.events(number))

    def assignee(self, number: int) -> str | None:
        """Give the key of who works on it."""
        person = self.incident(number).assignee
        return person.key if person else None

    def differences(self, when: str = "2027-01-15 10:00") -> list[str]:
        """List what the check finds."""
        with self.session():
            return check(now=at(when)).differences

    # pages

    def visit(self, key: str | None = None) -> Visitor:
        """Open the desk's pages as somebody."""
        client = self.app.test_client()
        if key:
            come_in(client, key)
        return Visitor(client)


@dataclass
class Visitor:
    """Somebody in front of the desk's pages; forms carry their token by themselves."""

    client: FlaskClient
    token: str = ""

    def get(self, path: str, **how: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, **how)

    def post(self, path: str, **data: Any) -> TestResponse:
        """Send a form."""
        self.token = self.token or token_for(self.client)
        return self.client.post(path, data={"csrf_token": self.token, **data})


def marks(text: str) -> list[str]:
    """List the words that were marked to be found again; a random token is none."""
    return re.findall(r"\bzq[a-z]+\b", text)


def page_of(number: int, *more: str) -> str:
    """Give the address of an incident's page, or of one below it."""
    return "/".join(["/incidents", label(number), *more])


# The fixtures, for the conftest.py of a folder of tests


@pytest.fixture(scope="session")
def cast_in_sqlite(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """An SQLite file with the cast in it."""
    folder = tmp_path_factory.mktemp("cast")
    path = Path(shutil.copyfile(sqlite_template, folder / "cast.db"))
    _set_up(databases.sqlite_url(path), folder)
    path.with_name("cast.db-wal").unlink(missing_ok=True)
    return path


@pytest.fixture(scope="session")
def cast_in_postgres(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_server: postgres.Server,
    postgres_template: str,
) -> str:
    """A PostgreSQL database with the cast in it."""
    # each folder's conftest brings this fixture, so there may be several in one process
    folder = tmp_path_factory.mktemp("cast")
    name = f"template_{folder.name}"
    _set_up(postgres_server.create(name, postgres_template), folder)
    return name


def _set_up(url: str, var: Path) -> None:
    app = create_app({"DATABASE_URL": url, "DESK_VAR": str(var), "SECRET_KEY": "for tests"})
    with app.app_context():
        load_text(DESK, "cast.yaml", now=at("2026-04-01 09:00"))
        db.db.session.remove()
        db.db.engine.dispose()


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """As everywhere; for a test that asks for the desk, with the cast in it already."""
    name = "cast_in_{}" if "desk" in request.fixturenames else "{}_template"
    if backend == "sqlite":
        with databases.sqlite_copy(request.getfixturevalue(name.format("sqlite"))) as url:
            yield url
    else:
        template = request.getfixturevalue(name.format("postgres"))
        with databases.postgres_copy(template, request.getfixturevalue("postgres_server")) as url:
            yield url


@pytest.fixture
def desk(app: Flask) -> Iterator[Desk]:
    """The desk with the cast at it, and no incident yet; at the end its rows must be sound (C6)."""
    desk = Desk(app)
    yield desk
    assert desk.tampered or not desk.differences()
