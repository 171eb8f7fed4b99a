"""F6: drafts, seals and revisions."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
from dataclasses import replace
from typing import Any

import pypdf
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_babel import Babel

from servicedesk import db
from servicedesk.errors import BadInput, Refused
from servicedesk.incidents import commands as incidents
from servicedesk.incidents.acts import Due
from servicedesk.reports import commands, contents, embedded, pdf, queries, verify
from servicedesk.reports.bound import DESCRIPTIONS
from servicedesk.reports.commands import Made, NotKept
from servicedesk.reports.figures import DEFINITIONS
from servicedesk.reports.models import Report
from servicedesk.reports.remarks import Remarks
from servicedesk.setup.snapshot import directory
from servicedesk.sla.calendar import Calendar, Version, parse_hours
from tests.cast import Desk, at

AFTER = "2026-12-07 10:00"


def make(desk: Desk, now: str = AFTER, period: str = "2026-11", **how: Any) -> Made:
    with desk.session() as session:
        asked = commands.read(directory(session), period, **how)
        return commands.make(asked, now=at(now))


def sealed(desk: Desk) -> list[Report]:
    with desk.session() as session:
        return list(session.scalars(sa.select(Report).order_by(Report.id)))


def figure(made: Made, id: str) -> Any:
    return made.figures["figures"][id]["value"]


def resolve(desk: Desk, number: int, when: str) -> None:
    desk.do(incidents.resolve, number, by="ito", when=when, code="solved", text="Done.")


@pytest.fixture
def number(desk: Desk) -> int:
    """One incident, wished for Friday, resolved in time."""
    number = desk.log(when="Thu 09:00")
    resolve(desk, number, "Thu 12:00")
    return number


@pytest.mark.usefixtures("rendered", "number")
def test_the_same_knowledge_gives_the_same_file_and_no_new_revision(desk: Desk) -> None:
    """F6."""
    first, again = make(desk), make(desk, "2026-12-20 10:00")
    assert (first.revision, first.new) == (1, True)
    assert (again.revision, again.new) == (1, False)
    assert again.pdf == first.pdf
    assert contents.dumps(again.figures) == contents.dumps(first.figures)
    assert len(sealed(desk)) == 1


@pytest.mark.usefixtures("rendered", "number")
def test_a_running_period_gives_a_draft_that_is_not_kept(desk: Desk) -> None:
    """F6: never a seal."""
    made = make(desk, "Thu 15:00")
    assert (made.revision, made.figures["revision"], made.figures["draft"]) == (None, None, True)
    assert figure(made, "resolved") == 1
    assert sealed(desk) == []


@pytest.mark.usefixtures("rendered", "desk")
def test_a_period_that_has_not_begun_is_refused(desk: Desk) -> None:
    with pytest.raises(BadInput, match="2026-12 has not begun yet"):
        make(desk, "Thu 15:00", "2026-12")


@pytest.mark.usefixtures("rendered")
def test_events_that_change_no_figure_make_no_revision(desk: Desk, number: int) -> None:
    """F6: closed in December, and another one logged."""
    first = make(desk)
    desk.do(incidents.close, number, by="emi", when="2026-12-08 09:00")
    desk.log(when="2026-12-08 10:00")
    again = make(desk, "2026-12-09 10:00")
    assert (again.revision, again.pdf) == (1, first.pdf)


def test_later_facts_make_revision_2_which_says_what_changed(
    desk: Desk, number: int, rendered: list[str]
) -> None:
    """F6: revision 1 stays."""
    first = make(desk)
    desk.do(incidents.reopen, number, by="emi", when="2026-12-07 12:00")
    second = make(desk, "2026-12-08 10:00")
    assert (second.revision, second.new) == (2, True)
    assert (figure(first, "resolved"), figure(second, "resolved")) == (1, 0)
    assert "What changed since revision 1" in rendered[-1]
    assert "INC-00000001" in rendered[-1].partition("What changed since")[2]
    old, new = sealed(desk)
    with desk.session():
        assert commands.read_file(old) == first.pdf
        assert commands.read_file(new) == second.pdf


@pytest.mark.usefixtures("rendered", "number")
def test_both_languages_are_one_revision_with_one_cut_off(desk: Desk) -> None:
    english = make(desk, language="en")
    desk.log(when="2026-12-08 10:00")  # of another month
    japanese = make(desk, "2026-12-09 10:00", language="ja")
    assert (japanese.revision, japanese.new) == (1, True)
    assert japanese.figures == english.figures
    assert [row.cutoff_event for row in sealed(desk)] == [sealed(desk)[0].cutoff_event] * 2


@pytest.mark.usefixtures("rendered", "number")
def test_a_revision_in_one_language_is_the_next_of_both(desk: Desk) -> None:
    make(desk, language="en")
    desk.do(incidents.reopen, 1, by="emi", when="2026-12-07 12:00")
    assert make(desk, "2026-12-08 10:00", language="ja").revision == 2
    assert make(desk, "2026-12-08 10:00", language="en").revision == 2


@pytest.mark.usefixtures("rendered", "number")
def test_scopes_and_zones_are_reports_of_their_own(desk: Desk) -> None:
    made = [
        make(desk),
        make(desk, scope="group:desk"),
        make(desk, scope="service:printing"),
        make(desk, scope="department:Sales"),
        make(desk, zone="America/New_York"),
    ]
    assert [one.revision for one in made] == [1] * 5
    assert [figure(one, "intake") for one in made] == [1, 1, 0, 1, 1]


@pytest.mark.usefixtures("desk")
def test_a_part_of_the_desk_has_the_goals_that_can_be_its_own(desk: Desk) -> None:
    """No amount can; a party has what it answers for."""
    shares = {"requested_due.first": 0.9, "partner.answer": 0.8, "first_tier_resolution": 0.6}
    goals = {**shares, "backlog": 40.0}
    with desk.session() as session:
        setup = replace(directory(session), more={"goals": goals})
        for scope, named in (
            ("all", set(goals)),
            ("service:internet", set(shares)),
            ("partner:netone", {"requested_due.first", "partner.answer"}),
        ):
            asked = commands.read(setup, "2026-11", scope)
            said = contents.work_out(session, setup, asked.period, asked.scope, now=at(AFTER))
            assert set(said.goals) == named


@pytest.mark.usefixtures("rendered", "number")
def test_a_sealed_file_that_was_changed_or_lost_is_not_served(desk: Desk) -> None:
    """F6: the sealed file is served as it is."""
    make(desk)
    with desk.session():
        path = commands.folder() / sealed(desk)[0].stored
    path.write_bytes(b"%PDF-1.7 something else")
    with pytest.raises(NotKept, match="was changed"):
        make(desk)
    path.unlink()
    with pytest.raises(NotKept, match="is missing"):
        make(desk)


@pytest.mark.usefixtures("rendered", "number")
def test_two_at_once_make_no_double_revision(desk: Desk) -> None:
    """F6: whoever comes second takes what the first has sealed."""
    made: list[Made] = []
    together = threading.Barrier(3)

    def seal() -> None:
        together.wait()
        made.append(make(desk))

    threads = [threading.Thread(target=seal) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.revision for one in made] == [1, 1, 1]
    assert len({one.pdf for one in made}) == 1
    assert len(sealed(desk)) == 1


@pytest.mark.usefixtures("number")
@pytest.mark.backends("postgresql")
def test_the_cut_off_waits_for_who_is_writing(desk: Desk, app: Flask) -> None:
    """F6: no event with a lower id may still be committed."""
    with app.app_context(), db.transaction() as session:
        session.execute(sa.text("LOCK TABLE event IN ROW EXCLUSIVE MODE"))
        with app.app_context(), pytest.raises(Refused, match="try again"):
            queries.latest_knowledge(db.db.session(), wait=1)
    with desk.session() as session:
        assert queries.latest_knowledge(session).event > 0


@pytest.mark.usefixtures("rendered", "number")
def test_what_is_recorded_after_the_cut_off_is_not_known(desk: Desk) -> None:
    """F6: the knowledge is a prefix of the journal."""
    with desk.session() as session:
        known = queries.latest_knowledge(session)
    desk.do(incidents.reopen, 1, by="emi", when="Thu 14:00")
    with desk.session() as session:
        asked = commands.read(directory(session), "2026-11")
        said = [
            contents.work_out(
                session, directory(session), asked.period, asked.scope, now=at(AFTER), known=k
            ).results["resolved"].value
            for k in (known, queries.latest_knowledge(session))
        ]  # fmt: skip
    assert said == [1, 0]


@pytest.mark.usefixtures("number", "rendered")
def test_the_data_in_the_pdf_gives_every_figure_again(desk: Desk) -> None:
    """F7."""
    other = desk.log(when="Fri 09:00")
    desk.do(incidents.cancel, other, by="emi", when="Fri 10:00")
    made = make(desk)
    data = embedded.read(made.pdf)
    rows = list(csv.DictReader(io.StringIO(data["incidents.csv"])))
    cases = list(csv.DictReader(io.StringIO(data["cases.csv"])))
    for id, said in made.figures["figures"].items():
        if id in rows[0]:
            counted = [int(row[id]) for row in rows if row[id] != ""]
        else:
            counted = [int(row["value"]) for row in cases if row["figure"] == id]
        if said["unit"] == "share":
            assert (sum(counted), len(counted)) == (said["numerator"], said["denominator"]), id
        elif said["unit"] in ("incidents", "handoffs"):
            assert sum(counted) == said["value"], id


def test_a_month_without_incidents_is_sealed_too(desk: Desk, rendered: list[str]) -> None:
    """F5: nothing is neither 0 % nor 100 %; sections without data are left out."""
    made = make(desk)
    assert (made.revision, figure(made, "intake")) == (1, 0)
    assert figure(made, "first_tier_resolution") is None
    assert 'id="wishes"' not in rendered[-1]
    assert 'id="handling"' not in rendered[-1]


@pytest.mark.usefixtures("number")
def test_requesters_are_not_named_in_the_data(desk: Desk, rendered: list[str]) -> None:
    """§8: nor in the report."""
    data = embedded.read(make(desk).pdf)
    assert "Emi" not in "".join(data.values()) + rendered[-1]


@pytest.mark.usefixtures("desk")
def test_confidential_titles_are_not_told(desk: Desk, rendered: list[str]) -> None:
    """§9: managers see number and figures, never title or text."""
    desk.log(when="Thu 09:00", title="Open secret", service="payroll")
    desk.log(when="Thu 09:00", title="Plain matter")
    make(desk)
    assert "Plain matter" in rendered[-1]
    assert "Open secret" not in rendered[-1]


@pytest.mark.usefixtures("desk")
def test_a_hostile_title_stays_a_text(desk: Desk, rendered: list[str]) -> None:
    desk.log(when="Thu 09:00", title="<img src=file:///etc/passwd>{{ 7*7 }}")
    make(desk)
    assert "&lt;img src=file:///etc/passwd&gt;{{ 7*7 }}" in rendered[-1]


@pytest.mark.slow
@pytest.mark.backends("sqlite")
@pytest.mark.usefixtures("number")
def test_a_real_pdf_can_be_read(desk: Desk) -> None:
    """F8: text, bookmarks, language, the figures in it, and the data beside them."""
    made = make(desk)
    read = pypdf.PdfReader(io.BytesIO(made.pdf))
    text = "\n".join(page.extract_text() for page in read.pages)
    for id in made.figures["figures"]:
        assert id in text.replace("\n", "").replace("\xad", ""), id
    titles = [str(entry["/Title"]) for entry in read.outline if isinstance(entry, dict)]
    assert titles[:2] == ["Summary", "Logged, resolved, open"]
    summary = read.pages[1].extract_text()
    assert "Actual" in summary
    assert "Decisions wanted" in summary  # §8: one page suffices
    assert json.loads(read.attachments["report.json"][0]) == made.figures
    assert make(desk).pdf == made.pdf


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"period": "2026-13"}, "there is no month 2026-13"),
        ({"scope": "group:nix"}, "there is no group “nix”"),
        ({"scope": "partner:desk"}, "there is no partner “desk”"),
        ({"scope": "service:"}, "is no scope"),
        ({"scope": "everything"}, "is no scope"),
        ({"zone": "Mars/Base"}, "Mars/Base"),
        ({"zone": "../etc/passwd"}, "not a time zone"),
        ({"language": "fr"}, "there is no report in “fr”"),
    ],
)
def test_bad_input_is_one_sentence(desk: Desk, how: dict[str, str], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        make(desk, **{"period": "2026-11", **how})


def test_a_missing_library_leaves_nothing_behind(
    desk: Desk, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(job: object) -> bytes:
        raise pdf.NotRendered("no library")

    monkeypatch.setattr(pdf, "run", run)
    with pytest.raises(pdf.NotRendered):
        make(desk)
    assert sealed(desk) == []


# What an earlier version of the program sealed, and what later reports say of earlier ones


def as_version_1(desk: Desk) -> None:
    """Leave what was sealed as version 1 of the definitions would have sealed it."""
    with desk.session() as session:
        asked = commands.read(directory(session), "2026-11")
        said = contents.work_out(
            session, directory(session), asked.period, asked.scope, now=at(AFTER)
        )
        digest = said.digest_as("1")
    with desk.app.app_context(), db.transaction() as session:
        session.execute(sa.update(Report).values(definitions="1", digest=digest))


@pytest.mark.usefixtures("rendered", "number")
def test_what_an_earlier_version_sealed_is_served_as_it_is(desk: Desk) -> None:
    """F6: also when the program knows more figures now, and more has happened elsewhere."""
    first = make(desk)
    as_version_1(desk)
    assert make(desk).pdf == first.pdf
    desk.log(when="2026-12-08 10:00")
    again = make(desk, "2026-12-09 10:00")
    assert (again.revision, again.pdf) == (1, first.pdf)


def test_its_next_revision_says_that_the_definitions_are_others(
    desk: Desk, number: int, rendered: list[str]
) -> None:
    """F1: definitions have versions, and the annex says them."""
    make(desk)
    as_version_1(desk)
    desk.do(incidents.reopen, number, by="emi", when="2026-12-07 12:00")
    second = make(desk, "2026-12-08 10:00")
    assert (second.revision, second.figures["definitions"]) == (2, DEFINITIONS)
    assert "followed version 1 of the definitions" in rendered[-1]


def test_a_further_language_tells_what_was_known_when_it_was_sealed(
    desk: Desk, rendered: list[str]
) -> None:
    """F6: what is open waits for the same in both, whatever has happened since."""
    number = desk.log(when="Thu 09:00")
    english = make(desk, language="en")
    desk.do(incidents.resolve, number, by="ito", when="2026-12-08 09:00", code="solved", text="x")
    japanese = make(desk, "2026-12-09 10:00", language="ja")
    assert (japanese.revision, japanese.figures) == (1, english.figures)
    assert embedded.read(japanese.pdf, ["facts.jsonl"]) == embedded.read(
        english.pdf, ["facts.jsonl"]
    )


def test_a_comment_is_on_the_first_page_of_both_languages(desk: Desk, rendered: list[str]) -> None:
    """§8: the manager's comment, decisions wanted."""
    remarks = Remarks("A quiet month.", "One more <agent>.")
    with desk.session() as session:
        for language in ("en", "ja"):
            asked = commands.read(directory(session), "2026-11", language=language)
            commands.make(asked, now=at(AFTER), remarks=remarks if language == "en" else None)
    for page in rendered:
        assert "A quiet month." in page
        assert "One more &lt;agent&gt;." in page


