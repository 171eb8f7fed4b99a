"""One's own page: what comes by mail, in the summary or not at all, and the list of it all."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from servicedesk import outbox
from servicedesk.db import db, transaction
from servicedesk.incidents import commands
from servicedesk.incidents.models import Incident
from servicedesk.outbox import Notification
from servicedesk.people.models import Partner, Person
from tests.cast import Desk, at, cast_in_postgres, cast_in_sqlite, database_url, desk
from tests.mail.mailbox import set_desk
from tests.people.signing import come_in, csrf_of
from tests.support.clock import Clock

__all__ = ["cast_in_postgres", "cast_in_sqlite", "database_url", "desk"]

pytestmark = [pytest.mark.backends("sqlite"), pytest.mark.usefixtures("clock")]


def as_(desk: Desk, key: str) -> FlaskClient:
    client = desk.app.test_client()
    come_in(client, key)
    return client


def send(client: FlaskClient, **form: str) -> TestResponse:
    token = csrf_of(client.get("/profile"))
    return client.post("/profile/channels", data={"csrf_token": token, "hour": "8", **form})


def kept(desk: Desk, key: str) -> Any:
    with desk.session() as session:
        return session.scalar(sa.select(Person.channels).where(Person.key == key))


def choices(page: str, group: str) -> list[str]:
    return [
        each
        for each in ("mail", "digest", "none")
        if f'name="{group}" type="radio" value="{each}"' in page
    ]


def test_everybody_chooses_within_what_their_role_must_get(desk: Desk) -> None:
    """§9: what can't be less says why, and is no choice."""
    emi, ito, sato, ueda = (
        as_(desk, key).get("/profile").text for key in ("emi", "ito", "sato", "ueda")
    )
    assert choices(emi, "news") == ["mail", "digest", "none"]
    assert choices(emi, "answers") == ["mail", "digest"]
    assert choices(emi, "rules") == choices(emi, "work") == choices(emi, "questions") == []
    assert "Without your answer nobody can go on." in emi
    assert choices(ito, "rules") == ["mail", "digest"]
    assert choices(sato, "rules") == choices(ueda, "rules") == []
    assert "You lead, and the rules rely on you." in sato
    assert "Hand-offs to your company" not in ueda


def test_a_choice_is_kept_and_shown(desk: Desk) -> None:
    client = as_(desk, "emi")
    assert kept(desk, "emi") is None
    done = send(client, news="digest", watched="none", answers="mail", hour="17")
    assert (done.status_code, done.location) == (303, "/profile#messages")
    assert kept(desk, "emi") == {"news": "digest", "watched": "none", "hour": 17}
    page = client.get("/profile").text
    assert 'checked id="news-1"' in page
    assert '<option selected value="17">' in page
    send(client, news="mail", watched="mail", answers="mail", hour="8")
    assert kept(desk, "emi") == {}


@pytest.mark.parametrize(
    "form", [{"answers": "none"}, {"news": "pigeon"}, {"hour": "24"}, {"hour": "x"}]
)
def test_what_is_not_offered_is_refused(desk: Desk, form: dict[str, str]) -> None:
    refused = send(as_(desk, "emi"), **form)
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert kept(desk, "emi") is None


def test_what_must_be_had_is_no_field_that_could_be_sent(desk: Desk) -> None:
    send(as_(desk, "sato"), rules="none", questions="none")
    assert kept(desk, "sato") == {}


def test_a_company_keeps_somebody_who_gets_its_hand_offs(desk: Desk) -> None:
    """H7: PrintCo has no address of its own, and Park alone."""
    park = as_(desk, "park").get("/profile").text
    assert choices(park, "handoffs") == []
    assert "Nobody else of your company would get them." in park
    assert choices(as_(desk, "kim").get("/profile").text, "handoffs") == ["mail", "digest", "none"]
    with desk.app.app_context(), transaction() as session:
        printco = session.scalars(sa.select(Partner).filter_by(key="printco")).one()
        printco.members.append(
            Person(key="pia", name="Pia", mail="pia@p.example", roles=["partner"])
        )
    assert choices(as_(desk, "park").get("/profile").text, "handoffs") == ["mail", "digest", "none"]


# Quiet hours, and so many an hour


def say(client: FlaskClient, **form: str) -> TestResponse:
    token = csrf_of(client.get("/profile"))
    empty = {"start": "", "end": "", "most": ""}
    return client.post("/profile/calm", data={"csrf_token": token, **empty, **form})


NIGHT = {"quiet": "own", "start": "21:30", "end": "06:00"}


def test_quiet_hours_are_kept_beside_the_channels_and_shown(desk: Desk) -> None:
    client = as_(desk, "emi")
    send(client, news="digest")
    done = say(client, **NIGHT, weekends="y", most="5")
    assert (done.status_code, done.location) == (303, "/profile#quiet")
    quiet = {"from": "21:30", "to": "06:00", "weekends": True}
    assert kept(desk, "emi") == {"news": "digest", "quiet": quiet, "most": 5}
    page = client.get("/profile").text
    assert 'value="21:30"' in page
    assert 'name="most" type="number" value="5"' in page
    send(client, news="mail")
    assert kept(desk, "emi") == {"quiet": quiet, "most": 5}
    say(client, quiet="none")
    assert kept(desk, "emi") == {"quiet": False}
    say(client, quiet="desk")
    assert kept(desk, "emi") == {}


