from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from threading import Barrier, Thread
from unittest.mock import Mock

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask

from servicedesk import db
from servicedesk.errors import BadInput, NotFound
from servicedesk.people import attempts, commands, passwords
from servicedesk.people.attempts import TooManyAttempts
from servicedesk.people.commands import WrongNameOrPassword
from servicedesk.people.models import Person, SignInAttempt
from tests.people.signing import PASSWORD, person

HOME = "192.0.2.1"


@pytest.fixture(autouse=True)
def _inside(app: Flask, alice: int) -> Iterator[None]:
    with app.app_context():
        yield
        db.db.session.remove()


def attempt(
    now: datetime, key: str = "alice", password: str = PASSWORD, address: str = HOME
) -> int:
    return commands.sign_in(key=key, password=password, address=address, now=now).id


def fail(now: datetime, times: int = 1, key: str = "alice", address: str = HOME) -> None:
    for _ in range(times):
        with pytest.raises(WrongNameOrPassword):
            attempt(now, key, "wrong password", address)


def kept() -> int:
    return db.db.session.scalar(sa.select(sa.func.count()).select_from(SignInAttempt)) or 0


def alice_row() -> Person:
    db.db.session.rollback()
    return db.db.session.execute(sa.select(Person).filter_by(key="alice")).scalar_one()


def test_the_right_password_lets_in(alice: int, now: datetime) -> None:
    assert attempt(now) == alice


@pytest.mark.parametrize("typed", [" alice ", "Alice", "ａｌｉｃｅ"])
def test_a_name_is_read_as_it_was_meant(alice: int, now: datetime, typed: str) -> None:
    assert attempt(now, typed) == alice


@pytest.mark.parametrize("key", ["nobody", "", "x" * 65, "a\x00b", "bob", "carol", "'--"])
def test_who_is_unknown_inactive_or_without_password_hears_the_same_as_who_mistypes(
    app: Flask, now: datetime, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    person(app, "bob", "agent", active=False)
    person(app, "carol", "agent", password_hash=None)
    matches = Mock(wraps=passwords.matches)
    monkeypatch.setattr(passwords, "matches", matches)
    with pytest.raises(WrongNameOrPassword, match=r"^Name or password is wrong\.$"):
        attempt(now, key)
    assert matches.call_count == 1  # one hash was computed, as for everybody


def test_after_five_failures_even_the_right_password_has_to_wait(now: datetime) -> None:
    fail(now, 5)
    with pytest.raises(TooManyAttempts):
        attempt(now)


def test_four_failures_do_not_lock_out(alice: int, now: datetime) -> None:
    fail(now, 4)
    assert attempt(now) == alice


def test_the_wait_ends_a_quarter_of_an_hour_after_the_failures(alice: int, now: datetime) -> None:
    fail(now, 5)
    with pytest.raises(TooManyAttempts):
        attempt(now + timedelta(minutes=14, seconds=59))
    assert attempt(now + timedelta(minutes=15)) == alice


def test_trying_while_waiting_does_not_make_the_wait_longer(alice: int, now: datetime) -> None:
    fail(now, 5)
    for minute in range(1, 15):
        with pytest.raises(TooManyAttempts):
            attempt(now + timedelta(minutes=minute))
    assert attempt(now + timedelta(minutes=15)) == alice


def test_an_unknown_name_is_limited_like_a_known_one(now: datetime) -> None:
    fail(now, 5, key="nobody")
    with pytest.raises(TooManyAttempts):
        attempt(now, "nobody")


def test_somebody_else_is_not_kept_waiting(app: Flask, now: datetime) -> None:
    bob = person(app, "bob", "agent")
    fail(now, 5)
    assert attempt(now, "bob") == bob


def test_signing_in_forgets_the_failures_of_that_name(now: datetime) -> None:
    fail(now, 4)
    attempt(now)
    fail(now, 4)
    attempt(now)


def test_signing_in_does_not_forget_failures_at_other_names(now: datetime) -> None:
    fail(now, 3, key="bob")
    attempt(now)
    assert kept() == 3


def test_fifty_failures_from_one_address_keep_all_of_it_waiting(alice: int, now: datetime) -> None:
    for number in range(50):
        fail(now, key=f"guess-{number}")
    with pytest.raises(TooManyAttempts):
        attempt(now)
    assert attempt(now, address="192.0.2.2") == alice


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:aaaa:bbbb:cccc:dddd", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:" + "x" * 200, "unix:" + "x" * 59),
    ],
)
@pytest.mark.backends("sqlite")
def test_an_address_is_counted_by_who_has_it(address: str, counted: str) -> None:
    assert attempts.network(address) == counted


