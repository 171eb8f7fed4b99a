"""`flask desk mail-in`: what a mail server's pipe gets to know."""

from __future__ import annotations

import os
import smtplib

import pytest
import sqlalchemy as sa
from flask.testing import FlaskCliRunner

from servicedesk.bridge.models import SET_ASIDE, ReceivedMail
from tests.bridge.letterbox import mail
from tests.cast import Desk
from tests.support.smtp import mail_in, piping

NAMES = ("DATABASE_URL", "DESK_VAR", "SECRET_KEY", "DESK_URL", "MAIL_INBOX", "MAIL_VOUCHER")


@pytest.fixture
def settings_of(desk: Desk) -> dict[str, str]:
    """The desk's settings, for other processes."""
    return {name: str(desk.app.config[name]) for name in NAMES}


@pytest.fixture
def runner(desk: Desk) -> FlaskCliRunner:
    return desk.app.test_cli_runner()


def rows(desk: Desk) -> list[ReceivedMail]:
    with desk.session() as session:
        return list(session.scalars(sa.select(ReceivedMail)))


def test_a_mail_is_taken_once(desk: Desk, runner: FlaskCliRunner) -> None:
    """H7: exit 0, and 0 again when the mail server comes with the same mail."""
    for _n in range(2):
        done = runner.invoke(args=["desk", "mail-in"], input=mail())
        assert (done.exit_code, done.output) == (0, "")
    (row,) = rows(desk)
    assert row.incident_id is not None


def test_one_that_is_set_aside_is_taken_all_the_same(desk: Desk, runner: FlaskCliRunner) -> None:
    """H7: the mail server has done its work: a person at the desk decides."""
    raw = mail(sender="emi@kita.example, kim@netone.example", vouched=None)
    assert runner.invoke(args=["desk", "mail-in"], input=raw).exit_code == 0
    assert [row.state for row in rows(desk)] == [SET_ASIDE]


@pytest.mark.parametrize("given", [b"", b"\n \n"])
def test_nothing_is_wrong_use(desk: Desk, runner: FlaskCliRunner, given: bytes) -> None:
    done = runner.invoke(args=["desk", "mail-in"], input=given)
    assert done.exit_code == 2
    assert rows(desk) == []


def test_other_words_are_wrong_use(runner: FlaskCliRunner) -> None:
    assert runner.invoke(args=["desk", "mail-in", "--sender", "x"], input=b"x").exit_code == 2


@pytest.mark.backends("sqlite")
def test_a_database_that_is_away_has_the_mail_server_try_again(
    settings_of: dict[str, str],
) -> None:
    """H7: exit 75 (EX_TEMPFAIL); nothing of the mail in what is said."""
    away = settings_of | {"DATABASE_URL": "postgresql+psycopg://desk:zqpassword@127.0.0.1:1/desk"}
    status, said = mail_in(away, mail(subject="zqsecret"))
    assert status == os.EX_TEMPFAIL == 75
    assert said
    assert "zqpassword" not in said
    assert "zqsecret" not in said


@pytest.mark.backends("sqlite")
def test_from_smtp_to_an_incident(desk: Desk, settings_of: dict[str, str]) -> None:
    """H7: a real mail server, its pipe, and the desk as a process of its own."""
    with piping(settings_of) as pipe, smtplib.SMTP("127.0.0.1", pipe.port) as line:
        line.sendmail("emi@kita.example", ["desk@kita.example"], mail())
        line.sendmail("emi@kita.example", ["desk@kita.example"], mail())
    assert pipe.statuses == [0, 0]
    (row,) = rows(desk)
    assert row.incident_id is not None


@pytest.mark.backends("sqlite")
def test_while_the_database_is_away_the_sender_is_told_to_come_back(
    settings_of: dict[str, str],
) -> None:
    away = settings_of | {"DATABASE_URL": "postgresql+psycopg://desk:x@127.0.0.1:1/desk"}
    with piping(away) as pipe, smtplib.SMTP("127.0.0.1", pipe.port) as line:
        with pytest.raises(smtplib.SMTPDataError) as refusal:
            line.sendmail("emi@kita.example", ["desk@kita.example"], mail())
        assert refusal.value.smtp_code == 451
