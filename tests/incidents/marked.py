"""Stories in which every text carries a word of its own, and walks over all that the desk shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import chain, product
from typing import Any

import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import Rule

from servicedesk.bridge.models import ReceivedMail
from servicedesk.bridge.queries import BOXES as MAIL_BOXES
from servicedesk.escalation import commands as escalation
from servicedesk.escalation.queries import BOXES
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from servicedesk.incidents.dialogs import DIALOGS
from servicedesk.incidents.exclusions.commands import ask_for, settle
from servicedesk.incidents.exclusions.effects import Wanted
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import (
    Attachment,
    DateChange,
    Exclusion,
    HandOff,
    Incident,
    WorkRequest,
)
from servicedesk.incidents.queries import LISTS
from servicedesk.incidents.thread import KINDS
from servicedesk.intake.commands import Draft, add_template
from servicedesk.intake.models import Template
from servicedesk.major import commands as major
from servicedesk.people import links
from servicedesk.people.links import Link
from servicedesk.people.models import Group, Partner, Person
from servicedesk.reports import actions, remarks
from servicedesk.reports.actions import Said as Todo
from servicedesk.reports.figures import BY_ID
from servicedesk.reports.models import Action as ReportAction
from servicedesk.reports.models import Approval as ReportApproval
from servicedesk.reports.models import Report
from servicedesk.reports.periods import read_period
from servicedesk.reports.remarks import Remarks
from servicedesk.setup.models import Policy, Schedule
from servicedesk.setup.snapshot import directory
from servicedesk.spreadsheet import drafts, mapping, shelf
from tests.cast import Desk, at
from tests.incidents import beside
from tests.incidents.touring import Tour

# Every text of the story, by who may read it.
KNOWN = {"zqheadline", "zqupdate"}  # of a major incident: everybody's, while it goes on
OF_THE_REQUESTER = {"zqfile", "zqcontent", "zqreply", "zqpromise", "zqwish", *KNOWN}
OF_THE_DESK = {
    "zqnote", "zqasked", "zqanswer", "zqcause", "zqworkaround", "zqsketch", "zqcategory",
    "zqpriority", "zqexcluded", "zqagreed", "zqproposed", "zqrefused", "zqreview",
    *beside.WORK_OF_A_GROUP,
}  # fmt: skip
OF_NETONE = {
    "zqnetasked", "zqnetthread", "zqnetanswer", "zqticket", "zqnetfile", "zqnetcontent",
    "zqrecall", *beside.WORK_OF_NETONE,
}  # fmt: skip
OF_PRINTCO = {"zqprintasked", "zqprintthread", "zqprintback", *beside.WORK_OF_PRINTCO}
TOLD = {"zqsolved"}
SHARED = {"zqtitle", "zqdescription"}  # H8: what a hand-off shows of the incident
READ_BY_REQUESTER = SHARED | OF_THE_REQUESTER | TOLD
EVERYTHING = READ_BY_REQUESTER | OF_THE_DESK | OF_NETONE | OF_PRINTCO
TEMPLATES, LEDGER = {"zqtemplate"}, {"zqledger"}  # of the desk, of the administrator
REMARKS = {"zqremark", "zqwanted", "zqtodo", "zqdoer", "zqmemo"}  # of managers, in a report's draft
WORDS = EVERYTHING | TEMPLATES | LEDGER | beside.SHEETS | REMARKS


def file(name: str, content: str) -> Upload:
    return Upload(f"{name}.txt", BytesIO(content.encode()))


# The story


def tell(desk: Desk, *, wish: str = "Mon 12:00", **how: Any) -> int:
    """Play a whole story up to where it is with the desk again, and overdue or not."""
    how |= {"title": "zqtitle", "description": "zqdescription", "wish": Due(at=at(wish))}
    n = desk.log(uploads=(file("zqfile", "zqcontent"),), category="zqcategory", **how)

    def do(by: str, when: str, act: object, *what: object, **more: object) -> None:
        desk.do(act, n, *what, by=by, when=when, **more)  # type: ignore[arg-type]

    sketch, theirs = (file("zqsketch", "zqsketch"),), (file("zqnetfile", "zqnetcontent"),)
    do("ito", "09:10", commands.comment, "reply", "zqreply")
    do("ito", "09:12", commands.promise, Due(at=at("Tue 12:00")), reason="zqpromise")
    do("ito", "09:14", commands.wish, Due(at=at("Tue 12:00")), reason="zqwish")
    do("sato", "09:16", commands.prioritise, 1, 2, reason="zqpriority hurried")
    do("ito", "09:20", commands.comment, "note", "zqnote", uploads=sketch)
    beside.want_work(desk, n)
    do("ito", "09:30", escalation.hand_off, "network", note="zqasked")
    beside.want_work_of_a_group(desk, n)
    do("abe", "09:40", escalation.answer, 1, "zqanswer")
    do("ito", "09:50", escalation.hand_off, "netone", note="zqnetasked")
    do("kim", "10:00", escalation.write, 2, "zqnetthread")
    do("kim", "10:10", escalation.note_ticket, 2, "zqticket")
    do("kim", "10:20", escalation.answer, 2, "zqnetanswer", uploads=theirs)
    do("ito", "10:30", escalation.hand_off, "netone", note="zqnetasked")
    do("ito", "10:35", escalation.recall, 3, reason="zqrecall sooner")
    do("ito", "10:40", escalation.hand_off, "printco", note="zqprintasked")
    do("park", "10:45", escalation.write, 4, "zqprintthread")
    do("park", "10:50", escalation.send_back, 4, "zqprintback")
    exclude(desk, n)
    make_major(desk, n)
    return n


def make_major(desk: Desk, n: int) -> None:
    """Propose it as major twice; Sato refuses once, then confirms, and Ito writes an update."""
    desk.do(major.propose, n, "zqproposed", by="ito", when="10:57")
    refused = desk.story(n).majors[-1].n
    desk.do(major.refuse, n, refused, "zqrefused", by="sato", when="10:57")
    desk.do(major.propose, n, "zqproposed", by="ito", when="10:58")
    proposed, ito = desk.story(n).majors[-1].n, desk.id("ito")
    said = {"headline": "zqheadline", "coordinator": ito, "minutes": 1440}
    desk.do(major.confirm, n, proposed, by="sato", when="10:58", **said)
    desk.do(major.update, n, "zqupdate", by="ito", when="10:59")


def exclude(desk: Desk, n: int) -> None:
    """Take time out of the network team's clocks: Sato, of another group, decides."""
    out = Wanted(at("09:30"), at("09:40"), (desk.ref("network"),))
    asked = desk.do(ask_for, n, out, "zqexcluded", by="ito", when="10:52")
    desk.do(settle, n, asked, True, "zqagreed", by="sato", when="10:54")
    desk.do(ask_for, n, out, "zqexcluded", by="ito", when="10:56")  # to be decided


