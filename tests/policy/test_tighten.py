import pytest
from attrs import evolve

from casework.policy import ActSpec, Duty, Length, Window
from casework.policy.tighten import looser


def days(count):
    """So many calendar days."""
    return Length(count, "days")


CALL = Duty(
    id="D12",
    title="Calls",
    source=("S3",),
    subject="child",
    role="class_teacher",
    record=("attempts", "reached"),
    discharged_by=(ActSpec("call"), ActSpec("letter")),
    windows=(Window(each="MONTH"),),
    contact="carer",
    exclusive_with=("D16",),
)


def with_window(**fields):
    """The duty with one window."""
    return evolve(CALL, windows=(Window(**fields),))


class TestLooser:
    def test_the_same_duty_is_not_looser(self):
        """A duty is as strict as itself."""
        assert [] == list(looser(CALL, CALL))

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"subject": "class"}, "it is about a class, not a child"),
            ({"role": "lead"}, "lead owes it, not class_teacher"),
            ({"record": ("reached",)}, "its record leaves out attempts"),
            ({"exclusive_with": ()}, "it no longer excludes D16"),
            ({"discharged_by": (ActSpec("call"), ActSpec("visit"))}, "visit discharges it, which did not before"),
            ({"windows": (Window(each="TERM"),)}, "no window for 'MONTH' is as early for the same children"),
        ],
    )
    def test_every_way_of_being_looser_is_named(self, change, said):
        """Another subject, role, record, act or window is named as what is looser."""
        assert [said] == list(looser(evolve(CALL, **change), CALL))

    @pytest.mark.parametrize(
        "change",
        [
            {"record": ("attempts", "reached", "words")},
            {"exclusive_with": ("D16", "D15")},
            {"discharged_by": (ActSpec("call", "parent"),)},
            {"windows": (Window(each="MONTH"), Window(each="OPEN"))},
            {"contact": ""},
        ],
    )
    def test_asking_for_more_is_stricter(self, change):
        """A longer record, fewer acts, more windows and fewer excuses are no looser."""
        assert [] == list(looser(evolve(CALL, **change), CALL))

    def test_new_excuse_is_looser(self):
        """A duty that becomes a contact with the carer is excused where it was not."""
        said = "it is excused while the carer is implicated, which it was not"

        assert [said] == list(looser(CALL, evolve(CALL, contact="")))

    def test_meeting_anybody_is_looser_than_meeting_the_carer(self):
        """A visit that met nobody in particular does not do where the carer had to be met."""
        old = evolve(CALL, discharged_by=(ActSpec("visit", "carer"),))
        new = evolve(CALL, discharged_by=(ActSpec("visit"),))

        assert ["visit discharges it, which did not before"] == list(looser(new, old))


class TestWindows:
    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ({"each": "MONTH", "closes": "term end"}, {"each": "MONTH"}),
            ({"each": "MONTH", "only": "boarder"}, {"each": "MONTH"}),
            ({"each": "MONTH", "unless": "boarder"}, {"each": "MONTH"}),
            ({"every": 14}, {"every": 7}),
            ({"after": "filed", "within": Length(10)}, {"after": "filed", "within": Length(9)}),
            ({"after": "filed", "within": Length(10)}, {"after": "filed", "within": days(10)}),
            ({"after": "filed", "within": Length(9), "closes": Length(20)}, {"after": "filed", "within": Length(9)}),
            (
                {"after": "identified", "within": Length(9)},
                {"after": "identified", "within": Length(9), "sooner": ("filed", Length(3))},
            ),
            (
                {"after": "identified", "within": Length(9), "sooner": ("filed", Length(3))},
                {"after": "identified", "within": Length(9), "sooner": ("filed", Length(2))},
            ),
            ({"on": ("absence",), "within": Length(5)}, {"on": ("absence", "concern"), "within": Length(5)}),
        ],
    )
    def test_earlier_for_at_least_the_same_children_is_as_strict(self, old, new):
        """Each of these windows is as strict as the one before, and not the other way round."""
        assert [] == list(looser(with_window(**new), with_window(**old)))
        assert [] != list(looser(with_window(**old), with_window(**new)))

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ({"each": "TERM"}, {"each": "MONTH"}),
            ({"each": "MONTH"}, {"every": 7}),
            ({"each": "MONTH"}, {"each": "MONTH", "role": "lead"}),
            ({"after": "filed", "within": Length(10)}, {"after": "identified", "within": Length(10)}),
            ({"after": "filed", "within": days(10)}, {"after": "filed", "within": Length(9)}),
            ({"after": "filed", "within": Length(10)}, {"after": "filed", "within": Length(10), "closes": Length(11)}),
            ({"on": ("absence", "concern"), "within": Length(5)}, {"on": ("absence",), "within": Length(1)}),
        ],
    )
    def test_what_cannot_be_proved_stricter_is_looser(self, old, new):
        """Nothing is guessed to be stricter: other kinds of windows, starts and units do not compare."""
        assert [] != list(looser(with_window(**new), with_window(**old)))

    def test_triggers_may_be_divided(self):
        """Two windows may tighten what one window asked."""
        old = with_window(on=("absence", "concern"), within=Length(5))
        windows = (Window(on=("absence",), within=Length(5)), Window(on=("concern",), within=Length(2)))

        assert [] == list(looser(evolve(CALL, windows=windows), old))
