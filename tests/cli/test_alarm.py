import pytest

from casework.errors import Tampered
from casework.store import SqlStore
from tests.cli.schools import dump

SEEN = ["stand-down", "p-032", "--because", "found", "--seen-at", "2026-09-10T16:00", "--seen-by"]


class TestEmergency:
    def test_from_report_to_review(self, ok, cw):
        """An emergency is raised, heard, gone to, stood down by somebody who saw the child, and reviewed."""
        id_ = ok("raise", "p-002", "missing", "--note", "gone", "--about", "x", "--as", "t.wu")["emergency"]
        during = ok("show", "p-002", "--as", "t.li")
        ok("ack", "p-002", "--as", "t.li")
        ok("respond", "p-002", "--as", "t.li")
        ok(
            "call-outside",
            "p-002",
            "--agency",
            "police",
            "--reference",
            "110-7",
            "--at",
            "2026-09-10T15:59",
            "--as",
            "t.li",
        )
        argv = (
            "--because",
            "found",
            "--seen-by",
            "t.li",
            "--seen-at",
            "2026-09-10T16:00",
            "--look-again",
            "2026-09-17",
        )
        ok("stand-down", "p-002", id_, *argv, "--as", "t.li")
        after = ok("show", "p-002", "--as", "t.li")
        ok("review", "p-002", "--lessons", "call sooner", "--as", "t.fang")
        found = ok("show", "p-002", "--as", "t.li")["emergencies"][id_]

        assert ("escalated", "monitored") == (during["state"], after["state"])
        assert ("reviewed", "t.wu", "t.li", "t.li", "police") == (
            found["state"],
            found["raised_by"],
            found["acknowledged_by"],
            found["safe_seen_by"],
            found["outside"][0]["agency"],
        )
        assert 3 == cw("review", "p-002", "--as", "t.li").code

    def test_nothing_gates_it(self, cw, ok, school):
        """A child with no case, one who is not even on the roll, changed settings: it is raised all the same."""
        path = school / "casework.toml"
        path.write_text(path.read_text(encoding="utf-8").replace("town-primary", "school"), encoding="utf-8")
        stranger = cw("raise", "p-999", "missing", "--as", "t.li")

        assert 4 == cw("record", "p-002", "call", "--reached", "--as", "t.li").code
        assert ok("raise", "p-001", "injury", "--inferred", "--as", "t.li")["emergency"]
        assert 0 == stranger.code
        assert "p-999 is not on the roll (is the id right?); it was raised all the same" in stranger.err

    def test_nobody_known_and_a_roll_that_cannot_be_read_gate_nothing(self, cw, school, monkeypatch):
        """Whoever raises it, and even where the roll is damaged, the alarm is stored and the doubt is told."""

        def damaged(store, school):
            raise Tampered("a row of the roll cannot be read")

        monkeypatch.setattr(SqlStore, "roll", damaged)
        found = cw("raise", "p-002", "missing", "--implicates", "t.wuu", "--as", "p-010", "--json")

        assert found.json["emergency"]
        assert "who p-010 is could not be looked up (a row of the roll cannot be read)" in found.err
        assert "p-002 was taken as it was typed; it was raised all the same" in found.err
        assert "nobody on the staff has the id t.wuu; did you mean t.wu?" in found.err

    def test_several_have_to_be_named(self, ok, cw):
        """Where a child has several emergencies the id has to be said, and the message lists them."""
        one = ok("raise", "p-002", "missing", "--as", "t.li")["emergency"]
        two = ok("raise", "p-002", "injury", "--as", "t.wu")["emergency"]
        found = cw("ack", "p-002", "--as", "t.li")

        assert 2 == found.code
        assert all(id_ in found.err for id_ in (one, two))
        assert 0 == cw("ack", "p-002", one, "--as", "t.li").code

    @pytest.mark.parametrize(
        ("argv", "told"),
        [
            (
                ["raise", "p-002", "mising"],
                "mising is none of the usual kinds; did you mean missing? It was raised as it",
            ),
            (["raise", "p-002", "lost"], ""),
            ([*SEEN, "t.fan"], "--seen-by: nobody on the staff of qinghe has the id t.fan; did you mean t.fang?"),
            ([*SEEN, "p-002"], "--seen-by: p-002 is a pupil, not a member of staff"),
            ([*SEEN, "t.fang"], ""),
        ],
    )
    def test_slip_is_remarked_and_stored_all_the_same(self, cw, argv, told):
        """A kind or a person that looks like a slip of the pen is remarked; it stops nothing."""
        found = cw(*argv, "--as", "t.fang")

        assert 0 == found.code
        assert told in found.err
        assert bool(told) == bool(found.err)

    @pytest.mark.parametrize(
        ("argv", "code", "told"),
        [
            ([*SEEN, "p-032"], 1, "safe_seen_by= is the child; name the grown-up who saw that the child is safe"),
            (["raise", "p-002", "Went missing"], 1, "use lower-case letters"),
            (["raise", "p-002"], 2, "KIND is missing"),
            (["ack", "p-002"], 3, "no emergency of p-002"),
            (["ack", "p-001"], 3, "no emergency of p-001"),
            (["ack", "nobody"], 3, "no case nobody"),
            (["ack", "p-032"], 1, "ack is refused: somebody has heard already"),
            (["ack", "p-032", "nothing"], 3, "no emergency nothing"),
            (["review", "p-032"], 1, "review is refused: it is not stood down yet"),
            (["call-outside", "p-032", "--agency", "police", "--reference", ""], 1, "1 to 64 characters"),
            (["call-outside", "p-032", "--agency", "police"], 2, "--reference"),
            (["stand-down", "p-032", "--because", "found"], 2, "is missing"),
            (
                ["stand-down", "p-032", "--because", "found", "--seen-by", "t.li", "--seen-at", "now"],
                2,
                "--seen-at is no instant",
            ),
            (
                ["stand-down", "p-032", "--because", "found", "--seen-by", "t.li", "--seen-at", "2026-09-10T18:00"],
                1,
                "2026-09-10 18:00+08:00 has not come yet (now is 2026-09-10 16:00+08:00)",
            ),
            (
                ["stand-down", "p-032", "--because", "found", "--seen-by", "", "--seen-at", "2026-09-10T15:00"],
                1,
                "who saw the child safe",
            ),
        ],
    )
    def test_refusals_say_the_mend(self, cw, school, argv, code, told):
        """What cannot be is refused with what to say, and nothing is stored."""
        before = dump(school)
        found = cw(*argv, "--as", "t.fang")

        assert code == found.code
        assert told in found.err
        assert before == dump(school)
