from __future__ import annotations

import pytest

from servicedesk.people.models import Group, Person, initials


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Ito Tsubasa", "IT"),
        ("John Ronald Reuel Tolkien", "JT"),
        ("o'neill, shaun", "OS"),
        ("Madonna", "MA"),
        ("netone-kim", "NK"),
        ("Ångström Åsa", "ÅÅ"),
        ("ßen Ba", "SS"),
        ("伊藤 翼", "伊藤"),
        ("伊藤　翼", "伊藤"),
        ("伊藤翼", "伊藤"),
        ("佐々木 希", "佐々"),
        ("ｷﾑ ﾐﾝｼﾞｭﾝ", "キム"),
        ("김민준", "김민"),
        ("林", "林"),
        ("山田 Taro", "山田"),
        ("007", "00"),
        ("…", "…"),
        ("", ""),
    ],
)
def test_a_name_is_shortened_to_at_most_two_characters(name: str, short: str) -> None:
    assert initials(name) == short
    assert len(short) <= 2


def test_whoever_leads_a_group_is_its_lead() -> None:
    person = Person(roles=["agent"], leads=[Group()])
    assert person.held_roles == {"agent", "lead"}
    assert person.has("manager", "lead")


def test_whoever_leads_none_is_no_lead() -> None:
    assert not Person(roles=["agent"], leads=[]).has("lead")


def test_the_cookie_carries_a_token_and_not_the_id() -> None:
    assert Person(id=7, session_token="abc").get_id() == "abc"