def test_a_comment_that_would_not_fit_is_refused() -> None:
    app = Flask(__name__)
    Babel(app)
    with app.app_context(), pytest.raises(BadInput, match="at most 400 letters"):
        Remarks("x" * 401)


def overturned(page: str) -> list[str]:
    """Read the numbers that the report says were counted as met before."""
    part = page.partition("Counted as met in an earlier report")[2].partition("</table>")[0]
    return re.findall(r"INC-\d{8}", part)


def test_a_verdict_that_a_reopening_reversed_is_listed_in_the_next_report(
    desk: Desk, rendered: list[str]
) -> None:
    """F3: met in October, reopened and breached in November."""
    early, late = (desk.log(when=f"2026-10-29 {time}") for time in ("10:00", "11:00"))
    for number in (early, late):
        resolve(desk, number, "2026-10-30 10:00")
    make(desk, "2026-11-02 10:00", "2026-10")
    desk.do(incidents.reopen, early, by="emi", when="2026-11-05 09:00")
    resolve(desk, early, "2026-11-20 10:00")
    made = make(desk)
    assert figure(made, "sla.resolution") == 0
    assert overturned(rendered[-1]) == ["INC-00000001"]
    assert "October 2026" in rendered[-1].partition("Counted as met in an earlier report")[2]