@pytest.mark.parametrize(
    "form",
    [
        {"quiet": "pigeon"},
        {"quiet": "own"},
        {**NIGHT, "end": "21:30"},
        {**NIGHT, "start": "25:00"},
        {"quiet": "none", "most": "21"},
        {"quiet": "none", "most": "0"},
        {"quiet": "none", "most": "x"},
    ],
)
def test_quiet_hours_that_can_not_be_are_refused(desk: Desk, form: dict[str, str]) -> None:
    refused = say(as_(desk, "emi"), **form)
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert kept(desk, "emi") is None


def test_the_desks_quiet_hours_are_said_but_are_not_a_partners(desk: Desk) -> None:
    set_desk(desk, quiet={"from": "20:00", "to": "07:00", "weekends": True}, most_mails=9)
    emi, kim = (as_(desk, key).get("/profile").text for key in ("emi", "kim"))
    assert "As the desk: 20:00–07:00, and its days off" in emi
    assert "As the desk: 20:00" not in kim
    assert "Empty: 9." in emi


def test_the_list_says_what_waits_and_for_what(desk: Desk, clock: Clock) -> None:
    clock.now = at("20:30")
    desk.log()
    with desk.app.app_context(), transaction() as session:
        emi = desk_id(session, "emi")
        session.execute(sa.delete(Notification))
        for kind in ("reply", "rule"):
            row = outbox.queue(session, kind, now=clock.now, person=emi)
            session.flush()
            if kind == "reply":
                outbox.hold(session, [row.id], at("Fri 07:00"), "quiet")
    page = as_(desk, "emi").get("/profile/messages").text
    assert "waits for the end of your quiet hours" in page
    assert "waits a moment for others" in page
    first = as_(desk, "emi").get("/profile/messages?before=2").text
    assert "waits a moment for others" not in first


# The list


def test_the_list_says_what_became_of_each(desk: Desk, clock: Clock) -> None:
    clock.now = at("09:00")
    client = as_(desk, "emi")
    assert "No messages yet" in client.get("/profile/messages").text
    send(client, news="none", answers="digest")
    n = desk.log(title="No network here")
    desk.do(commands.hold, n, "requester", question="Which?", by="ito", when="09:10")
    desk.do(commands.resolve, n, "solved", "Plug", by="ito", when="09:30")
    page = client.get("/profile/messages").text
    assert "INC-00000001 · No network here" in page
    assert 'href="/incidents/INC-00000001"' in page
    for words in ("not sent, as you chose", "for the summary", "goes out soon"):
        assert words in page
    assert "because it was reported by you or for you" in page


def test_the_list_asks_again_who_may_see_what(desk: Desk) -> None:
    """§9: titles of what became confidential stand in it no more."""
    n = desk.log(title="zqtitle")
    with desk.app.app_context(), transaction() as session:
        incident = session.scalars(sa.select(Incident).filter_by(number=n)).one()
        outbox.queue(
            session, "reply", now=at("09:30"), person=desk_id(session, "ueda"), incident=incident.id
        )
        outbox.queue(
            session,
            "handed_off",
            now=at("09:30"),
            person=desk_id(session, "park"),
            incident=incident.id,
            n=1,
        )
    ueda = as_(desk, "ueda")
    assert "zqtitle" in ueda.get("/profile/messages").text
    with desk.app.app_context(), transaction() as session:
        session.execute(sa.update(Incident).values(confidential=True))
    desk.tampered = True
    page = ueda.get("/profile/messages").text
    assert "INC-00000001" in page
    assert "zqtitle" not in page
    assert "zqtitle" not in as_(desk, "park").get("/profile/messages").text


def desk_id(session: Any, key: str) -> int:
    found: int = session.scalars(sa.select(Person.id).where(Person.key == key)).one()
    return found


def test_a_hundred_messages_cost_no_more_looks_than_two(desk: Desk) -> None:
    def looks(count: int) -> int:
        with desk.app.app_context(), transaction() as session:
            for _ in range(count):
                n = session.scalars(sa.select(Incident.id).order_by(Incident.id)).first()
                outbox.queue(
                    session, "reply", now=at("09:30"), person=desk_id(session, "emi"), incident=n
                )
        client, asked = as_(desk, "emi"), []
        with desk.app.app_context():
            engine = db.engine

        def note(*_said: object) -> None:
            asked.append(1)

        sa.event.listen(engine, "before_cursor_execute", note)
        page = client.get("/profile/messages").text
        sa.event.remove(engine, "before_cursor_execute", note)
        assert ('rel="next"' in page) == (count > 50)
        return len(asked)

    desk.log()
    assert looks(2) == looks(120)
