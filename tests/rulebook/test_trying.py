"""A policy is tried on the last days before anybody publishes it (E1 to E4)."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk.escalation import commands as escalation
from servicedesk.escalation.recipients import recipients
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Act
from servicedesk.incidents.clocks import follow
from servicedesk.incidents.models import Firing, Incident
from servicedesk.journal import EventRow
from servicedesk.outbox import Notification
from servicedesk.people.models import Person
from servicedesk.rulebook import tally, trial_views, trying, trying_queries
from servicedesk.rulebook.tally import Mark, Trial
from servicedesk.rulebook.trying_recipients import Recipients
from servicedesk.rulebook.words import RECIPIENTS
from servicedesk.setup.directory import Directory
from servicedesk.setup.steps import read_steps
from tests.cast import Desk, Visitor, at
from tests.escalation.ruled import MEN, SAID, fired, give_policy, sweep, told
from tests.support.clock import Clock
from tests.support.statements import counted

HALF = {"key": "half", "when": {"clock": "resolution", "at": 50}, "tell": ["assignee"]}
WARN = {**HALF, "key": "warn", "tell": ["assignee", "holder-lead"]}
BREACH = {"key": "breach", "when": {"clock": "resolution", "at": 100}, "tell": ["desk-lead"]}
LOOSE = {"key": "loose", "when": {"unassigned": 30}, "tell": ["holder-lead"]}
NEVER = {"key": "never", "when": {"promise": 30}, "tell": ["assignee"]}
NOW = "Fri 18:00"


def urgent(desk: Desk, when: str = "09:00", **how: Any) -> int:
    """Report something of P1 that Ito takes: half of its 4 hours are over at 11:00."""
    n = desk.log(when=when, impact=1, urgency=1, **how)
    desk.do(commands.take, n, by="ito", when=when)
    return n


def ruled(setup: Directory, *steps: Any, service: str = "internet") -> Directory:
    """The set-up with a policy of these steps for a service."""
    services = {
        id: replace(it, policy="usual" if it.key == service else None, owner=None)
        for id, it in setup.services.items()
    }
    return replace(setup, policies={"usual": read_steps(steps)}, services=services)


def tried(
    desk: Desk, *steps: Any, now: str | datetime = NOW, days: int = 2, before: Any = ()
) -> Trial:
    """Try a policy of these steps beside another one, which has none if nothing is said."""
    setup, end = desk.setup(), at(now) if isinstance(now, str) else now
    with desk.session() as session:
        return trying.try_rules(session, ruled(setup, *before), ruled(setup, *steps), days, end)


def names(trial: Trial, ids: Any) -> list[str]:
    """The keys of people."""
    return [trial.names[id][0] for id in ids]


# What it finds


def test_it_says_what_would_have_fired_on_which_day_and_whom_it_would_have_told(desk: Desk) -> None:
    """E1: steps, days, people; with the incident and the instant as an example."""
    one, other = urgent(desk), urgent(desk, "Fri 09:00")
    trial = tried(desk, WARN, BREACH)
    assert (trial.after.firings, trial.after.messages, trial.incidents) == (4, 6, 2)
    assert trial.after.days == {date(2026, 11, 26): 2, date(2026, 11, 27): 2}
    warn, breach = (trial.after.count(("usual", key)) for key in ("warn", "breach"))
    assert (warn.firings, warn.incidents, warn.messages) == (2, 2, 4)
    assert [(it.number, it.at) for it in warn.examples] == [
        (other, at("Fri 11:00")), (one, at("11:00")),
    ]  # fmt: skip
    assert names(trial, warn.examples[0].told) == ["ito", "sato"]
    assert names(trial, breach.people) == ["sato"]
    assert {trial.names[id][0]: n for id, n in trial.after.people.items()} == {"ito": 2, "sato": 4}


def test_it_finds_what_a_desk_with_these_rules_does(desk: Desk) -> None:
    """E3: the same steps, instants and messages as the rules that really are in force."""
    steps = (
        "{key: warn, when: {clock: resolution, at: 50}, tell: [assignee, holder-lead]}",
        (
            "{key: climb, when: {clock: resolution, at: 75}, outside: [manager], tell: [owner], "
            "chain: [assignee, holder-lead, manager], repeat: {every: 30, most: 3}}"
        ),
        "{key: end, when: {unaccepted: 20}, hand_off: next, tell: [members]}",
    )
    give_policy(desk, *steps)
    n = urgent(desk)
    instants = [f"{hour:02}:{minute:02}" for hour in range(10, 18) for minute in (0, 10, 30, 50)]
    for instant in instants:
        if instant == "11:30":
            desk.do(escalation.hand_off, n, "network", by="ito", when=instant, note="The switch")
        sweep(desk, instant)
    with desk.session() as session:
        found = trying.try_rules(session, desk.setup(), desk.setup(), 1, at("18:00"))
    one = {it: found.after.counts[it] for it in found.after.counts}
    real = fired(desk, n)
    assert sum(count.firings for count in one.values()) == len(real) > 3
    assert sum(found.really.values()) == len(real)
    for (_policy, step), count in one.items():
        messages = sorted(told(desk, n, step))
        assert sorted(names(found, count.people.elements())) == messages, step


def test_what_differs_from_the_rules_of_now_is_counted(desk: Desk) -> None:
    """E1: the same is what comes at the same instant to the same people."""
    urgent(desk)
    trial = tried(desk, WARN, BREACH, before=(HALF, BREACH, LOOSE))
    assert (trial.before.firings, trial.after.firings) == (2, 2)
    assert (trial.same, trial.new, trial.gone) == (1, 1, 1)
    assert trial.rules == [("usual", key) for key in ("warn", "breach", "half", "loose")]


def test_only_services_of_the_policy_are_looked_at(desk: Desk) -> None:
    """E1: those that go by it, now or then."""
    urgent(desk)
    urgent(desk, service="payroll")
    setup = desk.setup()
    both = ruled(setup, HALF), ruled(setup, HALF, service="payroll")
    with desk.session() as session:
        nothing = trying.try_rules(session, *both, 1, at(NOW), policy="other")
        trial = trying.try_rules(session, *both, 2, at(NOW), policy="usual")
    assert (trial.incidents, trial.before.firings, trial.after.firings) == (2, 1, 1)
    assert (trial.same, nothing.incidents) == (0, 0)


def test_what_was_over_before_is_left_out_and_what_was_open_is_not(desk: Desk) -> None:
    """E2: what was open when the days began counts, with what had fired by then as fired."""
    over, still = urgent(desk), urgent(desk)
    desk.do(commands.resolve, over, "solved", "Done", by="ito", when="10:00")
    trial = tried(desk, HALF, BREACH, LOOSE, now="Fri 10:00", days=1)
    assert (trial.incidents, trial.after.firings) == (1, 0)
    with desk.session() as session:
        spans = ((at("Fri 00:00"), at("Fri 10:00")), (at("00:00"), at("Fri 10:00")))
        found = [[n for n, _ in trying_queries.histories(session, *span)] for span in spans]
        sizes = [trying_queries.size(session, *span) for span in spans]
    assert (found, sizes) == ([[still], [over, still]], [1, 2])


def test_days_are_those_of_the_desk(desk: Desk) -> None:
    """E1: today is the last one, up to now; a day begins at midnight in Tokyo."""
    trial = tried(desk, HALF, now="00:30", days=3)
    assert (trial.start, trial.end) == (at("2026-11-24 00:00"), at("00:30"))
    assert trial.days == [date(2026, 11, day) for day in (24, 25, 26)]


def test_nothing_comes_of_it(desk: Desk) -> None:
    """E3: no line in a journal, no firing, no message."""

    def written() -> list[int]:
        with desk.session() as session:
            tables = (EventRow, Firing, Notification)
            counts = (session.scalar(sa.select(sa.func.count()).select_from(it)) for it in tables)
            return [count or 0 for count in counts]

    urgent(desk)
    before = written()
    assert tried(desk, WARN, BREACH, LOOSE).after.firings == 2
    assert written() == before


def test_a_few_at_a_time_come_to_the_same(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """E2: journals are read batch by batch, with two queries each."""
    for _ in range(5):
        urgent(desk)
    whole = tried(desk, WARN, BREACH)
    monkeypatch.setattr(trying_queries, "AT_ONCE", 2)
    with counted(desk) as sent:
        assert tried(desk, WARN, BREACH) == whole
    assert len([one for one in sent if "FROM event" in one]) == 3


# Whom it would tell


def test_the_deputy_is_told_of_who_is_away(desk: Desk) -> None:
    """E1: absences as they are known now, on the day of the firing."""
    urgent(desk), urgent(desk, "Fri 09:00")
    with desk.session() as session:
        ito, mori = (session.get_one(Person, desk.id(key)) for key in ("ito", "mori"))
        ito.absent_from, ito.deputy_id = date(2026, 11, 27), mori.id
        session.commit()
    trial = tried(desk, HALF)
    told = {trial.names[id][0]: days for (id, days) in trial.after.by_day}
    assert told == {"ito": date(2026, 11, 26), "mori": date(2026, 11, 27)}


def test_whom_recipients_mean_is_asked_once_and_stays_right(desk: Desk) -> None:
    """E1: for every recipient the same people as the rules themselves find."""
    give_policy(desk, "{key: warn, when: {unassigned: 30}, tell: [owner]}")
    numbers = [urgent(desk), desk.log(when="09:10"), desk.log(when="09:20", by="taro")]
    desk.do(escalation.hand_off, numbers[1], "network", by="ito", when="10:00", note="Switch")
    desk.do(escalation.hand_off, numbers[2], "netone", by="ito", when="10:00", note="Line")
    journals, setup = [desk.events(n) for n in numbers], desk.setup()
    find = Recipients()
    with desk.session() as session:
        for _ in range(2):
            for events in journals:
                act = Act(follow(events, setup), at("10:30"))
                for word in RECIPIENTS:
                    assert find(session, act, [word]) == recipients(session, act, [word]), word
                assert find(session, act, RECIPIENTS) == recipients(session, act, RECIPIENTS)


# Marks


def test_who_would_get_too_much_is_marked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """E6: with the worst day, and on how many days."""
    monkeypatch.setattr(tally, "MANY", 2)
    for when in ("09:00", "09:05", "09:10", "Fri 09:00", "Fri 09:00", "Fri 09:00", "Fri 09:00"):
        urgent(desk, when)
    trial = tried(desk, HALF)
    ito = desk.id("ito")
    assert trial.marks == [Mark(tally.TOO_MANY, None, ito, 4, 2, date(2026, 11, 27))]


def test_rules_that_never_or_always_fire_or_reach_nobody_are_marked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E1: a rule that fires for more than half of the incidents says little."""
    monkeypatch.setattr(tally, "FEW", 3)
    for _ in range(2):
        urgent(desk)
    n = desk.log(when="09:00", impact=1, urgency=1)
    owner = {"key": "owner", "when": {"unassigned": 30}, "tell": ["owner"]}
    silent = {"key": "up", "when": {"unassigned": 30}, "do": {"priority": "up"}}
    trial = tried(desk, HALF, NEVER, owner, silent)
    half, never, alone = (("usual", key) for key in ("half", "never", "owner"))
    assert trial.marks == [
        Mark(tally.FOR_MOST, half, count=3, of=3),
        Mark(tally.NOBODY, half, count=1, of=3),
        Mark(tally.NEVER, never, of=3),
        Mark(tally.NOBODY, alone, count=1, of=1),
    ]
    assert n in [it.number for it in trial.after.count(half).examples]


