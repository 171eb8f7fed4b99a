"""The courses that everyday incidents take, from the first answer to the confirmation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from servicedesk.demo.paced import HOUR, Paced
from servicedesk.demo.stories import Story
from servicedesk.demo.tale import Tale
from servicedesk.incidents.acts import Due
from servicedesk.incidents.lifecycle import RESOLVED
from servicedesk.people.models import Person
from servicedesk.setup.directory import Party

CONFIRMED = 62  # in a hundred; the others close by themselves


class Everyday(Paced):
    """What happens in most incidents, whatever their course."""

    original: Tale | None = None  # of a duplicate

    def begin(self) -> Person:
        """Answer first, take it, and promise a date."""
        who = self.first_answer()
        if self.chance(75):
            self.accept(who)
        self.reply(who, self.story.reply)
        if self.chance(60 if self.act.story.current("requested") else 18):
            self.promise_date(who)
        return who

    def promise_date(self, who: Person) -> None:
        """Agree with the wish, or offer another date."""
        wish = self.act.story.current("requested")
        ahead = wish is not None and wish.due is not None and wish.due > self.at
        if wish and ahead and not self.chance(22):
            self.promise(who, Due(day=wish.day) if wish.day else Due(at=wish.due))
            return
        late = self.chance(12)
        seconds = round(self.span * (0.6 if late else 1)) + self.rng.choice((2, 4, 8)) * HOUR
        at = self._full_hour(self.calendar.reach(self.start, seconds), 1)
        if at <= self.at:
            return
        event = self.promise(who, Due(at=at))
        if wish and self.chance(70):
            self.wait(self.rng.uniform(10, 120))
            self.answer_promise(event, accept=self.chance(80))

    def meanwhile(self) -> None:
        """Let something happen besides, now and then."""
        who = self.worker(self.holder)
        if self.chance(7):
            self.revise_wish()
        elif self.chance(4) and not self.holder.is_partner:
            self.prioritise(who, max(1, self.act.story.impact - 1), 1, self.say("raised"))
        elif self.chance(5):
            self.watch(who, self.rng.choice(self.stage.employees))
        if self.chance(14):
            self.answer(self.say("any_news"))
            self.wait(self.rng.uniform(5, 60), self.holder)
            self.reply(who, self.say("chased"))
        elif self.chance(45) and self.span > 6 * HOUR:
            self.reply(who, self.say("progress"))

    def revise_wish(self) -> None:
        """Have the requester wish for another date."""
        wish = self.act.story.current("requested")
        if wish and wish.day:
            day = self._working(max(wish.day, self._day(self.at)) + timedelta(days=3))
            self.wish(self.requester, Due(day=day), self.say("wish_later"))

    def ask_back(self, who: Person) -> None:
        """Ask the requester and get an answer."""
        self.ask(who, self.story.ask)
        self.wait(self.rng.choice((15, 40, 90, 200, 420)))
        file = self.story.file
        self.answer(self.story.answer, *([file] if file and self.chance(50) else []))

    def up(self, who: Person, note: str, step: int = 1) -> Person:
        """Hand it to the next step of the path; give who takes it there."""
        to = self.path[step]
        self.hand_off(who, to.key, note, reason=self.rng.choice(("skill", "skill", "rights")))
        self.settle(to)
        return self.worker(to)

    def settle(self, to: Party) -> None:
        """Wait for the receiver to accept: mostly within its target."""
        terms = to.agreement.at(self.at)
        target = terms.target("acceptance", self.act.story.priority)
        minutes = (target.minutes if target else None) or 60
        late = self.chance(22 if to.key == "tsukuba" else 9)
        share = self.rng.uniform(1.1, 2.2) if late else self.rng.betavariate(1.2, 2.5) * 0.9
        self.wait(max(1, minutes * share), to)
        self.accept()

    def with_partner(self, who: Person, step: int, share: float) -> None:
        """Hand it to the partner company and get its answer at a share of the way."""
        to = self.path[step]
        self.hand_off(
            who,
            to.key,
            self.story.partner or self.story.note,
            reason="vendor",
            answer_by=self._full_hour(self.calendar.reach(self.at, 12 * HOUR), 1),
            share_requester=self.chance(40),
        )
        self.settle(to)
        if self.chance(60):
            letters = "".join(word[0] for word in to.name.split())
            self.ticket(f"{letters}-{self.rng.randint(10_000, 99_999)}")
        if self.chance(40):
            self.to_partner(self.worker(to), self.say("partner_took"))
        if self.chance(25):
            self.go(share * 0.8, self.stage.setup.party(self.act.story.handoffs[-1].sender))
            self.to_partner(who, self.say("chase"))
            self.wait(25, to)
            self.to_partner(self.worker(to), self.say("chased"))
        self.go(share)
        self.hand_back(self.story.found or self.say("own_found"))

    def finish(self, who: Person) -> None:
        """Resolve it, and have it confirmed or closed by itself."""
        self.resolve(who)
        self.end_well()

    def end_well(self) -> None:
        """Close what is resolved."""
        if not self.chance(CONFIRMED):
            self.close_by_itself()
            return
        self.wait(self.rng.choice((20, 60, 150, 400, 900)))
        if self.chance(60):
            self.answer(self.story.thanks if self.chance(70) else self.say("confirm"))
        self.confirm()

    def close_by_itself(self) -> None:
        """Let the working days pass after which it closes."""
        while self.act.story.state == RESOLVED:
            self.wait_for_itself()


Course = Callable[[Everyday], None]


def at_the_desk(t: Everyday) -> None:
    """Solved by the first tier."""
    t.begin()
    if t.chance(50):
        t.note(t.go(0.5), t.story.note)
    t.meanwhile()
    t.finish(t.go(1))


def after_asking(t: Everyday) -> None:
    """Solved by the first tier with what the requester says."""
    t.begin()
    t.ask_back(t.go(0.35))
    t.meanwhile()
    t.finish(t.go(1))


def without_answer(t: Everyday) -> None:
    """The requester never answers."""
    t.begin()
    t.ask(t.go(0.4), t.story.ask)
    while t.act.story.hold:
        t.wait_for_itself()
    t.close_by_itself()


def by_the_second_tier(t: Everyday) -> None:
    """Handed up once and solved there."""
    t.begin()
    t.up(t.go(0.2), t.story.up or t.story.note)
    if t.chance(35):
        t.ask_back(t.go(0.4))
    t.note(t.go(0.6), t.story.note)
    t.meanwhile()
    t.finish(t.go(1))


def with_the_second_tiers_answer(t: Everyday) -> None:
    """The second tier answers; the desk tells the requester."""
    t.begin()
    t.up(t.go(0.2), t.story.up or t.story.note)
    t.go(0.8)
    t.hand_back(t.say("own_found"))
    t.finish(t.go(1))


def by_the_partner(t: Everyday) -> None:
    """Up the path to the partner company, whose answer solves it."""
    t.begin()
    who = t.up(t.go(0.1), t.story.up or t.story.note)
    t.note(t.go(0.2), t.story.note)
    if len(t.path) == 4 and t.story.deeper:
        who = t.up(t.go(0.28), t.story.deeper, 2)
    t.meanwhile()
    t.with_partner(who, len(t.path) - 1, 0.85)
    t.finish(t.go(1))


def by_the_third_tier(t: Everyday) -> None:
    """Up two steps, solved by the third tier."""
    t.begin()
    t.up(t.go(0.12), t.story.up or t.story.note)
    t.up(t.go(0.35), t.story.deeper or t.story.note, 2)
    t.note(t.go(0.7), t.story.note)
    t.finish(t.go(1))


def sent_back_once(t: Everyday) -> None:
    """The second tier sends it back; the desk asks what was missing, and it goes up again."""
    t.begin()
    t.hand_off(t.go(0.15), t.path[1].key, t.story.up or t.story.note, reason="skill")
    t.wait(t.rng.uniform(20, 90), t.path[1])
    t.hand_back(t.say("send_back"), answered=False)
    t.ask_back(t.go(0.4))
    t.up(t.go(0.5), t.say("again"))
    t.finish(t.go(1))


def across(t: Everyday) -> None:
    """Handed to a team that passes it on to the right one."""
    t.begin()
    right = t.path[1]
    wrong = next(k for k in ("workplace", "apps", "network") if k != right.key)
    t.hand_off(t.go(0.15), wrong, t.story.up or t.story.note, reason="skill")
    t.wait(t.rng.uniform(15, 100), t.holder)
    t.accept()
    t.hand_off(t.worker(t.holder), right.key, t.say("across"), reason="wrong_group")
    t.settle(right)
    t.finish(t.go(1))


def there_and_back(t: Everyday) -> None:
    """Handed back to who had it before: a return."""
    t.begin()
    desk = t.holder
    t.up(t.go(0.15), t.story.up or t.story.note)
    t.hand_off(t.go(0.4), desk.key, t.say("return"), reason="other")
    t.accept(t.go(0.45))
    t.up(t.go(0.6), t.say("again"))
    t.finish(t.go(1))


def recalled(t: Everyday) -> None:
    """Taken back from the partner before it answered."""
    t.begin()
    who = t.up(t.go(0.15), t.story.up or t.story.note)
    t.hand_off(who, t.path[-1].key, t.story.partner or t.story.note, reason="vendor")
    if t.chance(50):
        t.settle(t.path[-1])
    t.wait(t.rng.uniform(60, 200), t.path[1])
    t.recall(who, t.say("recall"))
    t.finish(t.go(1))


def delivered(t: Everyday) -> None:
    """Something has to be ordered first."""
    who = t.begin()
    t.go(0.3)
    t.reply(who, t.say("delivery"))
    until = t.calendar.reach(t.at, round(t.span * 0.5) + 8 * HOUR)
    t.hold(who, "delivery", until)
    t.to(until)
    t.finish(t.go(1))


def reopened(t: Everyday) -> None:
    """Not solved at first."""
    who = t.begin()
    t.resolve(t.go(0.5))
    t.wait(t.rng.choice((60, 240, 700)))
    t.reopen(t.say("not_solved"))
    t.note(t.go(0.7), t.story.note)
    t.go(1)
    t.resolve(who, "solved", t.say("solved_again"))
    t.end_well()


def withdrawn(t: Everyday) -> None:
    """The requester does not need it any more."""
    who = t.begin()
    t.go(0.6)
    if t.chance(60):
        t.answer(t.say("withdrawn"))
        t.cancel(t.requester)
    else:
        t.note(who, t.say("with_consent"))
        t.cancel(who)


def duplicate(t: Everyday) -> None:
    """The same as another one."""
    who = t.first_answer()
    t.accept(who)
    t.reply(who, t.say("duplicate"))
    t.wait(2)
    t.cancel(who, duplicate_of=t.original)


@dataclass(frozen=True)
class Way:
    """A course with how often it is taken, and its number of steps."""

    course: Course
    weight: float
    steps: int


def ways(story: Story, path: list[Party]) -> Iterator[Way]:
    """List the courses that fit a story and the path of its service."""
    high, outside = story.up is not None, story.partner is not None and path[-1].is_partner
    yield Way(at_the_desk, 33 if outside else 53, 0)
    yield Way(after_asking, 13, 1)
    yield Way(without_answer, 1.5, 1)
    yield Way(withdrawn, 3, 0)
    yield Way(reopened, 2.5, 1)
    if story.type == "request":
        yield Way(delivered, 7, 2)
    if high and len(path) > 1:
        yield Way(by_the_second_tier, 19, 1)
        yield Way(with_the_second_tiers_answer, 5, 1)
        yield Way(sent_back_once, 3, 2)
        yield Way(there_and_back, 1.5, 2)
        yield Way(across, 2.5, 2)
    if high and story.deeper and len(path) > 2 and path[2].tier == 3:
        yield Way(by_the_third_tier, 10, 2)
    if high and outside and len(path) > 2:
        yield Way(by_the_partner, 36, 3)
        yield Way(recalled, 3, 2)
