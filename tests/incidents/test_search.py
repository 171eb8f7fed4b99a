"""The search: what is found, by whom, and that nothing leaks through it; on both databases."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk.db import transaction
from servicedesk.escalation import commands as escalation
from servicedesk.escalation.work import commands as work
from servicedesk.escalation.work import queries as work_queries
from servicedesk.incidents import commands, documents, search
from servicedesk.incidents.doing import add_comment, doing
from servicedesk.incidents.models import HandOff, Incident
from servicedesk.incidents.terms import Sought, Term, sought, words
from servicedesk.intake import results
from servicedesk.people.models import Person
from tests.cast import Desk, at

# Words


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Printer in Room 3F", ["printer", "in", "room", "3f"]),
        ("無線LANが遅い", ["無線", "線", "lan", "が遅", "遅い", "い"]),
        ("ＡＢＣ１２ ﾌﾟﾘﾝﾀ", ["abc12", "プリ", "リン", "ンタ", "タ"]),
        ("wi-fi, INC-00000012", ["wi", "fi", "inc", "00000012"]),
        ("縞", ["縞"]),
        ("x" * 99, ["x" * 40]),
        ("' \\ \0 : * & |", []),
    ],
)
def test_texts_become_words_and_pairs_of_characters(text: str, kept: list[str]) -> None:
    assert list(words([text, None])) == kept


def test_the_long_vowel_at_the_end_of_a_loanword_is_written_or_not() -> None:
    assert words(["プリンターが"]) == words(["プリンタが"])
    assert words(["エラー"]) != words(["エラ"])


def test_a_text_of_any_length_can_be_kept() -> None:
    """A tsvector takes 1 MiB: whatever people paste, nothing is refused for it."""
    text = "".join(chr(0x20000 + n) for n in range(40_000))
    assert 20_000 < len(words([text])) < 40_000


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Print", (Term("print", begins=True),)),
        ("a 3", (Term("a"), Term("3"))),
        ("東京都", (Term("東京"), Term("京都"))),
        ("縞", (Term("縞", begins=True),)),
        ("%", ()),
    ],
)
def test_what_is_typed_becomes_terms(text: str, wanted: tuple[Term, ...]) -> None:
    assert sought(text) == Sought(wanted, 3 if text == "3" else None)


@pytest.mark.parametrize("text", ["INC-00000012", "inc-12", "ＩＮＣ－１２", "INC 12", "00000012"])
def test_a_number_is_read_however_it_is_written(text: str) -> None:
    said = sought(text)
    assert (said.number, said.in_full) == (12, True)


@pytest.mark.parametrize(("text", "number"), [("12", 12), ("99999999999", None), ("12a", None)])
def test_digits_alone_may_be_a_number(text: str, number: int | None) -> None:
    assert (sought(text).number, sought(text).in_full) == (number, False)


# Finding


def found(desk: Desk, text: str, who: str = "ito") -> list[int]:
    """Give the numbers of the incidents that somebody finds."""
    with desk.session() as session:
        person = session.scalars(sa.select(Person).where(Person.key == who)).one()
        query = sa.select(Incident.number).where(search.found(text, person))
        return list(session.scalars(query.order_by(Incident.number)))


def handed(desk: Desk, text: str, who: str) -> list[int]:
    """Give the numbers of the incidents whose hand-offs a partner's person finds."""
    with desk.session() as session:
        person = session.scalars(sa.select(Person).where(Person.key == who)).one()
        query = sa.select(Incident.number).select_from(HandOff).join(Incident)
        return list(session.scalars(query.where(search.found_handoffs(text, person))))


