import pytest

from tests.cli.schools import CANARY, PHONE


class TestShow:
    def test_case_is_shown_whole(self, cw, ids):
        """State, people, obligations, activities and the next steps are shown; no note, no name."""
        shown = cw("show", "p-002", "--as", "t.lu").out

        for word in ("p-002: monitored", "t.li", "D10/2026-autumn:OPEN", ids["activity"], "carer", "next: file, pair"):
            assert word in shown
        assert CANARY not in shown
        assert PHONE not in shown

    def test_machines_get_everything_that_may_be_seen(self, ok, ids):
        """JSON holds the case by its fields, the steps, and the history with causes."""
        found = ok("show", "p-002", "--as", "t.lu")

        assert ("monitored", "t.li", False, "c1") == tuple(found[k] for k in ("state", "lead", "key_child", "class"))
        assert "met" == found["obligations"]["D10/2026-autumn:OPEN"]["status"]
        assert {"close"} <= {step["name"] for step in found["next_steps"] if not step["why"]}
        assert "command:UpdateRoll" == found["history"][0]["events"][0]["cause"]
        assert "command:Identify" in {event["cause"] for entry in found["history"] for event in entry["events"]}
        assert "t.li" == found["activity_log"][ids["activity"]]["by"]

    def test_emergency_without_a_case_is_shown(self, ok, cw, ids):
        """A child's emergency is shown with its next steps, also where it has a case that is only identified."""
        shown = cw("show", "p-032", "--as", "t.fang").out

        assert f"emergency {ids['emergency']}: missing, acknowledged" in shown
        assert "next: respond, call-outside, stand-down" in shown
        assert {ids["emergency"]} == set(ok("show", "p-032", "--as", "t.fang")["emergency_steps"])

    def test_concerns_are_shown(self, ok, cw):
        """A concern is shown, and a voided one as void."""
        ok("concern", "p-010", "homesick", "--as", "t.li")
        (id_,) = ok("show", "p-010", "--as", "t.li")["concern_log"]
        ok("void", "p-010", id_, "--because", "mistaken", "--as", "t.li")

        shown = cw("show", "p-010", "--as", "t.li").out

        assert "voided" in shown
        assert "mistaken" in shown

    @pytest.mark.parametrize(
        ("child", "told"),
        [("nobody", "no case nobody: check the id")],
    )
    def test_child_without_a_record(self, cw, child, told):
        """A child of whom nothing is recorded is not found."""
        found = cw("show", child, "--as", "t.li")

        assert (3, "") == (found.code, found.out)
        assert told in found.err

    def test_emergency_of_a_child_without_a_case(self, ok, cw):
        """Where there is an emergency and no case, what every pupil is owed is shown, and how a case begins."""
        ok("raise", "p-001", "injury", "--as", "t.li")
        shown = cw("show", "p-001", "--as", "t.li").out

        assert "p-001: no case" in shown
        assert "no case was begun: casework identify p-001 --away both" in shown
        assert "next: identify" in shown
        assert "D29/2026-autumn:TERM" in shown
        assert "D10" not in shown

    def test_controls_are_made_visible(self, ok, cw):
        """What stands in an id is shown as text, no markup is read; a control is refused on the way in."""
        child = "[bold]x[/bold]"
        ok("identify", child, "--away", "both", "--class", "c[i]1", "--not-on-roll", "--as", "t.lu")
        shown = cw("show", child, "--as", "t.lu").out

        strange = cw("identify", "x", "--away", "both", "--class", "c\u202e1", "--not-on-roll", "--as", "t.lu")

        assert 1 == strange.code
        assert f"{child}: identified" in shown
        assert "c[i]1" in shown


class TestExplain:
    def test_steps_rules_and_obligations_are_told(self, ok, cw):
        """It is told which steps are open, what each rule says, and what is still owed."""
        shown = cw("explain", "p-002", "--as", "t.li").out
        found = ok("explain", "p-002", "--as", "t.li")

        assert "monitoring begins by itself" in shown
        assert "not_from" not in shown
        assert "danger_seen" in shown
        assert ("p-002", "monitored") == (found["child"], found["state"])
