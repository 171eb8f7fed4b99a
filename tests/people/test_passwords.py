from __future__ import annotations

from unittest.mock import Mock

import pytest
from argon2 import PasswordHasher
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from servicedesk.errors import BadInput
from servicedesk.people import passwords

GOOD = "correct horse battery"


def test_a_password_matches_its_own_hash_only() -> None:
    stored = passwords.hashed(GOOD)
    assert passwords.matches(stored, GOOD)
    assert not passwords.matches(stored, GOOD.upper())


def test_the_same_password_is_never_stored_the_same_twice() -> None:
    assert passwords.hashed(GOOD) != passwords.hashed(GOOD)


def test_what_is_stored_is_argon2id_and_fits_its_column() -> None:
    stored = PasswordHasher().hash(GOOD)  # the parameters in use outside of tests
    assert stored.startswith("$argon2id$")
    assert len(stored) <= 200


@pytest.mark.backends("sqlite")
def test_nine_characters_are_too_few_and_ten_are_enough(app: Flask) -> None:
    with app.app_context(), pytest.raises(BadInput, match="at least 10 characters"):
        passwords.hashed("123456789")
    assert passwords.hashed("1234567890")


def test_characters_are_counted_not_bytes() -> None:
    assert passwords.matches(
        passwords.hashed("雨ニモマケズ風ニモマケズ"), "雨ニモマケズ風ニモマケズ"
    )


def test_full_width_letters_are_the_same_password() -> None:
    assert passwords.matches(passwords.hashed("abcdefghij1"), "ａｂｃｄｅｆｇｈｉｊ１")


@given(st.text(st.characters(codec="utf-8"), max_size=80))
def test_no_password_matches_what_nobody_has(text: str) -> None:
    assert not passwords.matches(None, text)


def test_without_a_stored_hash_one_of_the_same_cost_is_computed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stored = passwords.hashed(GOOD)
    spy = Mock(wraps=passwords.hasher)
    monkeypatch.setattr(passwords, "hasher", spy)
    passwords.matches(None, GOOD)
    passwords.matches(stored, GOOD)
    asked = [call.args[0] for call in spy.verify.call_args_list]
    assert [cost(text) for text in asked] == [cost(stored)] * 2


def cost(stored: str) -> tuple[str, int]:
    return stored.rsplit("$", 2)[0], len(stored)


def test_what_is_no_hash_matches_nothing() -> None:
    assert not passwords.matches("plain text", "plain text")


def test_a_hash_made_with_other_parameters_is_outdated() -> None:
    stored = passwords.hashed(GOOD)
    assert not passwords.outdated(stored)
    assert passwords.outdated(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(GOOD))
