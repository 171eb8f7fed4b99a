"""E5: the channel is chosen when a message is queued; the summary is made once, and asks again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk import outbox
from servicedesk.db import db, transaction
from servicedesk.escalation import commands as escalation
from servicedesk.incidents import commands
from servicedesk.incidents.models import Incident
from servicedesk.mail import digest as digests
from servicedesk.mail import for_digest, letters
from servicedesk.mail.digest import summarize
from servicedesk.mail.letter import NotToBeSent
from servicedesk.outbox import Notification
from servicedesk.people.models import Partner, Person
from tests.cast import Desk, at
from tests.mail.mailbox import Mailroom, Received
from tests.support.checkout import ROOT
from tests.support.clock import Clock

sqlite = pytest.mark.backends("sqlite")
MORNING = "Fri 08:00"


@pytest.fixture(autouse=True)
def _at_nine(clock: Clock) -> None:
    clock.now = at("09:00")


def choose(room: Mailroom, key: str, **channels: Any) -> None:
    room.change(key, channels=channels)


def channels_of(room: Mailroom, kind: str) -> list[str]:
    return [row.channel for row in room.queued(kind)]


def make(room: Mailroom, clock: Clock, when: str = MORNING) -> int:
    clock.now = at(when)
    with room.desk.app.app_context():
        return summarize(at(when))


def written(room: Mailroom) -> Received:
    return room.write(room.queued("digest")[-1].id)


def replies(desk: Desk, n: int, count: int = 1) -> None:
    for i in range(count):
        desk.do(commands.comment, n, "reply", f"Line {i}", by="ito", when=f"10:{i:02d}")


# The choice


@sqlite
def test_the_choice_is_stored_with_the_message(desk: Desk, mailroom: Mailroom) -> None:
    """Whoever chooses again changes nothing of what is queued."""
    choose(mailroom, "emi", news="digest")
    n = desk.log()
    choose(mailroom, "emi", news="none")
    replies(desk, n)
    choose(mailroom, "emi")
    replies(desk, n)
    (received,) = mailroom.queued("received")
    assert (received.channel, received.digest_at) == ("digest", at(MORNING))
    assert received.waits_until is None
    assert channels_of(mailroom, "reply") == ["none", "mail"]
    assert mailroom.deliver().sent == 1


@sqlite
def test_what_is_not_sent_is_still_there(desk: Desk, mailroom: Mailroom, clock: Clock) -> None:
    choose(mailroom, "emi", news="none")
    desk.log()
    assert make(mailroom, clock) == 0
    assert mailroom.deliver().sent == 0
    (row,) = mailroom.queued()
    assert (row.channel, row.sent_at, row.failed_at, row.digest_id) == ("none", None, None, None)


@sqlite
def test_a_question_is_mailed_whatever_was_chosen(desk: Desk, mailroom: Mailroom) -> None:
    choose(mailroom, "emi", questions="none", news="none", answers="none")
    n = desk.log()
    desk.do(commands.hold, n, "requester", question="Which floor?", by="ito", when="09:20")
    assert channels_of(mailroom, "question") == ["mail"]
    desk.do(commands.resolve, n, "solved", "It was the plug", by="ito", when="09:40")
    assert channels_of(mailroom, "solved") == ["digest"]


@sqlite
def test_a_watcher_chooses_apart(desk: Desk, mailroom: Mailroom) -> None:
    choose(mailroom, "emi", watched="none")
    choose(mailroom, "taro", watched="none")
    n = desk.log()
    desk.do(commands.watch, n, desk.id("taro"), by="ito", when="09:10")
    replies(desk, n)
    told = {row.person_id: row.channel for row in mailroom.queued("reply")}
    assert told == {desk.id("emi"): "mail", desk.id("taro"): "none"}


@sqlite
def test_who_stands_in_for_a_lead_is_told_of_rules_by_mail(
    desk: Desk, mailroom: Mailroom, clock: Clock
) -> None:
    n = desk.log()
    choose(mailroom, "ito", rules="none")
    choose(mailroom, "sato", rules="none")
    data: dict[str, Any] = {
        "policy": "p",
        "step": "half",
        "kind_of_clock": "resolution",
        "amount": 50,
    }
    data["due"] = "2026-11-26T01:00:00Z"
    mailroom.queue("rule", "sato", n, **data)
    mailroom.queue("rule", "ito", n, **data)
    mailroom.change("sato", deputy_id=desk.id("ito"), absent_from=at("09:00").date())
    mailroom.queue("rule", "ito", n, **data)
    assert channels_of(mailroom, "rule") == ["mail", "digest", "mail"]


def company(desk: Desk, mail: str | None) -> None:
    """Let NetOne have Kim and Lee, and an address of its own or none."""
    with desk.app.app_context(), transaction() as session:
        lee = Person(key="lee", name="Lee", mail="lee@netone.example", roles=["partner"])
        netone = session.scalars(sa.select(Partner).filter_by(key="netone")).one()
        netone.mail = mail
        netone.members.append(lee)
        session.execute(
            sa.update(Person).where(Person.key == "kim").values(mail="kim@netone.example")
        )


@sqlite
def test_somebody_of_a_company_gets_its_hand_offs_by_mail(desk: Desk, mailroom: Mailroom) -> None:
    """H7: at least one person, or the company's address."""
    company(desk, None)
    choose(mailroom, "kim", handoffs="none")
    n = desk.log()

    def told() -> dict[str, str]:
        desk.do(escalation.hand_off, n, "netone", note="Look", by="ito", when="09:10")
        rows = {row.person_id: row.channel for row in mailroom.queued("handed_off")}
        desk.do(escalation.recall, n, len(mailroom.queued("handed_off")) // 2, by="ito",
                when="09:20", reason="Sooner")  # fmt: skip
        return {key: rows[desk.id(key)] for key in ("kim", "lee")}

    assert told() == {"kim": "none", "lee": "mail"}
    mailroom.change("lee", mail=None)
    assert told() == {"kim": "mail", "lee": "mail"}
    mailroom.change("lee", mail="lee@netone.example", active=False)
    desk.do(escalation.hand_off, n, "netone", note="Look", by="ito", when="09:30")
    assert mailroom.queued("handed_off")[-1].channel == "mail"