# The page


@pytest.fixture
def friday(desk: Desk, clock: Clock) -> Visitor:
    """Ueda, the manager, on Friday evening, with three urgent incidents, one of them secret."""
    give_policy(desk, "{key: half, when: {clock: resolution, at: 50}, tell: [assignee]}")
    urgent(desk, title="zqopen")
    urgent(desk, title="zqhidden", confidential=True)
    for hour in (11, 15):
        sweep(desk, f"{hour}:00")
    clock.now = at(NOW)
    return desk.visit("ueda")


def draft(*steps: Any, **more: Any) -> dict[str, Any]:
    """What the preview sends of a changed policy."""
    said = {"policy": "usual", "steps": json.dumps(steps), "base": "1", "revision": "0"}
    return {**said, "services": ["internet"], "had": ["internet"], **more}


def test_a_draft_is_tried_from_its_preview(friday: Visitor) -> None:
    """E1 to E4: beside the rules of now, and with the way back to the draft."""
    text = friday.post("/rules/trial", **draft(WARN, BREACH, NEVER)).text
    assert "The draft of usual" in text
    assert "0 firings are the same with the rules of now, 4 are new, 2 are gone." in text
    assert "“never” would never have fired, for 2 incidents under it." in text
    assert "Really fired: 2" in text
    assert "is not tried on from there" in text
    assert "Back to the preview" in text
    assert 'name="steps"' in text