def test_what_no_report_had_counted_as_met_is_not_listed(desk: Desk, rendered: list[str]) -> None:
    """F3: only what was sealed can be reversed."""
    number = desk.log(when="2026-10-29 10:00")
    resolve(desk, number, "2026-10-30 10:00")
    desk.do(incidents.reopen, number, by="emi", when="2026-11-05 09:00")
    resolve(desk, number, "2026-11-20 10:00")
    make(desk, "2026-12-03 10:00", "2026-10")
    make(desk)
    assert overturned(rendered[-1]) == []


@pytest.mark.usefixtures("rendered")
def test_a_lead_time_without_working_time_breaks_no_report(desk: Desk) -> None:
    """D6: in working days that never come nothing is rush."""
    desk.log(when="Thu 09:00", wish=Due(day=at("Fri 00:00").date()))
    with desk.session() as session:
        setup = directory(session)
        never = Calendar((Version("Asia/Tokyo", parse_hours({})),))
        services = {
            id: replace(one, more={**one.more, "lead_time": "3d"})
            for id, one in setup.services.items()
        }
        setup = replace(setup, services=services, calendars=dict.fromkeys(setup.calendars, never))
        asked = commands.read(setup, "2026-11")
        said = contents.work_out(session, setup, asked.period, asked.scope, now=at(AFTER))
        assert said.results["requested_due.rush"].denominator == 0


@pytest.mark.slow
@pytest.mark.backends("sqlite")
@pytest.mark.usefixtures("remembered")
def test_what_the_desk_sealed_follows_from_its_data_alone(desk: Desk) -> None:
    """F7: both languages, the second revision, a part of the desk."""
    number = desk.log(when="Thu 09:00", title="No network on floor 3")
    desk.log(when="Thu 10:00", title="A secret", service="payroll")
    desk.log(when="Thu 11:00", title="A plain matter")
    resolve(desk, number, "Thu 12:00")
    made = [make(desk, language=language) for language in ("en", "ja")]
    desk.do(incidents.reopen, number, by="emi", when="2026-12-07 12:00")
    made += [make(desk, "2026-12-08 10:00"), make(desk, "2026-12-08 10:00", scope="group:desk")]
    with desk.session():
        assert [verify.verify(one.pdf).differences for one in made] == [[]] * 4
    carried = "".join("".join(embedded.read(one.pdf, list(DESCRIPTIONS)).values()) for one in made)
    assert "A plain matter" in carried
    for hidden in ("A secret", "Emi", "emi@", "Sato"):
        assert hidden not in carried