# The summary


def test_the_summary_holds_what_waited_by_incident(
    desk: Desk, mailroom: Mailroom, clock: Clock
) -> None:
    choose(mailroom, "emi", news="digest", answers="digest")
    first, second = desk.log(title="No network"), desk.log(title="No printer")
    replies(desk, first, 2)
    desk.do(commands.resolve, second, "solved", "Plug", by="ito", when="11:00")
    assert make(mailroom, clock, "Fri 07:59") == 0
    assert mailroom.deliver().sent == 0
    assert make(mailroom, clock) == 1
    mail = written(mailroom)
    assert mail.subject == "Summary: 4 messages - Kita Electric IT"
    assert mail.shown.index("INC-00000001 · No network") < mail.shown.index("No printer")
    assert mail.text.count("Ito Ren has answered you.") == 1  # twice the same is said once
    assert "We think that it is solved. Is it?" in mail.text
    assert "/solved/" in mail.text  # the link by which it is confirmed without signing in
    assert mail.link.endswith("/profile/messages")
    assert "You get this because it was reported by you or for you." in mail.text
    assert mailroom.deliver().sent == 1


def test_it_is_made_once_however_many_make_it(desk: Desk, mailroom: Mailroom, clock: Clock) -> None:
    """E3: any number of workers, on both databases."""
    keys = ("emi", "taro", "ueda", "mori")
    n = desk.log()
    for key in keys:
        choose(mailroom, key, watched="digest", news="digest")
        for _ in range(5):
            mailroom.queue("reply", key, n)
    clock.now = at(MORNING)

    def work(_worker: int) -> int:
        with desk.app.app_context():
            return summarize(at(MORNING))

    with ThreadPoolExecutor(3) as workers:
        assert sum(workers.map(work, range(3))) == len(keys)
    rows = mailroom.queued("digest")
    assert len({row.person_id for row in rows}) == len(rows) == len(keys)
    assert all(row.digest_id for row in mailroom.queued("reply"))