def solve(desk: Desk, n: int) -> None:
    how = {"workaround": "zqworkaround", "root_cause": "zqcause"}
    desk.do(commands.resolve, n, "solved", "zqsolved", by="ito", when="11:00", **how)
    desk.do(major.review, n, {"what": "zqreview"}, by="ito", when="11:01")


def both(desk: Desk, solved_how: Any = None, open_how: Any = None) -> list[int]:
    """Tell the story twice: of what is solved, and of what is still open and overdue.

    Both are what the desk meets its partner companies about.
    """
    solved, still = tell(desk, **solved_how or {}), tell(desk, wish="11:30", **open_how or {})
    solve(desk, solved)
    beside.meet(desk, solved, still)
    return [solved, still]


def keep_template(desk: Desk) -> None:
    said = Draft("zqtemplate", "internet", "zqtemplate", "zqtemplate", desk_only=True)
    desk.call(add_template, said, by="sato", when="08:50")


def draft_report(desk: Desk) -> None:
    """Have Ueda draft what November's report is to say."""
    november = read_period("2026-11", "Asia/Tokyo")
    said, todo = Remarks("zqremark", "zqwanted"), Todo("zqtodo", "zqdoer", note="zqmemo")
    how = {"by": "ueda", "when": "11:30"}
    desk.call(remarks.save, "2026-11", "all", said, version=0, **how)
    desk.call(actions.add, november, "all", todo, day=at("11:30").date(), **how)