@pytest.fixture
def three(desk: Desk) -> Desk:
    """Three incidents with words of their own."""
    desk.log(title="Stripes on every page", description="3階カラープリンターに縞が出る")
    desk.log(by="taro", title="東京支店の無線LANが遅い", description="Slow since O'Neil moved")
    desk.log(title="VPN 50%_off", description="Error 0x80070005 in 192.168.0.1")
    return desk


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("stripes", [1]),
        ("STRI", [1]),
        ("ripes", []),
        ("stripes every", [1]),
        ("stripes slow", []),
        ("東京", [2]),
        ("京都", []),
        ("無線", [2]),
        ("ムセン", []),
        ("ｶﾗｰﾌﾟﾘﾝﾀ", [1]),
        ("プリンター 縞", [1]),
        ("縞", [1]),
        ("遅", [2]),
        ("O'Neil", [2]),
        ("0x8007", [3]),
        ("192.168.0.1", [3]),
        ("endo", [1, 3]),
        ("sales stripes", [1]),
        ("INC-2", [2]),
        ("２", [2]),
        ("00000003", [3]),
        ("INC-99", []),
        ('"', []),
        ("* OR", []),
        ("", []),
    ],
)
def test_words_are_found_wherever_they_stand(three: Desk, text: str, numbers: list[int]) -> None:
    assert found(three, text) == numbers


def test_what_is_written_later_is_found_at_once(desk: Desk) -> None:
    n = desk.log()
    desk.do(commands.comment, n, "reply", "Please restart it", by="ito", when="09:10")
    assert found(desk, "restart") == [n]
    desk.do(commands.resolve, n, "solved", "交換しました", by="ito", when="09:20")
    assert found(desk, "交換") == [n]


def test_a_refused_act_leaves_no_words(desk: Desk) -> None:
    """The words are kept in the transaction of the act."""
    n = desk.log()

    def act() -> None:
        with desk.session() as session:
            ito = session.scalars(sa.select(Person).where(Person.key == "ito")).one()
            with doing(n, actor=ito, now=at("09:20")) as it:
                add_comment(it, "note", "Unthinkable", desk=True)
                documents.index(it.session, [it.incident.id])
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()
    assert found(desk, "unthinkable") == []


def test_who_is_renamed_is_found_by_the_new_name(desk: Desk) -> None:
    n = desk.log()
    with desk.session(), transaction() as session:
        session.scalars(sa.select(Person).where(Person.key == "emi")).one().name = "Mori Emi"
    assert (found(desk, "mori emi"), found(desk, "endo")) == ([n], [])


def test_many_who_are_renamed_at_once_are_found_too(desk: Desk) -> None:
    """As an import of people writes them: with one statement."""
    n = desk.log()
    with desk.session(), transaction() as session:
        rows = [{"id": desk.id(key), "name": name} for key, name in NAMES.items()]
        session.execute(sa.update(Person), rows)
    assert (found(desk, "mori emi"), found(desk, "endo")) == ([n], [])


NAMES = {"emi": "Mori Emi", "taro": "Tada Taro"}


# Who finds what


@pytest.fixture
def told(desk: Desk) -> int:
    """A story in which each text has a word of its own, as somebody reads it."""
    n = desk.log(title="wordtitle", description="worddescription")

    def do(by: str, when: str, act: object, *what: object, **more: object) -> None:
        desk.do(act, n, *what, by=by, when=when, **more)  # type: ignore[arg-type]

    do("ito", "09:10", commands.comment, "reply", "wordreply")
    do("ito", "09:20", commands.comment, "note", "wordnote")
    do("ito", "09:30", escalation.hand_off, "netone", note="wordnetasked")
    do("kim", "09:40", escalation.write, 1, "wordnetthread")
    do("kim", "09:45", escalation.note_ticket, 1, "wordticket")
    do("kim", "09:50", escalation.answer, 1, "wordnetanswer")
    do("ito", "10:00", escalation.hand_off, "printco", note="wordprint", share_requester=True)
    do("ito", "10:10", commands.resolve, "solved", "wordsolved", root_cause="wordcause")
    return n


SEEN = {"title", "description", "reply", "solved"}
DESK = {"note", "cause", "netasked", "netthread", "netanswer", "ticket", "print"}
NETONE = {"title", "description", "netasked", "netthread", "netanswer", "ticket"}
PRINTCO = {"title", "description", "print"}


@pytest.mark.parametrize(
    ("who", "readable"),
    [
        ("emi", SEEN),
        ("taro", set()),
        ("root", set()),
        ("ito", SEEN | DESK),
        ("mori", SEEN | DESK),
        ("ueda", SEEN | DESK),
        ("kim", set()),
    ],
)
def test_everybody_finds_by_what_they_may_read(
    desk: Desk, told: int, who: str, readable: set[str]
) -> None:
    """§3, §9: a search matches only what its reader could read."""
    hits = {word for word in SEEN | DESK if found(desk, f"word{word}", who)}
    assert hits == readable


