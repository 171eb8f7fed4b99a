"""H7: taken, set aside or dropped: every reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from servicedesk.bridge.incoming import Incoming
from servicedesk.bridge.judging import LINE, NEW, REPLY, About, Known, judge

MAIL = Incoming("1@x", "0" * 64, "emi@kita.example", "", (), "", "x", "x", vouched=True)
MINE = About(LINE, is_reader=True, ended=False)
KNOWN = Known(tokens=0, about=None, people=1, may_log=True)


def judged(known: Known = KNOWN, **more: object) -> tuple[str, str | None, str | None]:
    found = judge(replace(MAIL, **more), known)  # type: ignore[arg-type]
    return found.state, found.reason, found.becomes


def aside(reason: str) -> tuple[str, str | None, str | None]:
    return "set_aside", reason, None


@pytest.mark.parametrize("kind", ["auto-reply", "bounce", "list", "loop"])
def test_what_a_machine_wrote_is_dropped(kind: str) -> None:
    """H7: automatic answers, bounces, lists and loops stop here, whoever they name."""
    assert judged(replace(KNOWN, tokens=1, about=MINE), automatic=kind) == ("dropped", kind, None)
    assert judged(replace(KNOWN, own=True)) == ("dropped", "loop", None)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"faults": ("large",)}, "too-big"),
        ({"vouched": False}, "forged"),
        ({"sender": None, "faults": ("sender-twice",)}, "no-sender"),
        ({"faults": ("sender-posing",)}, "posing"),
    ],
)
def test_a_doubtful_sender_is_set_aside_whatever_token_the_mail_has(
    more: dict[str, object], reason: str
) -> None:
    """H7: a token alone is not enough."""
    assert judged(replace(KNOWN, tokens=1, about=MINE), **more) == aside(reason)
    assert judged(KNOWN, **more) == aside(reason)


@pytest.mark.parametrize(
    ("tokens", "about", "verdict"),
    [
        (1, MINE, ("taken", None, LINE)),
        (1, None, aside("unknown-address")),
        (2, None, aside("several-addresses")),
        (1, replace(MINE, is_reader=False), aside("wrong-sender")),
        (1, replace(MINE, ended=True), aside("ended")),
        (1, replace(MINE, becomes=REPLY, ended=True), aside("closed")),
        (1, About(REPLY, True, False, may_write=False), aside("watcher")),
        (1, About(REPLY, True, False), ("taken", None, REPLY)),
    ],
)
def test_a_token_is_good_for_its_reader_while_it_lasts(
    tokens: int, about: About | None, verdict: tuple[str, str | None, str | None]
) -> None:
    """H7: unknown, ended, and used by somebody else: set aside."""
    assert judged(replace(KNOWN, tokens=tokens, about=about), vouched=None) == verdict


@pytest.mark.parametrize(
    ("known", "vouched", "verdict"),
    [
        (KNOWN, True, ("taken", None, NEW)),
        (KNOWN, None, aside("nobody-vouches")),
        (replace(KNOWN, trusting=True), None, ("taken", None, NEW)),
        (replace(KNOWN, trusting=True), False, aside("forged")),
        (replace(KNOWN, people=0), True, aside("unknown-sender")),
        (replace(KNOWN, people=2), True, aside("several-people")),
        (replace(KNOWN, may_log=False), True, aside("no-address")),
        (replace(KNOWN, recent=60), True, aside("too-many")),
        (replace(KNOWN, recent=59), True, ("taken", None, NEW)),
        (replace(KNOWN, numbered=About(REPLY, True, False)), True, ("taken", None, REPLY)),
        (replace(KNOWN, numbered=About(REPLY, True, True)), True, aside("closed")),
        (replace(KNOWN, numbered=About(REPLY, False, False)), True, aside("others-number")),
    ],
)
def test_without_a_token_our_own_server_has_to_vouch(
    known: Known, vouched: bool | None, verdict: tuple[str, str | None, str | None]
) -> None:
    """H7: new incidents by mail from an active person that the mail server vouches for."""
    assert judged(known, vouched=vouched) == verdict