def test_old_attempts_are_thrown_away(now: datetime) -> None:
    fail(now, 3, key="bob")
    fail(now + timedelta(minutes=20))
    assert kept() == 1


def test_what_was_typed_as_a_name_is_not_kept(now: datetime) -> None:
    fail(now, key="my-secret-password")
    assert "secret" not in db.db.session.scalars(sa.select(SignInAttempt.key)).one()


def test_many_at_the_same_moment_get_five_guesses_and_no_more(app: Flask, now: datetime) -> None:
    together, wrong, limited = Barrier(12), [], []

    def guess(number: int) -> None:
        with app.app_context():
            together.wait()
            try:
                attempt(now, password="wrong password", address=f"192.0.2.{number}")
            except WrongNameOrPassword:
                wrong.append(number)
            except TooManyAttempts:
                limited.append(number)
            finally:
                db.db.session.remove()

    run(guess, 12)
    assert (len(wrong), len(limited)) == (5, 7)


def test_many_names_at_the_same_moment_share_an_address_without_deadlock(
    app: Flask, now: datetime
) -> None:
    seen: list[type[Exception]] = []

    def guess(number: int) -> None:
        with app.app_context():
            for step in range(5):
                try:
                    attempt(now, key=f"guess-{(number + step) % 3}", password="wrong password")
                except (WrongNameOrPassword, TooManyAttempts) as error:
                    seen.append(type(error))
            db.db.session.remove()

    run(guess, 6)
    assert seen.count(WrongNameOrPassword) == 15
    assert seen.count(TooManyAttempts) == 15


def run(guess: Callable[[int], None], count: int) -> None:
    threads = [Thread(target=guess, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)


def test_a_hash_with_old_parameters_is_renewed_on_signing_in(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = alice_row().password_hash
    dearer = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    monkeypatch.setattr(passwords, "hasher", dearer)
    token = alice_row().session_token
    attempt(now)
    after = alice_row()
    assert after.password_hash != before
    assert not dearer.check_needs_rehash(after.password_hash or "")
    assert after.session_token == token  # other sessions go on


def test_a_password_changed_while_the_old_one_is_checked_wins(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = passwords.matches

    def meanwhile(stored: str | None, text: str) -> bool:
        commands.set_password(key="alice", password="another password", now=now)
        return real(stored, text)

    monkeypatch.setattr(passwords, "matches", meanwhile)
    with pytest.raises(WrongNameOrPassword):
        attempt(now)


def test_setting_a_password_replaces_the_old_one_and_the_session(alice: int, now: datetime) -> None:
    token = alice_row().session_token
    commands.set_password(key="alice", password="another password", now=now)
    assert alice_row().session_token != token
    fail(now, 1)
    with pytest.raises(WrongNameOrPassword):
        attempt(now)
    assert attempt(now, password="another password") == alice


def test_setting_a_password_ends_the_wait(alice: int, now: datetime) -> None:
    fail(now, 5)
    commands.set_password(key="alice", password="another password", now=now)
    assert attempt(now, password="another password") == alice


def test_a_password_that_is_too_short_changes_nothing(now: datetime) -> None:
    before = alice_row()
    stored, token = before.password_hash, before.session_token
    with pytest.raises(BadInput, match="at least 10"):
        commands.set_password(key="alice", password="short", now=now)
    assert (alice_row().password_hash, alice_row().session_token) == (stored, token)


def test_nobody_has_no_password(now: datetime) -> None:
    with pytest.raises(NotFound, match="no person with the key “nobody”"):
        commands.set_password(key="nobody", password=PASSWORD, now=now)


def test_a_language_is_kept_with_the_person(alice: int) -> None:
    commands.choose_language(person_id=alice, language="ja")
    assert alice_row().language == "ja"