@pytest.mark.parametrize(
    ("who", "readable"), [("kim", NETONE), ("park", PRINTCO), ("ito", set()), ("emi", set())]
)
def test_a_partner_finds_by_what_its_sheet_shows(
    desk: Desk, told: int, who: str, readable: set[str]
) -> None:
    """H8: number, title, description, what was shared, its own thread; nothing of others."""
    hits = {word for word in SEEN | DESK if handed(desk, f"word{word}", who)}
    assert hits == readable
    assert handed(desk, "endo", who) == ([told] if who == "park" else [])
    assert handed(desk, f"INC-{told}", who) == ([told] if readable else [])


BESIDE: list[tuple[str, str, Any, tuple[object, ...]]] = [  # each text has a word of its own
    ("ito", "09:10", work.request, ("netone", "wordhead", "wordbody")),
    ("kim", "09:20", work.write, (1, "wordline")),
    ("kim", "09:25", work.note_ticket, (1, "wordticket")),
    ("kim", "09:30", work.finish, (1, "worddone")),
    ("ito", "09:40", work.request, ("printco", "wordprint")),
    ("ito", "09:45", work.withdraw, (2, "wordwithdrawn")),
    ("ito", "09:50", work.request, ("network", "wordgroup")),
    ("mori", "09:55", work.send_back, (3, "wordback")),
]


@pytest.fixture
def asked(desk: Desk) -> int:
    """Work is asked of two partners and of a group."""
    n = desk.log(title="wordtitle")
    for by, when, act, what in BESIDE:
        desk.do(act, n, *what, by=by, when=when)
    return n


def test_what_is_said_of_a_work_request_is_found_at_once(desk: Desk) -> None:
    """H6: the words are kept in the transaction of each act."""
    n = desk.log()
    for by, when, act, what in BESIDE:
        desk.do(act, n, *what, by=by, when=when)
        assert found(desk, str(what[-1])) == [n]


OF_NETONE = {"head", "body", "line", "ticket", "done"}
OF_PRINTCO, OF_NETWORK = {"print", "withdrawn"}, {"group", "back"}
ASKED = OF_NETONE | OF_PRINTCO | OF_NETWORK


@pytest.mark.parametrize(
    ("who", "incidents", "requests"),
    [
        ("ito", ASKED, set()),
        ("mori", ASKED, OF_NETWORK),
        ("ueda", ASKED, set()),
        ("emi", set(), set()),
        ("taro", set(), set()),
        ("root", set(), set()),
        ("kim", set(), OF_NETONE),
        ("park", set(), OF_PRINTCO),
    ],
)
def test_work_requests_are_found_by_who_may_see_them(
    desk: Desk, asked: int, who: str, incidents: set[str], requests: set[str]
) -> None:
    """H6, H8, §9: the desk finds the incident by all of them; who is asked its own requests."""
    with desk.session() as session:
        person = session.scalars(sa.select(Person).where(Person.key == who)).one()
        by_word = {w: work_queries.counts(session, person, f"word{w}") for w in (*ASKED, "title")}
        all_of = work_queries.counts(session, person, f"INC-{asked:08d}")
        pages = {w: results.find_requests(session, person, f"word{w}") for w in ASKED}
    assert {word for word in ASKED if found(desk, f"word{word}", who)} == incidents
    assert {word for word, count in by_word.items() if sum(count.values())} == requests
    assert sum(all_of.values()) == (1 if requests else 0)
    mine = requests if who in ("kim", "park") else set()
    assert {word for word, page in pages.items() if page.hits} == mine
    assert all(page.total == len(page.hits) for page in pages.values())


def test_requests_of_what_is_confidential_are_found_by_named_people_alone(desk: Desk) -> None:
    """§9: and by the partner that was asked."""
    n = desk.log(title="Garnishment", service="payroll")
    desk.do(work.request, n, "netone", "wordhead", by="ito", when="09:10")
    assert {who: found(desk, "wordhead", who) for who in ("ito", "mori", "ueda", "emi")} == {
        "ito": [n],
        "mori": [],
        "ueda": [],
        "emi": [],
    }
    page = desk.visit("kim").get("/search?q=wordhead").text
    assert "wordhead" in page.partition("Work requests")[2]
    assert "Garnishment" not in page