def upload_ledger(desk: Desk) -> str:
    """Have Root upload a ledger and plan it; gives its token."""
    with desk.session() as session:
        lines = b"No,Title\n1,zqledger\n,\n2,zqledger\n"
        draft = drafts.create("zqledger.csv", lines, desk.id("root"), at("14:00"))
        draft.mapping = mapping.guess(draft.source().heads, directory(session)).as_json()
        shelf.prepare(draft, session, at("14:00"))
        return draft.token


# All addresses


class NotFilledIn(Exception):
    """An address of the desk has a part that no walk fills in yet: please say with what."""


Values = Sequence[Any]


@dataclass
class Walk:
    """Everything that can be opened, with whatever can stand in the addresses."""

    desk: Desk
    numbers: Sequence[int]
    draft: str = ""
    curious: bool = True  # asks for more than the bare address of a page, and searches

    @property
    def app(self) -> Flask:
        return self.desk.app

    def places(self) -> Iterator[Iterator[str]]:
        """Give every address that answers GET, derived from the map of them, rule by rule."""
        for rule in self.app.url_map.iter_rules():
            if "GET" in (rule.methods or ()):
                yield self._of(rule)

    def addresses(self) -> Iterator[str]:
        """Give the same one after the other."""
        return chain.from_iterable(self.places())

    def _of(self, rule: Rule) -> Iterator[str]:
        build = self.app.url_map.bind("desk.example").build
        for values in self._filled(rule):
            path = build(rule.endpoint, values)
            queries = QUERIES.get(rule.endpoint, ()) if self.curious else ()
            yield from (path, *(f"{path}?{query}" for query in queries))

    def _filled(self, rule: Rule) -> Iterator[dict[str, Any]]:
        if rule.endpoint == "files.download":
            yield from ({"id": row.id, "name": row.name} for row in self._rows(Attachment))
            return
        names = sorted(rule.arguments)
        for values in product(*(self._values(rule, name) for name in names)):
            yield dict(zip(names, values, strict=True))

    def _values(self, rule: Rule, name: str) -> Values:
        """Give all that can stand in one part of an address."""
        found = PARTS.get((rule.endpoint, name)) or PARTS.get(("", name))
        if found:
            return found(self)
        if options := getattr(rule._converters[name], "items", None):
            return sorted(options)
        raise NotFilledIn(f"{rule.rule}: {name}")

    def _rows(self, table: Any) -> list[Any]:
        query = sa.select(table).join(Incident, Incident.id == table.incident_id)
        with self.desk.session() as session:
            return list(session.scalars(query.where(Incident.number.in_(self.numbers))))

    def keys(self, table: Any) -> Values:
        with self.desk.session() as session:
            return list(session.scalars(sa.select(table.key)))

    def ids(self, table: Any) -> Values:
        with self.desk.session() as session:
            return list(session.scalars(sa.select(table.id)))

    def partners(self) -> Values:
        return self.keys(Partner)

    def handoffs(self) -> Values:
        return sorted({row.n for row in self._rows(HandOff)})

    def requests(self) -> Values:
        return sorted({row.n for row in self._rows(WorkRequest)})

    def meetings(self) -> Values:
        return beside.meetings_held(self.desk)

    def dates(self) -> Values:
        return sorted({row.n for row in self._rows(DateChange)})

    def exclusions(self) -> Values:
        return sorted({row.n for row in self._rows(Exclusion)})

    def tokens(self, *but: str) -> Values:
        """Give the token of a link of each purpose but some, and one that is forged.

        What is wrong with a link is seen by its purpose: a second one of the same adds nothing.
        """
        with self.desk.session() as session:
            rows = session.scalars(sa.select(Link).where(Link.purpose.not_in(but)))
            one_of_each = {row.purpose: row for row in rows}
            return ["forged", *map(links.token, one_of_each.values())]


