"""``required`` in a report equals a count from roll, calendar, pack and triggers that does not use the engine."""

import ast
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from casework import Calendar, ConcernDraft, Contact, ContactCard, Term
from casework.model.obligation import STATUSES
from casework.policy import load_policy, loads_policy
from casework.testing.factories import AUTUMN, SPRING
from tests.engine import count
from tests.engine.world import HEAD, World, duty, noon

pytestmark = pytest.mark.unmeasured

DAY = timedelta(days=1)
BOARDING = HEAD + duty(
    '{ each = "MONTH", only = "boarder", role = "lead" }, { each = "OPEN", unless = "boarder" }, '
    '{ every = "14 days", unless = "boarder" }, { on = ["absence"], within = "3 td", only = "boarder" }',
    "D12",
)
PACKS = {name: load_policy(name) for name in ("town-primary", "school", "class-teacher")}
PACKS["boarding"] = loads_policy(BOARDING)
YEAR = [AUTUMN, SPRING]


def told(term):
    """A term as the count takes it."""
    return (term.id, term.first, term.last, list(term.holidays), list(term.makeup), dict(term.windows))


def duties(name):
    """The duties as the count reads them."""
    return count.duties_of(BOARDING) if name == "boarding" else count.pack(name)


def duties_of_places(name, subject):
    """The duties of the school or of classes, as the count reads them."""
    return count.duties_of(BOARDING, subject) if name == "boarding" else count.pack(name, subject)


def class_of(child):
    """Two classes, by the child's number."""
    return f"3-{int(child.removeprefix('s-')) % 2}"


def days_with_somebody(stories, last):
    """The days on which a child of these stories has an open case, if only for a part of the day."""
    found = set()
    for story in stories:
        since = None
        for day, what, *_ in [*story, (last, "close")]:
            if what in {"identify", "reopen"}:
                since = day
            elif what == "close" and since is not None:
                found |= {since + DAY * n for n in range((day - since).days + 1)}
                since = None
    return found


def carer(number):
    """A card with the carer of that number."""
    return ContactCard(carer=Contact(f"carer {number}", "aunt", person=f"p.{number}"))


class Telling:
    """Enters a story at the desk, with a sweep at every midnight."""

    def __init__(self, policy, terms, first):
        self.world = World(policy, calendar=Calendar(terms, tz="Asia/Shanghai"), at=noon(first, hour=0))
        self.carers = Counter()
        self.leads = Counter()

    def tell(self, stories, last):
        """Live through every day up to ``last``."""
        by_day = {}
        for child, story in stories.items():
            for day, what, *details in story:
                by_day.setdefault(day, []).append((child, what, details))
        day = min(by_day)
        while day <= last:
            self.world.on(day, hour=0).sweep(catch_up=True)
            self.world.on(day, hour=12)
            for child, what, details in by_day.get(day, ()):
                self.enter(child, what, *details)
            day += DAY
        return self

    def enter(self, child, what, *details):  # noqa: C901 - one line for each thing that may happen
        """Enter one thing."""
        desk = self.world.desk()
        match what:
            case "identify":
                desk.identify(child, away="both", boarder=details[0], class_=class_of(child))
            case "reopen" | "close" | "unpair":
                getattr(desk, what)(child, "because")
            case "file":
                desk.file(child, carer(self.carers[child]))
            case "card":
                self.carers[child] += details[0]
                desk.record_card(child, carer(self.carers[child]))
            case "number_dead":
                desk.mark_number_dead(child, "carer")
            case "pair":
                self.leads[child] += 1
                desk.pair(child, f"t.{self.leads[child]}")
            case "key":
                desk.designate_key(child, "because")
            case "unkey":
                desk.end_key(child, "because")
            case "board" | "unboard":
                desk.change_facts(child, boarder=what == "board")
            case "away":
                desk.change_facts(child, away="one" if desk.case(child).away == "both" else "both")
            case "concern":
                desk.note_concern(child, ConcernDraft("bullied", details[0]))
            case "act":
                desk.record(child, details[0], reached=details[1])

    def report(self):
        """Duty to status to how many."""
        with self.world.store.read():
            return self.world.store.obligation_counts("qinghe", date.min, date.max)


@st.composite
def terms(draw):
    """An autumn and a spring with holidays and make-up days; the spring may be short, with windows of its own."""
    first = date(2026, 8, 31) + DAY * draw(st.integers(0, 6))
    autumn = draw_term(draw, "autumn", first, draw(st.integers(100, 145)))
    second = autumn.last + DAY * draw(st.integers(1, 40))
    if draw(st.booleans()):
        spring = draw_term(draw, "spring", second, draw(st.integers(100, 130)))
    else:
        windows = {
            "OPEN": (second, second + DAY * 9),
            "MID": (second + DAY * 12, second + DAY * 20),
            "CLOSE": (second + DAY * 25, second + DAY * 34),
        }
        spring = Term("spring", second, second + DAY * 34, windows=windows)
    return [autumn, spring]


