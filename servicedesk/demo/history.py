"""Three months of a desk's work: when incidents come in, which, and how each goes on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache, partial
from random import Random

from servicedesk import outbox, times
from servicedesk.demo import approvals, courses
from servicedesk.demo.courses import Everyday, Way, ways
from servicedesk.demo.featured import FEATURED
from servicedesk.demo.letterbox import A_MOMENT
from servicedesk.demo.stage import Stage
from servicedesk.demo.stories import Story, stories
from servicedesk.demo.tale import Ahead, Tale, soon

DAYS = 92
A_DAY = 5.9  # incidents and requests on a usual working day
ON_MONDAYS, ON_WEEKENDS = 1.35, 0.06
# Minutes of the local day from which on they come in, and how many of a hundred until the next.
ARRIVALS = (
    (7 * 60, 5), (8 * 60 + 30, 24), (10 * 60, 20), (11 * 60 + 30, 6), (13 * 60, 22),
    (15 * 60, 17), (17 * 60, 5), (19 * 60, 1), (22 * 60, 0),
)  # fmt: skip
CHANNELS = ("portal",) * 56 + ("phone",) * 24 + ("mail",) * 12 + ("desk",) * 8
SELDOM = ("purchase",)
UNATTENDED = ("portal", "mail")
RECENT = 5  # of which one may be reported twice
TWICE = 2  # in a hundred
UNLIKE, TRIES = 150, 8

Play = Callable[[], Tale]


@dataclass(frozen=True)
class Entry:
    """An incident to come, by the instant of its logging."""

    at: datetime
    play: Play


@dataclass
class History:
    """The incidents of a stage, in the order of their logging."""

    stage: Stage
    recent: deque[Everyday] = field(default_factory=lambda: deque(maxlen=RECENT))
    titles: deque[str] = field(default_factory=lambda: deque(maxlen=UNLIKE))

    def entries(self) -> list[Entry]:
        """List what comes in, in order."""
        usual = [Entry(at, partial(self._everyday, at)) for at in self._arrivals()]
        chosen = [
            Entry(each.logged_at(self.stage), partial(each.play, self.stage)) for each in FEATURED
        ]
        return sorted((*usual, *chosen), key=lambda entry: entry.at)

    def tell(self, entries: Iterable[Entry]) -> Iterator[Tale]:
        """Tell them one after the other, and keep each; what is past is mailed to nobody."""
        for entry in entries:
            past = entry.at < self.stage.now - A_MOMENT
            with outbox.quiet(self.stage.session) if past else nullcontext():
                tale = entry.play()
                tale.keep()
            yield tale

    # When

    def _arrivals(self) -> Iterator[datetime]:
        first = self.stage.today - timedelta(days=DAYS)
        for n in range(DAYS + 1):
            day = first + timedelta(days=n)
            for _each in range(self._number(day)):
                at = self._instant(day)
                if at < self.stage.now - timedelta(minutes=20):
                    yield at

    def _number(self, day: date) -> int:
        """Choose how many come in on a day."""
        usual = A_DAY * (ON_MONDAYS if day.weekday() == 0 else 1)
        if not self.stage.is_working(day):
            usual = A_DAY * ON_WEEKENDS
        return max(0, round(self.stage.rng.gauss(usual, usual**0.5 * 0.8)))

    def _instant(self, day: date) -> datetime:
        rng = self.stage.rng
        n = rng.choices(range(len(ARRIVALS) - 1), [share for _start, share in ARRIVALS[:-1]])[0]
        minute = rng.randrange(ARRIVALS[n][0], ARRIVALS[n + 1][0])
        midnight = times.midnight(day, self.stage.setup.zone)
        return soon(midnight, minute) + timedelta(seconds=rng.randrange(60))

    # Which

    def _everyday(self, at: datetime) -> Everyday:
        tale, course = self._chosen(at)
        with suppress(Ahead):
            tale.log(
                channel=self._channel(tale),
                impact=tale.impact,
                urgency=tale.urgency,
                wish=tale.chosen_wish(),
                with_file=tale.chance(40),
            )
            course(tale)
        if tale.original is None:
            self.recent.append(tale)
        return tale

    def _channel(self, tale: Tale) -> str:
        """Choose how it comes in: at night nobody picks up the phone."""
        answered = self.stage.calendar(tale.path[0].ref).is_open(tale.at)
        return self.stage.rng.choice(CHANNELS if answered else UNATTENDED)

    def _chosen(self, at: datetime) -> tuple[Everyday, courses.Course]:
        stage = self.stage
        if self.recent and stage.rng.random() * 100 < TWICE:
            original = stage.rng.choice(self.recent)
            who = stage.requester(original.story.language, unlike=original.requester)
            again = Everyday(stage, original.story, who, at, steps=0)
            again.original = original
            return again, courses.duplicate
        story = self._story()
        who = stage.requester(story.language, story.departments)
        way = self._way(story)
        return Everyday(stage, story, who, at, steps=way.steps), way.course

    def _story(self) -> Story:
        """Choose a story, and its words so that no two of the last weeks read the same."""
        rng, some = self.stage.rng, list(stories().values())
        known = {*self.titles, *_featured_titles()}
        for _attempt in range(TRIES):
            story = rng.choices(some, [_frequency(story) for story in some])[0].told(rng)
            if story.title not in known:
                break
        self.titles.append(story.title)
        return story

    def _way(self, story: Story) -> Way:
        service = self.stage.setup.services_by_key[story.service]
        path = [self.stage.setup.party(ref) for ref in service.path]
        some = list(approvals.ways() if service.more.get("approval") else ways(story, path))
        return self.stage.rng.choices(some, [way.weight for way in some])[0]


@cache
def _featured_titles() -> frozenset[str]:
    rng = Random(0)  # noqa: S311
    return frozenset(stories()[each.story].told(rng, each.words).title for each in FEATURED)


def _frequency(story: Story) -> float:
    """Say how often a story happens: what stops everybody, or costs money, rarely."""
    if story.impact == 1:
        return 0.25
    if story.service in SELDOM:
        return 0.5
    return 1.6 if story.type == "request" else 1
