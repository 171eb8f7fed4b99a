"""A history that cannot be used: one sentence that names line and field, and nothing is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from servicedesk.errors import BadInput
from servicedesk.history.replay import BATCH, NEEDED, replay
from servicedesk.incidents.models import Incident
from servicedesk.people.models import Person
from tests.cast import Desk, at
from tests.history.histories import LATER, History

GOOD = {"state": "new", "service": "internet", "requester": "emi"}


def refused(history: History, **how: str) -> str:
    """Import a file that is refused, and give the sentence; nothing of it may be kept."""
    with pytest.raises(BadInput) as error:
        history.replay(**how)
    return kept_nothing(history.desk, str(error.value))


def kept_nothing(desk: Desk, sentence: str) -> str:
    with desk.session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Incident)) == 0
        assert session.scalar(sa.select(Person.id).where(Person.listed.is_(False))) is None
    assert desk.log() == 1
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"state": "open"}, "state: “open” is none of new, in_progress, on_hold, resolved"),
        ({"state": "-"}, "state: “-” is none of"),
        ({"state": "on_hold"}, "hold: on_hold needs its reason"),
        ({"state": "on_hold", "hold": "lunch"}, "hold: “lunch” is none of requester"),
        ({"state": "in_progress", "hold": "other"}, "hold: goes with on_hold only"),
        ({"hold": "other"}, "hold: goes with on_hold only"),
        ({"at": ""}, "at: is empty"),
        ({"at": "2026-11-26T10:00:00"}, "at: “2026-11-26T10:00:00” is no instant such as"),
        ({"at": "yesterday"}, "at: “yesterday” is no instant"),
        ({"at": "0001-01-01T00:00:00+09:00"}, "at: “0001-01-01T00:00:00+09:00” is no instant"),
        ({"at": "9999-12-31T23:59:59-09:00"}, "at: “9999-12-31T23:59:59-09:00” is no instant"),
        ({"at": "2026-11-26T08:59:59+09:00"}, "at: lies before the row above"),
        ({"at": "2027-01-15T10:00:01+09:00"}, "at: lies in the future"),
        ({"group": "coffee"}, "group: there is no “coffee” in the set-up"),
        ({"group": "-"}, "group: there is no “-” in the set-up"),
        ({"service": "coffee"}, "service: there is no “coffee” in the set-up"),
        ({"impact": "0"}, "impact: “0” is none of 1, 2, 3"),
        ({"urgency": "high"}, "urgency: “high” is none of 1, 2, 3"),
        ({"replied": "yes"}, "replied: “yes” is neither 0 nor 1"),
        ({"requested_due": "soon"}, "requested_due: “soon” is neither a day such as"),
        ({"requested_due": "2026-02-30"}, "requested_due: “2026-02-30” is neither a day"),
        ({"requested_due": "9999-12-31"}, "requested_due: “9999-12-31” is neither a day"),
        ({"promised_due": "2026-11-27T12:00:00"}, "promised_due: “2026-11-27T12:00:00” is"),
        ({"assignee": "x" * 65}, "assignee: “xxxxxxxxxxxxxxxxxxxx…” is longer than 64"),
        ({"requester": "x" * 65}, "requester: “xxxxxxxxxxxxxxxxxxxx…” is longer than 64"),
        ({"type": "problem"}, "type: “problem” is none of incident, request"),
        ({"channel": "fax"}, "channel: “fax” is none of portal"),
        ({"title": "x" * 20_001}, "a cell is longer than 20000 characters"),
        ({"title": "null\0"}, "a null character is no text"),
    ],
)
@pytest.mark.backends("sqlite")
def test_a_bad_row_names_line_and_field(history: History, cells: dict[str, str], said: str) -> None:
    """Contract: a bad row names line and field and nothing of that file is kept."""
    history.row("09:00", "a", assignee="a0001")
    history.row("09:00", "b")
    history.rows.append({"incident": "a", "at": at("10:00").isoformat(), **cells})
    history.row("11:00", "b", state="resolved")
    assert refused(history).startswith(f"history.csv:4: {said}")


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    ("key", "said"),
    [("", "incident: is empty"), ("x" * 121, "incident: is longer than 120 characters")],
)
def test_an_incident_has_a_key(history: History, key: str, said: str) -> None:
    history.row("09:00", "a")
    history.row("09:00", key)
    assert refused(history) == f"history.csv:3: {said}"


def test_a_bad_row_at_the_end_of_a_long_file_keeps_nothing(history: History) -> None:
    """All or nothing, also where thousands of rows were written already."""
    for n in range(BATCH + 1):
        history.row("09:00", f"a{n}", requester="a0001")
    history.row("10:00", f"a{BATCH}", group="coffee")
    assert refused(history).startswith(f"history.csv:{BATCH + 3}: group: there is no “coffee”")


@pytest.mark.backends("sqlite")
def test_another_history_under_a_known_key_is_refused(history: History) -> None:
    """Contract: idempotent; what differs from what was imported is not silently dropped."""
    history.row("09:00", "a")
    history.replay()
    history.row("10:00", "a", state="resolved")
    with pytest.raises(BadInput, match=r"history.csv:2: incident: “a” was imported before"):
        history.replay()
    assert history.desk.incident(1).state == "new"


# Files that are none

HEADER = ",".join(NEEDED)
ROW = "a,2026-11-26T09:00:00+09:00,new,,,,,,internet,,emi,,,"


def line(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], "1: the column “incident” is missing"),
        ([HEADER.replace("hold,", ""), ROW], "1: the column “hold” is missing"),
        ([f"{HEADER},colour", ROW], "1: there is no column “colour”"),
        ([f"{HEADER},at", ROW], "1: a column stands twice"),
        ([HEADER, f"{ROW},more"], "2: 15 cells where there are 14 columns"),
        ([HEADER, ROW, "a,2026-11-26T10:00:00+09:00,resolved"], "3: 3 cells where there are 14"),
        ([HEADER, ROW, ROW.replace("emi", '"emi')], "3: "),
        ([HEADER, ROW, b"a," + "名前".encode("shift_jis")], "3: 2 cells"),
        (
            [HEADER, ROW, ROW.encode().replace(b",,internet", b",,\x96\xbc")],
            "3: this is not UTF-8",
        ),
        ([b"\xff\xfei\x00n\x00c\x00"], "1: this is not UTF-8"),
    ],
)
def test_a_file_that_is_no_history_is_refused(
    desk: Desk, tmp_path: Path, content: list[bytes | str], said: str
) -> None:
    """Contract: UTF-8, header, the columns must be there; broken CSV gets one clear sentence."""
    path = tmp_path / "broken.csv"
    path.write_bytes(b"\n".join(line(one) for one in content))
    with desk.session(), pytest.raises(BadInput) as error:
        replay(path, now=at(LATER))
    assert kept_nothing(desk, str(error.value)).startswith(f"broken.csv:{said}")


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    "content",
    [
        f"\ufeff{HEADER}\n{ROW}\n",  # with a byte order mark
        f"{HEADER}\r\n{ROW}\r\n\r\n",
        f"{HEADER}\n" + ROW.replace(",,emi", ',"No\nnetwork, ""again""",emi') + "\n",
        " , ".join(NEEDED) + "\n" + ROW.replace("new", " new ") + "\n",
    ],
)
def test_the_usual_ways_to_write_csv_are_read(desk: Desk, tmp_path: Path, content: str) -> None:
    """Contract: UTF-8, header."""
    path = tmp_path / "good.csv"
    path.write_text(content, encoding="utf-8", newline="")
    with desk.session():
        assert replay(path, now=at(LATER)).incidents == 1


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("name", ["missing.csv", ""])
def test_a_file_that_cannot_be_read_is_said_to_be_so(desk: Desk, tmp_path: Path, name: str) -> None:
    with desk.session(), pytest.raises(BadInput, match=r"No such file|Is a directory"):
        replay(tmp_path / name, now=at(LATER))


@pytest.mark.backends("sqlite")
def test_a_header_alone_is_an_empty_history(history: History) -> None:
    assert history.replay().rows == 0
