from datetime import UTC, date, datetime

import pytest

from casework.model.activity import KINDS, MOODS, SEVERITIES, WANTED, Activity, Concern
from casework.model.people import Sealed

AT = datetime(2026, 9, 3, 9, tzinfo=UTC)


def activity(kind, **fields):
    """An activity of 3 September."""
    return Activity("a1", kind, date(2026, 9, 3), "t.li", AT, "o.sun", **fields)


class TestMissing:
    @pytest.mark.parametrize("kind", KINDS)
    def test_bare_record_asks_for_what_its_kind_wants(self, kind):
        """A record that says nothing asks for all that a full record of its kind holds."""
        assert WANTED.get(kind, ()) == activity(kind).missing()

    @pytest.mark.parametrize("kind", ["visit", "talk", "carer_talk", "census"])
    def test_full_record_asks_for_nothing(self, kind):
        """A record that says all, in its own fields or as details, is complete."""
        details = dict.fromkeys(WANTED[kind], "ok")

        assert () == activity(kind, details=details).missing()

    def test_fields_count_like_details(self):
        """Whom it met, the mood and the child's own words count when they stand in fields of their own."""
        visit = activity("visit", met=["carer"], words=Sealed("00ff"), details={"home_safety": "ok", "follow_ups": 0})
        talk = activity("talk", mood="low")

        assert ("child_situation", "carer_view") == visit.missing()
        assert ("words",) == talk.missing()

    def test_attempt_that_reached_nobody_is_complete(self):
        """An attempt leaves nothing to fill in."""
        assert () == activity("visit", reached=False).missing()

    def test_kind_of_an_integrator_wants_nothing(self):
        """A kind that the library does not know is complete as it is."""
        assert () == activity("garden_day").missing()


class TestValues:
    def test_notes_are_in_no_repr(self):
        """What was sealed does not show in the repr of an activity or a concern."""
        concern = Concern("c1", "quarrel", date(2026, 9, 3), "t.li", AT, note=Sealed("00ff"))

        assert "00ff" not in repr(activity("visit", note=Sealed("00ff"), words=Sealed("00ff")))
        assert "00ff" not in repr(concern)

    def test_concern_is_observed_and_of_medium_gravity_unless_said(self):
        """A concern is taken as seen, of medium gravity, and implicates nobody."""
        concern = Concern("c1", "quarrel", date(2026, 9, 3), "t.li", AT)

        assert ("medium", True, ()) == (concern.severity, concern.observed, concern.implicated)
        assert concern.severity in SEVERITIES

    def test_scales_run_from_harmless_to_grave(self):
        """Severities and moods are ordered."""
        assert ("low", "medium", "high", "danger") == SEVERITIES
        assert ("good", "even", "low", "very_low") == MOODS
