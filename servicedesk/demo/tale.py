"""One incident of the demo, told by the same acts as the web, in memory until it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from servicedesk import journal, times
from servicedesk.demo.files import FILES
from servicedesk.demo.stage import Stage
from servicedesk.demo.stories import Story, phrase
from servicedesk.demo.unattended import Coming, first_due, let_come
from servicedesk.escalation import handoffs, returns
from servicedesk.escalation.handing import Handing
from servicedesk.event import Event
from servicedesk.incidents import acts, approvals, derived, documents, files, record
from servicedesk.incidents.acts import Act, Due
from servicedesk.incidents.clocks import Clockwork
from servicedesk.incidents.commands import Doing, add_comment
from servicedesk.incidents.exclusions import commands as exclusions
from servicedesk.incidents.exclusions.effects import Wanted
from servicedesk.incidents.models import Comment, DateChange, HandOff, Incident, watcher
from servicedesk.incidents.rules import StepDue
from servicedesk.people import absence
from servicedesk.people.models import Person
from servicedesk.setup.directory import Party

DECIDING = 25  # working minutes
SOON = (4, 11)  # minutes until somebody takes responsibility


class Ahead(Exception):
    """The tale has come to now: what would follow has not happened yet."""


class Tale:
    """An incident from its logging on; `at` is when the next act happens."""

    incident: Incident
    left_alone = False  # nobody takes responsibility but who is said to

    def __init__(self, stage: Stage, story: Story, requester: Person, at: datetime) -> None:
        self.stage, self.story, self.requester, self.at = stage, story, requester, at
        self.service = stage.setup.services_by_key[story.service]
        self.path: list[Party] = [stage.setup.party(ref) for ref in self.service.path]
        self.act = Act(Clockwork(stage.setup), at)
        self.workers: dict[str, Person] = {}
        self.handoff_texts: dict[int, dict[str, Any]] = {}
        self.threads: list[tuple[Comment, int]] = []  # with the number of their hand-off
        self.exclusions: dict[int, dict[str, str]] = {}  # their texts, by number
        self.reasons: dict[int, str] = {}  # of wishes and promises, by the number of their event
        self._coming: Coming | None = None  # by itself, as of the event with that number
        self._coming_at = 0

    # Time and people

    def to(self, at: datetime) -> None:
        """Go on at an instant; raises Ahead where that has not come yet."""
        if at > self.stage.now:
            raise Ahead
        self._let_come(at)
        self.at = max(self.at, at)

    def _let_come(self, until: datetime, *, hand_off: bool = False) -> None:
        """Let what comes by itself come at its time: reminders, ends, rules."""
        while (due := self._first_due()) and due.at <= until:
            at_the_end = self.holder.ref == self.path[-1].ref
            if due.hands_off and not (hand_off or at_the_end):
                self._accept_in_time(due.at)
            else:
                let_come(self.stage.session, self.incident, self.act, due)
                self._take_responsibility(due, until)

    def _take_responsibility(self, due: Coming, until: datetime) -> None:
        """E1: let who was told take responsibility, mostly the first time, unless it is too late.

        What comes next, such as that somebody takes the incident, is responsibility too.
        """
        it = due.what
        if not isinstance(it, StepDue) or not it.step.repeats or due.passed or self.left_alone:
            return
        told = self.act.story.fired[it.identity].told
        at = soon(self.act.now, SOON[self.incident.number % 2])
        if told and at < until and it.round > self.incident.number % 3 // 2:
            self.act.actor, self.act.now = told[-1], at
            acts.acknowledge(self.act)

    def _first_due(self) -> Coming | None:
        """Give what comes next by itself, looked up once for each state of things."""
        seq = self.act.story.seq
        if self._coming_at != seq:
            self._coming, self._coming_at = first_due(self.act.work) if seq else None, seq
        return self._coming

    def _accept_in_time(self, due: datetime) -> None:
        """Be quicker than the rule that would hand it on: the story goes on here."""
        self.at = max(self.at, soon(due, -2))
        self.accept()

    def wait(self, minutes: float, of: Party | None = None) -> None:
        """Go on after some working minutes of a party, or of the desk."""
        calendar = self.stage.calendar(of.ref if of else None)
        self.to(calendar.reach(self.at, max(60, round(minutes * 60))))

    @property
    def holder(self) -> Party:
        """Give the group or partner that it was given to last."""
        return self.stage.setup.party(self.act.story.given_to)

    def worker(self, party: Party) -> Person:
        """Give who deals with it in a group or partner: the same person all along."""
        known = self.workers.get(party.ref)
        if known is None or (self._is_away(known) and self.act.story.assignee != known.id):
            staff = [one for one in self.stage.staff[party.ref] if not self._is_away(one)]
            self.workers[party.ref] = self.stage.rng.choice(staff)
        return self.workers[party.ref]

    def _is_away(self, person: Person) -> bool:
        return person.is_absent(times.local_day(self.at, self.stage.setup.zone))

    def say(self, name: str) -> str:
        """Choose a phrase in the language of the story."""
        return phrase(self.stage.rng, self.story.language, name)

    def by(self, person: Person | None) -> Act:
        """Act as somebody, now; raises Ahead while they are away: it waits for them."""
        if person and self._is_away(person):
            raise Ahead
        self.act.actor = person.id if person else None
        self.act.now = self.at
        return self.act

    # Logging and keeping

    def log(
        self,
        *,
        channel: str = "portal",
        impact: int | None = None,
        urgency: int | None = None,
        wish: Due | None = None,
        confidential: bool = False,
        with_file: bool = False,
    ) -> None:
        """Log it: by phone the desk does, while talking to the requester."""
        story = self.story
        by_desk = channel in ("phone", "desk")
        acts.log(
            self.by(self.worker(self.path[0]) if by_desk else self.requester),
            requester=self.requester.id,
            service=self.service,
            impact=impact or story.impact,
            urgency=urgency or story.urgency,
            type=story.type,
            channel=channel,
            confidential=confidential or bool(self.service.more.get("confidential")),
            response=by_desk,
            title=journal.digest(story.title),
            description=journal.digest(story.text),
        )
        if wish:
            acts.wish(self.act, wish)
        approvals.ask(self.stage.session, self.act)
        self.incident = self._added()
        if with_file and story.file:
            self._attach(story.file)

    def _added(self) -> Incident:
        """Add it, for texts and files to hang on; its journal is kept in one piece at the end."""
        story, session = self.story, self.stage.session
        incident = Incident(
            number=record.next_numbers(session),
            head=journal.BEGINNING,
            title=story.title,
            description=story.text,
            department=self.requester.department,
            category=story.category,
            **derived.rows(self.act.work, self.at).incident,
        )
        session.add(incident)
        session.flush()
        return incident

    def _attach(self, name: str) -> None:
        """Attach a file to the incident itself."""
        who = self.requester
        upload = FILES[name].upload()
        row = files.keep(self.stage.session, self.incident, upload, who.id, self.at)
        acts.attach(self.by(who), row.id, row.sha256)

    @property
    def told_until(self) -> datetime:
        """Give the instant at which the tale is kept."""
        return self.stage.now

    def keep(self) -> None:
        """Let come what has come since, and keep it all."""
        until = self.told_until
        self._let_come(until, hand_off=True)
        record.save(self.stage.session, self.incident, self.act, until)
        if self.handoff_texts:
            self._keep_handoffs()
        if self.reasons:
            query = sa.select(DateChange).where(DateChange.incident_id == self.incident.id)
            for change in self.stage.session.scalars(query):
                change.reason = self.reasons.get(change.n)
        for n, texts in self.exclusions.items():
            row = exclusions.row(self.stage.session, self.incident.id, n)
            row.reason, row.decision = texts["reason"], texts.get("decision", "")

    def _keep_handoffs(self) -> None:
        query = sa.select(HandOff).where(HandOff.incident_id == self.incident.id)
        rows = {row.n: row for row in self.stage.session.scalars(query)}
        for n, texts in self.handoff_texts.items():
            for name, value in texts.items():
                setattr(rows[n], name, value)
        for comment, n in self.threads:
            comment.handoff_id = rows[n].id
        documents.index(self.stage.session, [self.incident.id])

    # What people write

    def _write(
        self,
        who: Person,
        kind: str,
        body: str,
        *,
        desk: bool = True,
        n: int | None = None,
        attached: Sequence[str] = (),
    ) -> Comment:
        doing = Doing(self.stage.session, self.incident, self.by(who), who)
        given = tuple(FILES[name].upload() for name in attached)
        return add_comment(doing, kind, body, desk=desk, n=n, uploads=given)

    def reply(self, who: Person, text: str) -> None:
        """Reply to the requester."""
        self._write(who, "reply", text)

    def ask(self, who: Person, text: str) -> None:
        """Ask the requester, and wait for the answer."""
        self._write(who, "reply", text)
        acts.hold(self.by(who), "requester")

    def answer(self, text: str, *attached: str) -> None:
        """Write as the requester."""
        self._write(self.requester, "reply", text, desk=False, attached=attached)

    def note(self, who: Person, text: str, *attached: str) -> None:
        """Write for the desk alone."""
        self._write(who, "note", text, attached=attached)

    def to_partner(self, who: Person, text: str, *attached: str) -> None:
        """Write into the thread of the hand-off to a partner, from either side."""
        n = len(self.act.story.handoffs)
        comment = self._write(who, "partner", text, n=n, attached=attached)
        self.threads.append((comment, n))

    # Hand-offs

    def hand_off(self, who: Person, to: str, note: str, *, reason: str, **more: Any) -> None:
        """Hand it to a group or partner; `answer_by`, `share_requester`, `share_files` besides."""
        receiver = self.stage.party(to)
        if returns.is_guarded(self.by(who), receiver):
            self._let_go_back(who, receiver, note, reason)
        sent = handoffs.send(
            self.act,
            receiver,
            reason=reason,
            note=journal.digest(note),
            answer_by=more.get("answer_by"),
            share=bool(more.get("share_requester")),
            by=who.id,
        )
        more.pop("answer_by", None)
        self.handoff_texts[sent.n] = {"reason": reason, "note": note, **more}

    def _let_go_back(self, who: Person, to: Party, note: str, reason: str) -> None:
        """H5: ask the lead, who lets it go back soon afterwards, unless they hand it off."""
        it = Doing(self.stage.session, self.incident, self.act, who)
        if not returns.waits(it, to):
            return
        returns.propose(it, to, Handing(reason, note))
        self.wait(DECIDING, self.holder)
        lead = self.stage.session.get_one(Person, returns.deciders(it.session, it.act)[0])
        self.by(lead).record("return.allowed", n=self.act.story.seq)

    def accept(self, who: Person | None = None) -> None:
        """Accept what was handed to one's group or company."""
        who = who or self.worker(self.holder)
        if self.holder.is_partner:
            handoffs.accept(self.by(who), len(self.act.story.handoffs))
        else:
            acts.take(self.by(who))

    def assign(self, who: Person, to: Person) -> None:
        """Give it to somebody."""
        acts.assign(self.by(who), to.id)

    def ticket(self, number: str) -> None:
        """Note the partner's own ticket number."""
        n = len(self.act.story.handoffs)
        act = self.by(self.worker(self.holder))
        act.record("handoff.ticket_noted", n=n, ticket=journal.digest(number))
        self.handoff_texts[n]["partner_ticket"] = number

    def hand_back(self, text: str, *, answered: bool = True) -> None:
        """Answer the hand-off, or send it back unanswered."""
        n, who = len(self.act.story.handoffs), self.worker(self.holder)
        if self.holder.is_partner:
            self.to_partner(who, text)
        else:
            self.note(who, text)
        give = handoffs.answer if answered else handoffs.send_back
        give(self.by(who), n, journal.digest(text))
        self.handoff_texts[n]["outcome_text"] = text

    def recall(self, who: Person, text: str) -> None:
        """Take back what was handed off."""
        n = len(self.act.story.handoffs)
        handoffs.recall(self.by(who), n, journal.digest(text))
        self.handoff_texts[n]["outcome_text"] = text

    # Dates

    def wish(self, who: Person, due: Due, reason: str) -> Event | None:
        """Revise the wish, as the requester or on the requester's word."""
        own = who is self.requester
        event = acts.wish(self.by(who), due, by_requester=own, reason=journal.digest(reason))
        return self._explained(event, reason)

    def promise(self, who: Person, due: Due, reason: str = "") -> Event | None:
        """Answer the wish with a date; another one than wished for needs a reason."""
        wish = self.act.story.current("requested")
        if wish and wish.due != due.judged(self.stage.setup.zone):
            reason = reason or self.say("promise_other")
        digest = journal.digest(reason) if reason else None
        return self._explained(acts.promise(self.by(who), due, reason=digest), reason)

    def _explained(self, event: Event | None, reason: str) -> Event | None:
        if event and reason:
            self.reasons[event.seq] = reason
        return event

    def answer_promise(self, event: Event | None, accept: bool) -> None:
        """Accept or decline the date offered, while it lies ahead."""
        offered = self.act.story.current("promised")
        if event and offered and offered.due and offered.due > self.at:
            acts.answer_promise(self.by(self.requester), event.seq, accept)

    def confirm_wish(self, event: Event | None, accept: bool) -> None:
        """Confirm or decline the date that the desk has noted."""
        if event:
            acts.confirm_wish(self.by(self.requester), event.seq, accept)

    # Exclusions

    def exclude(
        self, who: Person, start: datetime, end: datetime, clocks: tuple[str, ...], reason: str
    ) -> int:
        """C11: ask that some time shall not count; gives the exclusion's number."""
        act = self.by(who)
        exclusions.ask(act, Wanted(start, end, clocks), journal.digest(reason), "agent")
        self.exclusions[act.story.seq] = {"reason": reason}
        return act.story.seq

    def decide_exclusion(self, who: Person, n: int, *, approved: bool, text: str = "") -> None:
        """Approve it, or refuse it with a reason."""
        own = exclusions.parties_of(who, self.stage.setup)
        digest = journal.digest(text) if text else None
        exclusions.decide(self.by(who), n, approved, own, "manager", digest)
        self.exclusions[n]["decision"] = text

    # Other moves

    def hold(self, who: Person, reason: str, until: datetime) -> None:
        """Put it on hold up to an instant."""
        acts.hold(self.by(who), reason, until)

    def prioritise(self, who: Person, impact: int, urgency: int, reason: str) -> None:
        """Change the priority, with a reason."""
        digest, lead = journal.digest(reason), self.holder.lead == who.id
        acts.prioritise(self.by(who), impact, urgency, reason=digest, lead=lead)
        self.incident.priority_reason = reason

    def reclassify(self, who: Person, service: str) -> None:
        """Move it to another service."""
        acts.reclassify(self.by(who), self.stage.setup.services_by_key[service])

    def watch(self, who: Person, person: Person) -> None:
        """Let somebody watch it."""
        values = {"incident_id": self.incident.id, "person_id": person.id}
        self.stage.session.execute(watcher.insert().values(values))
        self.by(who).record("watcher.added", person=person.id)

    def decide(self, refused: str = "") -> None:
        """Approve it as who is asked that day, or not, with a reason."""
        day = times.local_day(self.at, self.stage.setup.zone)
        who = absence.asked(self.stage.session, self.act.story.approver or 0, day)
        if who is None:
            raise Ahead
        if refused:
            comment = self._write(who, "reply", refused, desk=False)
            acts.refuse_approval(self.by(who), journal.digest(refused), comment.id)
        else:
            acts.grant_approval(self.by(who))

    # Its end

    def resolve(self, who: Person, code: str | None = None, text: str | None = None) -> None:
        """Resolve it as the story says, or with another code and text."""
        text, code = text or self.story.done, code or self.story.code
        acts.resolve(self.by(who), code, journal.digest(text))
        self.incident.resolution_text = text
        self.incident.root_cause = self.story.cause
        self.incident.workaround = text if code == "workaround" else None

    def confirm(self) -> None:
        """Close it: the requester says that it is solved."""
        acts.close(self.by(self.requester))

    def wait_for_itself(self) -> None:
        """Go on to what comes next by itself: a reminder, the end of a hold, the closing."""
        if due := self._first_due():
            self.to(due.at)

    def reopen(self, text: str) -> None:
        """Say that it is not solved."""
        acts.reopen(self.by(self.requester))
        self.answer(text)

    def cancel(self, who: Person, *, duplicate_of: Tale | None = None) -> None:
        """Cancel it: by the requester, on the requester's word, or as a duplicate."""
        consent = who is not self.requester and duplicate_of is None
        other = duplicate_of.incident.id if duplicate_of else None
        acts.cancel(self.by(who), consent=consent, duplicate_of=other)


def soon(at: datetime, minutes: float) -> datetime:
    """Give an instant some minutes later by the wall clock."""
    return at + timedelta(seconds=round(minutes * 60))