def test_requests_without_words_are_noticed_and_get_them(desk: Desk, asked: int) -> None:
    """A desk that is older than the search of requests gets their words with the next `init`."""
    with desk.session(), transaction() as session:
        session.execute(sa.text("DELETE FROM work_request_search"))
    assert len([line for line in desk.differences() if "search" in line]) == 1
    with desk.session() as session:
        assert documents.complete() == 1
        assert documents.complete() == 0
        kim = session.scalars(sa.select(Person).where(Person.key == "kim")).one()
        assert results.find_requests(session, kim, "wordline").total == 1


def test_what_is_confidential_is_found_by_named_people_alone(desk: Desk) -> None:
    """§9: others find it by no word of it."""
    n = desk.log(title="Garnishment", service="payroll")
    assert {who: found(desk, "garnishment", who) for who in ("emi", "ito", "mori", "ueda")} == {
        "emi": [n],
        "ito": [n],
        "mori": [],
        "ueda": [],
    }
    assert found(desk, f"INC-{n}", "ueda") == []


def test_a_watcher_finds_what_the_requester_reads(desk: Desk) -> None:
    n = desk.log(title="Flood")
    desk.do(commands.comment, n, "note", "Insured", by="ito", when="09:10")
    desk.do(commands.watch, n, desk.id("taro"), by="ito", when="09:20")
    assert (found(desk, "flood", "taro"), found(desk, "insured", "taro")) == ([n], [])


# Keeping


def test_what_is_missing_is_noticed_and_made_anew(desk: Desk, told: int) -> None:
    with desk.session(), transaction() as session:
        session.execute(sa.text("DELETE FROM incident_search"))
    assert [line for line in desk.differences() if "search" in line] == [
        f"INC-{told:08d}: search: its words are missing or of other texts"
    ]
    with desk.session():
        assert documents.complete() == 1
        assert documents.complete() == 0
        assert documents.complete(anew=True) == 1
    assert desk.differences() == []
    assert found(desk, "wordnote") == [told]
    assert handed(desk, "wordticket", "kim") == [told]


def test_words_of_other_texts_are_noticed(desk: Desk, told: int) -> None:
    """`check` compares, and `check --repair` keeps what the texts say."""
    with desk.session(), transaction() as session:
        session.scalars(sa.select(Incident)).one().title = "Other"
    assert len(desk.differences()) == 1
    from servicedesk.history.check import check

    with desk.session():
        assert check(now=at("2027-01-15 10:00"), repair=True).repaired == 1
    assert found(desk, "other") == [told]


def test_a_long_thread_is_kept_whatever_is_in_it(desk: Desk) -> None:
    n = desk.log(description="".join(chr(0x20000 + n) for n in range(19_000)))
    for start in range(3):
        body = "".join(chr(0x25000 + start * 19_000 + n) for n in range(19_000))
        desk.do(commands.comment, n, "reply", body, by="ito", when="09:10")
    assert found(desk, "network") == [n]


@pytest.mark.backends("postgresql")
def test_frequent_words_are_found_as_rare_ones_are(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [desk.log(title=f"Printer {n}") for n in range(3)]
    for rare in (0, 1000):
        monkeypatch.setattr(search, "RARE", rare)
        assert found(desk, "printer") == numbers
        assert found(desk, "scanner") == []


def test_the_command_keeps_what_is_missing(desk: Desk, told: int) -> None:
    """What `init` does too, for a desk that is older than its search."""

    def run(*args: str) -> str:
        return desk.app.test_cli_runner().invoke(args=["desk", "search-index", *args]).stdout

    with desk.session(), transaction() as session:
        session.execute(sa.text("DELETE FROM incident_search"))
    said = [run(), run(), run("--anew")]
    assert said == [f"{n} incidents added to the search.\n" for n in (1, 0, 1)]
    assert found(desk, "wordtitle") == [told]