@sqlite
def test_one_a_day_and_none_where_there_is_nothing(
    desk: Desk, mailroom: Mailroom, clock: Clock
) -> None:
    choose(mailroom, "emi", news="digest")
    n = desk.log()
    assert make(mailroom, clock) == 1
    choose(mailroom, "emi", news="digest", hour=17)
    replies(desk, n)
    assert mailroom.queued("reply")[0].digest_at == at("Fri 17:00")
    assert make(mailroom, clock, "Fri 17:00") == 0
    assert mailroom.queued("reply")[0].digest_at == at("Mon 17:00")
    assert make(mailroom, clock, "Mon 17:00") == 1
    assert make(mailroom, clock, "Tue 17:00") == 0


@sqlite
def test_a_day_that_the_desk_closes_is_passed_over(
    desk: Desk, mailroom: Mailroom, clock: Clock
) -> None:
    """E4: it is asked again when it is due; late by days, it waits for the next working day."""
    choose(mailroom, "emi", news="digest")
    desk.log()
    assert make(mailroom, clock, "Sat 12:00") == 0
    assert mailroom.queued()[0].digest_at == at("Mon 08:00")
    assert make(mailroom, clock, "Mon 11:00") == 1


KILLED = """
import os, signal
from datetime import datetime
from servicedesk import outbox, times
from servicedesk.app import create_app
from servicedesk.mail import digest
real = digest.outbox.queue_summary
def queue(session, *what, **how):
    id = real(session, *what, **how)
    session.flush()
    os.kill(os.getpid(), signal.SIGKILL)
outbox.queue_summary = queue
with create_app().app_context():
    digest.summarize(times.parse("2026-11-26T23:00:00Z"))
"""


@pytest.mark.slow
def test_who_is_killed_while_making_it_leaves_it_to_the_next(
    desk: Desk, mailroom: Mailroom, clock: Clock, settings: dict[str, Any]
) -> None:
    """E3: the summary and the marking of what it holds are one transaction."""
    choose(mailroom, "emi", news="digest")
    desk.log()
    told = {name: str(settings[name]) for name in ("DATABASE_URL", "DESK_VAR", "SECRET_KEY")}
    how: dict[str, Any] = {"cwd": ROOT, "env": {**os.environ, **told}, "capture_output": True}
    done = subprocess.run([sys.executable, "-c", KILLED], check=False, **how)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert mailroom.queued("digest") == []
    assert mailroom.queued("received")[0].digest_at == at(MORNING)
    assert make(mailroom, clock) == 1


# Who may know what when it is sent


@sqlite
def test_what_became_confidential_meanwhile_shows_its_number_alone(
    desk: Desk, mailroom: Mailroom, clock: Clock
) -> None:
    """§9: asked again when it is written; Ueda watches no more."""
    mailroom.change("ueda", mail="ueda@kita.example", channels={"watched": "digest"})
    n = desk.log(title="zqtitle")
    mailroom.queue("reply", "ueda", n)
    with desk.app.app_context(), transaction() as session:
        session.execute(sa.update(Incident).values(confidential=True))
        desk.tampered = True
    make(mailroom, clock)
    mail = written(mailroom)
    assert "INC-00000001" in mail.text
    assert "zqtitle" not in mail.text + mail.html + mail.subject


@sqlite
def test_who_has_left_gets_nothing(desk: Desk, mailroom: Mailroom, clock: Clock) -> None:
    choose(mailroom, "emi", news="digest")
    desk.log()
    mailroom.change("emi", active=False)
    make(mailroom, clock)
    done = mailroom.deliver()
    assert (done.sent, done.given_up) == (0, 1)
    assert mailroom.queued("digest")[0].error == "disabled"


