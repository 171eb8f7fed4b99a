"""What goes between hands beside the story: work requests and meetings, each word its own."""

from __future__ import annotations

from io import BytesIO

import sqlalchemy as sa

from servicedesk.escalation.work import commands as work
from servicedesk.incidents.files import Upload
from servicedesk.partners.meetings import commands as meetings
from servicedesk.partners.meetings.commands import Changes, Resolved, Said
from servicedesk.partners.meetings.models import REQUEST, Meeting
from servicedesk.people.models import Partner
from tests.cast import Desk, at

# Who works at which company, and what the words that are theirs alone begin with.
COMPANIES = {"netone": ("kim", "zqnet"), "printco": ("park", "zqprint")}
OF_WORK = ("job", "body", "line", "result", "number", "paper", "ink")
OF_A_SHEET = ("action", "decided", "owner", "present")
WORK_OF_NETONE = {f"zqnet{word}" for word in OF_WORK}
WORK_OF_PRINTCO = {f"zqprint{word}" for word in OF_WORK}
WORK_OF_A_GROUP = {f"zqgroup{word}" for word in OF_WORK if word not in ("number", "paper", "ink")}
SHEETS_OF_NETONE = {f"zqnet{word}" for word in OF_A_SHEET}
SHEETS_OF_PRINTCO = {f"zqprint{word}" for word in OF_A_SHEET}
PREPARED = {"zqunheld"}  # stands on a sheet of the next meeting, which no company reads yet
SHEETS = SHEETS_OF_NETONE | SHEETS_OF_PRINTCO | PREPARED
DAY = at("09:00").date()


def want_work(desk: Desk, n: int) -> None:
    """H6: ask both companies; NetOne does it, PrintCo does not, more of it is still open."""
    for request, (key, (who, word)) in enumerate(COMPANIES.items(), 1):
        said = {name: f"{word}{name}" for name in OF_WORK}
        papers = (Upload(f"{said['paper']}.txt", BytesIO(said["ink"].encode())),)
        end = work.finish if key == "netone" else work.send_back
        desk.do(work.request, n, key, said["job"], said["body"], by="ito", when="09:22")
        desk.do(work.write, n, request, said["line"], by=who, when="09:23", uploads=papers)
        desk.do(work.note_ticket, n, request, said["number"], by=who, when="09:24")
        desk.do(end, n, request, said["result"], by=who, when="09:25")
    desk.do(work.request, n, "printco", "zqprintjob", by="ito", when="09:29")


def want_work_of_a_group(desk: Desk, n: int) -> None:
    """H6: while the network team has it, ask the desk: of what is confidential it can read any."""
    desk.do(work.request, n, "desk", "zqgroupjob", "zqgroupbody", by="abe", when="09:32")
    desk.do(work.write, n, 4, "zqgroupline", by="abe", when="09:34")
    desk.do(work.finish, n, 4, "zqgroupresult", by="ito", when="09:36")


def meet(desk: Desk, *numbers: int) -> None:
    """Hold a meeting with each company about its work for some incidents, and prepare another."""
    for request, (key, (_who, word)) in enumerate(COMPANIES.items(), 1):
        said = {name: f"{word}{name}" for name in OF_A_SHEET}
        kept = {
            (REQUEST, desk.incident(n).id, request): Said(said["action"], DAY, "them")
            for n in numbers
        }
        new = [Resolved(said["decided"], said["owner"], DAY)]
        fill(desk, key, Changes(DAY, DAY, said["present"], kept, new=new))
        hold(desk, key)
        fill(desk, key, Changes(DAY, DAY, new=[Resolved("zqunheld")]))


def fill(desk: Desk, key: str, said: Changes) -> None:
    """Open the sheet of a company's next meeting and fill it in."""
    partner = company(desk, key)
    n = desk.call(meetings.open_meeting, partner, DAY, by="ito", when="11:10")
    desk.call(meetings.save, partner, n, said, by="ito", when="11:11", version=1)


def hold(desk: Desk, key: str) -> None:
    """Hold the first meeting with a company."""
    desk.call(meetings.hold, company(desk, key), 1, by="ito", when="11:12", version=2)


def company(desk: Desk, key: str) -> int:
    """Give a partner company's id."""
    with desk.session() as session:
        return session.scalars(sa.select(Partner.id).where(Partner.key == key)).one()


def meetings_held(desk: Desk) -> list[int]:
    """Give the numbers of all meetings, held and prepared."""
    with desk.session() as session:
        return sorted(set(session.scalars(sa.select(Meeting.n))))