def test_of_a_confidential_incident_only_its_number_is_shown(friday: Visitor, desk: Desk) -> None:
    """§9: it counts, but its title is not for everybody."""
    text = friday.post("/rules/trial", **draft(WARN)).text
    assert "zqopen" in text
    assert "zqhidden" not in text
    assert "INC-00000002" in text
    assert "/incidents/INC-00000002" not in text
    assert "/incidents/INC-00000001" in text


def test_the_rules_of_now_are_tried_alone(friday: Visitor) -> None:
    """E1: as a measure of what a change would be beside."""
    assert "Would have fired" not in friday.get("/rules/trial").text
    answer = friday.post("/rules/trial", days="7", of="usual")
    assert answer.status_code == 200
    assert "really 2" in answer.text
    assert "are new" not in answer.text


def test_a_whole_set_up_is_tried(friday: Visitor) -> None:
    """E1: a DESK.yaml, of which nothing is kept."""
    text = MEN.replace(SAID["internet"], f"{SAID['internet']}, policy: other")
    text += (
        "\npolicies:\n  other: [{key: loud, when: {clock: resolution, at: 25}, tell: [members]}]"
    )
    answer = friday.post("/rules/trial", file=(io.BytesIO(text.encode()), "new.yaml"))
    assert answer.status_code == 200
    assert "other · loud" in answer.text
    assert "other" not in friday.get("/rules").text


