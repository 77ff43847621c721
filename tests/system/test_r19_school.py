"""Law R19 for duties of the school, its classes and its pupils: what is due is enough, across a term's turn."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework import Casework, Desk, ManualClock, School, load_policy, sweep
from casework.engine import school_desk
from casework.errors import CaseworkError
from casework.model.examination import Examination
from casework.model.roll import RollRow
from casework.testing import MemoryStore, open_access
from tests.system.world import CALENDAR, DIRECTORY, SCHOOL, principal

DAY = timedelta(days=1)
STARTS = (date(2026, 9, 8), date(2026, 9, 17), date(2027, 1, 2), date(2027, 1, 20), date(2027, 2, 20))
"""Before the end of week 2, of OPEN, the start of CLOSE, the end of a term, the beginning of the next."""

PUPILS = ("s-1", "p-1")
WEAK = Examination(vision=(4.6, 4.6), abnormal=["vision"])


def on_roll(desk, class_, here):
    """What the roll says of both pupils."""
    desk.update_roll([RollRow(pupil, class_, left_behind="none", on_roll=here) for pupil in PUPILS], [])


DEEDS = {
    "join": lambda desk: on_roll(desk, "3-1", here=True),
    "move": lambda desk: on_roll(desk, "4-1", here=True),
    "leave": lambda desk: on_roll(desk, "3-1", here=False),
    "identify": lambda desk: desk.identify("s-1", away="both", class_="3-1"),
    "close": lambda desk: desk.close("s-1", "parents_returned"),
    "reopen": lambda desk: desk.reopen("s-1", "parents_left"),
    "meet": lambda desk: desk.gather("parents_meeting", ["s-1"]),
    "stay away": lambda desk: desk.gather("parents_meeting", [], ["s-1"]),
    "hold": lambda desk: desk.gather("symposium", PUPILS),
    "examine": lambda desk: desk.examine("p-1", WEAK),
    "follow up": lambda desk: desk.gather("follow_up", ["p-1"]),
    "adopt": lambda desk: desk.adopt_mechanism("1"),
    "test": lambda desk: desk.test_tree(["t.sun"]),
    "sign": lambda desk: desk.sign("school", "1"),
    "sign for the class": lambda desk: desk.sign("class_teacher", "1", of="3-1"),
    "review": lambda desk: desk.review_programme(),
}
histories = st.lists(st.tuples(st.sampled_from([0, 5, 20, 49]), st.sampled_from(sorted(DEEDS))), max_size=6)


def live(policy, start, history, *, everything):
    """The school's histories after this one, swept hourly: all of it, or what is due."""
    clock = ManualClock(CALENDAR.midnight(start - 3 * DAY) + timedelta(hours=8))
    casework = Casework(School(SCHOOL, policy, CALENDAR, directory=DIRECTORY, access=open_access()), clock=clock)
    store = MemoryStore()
    desk = Desk(casework, store, school=SCHOOL, principal=principal("t.wang"))

    def wait(hours):
        for _ in range(hours):
            clock.advance(hours=1)
            if everything:
                with store.write():
                    store.wake(SCHOOL, clock())
            sweep(casework, store, catch_up=True)

    for deed in ("join", "identify"):
        DEEDS[deed](desk)
    for hours, deed in history:
        wait(hours)
        try:
            DEEDS[deed](desk)
        except CaseworkError:  # a drawn deed may well be refused, and changes nothing
            continue
    wait(6 * 24)
    with store.read():
        return list(store.histories(SCHOOL))


@pytest.mark.unmeasured
class TestLaw:
    @settings(max_examples=max(6, settings.default.max_examples // 4), deadline=None)
    @given(st.sampled_from(["town-primary", "school"]), st.sampled_from(STARTS), histories, st.booleans())
    def test_what_is_due_is_enough(self, name, start, history, large):
        """Sweeping only what is due tells what sweeping everything hourly tells, for gatherings of both sizes."""
        policy = load_policy(name)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(school_desk, "AT_ONCE", 0 if large else 25)
            due, hourly = (live(policy, start, history, everything=everything) for everything in (False, True))

        assert hourly == due