SHEETS = ("one", "hold", "discard", "paper", "own_one", "own_paper")  # pages of one meeting
BEHIND = ("partner.sent", "partner.recalled", "partner.requests", "time_held")  # of a score
CLOCKS = ("response", "resolution", "requested", "holding-network", "answer-netone-2")
# What stands in the parts of addresses. A link opens what it is for to whoever has it; those of
# another purpose open nothing.
PARTS: Mapping[tuple[str, str], Callable[[Walk], Values]] = {
    ("", "number"): lambda walk: walk.numbers,
    ("", "n"): Walk.handoffs,
    ("", "period"): lambda _: ["2026-11"],
    ("exclusions.decide", "n"): Walk.exclusions,
    ("incidents.dialog", "act"): lambda _: list(DIALOGS),
    ("", "clock"): lambda _: CLOCKS,
    ("reports.figure", "id"): lambda _: list(BY_ID),
    ("dashboard.figure", "id"): lambda _: ["intake", "handoffs"],
    ("exports.figure", "id"): lambda _: ["intake", "handoffs"],
    **{(f"exports.{page}", "key"): Walk.partners for page in ("company", "score", "own_score")},
    **{(f"exports.{page}", "id"): lambda _: BEHIND for page in ("score", "own_score")},
    # a workbook is made of the same rows
    **{
        (f"exports.{page}", "format"): lambda _: ["csv"]
        for page in ("one", "calls", "company", "figure", "score", "own_score")
    },
    ("exports.calls", "key"): lambda _: ["none"],
    ("intake.change_template", "id"): lambda walk: walk.ids(Template),
    ("board.group", "key"): lambda walk: walk.keys(Group),
    **{
        (page, "key"): lambda walk: walk.keys(Group)
        for page in ("oncall.group", "oncall.take_over", "oncall.swap", "rota.edit")
    },
    ("feeds.feed", "token"): lambda _: ["forged"],
    **{
        (f"scores.{page}", "key"): Walk.partners
        for page in ("one", "figure", "handoffs", "handoffs_csv")
    },
    **{(f"scores.{page}", "id"): lambda _: BEHIND for page in ("figure", "own_figure")},
    **{(f"meetings.{page}", "key"): Walk.partners for page in ("index", *SHEETS)},
    **{(f"meetings.{page}", "n"): Walk.meetings for page in SHEETS},
    ("work.sheet", "n"): Walk.requests,
    ("work.do", "n"): Walk.requests,
    ("register.person", "key"): lambda walk: walk.keys(Person),
    ("bridge.one", "id"): lambda walk: [*walk.ids(ReceivedMail), 1],
    ("bridge_links.handed", "token"): lambda walk: walk.tokens("handed"),
    ("bridge_links.file", "token"): lambda walk: walk.tokens("handed"),
    ("bridge_links.file", "id"): lambda walk: walk.ids(Attachment)[-1:],  # the link comes first
    ("bridge_links.file", "name"): lambda _: ["x.txt"],
    ("approval.decide", "token"): lambda walk: walk.tokens("approval"),
    ("report_approval.link", "token"): lambda walk: walk.tokens("report"),
    ("report_approval.link_pdf", "token"): lambda walk: walk.tokens("report"),
    ("report_approval.page", "id"): lambda walk: [*walk.ids(ReportApproval), 99],
    ("report_approval.pdf", "id"): lambda walk: [*walk.ids(ReportApproval), 99],
    ("drafting.action", "id"): lambda walk: walk.ids(ReportAction),
    ("schedules.file", "id"): lambda walk: [*walk.ids(Report), 99],
    ("schedules.one", "key"): lambda walk: [*walk.keys(Schedule), "none"],
    ("schedules.edit", "key"): lambda walk: [*walk.keys(Schedule), "none"],
    ("schedules.remove", "key"): lambda walk: [*walk.keys(Schedule), "none"],
    ("solved.answer", "token"): lambda walk: walk.tokens("solved"),
    ("dates.answer", "n"): Walk.dates,
    ("dates.by_link", "token"): lambda walk: walk.tokens("promise"),
    ("responsibility.link", "token"): lambda walk: walk.tokens("acknowledge"),
    **{
        (page, "key"): lambda walk: walk.keys(Policy) or ["none"]
        for page in ("rulebook.one", "rulebook.retire", "rule_edit.edit")
    },
    ("people.invited", "token"): lambda walk: walk.tokens("invitation", "reset"),
    ("people.reset", "token"): lambda walk: walk.tokens("invitation", "reset"),
    **{
        (f"spreadsheet.{page}", "token"): lambda walk: [walk.draft or "0" * 32]
        for page in ("there", "sheet", "columns", "values", "preview", "listed")
    },
    **{
        (f"administration.calendars.{page}", "key"): lambda _: ["office"]
        for page in ("one", "preview", "history", "moved", "retire")
    },
    **{
        (f"administration.{page}", "key"): lambda _: ["standard", "internet"]
        for page in (
            "agreement.choose",
            "agreement.edit",
            "agreements.apply",
            "agreements.moved",
            "agreements.one",
            "agreements.retire",
        )
    },
    **{
        (f"administration.parties.{page}", "key"): lambda _: ["desk", "netone"]
        for page in ("one", "edit", "retire")
    },
    **{
        (f"administration.{page}", "key"): lambda _: ["none"]
        for page in (
            "signals.one",
            "signals.address",
            "signals.rotate",
            "signals.switch_off",
            "signals.forget",
            "signal_edit.edit",
            "signal_edit.remove",
        )
    },
    ("selection.done", "token"): lambda _: ["0" * 32],
    ("static", "filename"): lambda _: ["desk.css"],
}
SOUGHT = (
    "zqtitle", "zqnote", "zqnetthread", "zqprintthread", "zqticket", "hurried", "sooner",
    "zqnetjob", "zqprintnumber", "zqgroupbody",
)  # fmt: skip
LISTED = ("zqtitle", "zqnetjob")  # shows rows of the same kind, whatever word they are found by
COMPARED = "period=2026-11&try=targets&of=sla:standard&P3-resolution=5&compare=1"
# What besides the bare address shows more.
QUERIES: Mapping[str, Sequence[str]] = {
    "portal.home": ["show=ended", *(f"q={word}" for word in LISTED)],
    "portal.new": ["title=network+zqtitle", "title=zqtitle"],
    "portal.people": ["q=e", "q=zqtitle"],
    "search.search": [*(f"q={word}" for word in SOUGHT), "q=network", "q=zqtitle&show=open"],
    "incidents.workbench": [*(f"view={v}" for v in LISTS), *(f"q={word}" for word in LISTED)],
    "incidents.export": ["view=all", "view=done", "q=zqtitle"],
    "incidents.page": [
        *(f"show={kind}" for kind in KINDS),
        "from=all",
        "from=done",
        "clock=resolution",
    ],
    "profile.messages": ["mail=1", "before=3"],
    "bridge.index": [f"box={box}" for box in MAIL_BOXES],
    "major_links.link": ["q=zqtitle"],
    "escalation.inbox": [*(f"box={box}" for box in BOXES), *(f"q={word}" for word in SOUGHT)],
    "work.index": ["box=ended", *(f"q={word}" for word in SOUGHT)],
    "intake.log": ["q=endo", "q=zqtitle", "caller=emi"],
    "register.everybody": ["view=all", "q=zqtitle"],
    "board.wishes": ["show=late", "show=kept"],
    "oncall.group": ["from=2026-12-28"],
    "oncall.take_over": ["start=2026-11-30T00:00:00Z&end=2026-12-07T00:00:00Z"],
    "flow.page": ["period=2026-11"],
    "flow.handoffs": ["became=sent_back", "again=1&sender=tier:1"],
    "flow.visits": ["holder=desk", "holder=netone&lasting=1"],
    "flow.work": ["late=1", "to=netone"],
    "board.morning": ["group=desk", "group=network"],
    "reports.month": ["scope=service:internet", "scope=partner:netone"],
    "scores.handoffs": ["box=all"],
    "scores.handoffs_csv": ["box=all"],
    "exports.one": ["box=in-work&holder=netone", "view=all", "view=done", "q=zqtitle"],
    "exports.company": ["box=all"],
    "rulebook.board": ["show=next", "show=unsent"],
    "whatif.page": [COMPARED],
    "whatif.differences": [COMPARED],
}


# What stands there


def read(walk: Walk, who: str | None) -> dict[str, set[str]]:
    """Give the words that somebody finds on all pages, each with where; not what they typed."""
    found: dict[str, set[str]] = {}
    for address, text in pages(walk, who):
        for word in WORDS if "zq" in text else ():
            if word in text and word not in address:
                found.setdefault(word, set()).add(address)
    return found


def pages(walk: Walk, who: str | None) -> Iterator[tuple[str, str]]:
    """Give every address with what somebody reads there.

    Who lacks the right that a view asks for is turned away at its door, which looks at nothing of
    the address (`access.requires`): then the rest of the rule's addresses add nothing.
    """
    tour = Tour(walk.desk.visit(who))
    with tour.in_short():
        for addresses in walk.places():
            for address in addresses:
                yield address, tour.shown(address)
                if tour.turned_away:
                    break