def draw_term(draw, id_, first, length):
    """A term with up to two holidays and two make-up days."""
    days = st.integers(0, length).map(lambda n: first + DAY * n)
    holidays = [
        (start, min(start + DAY * draw(st.integers(0, 8)), first + DAY * length))
        for start in draw(st.lists(days, max_size=2))
    ]
    found = Term(id_, first, first + DAY * length, holidays=holidays, makeup=draw(st.lists(days, max_size=2)))
    assume(len(found.weeks()) >= 9)
    months = [name for name, _ in found.months()]
    assume(len(months) == len(set(months)))
    return found


@st.composite
def stories(draw, first, last):
    """The story of a child: at most one thing a day, each possible when it happens."""
    span = (last - first).days
    days = sorted({first + DAY * n for n in draw(st.lists(st.integers(0, span), min_size=1, max_size=14))})
    story = [(days[0], "identify", draw(st.booleans()))]
    state = {"open": True, "filed": False, "paired": False, "key": False, "boards": story[0][2]}
    for day in days[1:]:
        what = draw(st.sampled_from(possible(state)))
        details = {
            "card": [st.booleans()],
            "concern": [st.sampled_from(["low", "medium", "high"])],
            "act": [st.sampled_from(["visit", "call", "talk", "absence", "census", "carer_talk"]), st.booleans()],
        }.get(what, [])
        story.append((day, what, *(draw(detail) for detail in details)))
        changes(state, what)
    return story


def possible(state):
    """What can happen to the child next."""
    if not state["open"]:
        return ["reopen", "act"]
    found = ["act", "act", "concern", "away", "file", "close", "pair", "card" if state["filed"] else "file"]
    found.append("unpair" if state["paired"] else "pair")
    found.append("unkey" if state["key"] else "key")
    found.append("unboard" if state["boards"] else "board")
    return [*found, "number_dead"] if state["filed"] else found


def changes(state, what):
    """What is so afterwards."""
    for name, on, off in (
        ("open", "reopen", "close"),
        ("paired", "pair", "unpair"),
        ("key", "key", "unkey"),
        ("boards", "board", "unboard"),
    ):
        if what in {on, off}:
            state[name] = what == on
    if what == "file":
        state["filed"] = True
    if what == "close":
        state["paired"] = state["key"] = False


def check(name, year, told_stories, last):
    """Report and count agree duty by duty, and every report adds up."""
    first = min(day for story in told_stories.values() for day, *_ in story)
    report = Telling(PACKS[name], year, first).tell(told_stories, last).report()
    calendar = count.Year([told(term) for term in year])
    expected = Counter()
    for story in told_stories.values():
        expected += count.required(duties(name), calendar, story, last)
    always = {first + DAY * n for n in range((last - first).days + 1)}
    expected += count.required_of_place(duties_of_places(name, "school"), calendar, always, last)
    for class_ in {class_of(child) for child in told_stories}:
        here = days_with_somebody([s for child, s in told_stories.items() if class_of(child) == class_], last)
        expected += count.required_of_place(duties_of_places(name, "class"), calendar, here, last)

    assert dict(expected) == {duty: sum(statuses.values()) for duty, statuses in report.items()}
    assert {status for statuses in report.values() for status in statuses} <= set(STATUSES)


class TestRequired:
    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(st.data(), st.sampled_from(sorted(PACKS)))
    def test_required_equals_the_count_by_hand(self, data, name):
        """Whatever terms, children, absences and designations there are, the report asks for what the words ask for."""
        year = data.draw(terms())
        first, last = year[0].first - DAY * 10, year[1].last
        several = data.draw(st.lists(stories(first, last), min_size=1, max_size=2))

        check(name, year, {f"s-{k}": story for k, story in enumerate(several)}, last + DAY * 3)

    @pytest.mark.parametrize("day", [date(2026, 9, 15), date(2026, 9, 16)])
    @pytest.mark.parametrize("name", sorted(PACKS))
    def test_five_teaching_days_left_and_four(self, name, day):
        """A child who joins with five teaching days left in a window is asked for it, with four it is not."""
        assert {date(2026, 9, 15): 5, date(2026, 9, 16): 4}[day] == count.Year([told(t) for t in YEAR]).count(
            day, date(2026, 9, 20)
        )
        check(name, YEAR, {"s-1": [(day, "identify", False)]}, AUTUMN.last)

    @pytest.mark.parametrize("boards", [False, True])
    def test_boarders_and_others(self, boards):
        """Boarders are asked for their own windows, the others for theirs."""
        story = [(date(2026, 8, 28), "identify", boards), (date(2026, 10, 20), "unboard" if boards else "board")]

        check("boarding", YEAR, {"s-1": story}, SPRING.last)

    @pytest.mark.parametrize("name", sorted(PACKS))
    def test_a_whole_class(self, name):
        """A class whose children join one by one through the year is asked for what each of them is asked for."""
        told_stories = {f"s-{k}": [(date(2026, 8, 20) + DAY * 11 * k, "identify", k % 3 == 0)] for k in range(20)}

        check(name, YEAR, told_stories, SPRING.last)

    def test_the_count_does_not_use_the_engine(self):
        """The count imports nothing of casework, so that one mistake cannot be made twice."""
        tree = ast.parse(Path(count.__file__).read_text(encoding="utf-8"))
        names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]

        assert [] == [name for name in names if name.startswith("casework")]