@sqlite
def test_what_was_overtaken_is_left_out(desk: Desk, mailroom: Mailroom, clock: Clock) -> None:
    choose(mailroom, "emi", news="digest", answers="digest")
    n = desk.log()
    mailroom.queue("wish", "emi", n, n=99)  # a date that nobody waits for any more
    make(mailroom, clock)
    assert written(mailroom).subject.startswith("Summary: 1 message ")


@sqlite
def test_a_summary_of_nothing_is_not_sent(desk: Desk, mailroom: Mailroom, clock: Clock) -> None:
    n = desk.log()
    choose(mailroom, "emi", answers="digest")
    mailroom.queue("wish", "emi", n, n=99)
    make(mailroom, clock)
    with pytest.raises(NotToBeSent, match="overtaken"):
        written(mailroom)


@sqlite
def test_a_long_summary_ends(
    desk: Desk, mailroom: Mailroom, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(for_digest, "MOST", 3)
    choose(mailroom, "emi", news="digest")
    for _ in range(5):
        desk.log()
    make(mailroom, clock)
    mail = written(mailroom)
    assert mail.subject.startswith("Summary: 5 messages ")
    assert "And 2 more messages" in mail.text
    assert "INC-00000004" not in mail.text


@sqlite
def test_a_line_that_can_not_be_written_does_not_stop_the_others(
    desk: Desk, mailroom: Mailroom, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bad(_matter: object) -> None:
        raise ValueError("zqsecret")

    choose(mailroom, "emi", news="digest")
    replies(desk, desk.log())
    make(mailroom, clock)
    monkeypatch.setitem(letters.LETTERS, "reply", bad)
    assert "And 1 more message" in written(mailroom).text


@sqlite
def test_each_letter_leads_to_the_choice_but_those_that_let_in(
    desk: Desk, mailroom: Mailroom
) -> None:
    n = desk.log()
    mail = mailroom.letter("reply", "emi", n)
    assert "http://127.0.0.1:8000/profile#messages" in mail.text
    assert 'href="http://127.0.0.1:8000/profile#messages"' in mail.html
    assert "/profile" not in mailroom.letter("reset", "emi", link="reset").text
    assert "List-Unsubscribe" not in mail.message


@sqlite
def test_only_those_who_chose_cost_more_than_one_look(desk: Desk, mailroom: Mailroom) -> None:
    """The way that nearly everybody takes stays as quick as it was."""
    n = desk.log()
    with desk.app.app_context(), transaction() as session:
        emi, id = desk_ids(session, n)
        _kept = session.get(Person, emi)  # as the act has it
        asked: list[str] = []
        sa.event.listen(
            db.engine, "before_cursor_execute", lambda *said: asked.append(str(said[2]))
        )
        outbox.queue(session, "reply", now=at("10:00"), person=emi, incident=id)
        assert asked == []


def desk_ids(session: Any, n: int) -> tuple[int, int]:
    emi = session.scalars(sa.select(Person.id).where(Person.key == "emi")).one()
    return emi, session.scalars(sa.select(Incident.id).where(Incident.number == n)).one()


@sqlite
def test_a_round_reads_what_waits_alone(desk: Desk, mailroom: Mailroom, clock: Clock) -> None:
    """E2: its cost grows with what waits for a summary, not with all that was ever sent."""
    choose(mailroom, "emi", news="digest")
    desk.log()
    with desk.app.app_context():
        query = sa.select(Notification.person_id).where(Notification.digest_at <= at("09:00"))
        compiled = query.compile(db.engine, compile_kwargs={"literal_binds": False})
        plan = db.session.execute(
            sa.text(f"EXPLAIN QUERY PLAN {str(compiled).replace('?', ':x')}"), {"x": "2026"}
        ).all()
        assert "ix_notification_person_id_digest_at" in str(plan)
        assert digests._due(at("09:00")) == []
