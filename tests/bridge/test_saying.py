"""H7: what a partner's first lines ask for, in both languages."""

from __future__ import annotations

import pytest

from servicedesk.bridge.saying import ANSWER, ASK, BACK, Said, read


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("#answer\nThe line is repaired.", Said("The line is repaired.", ANSWER)),
        ("#Answer: The line is repaired.", Said("The line is repaired.", ANSWER)),
        ("＃回答　直しました？\nご確認ください", Said("直しました？\nご確認ください", ANSWER)),
        ("\n  # ASK which port?", Said("which port?", ASK)),
        ("#質問\nどのポート", Said("どのポート", ASK)),
        ("#差し戻し: 別会社です", Said("別会社です", BACK)),
        ("#back not our line", Said("not our line", BACK)),
        ("#accept", Said("", accept=True)),
        ("#受入\n明日伺います", Said("明日伺います", accept=True)),
        ("#番号 ＮＯ－１２３\n\n#回答\n済", Said("済", ANSWER, ticket="NO-123")),
        ("#ticket NO-1\nWe look at it", Said("We look at it", ticket="NO-1")),
    ],
)
def test_the_first_lines_say_what_is_to_be_done(text: str, said: Said) -> None:
    """H7: `#answer`, `#ask`, `#back`, `#ticket`, in both languages, any width and case."""
    assert read(text) == said


@pytest.mark.parametrize(
    "text",
    ["#answering machine", "Hello\n#answer it", "#回答します", "answer: yes", "#", "", "#ticket"],
)
def test_what_is_not_clear_is_a_line_as_it_stands(text: str) -> None:
    """H7: what isn't clear stays a line in the thread."""
    assert read(text) == Said(text.strip())