def test_what_does_not_load_is_said(friday: Visitor) -> None:
    """E1: in the words with which the set-up itself is refused."""
    wrong = friday.post("/rules/trial", file=(io.BytesIO(b"desk: 1"), "new.yaml"))
    binary = friday.post("/rules/trial", file=(io.BytesIO(b"\xff\xfe"), "new.yaml"))
    unknown = friday.post("/rules/trial", **draft({**HALF, "hand_off": "nobody"}))
    assert [it.status_code for it in (wrong, binary, unknown)] == [422, 422, 422]
    assert "UTF-8" in binary.text
    assert "nobody" in unknown.text
    assert "Back to the preview" in unknown.text


def test_what_takes_too_long_for_a_page_says_so(
    friday: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E2: with the command that takes its time."""
    monkeypatch.setattr(trial_views, "SECONDS", -1.0)
    answer = friday.post("/rules/trial", **draft(WARN))
    assert answer.status_code == 422
    assert "flask desk try-rules DESK.yaml --days 90" in answer.text


def test_each_firing_is_in_a_file(friday: Visitor) -> None:
    """E3: with step, cycle and instants; §9: by number."""
    answer = friday.post("/rules/trial", **draft(WARN, days="7", act="csv"))
    assert "rules-usual-2026-11-27.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["rules"], row["number"], row["step"], row["told"]) for row in rows] == [
        ("tried", "INC-00000001", "warn", "ito sato"),
        ("now", "INC-00000001", "half", "ito"),
        ("tried", "INC-00000002", "warn", "ito sato"),
        ("now", "INC-00000002", "half", "ito"),
    ]
    assert {row["fired_at"] for row in rows} == {"2026-11-26T02:00:00Z"}


def test_a_page_asks_no_more_for_more_incidents(friday: Visitor, desk: Desk) -> None:
    """E2: the number of queries does not grow with incidents of one batch."""

    def statements() -> int:
        with counted(desk) as sent:
            assert friday.post("/rules/trial", **draft(WARN)).status_code == 200
        return len(sent)

    statements()
    few = statements()
    for _ in range(10):
        urgent(desk)
    assert statements() == few


# The command line


def run(desk: Desk, *args: str) -> tuple[int, str]:
    with desk.app.app_context():
        done = desk.app.test_cli_runner().invoke(args=["desk", "try-rules", *args])
    return done.exit_code, done.output


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A DESK.yaml with another rule than the desk has."""
    text = MEN.replace(SAID["internet"], f"{SAID['internet']}, owner: abe, policy: usual")
    text += (
        "\npolicies:\n  usual: [{key: warn, when: {clock: resolution, at: 50}, tell: [members]}]\n"
    )
    path = tmp_path / "new.yaml"
    path.write_text(text)
    return str(path)


def test_the_command_line_says_the_same(friday: Visitor, desk: Desk, file: str) -> None:
    """E1: as text, as JSON and as CSV."""
    code, text = run(desk, file, "--policy", "usual", "--days", "7")
    assert code == 0
    assert "2026-11-21 – 2026-11-27, Asia/Tokyo, 2 incidents" in text
    assert "0 firings are the same with the rules of now, 2 are new, 2 are gone." in text
    said = json.loads(run(desk, file, "--json")[1])
    assert (said["tried"]["firings"], said["tried"]["messages"], said["incidents"]) == (2, 4, 2)
    assert said["now"]["rules"][0]["examples"][0]["told"] == ["ito"]
    assert said["really"] == {"firings": 2, "days": {"2026-11-26": 2}}
    rows = run(desk, file, "--csv", "--until", "2026-11-26")[1].splitlines()
    assert len(rows) == 5
    assert rows[1].startswith("tried,INC-00000001,usual,warn,0,1,")


def test_the_command_line_refuses_what_it_does_not_understand(
    friday: Visitor, desk: Desk, file: str
) -> None:
    """E1: in one line, with exit status 2."""
    for args in ((file, "--json", "--csv"), (file, "--policy", "none"), (file, "--until", "x")):
        code, said = run(desk, *args)
        assert (code, len(said.splitlines())) == (2, 1), said
    assert run(desk, "/nowhere.yaml")[0] == 2


def test_incidents_are_read_by_number_of_the_database(desk: Desk) -> None:
    """E2: the same incidents on every database, each once."""
    for _ in range(3):
        urgent(desk)
    with desk.session() as session:
        numbers = list(session.scalars(sa.select(Incident.number).order_by(Incident.number)))
        found = [n for n, _ in trying_queries.histories(session, at("00:00"), at(NOW))]
    assert found == numbers
