import io

import pytest

from casework import rule
from casework.cli import office
from tests.cli.schools import CANARY, dump


class TestToday:
    def test_list_is_grouped_by_household(self, ok, cw):
        """Lines of one household stand together, with child, duty and deadline."""
        found = ok("today", "t.wu", "--as", "t.wu")
        rows = found["lines"]
        homes = [row["household"] for row in rows]

        assert ("t.wu", "2026-09-10") == (found["person"], found["today"])
        assert sorted(homes) == homes
        assert {"p-004", "p-120"} == {row["child"] for row in rows if row["household"] == "h-120"}
        assert "h-120" in cw("today", "--as", "t.wu").out

    def test_overdue_is_said(self, cw):
        """What is past its day is marked."""
        found = cw("today", "--as", "t.li", "--now", "2026-09-29T08:00")

        assert "overdue" in found.out

    def test_nothing_is_due(self, cw):
        """Who owes nothing reads so."""
        assert "t.ma, 2026-09-10: nothing is due" in cw("today", "--as", "t.ma").out

    def test_emergencies_come_first(self, cw, ok, ids):
        """Who has to do with it finds each emergency that is not over; its facts stand in the JSON; others see none."""
        lead, facts = cw("today", "--as", "t.fang").out, ok("today", "--as", "t.zhang")["emergencies"]
        others = ok("today", "--as", "t.ma")["emergencies"]
        ok(
            "stand-down",
            "p-032",
            "--because",
            "x",
            "--seen-by",
            "t.fang",
            "--seen-at",
            "2026-09-10T16:00",
            "--as",
            "t.fang",
        )
        waiting = cw("today", "--as", "t.zhang").out

        assert [] == others
        assert lead.startswith("emergencies: 1 live\n")
        assert lead.index(f"p-032  {ids['emergency']}") < lead.index("t.fang, 2026-09-10")
        assert [("p-032", ids["emergency"], "missing", "acknowledged", True)] == [
            (e["child"], e["emergency"], e["kind"], e["state"], e["live"]) for e in facts
        ]
        assert waiting.startswith("emergencies: none live, 1 stood down and not reviewed\n")

    def test_somebody_implicated_sees_no_emergency(self, cw, ok):
        """Of an emergency that names a person that person's list says nothing."""
        before = cw("today", "--as", "t.wu").out
        ok("raise", "p-004", "abuse", "--implicates", "t.wu", "--as", "t.fang")

        assert before == cw("today", "--as", "t.wu").out
        assert "p-004" in cw("today", "--as", "t.fang").out.partition("t.fang,")[0]

    @pytest.mark.parametrize(
        ("person", "told"),
        [
            ("t.nobody", "nobody on the staff of qinghe has the id t.nobody"),
            ("t.wuu", "did you mean t.wu?"),
            ("p-002", "p-002 is a pupil, not a member of staff"),
        ],
    )
    def test_list_of_nobody_is_no_empty_list(self, cw, person, told):
        """Whoever is not on the staff owes nothing, which must not read like a day without duties."""
        found = cw("today", person, "--as", "t.fang")

        assert (3, "") == (found.code, found.out)
        assert told in found.err


class TestRecord:
    def test_three_words_are_enough(self, ok):
        """Child, kind and reached are enough; what is missing is asked for."""
        found = ok("record", "p-010", "visit", "--reached", "--as", "t.li")

        assert found["activity"]
        assert "words" in found["missing"]

    def test_everything_may_be_said(self, ok):
        """A full record says when, who, whom, mood, how long, details, concerns."""
        argv = ["record", "p-010", "talk", "--reached", "--on", "2026-09-08", "--by", "t.wu", "--met", "child"]
        argv += ["--mood", "low", "--minutes", "20", "--detail", "a=true", "--detail", "b=3", "--detail", "c=x"]
        argv += ["--note", "n", "--words", "w", "--concern", "homesick", "--concern", "bruises:high"]
        found = ok(*argv, "--implicates", "g-1", "--inferred", "--as", "t.li")
        case = ok("show", "p-010", "--as", "t.li")
        act = case["activity_log"][found["activity"]]

        assert ("2026-09-08", "t.wu", "t.li", ["child"], "low", 20, {"a": True, "b": 3, "c": "x"}) == tuple(
            act[name] for name in ("on", "by", "entered_by", "met", "mood", "minutes", "details")
        )
        assert {("homesick", "medium", False, "g-1"), ("bruises", "high", False, "g-1")} == {
            (c["kind"], c["severity"], c["observed"], *c["implicated"]) for c in case["concern_log"].values()
        }
        assert {"sealed"} == set(act["words"])

    def test_attempt_discharges_nothing(self, ok):
        """An attempt that reached nobody meets no duty."""
        ok("record", "p-010", "visit", "--not-reached", "--as", "t.li")

        assert "open" == ok("show", "p-010", "--as", "t.li")["obligations"]["D10/2026-autumn:OPEN"]["status"]

    def test_visit_serves_a_household(self, ok):
        """A household visit is entered once and counts for each child; each child's words stay in its own file."""
        argv = ["record", "p-004", "visit", "--with", "p-120", "--reached"]
        found = ok(*argv, "--words", "p-004=my own", "--words", "p-120=mine=too", "--as", "t.wu")
        texts = {}
        for child in ("p-004", "p-120"):
            (act,) = ok("show", child, "--as", "t.wu")["activity_log"].values()
            texts[child] = ok("read", child, act["words"]["sealed"], "--reason", "x", "--as", "t.wu")["text"]
            occasion = act["occasion"]

        assert ["p-004", "p-120"] == [outcome["child"] for outcome in found["children"]]
        assert {"p-004": "my own", "p-120": "mine=too"} == texts
        assert occasion

    @pytest.mark.parametrize(
        ("argv", "told"),
        [
            (["--on", "2016-02-03"], "2016-02-03 lies before the case of p-010 began, on 2026-09-01; if it is a slip,"),
            (
                ["--on", "2026-09-02", "--now", "2027-09-10T16:00"],
                "2026-09-02 is more than a year ago; if it is a slip,",
            ),
            (["--now", "2026-08-30T16:00"], "lies before the newest entry of p-010 (2026-09-01 08:00)"),
            (["--on", "2026-09-01"], ""),
        ],
    )
    def test_odd_time_is_remarked(self, cw, argv, told):
        """A day before the case began or long ago, or a clock behind what is stored, is taken with a remark."""
        found = cw("record", "p-010", "visit", "--reached", *argv, "--as", "t.li")

        assert 0 == found.code
        assert told in found.err
        assert bool(told) == bool(found.err)

    def test_text_is_read_from_standard_input(self, ok, monkeypatch):
        """A dash reads a text from standard input, so that it stands in no shell's history."""
        monkeypatch.setattr("sys.stdin", io.StringIO(CANARY))
        act = ok("record", "p-010", "talk", "--reached", "--words", "-", "--as", "t.li")["activity"]
        ref = ok("show", "p-010", "--as", "t.li")["activity_log"][act]["words"]["sealed"]

        assert CANARY == ok("read", "p-010", ref, "--reason", "x", "--as", "t.li")["text"]

    def test_danger_is_an_emergency_at_once(self, ok, cw):
        """Danger that was seen on a visit raises an emergency."""
        found = cw("record", "p-010", "visit", "--reached", "--concern", "beaten:danger", "--as", "t.li")

        assert "the case is escalated" in found.out
        assert "emergency " in found.out

    @pytest.mark.parametrize(
        ("argv", "code", "told"),
        [
            (["p-010", "visit"], 2, "--reached"),
            (["p-010", "A visit", "--reached"], 1, "use lower-case letters"),
            (["p-001", "visit", "--reached"], 1, "identify the child first"),
            (["p-010", "visit", "--reached", "--on", "2026-09-11"], 1, "has not come yet"),
            (["p-010", "visit", "--reached", "--mood", "fine"], 1, "use one of good"),
            (["p-010", "visit", "--reached", "--minutes", "-5"], 1, "outside a day"),
            (["p-010", "visit", "--reached", "--minutes", "1e9"], 2, "no whole number"),
            (["p-010", "visit", "--reached", "--detail", "a"], 2, "name=value"),
            (["p-010", "visit", "--reached", "--detail", "a=1", "--detail", "a=2"], 2, "each name once"),
            (["p-010", "visit", "--reached", "--concern", "x:grave"], 1, "use one of low"),
            (["p-010", "visit", "--reached", "--implicates", "g-1"], 2, "name it, as in --concern"),
            (["p-010", "visit", "--reached", "--with", "P-010"], 2, "named twice"),
            (["p-004", "visit", "--reached", "--with", "p-120", "--words", "both"], 2, "CHILD=WORDS"),
            (["p-010", "visit", "--reached", "--words", "a", "--words", "b"], 2, "given once"),
            (
                ["p-004", "visit", "--reached", "--with", "p-001"],
                1,
                "the child has no case yet; identify the child first",
            ),
            (["p-004", "visit", "--reached", "--with", "p-555"], 3, "no case p-555"),
            (["p-004", "visit", "--reached", "--with", "p-002"], 2, "p-004 is of h-120, p-002 of h-002: enter a visit"),
            (["p-010", "vsit", "--reached"], 2, "no duty knows the kind vsit, so it would discharge nothing; did you"),
            (["p-010", "vsit", "--reached"], 2, "did you mean visit?; duties of town-primary know call, carer_talk,"),
            (["p-010", "gardening", "--reached"], 2, "would discharge nothing; duties of town-primary know call"),
            (["p-010", "filed", "--reached"], 2, "no duty knows the kind filed"),
            (["p-010", "visit", "--reached", "--met", "dog"], 2, "--met takes child, carer, parent, and no duty knows"),
            (["p-010", "visit", "--reached", "--met", "carrer"], 2, "did you mean carer?"),
            (["p-010", "visit", "--reached", "--met", "the dog"], 1, "use lower-case letters"),
        ],
    )
    def test_refusals_say_the_mend(self, cw, school, argv, code, told):
        """What cannot be is refused with what to say, and nothing is stored."""
        before = dump(school)
        found = cw("record", *argv, "--as", "t.li")

        assert code == found.code
        assert told in found.err
        assert before == dump(school)

    @pytest.mark.parametrize(
        "argv",
        [
            ["p-010", "vsit", "--reached"],
            ["p-010", "visit", "--reached", "--met", "dog"],
            ["p-004", "visit", "--reached", "--with", "p-002"],
        ],
    )
    def test_concern_is_never_lost_for_a_slip_beside_it(self, cw, ok, argv):
        """What worries somebody is stored although the record has a slip; the slip and its mend are told."""
        found = cw("record", *argv, "--concern", "beaten:danger", "--as", "t.li")
        case = ok("show", argv[0], "--as", "t.li")

        assert 6 == found.code
        assert "stored, for the concern in it; set it right with casework correct" in found.out
        assert ["danger"] == [concern["severity"] for concern in case["concern_log"].values()]
        assert 1 == len(case["emergencies"])

    def test_kind_that_no_duty_of_the_policy_knows_may_be_recorded(self, cw):
        """A kind that the three schools name is a record, also where this policy asks for it nowhere."""
        assert 0 == cw("record", "p-010", "parent_talk", "--reached", "--as", "t.li").code

    def test_rules_of_the_host_may_know_other_kinds(self, cw, monkeypatch):
        """Where rules of installed packages look, casework cannot tell which kinds they ask for."""

        @rule
        def walks(case, now):
            yield from ()

        monkeypatch.setattr(office, "installed_rules", lambda: (walks,))

        assert 0 == cw("apply", "--as", "t.shen").code
        assert 0 == cw("record", "p-010", "walk", "--reached", "--as", "t.li").code

    def test_household_that_nobody_knows_is_remarked(self, cw, ok):
        """Where no household is known nobody can tell whether they are siblings: it is stored, and said."""
        ok("identify", "p-777", "--away", "both", "--not-on-roll", "--as", "t.li")
        found = cw("record", "p-004", "visit", "--reached", "--with", "p-777", "--as", "t.li")

        assert 0 == found.code
        assert "of p-777 no household is known" in found.err

    def test_id_that_looks_mistyped_is_remarked(self, cw):
        """Who did it, or who is implicated, may be somebody outside; an id like one of the staff's is asked about."""
        found = cw("record", "p-010", "visit", "--reached", "--by", "t.lii", "--as", "t.li")
        other = cw("concern", "p-010", "quarrel", "--implicates", "t.wuu", "--as", "t.li")

        assert (0, 0) == (found.code, other.code)
        assert "p-999 is not on the roll" in cw("concern", "p-999", "quarrel", "--as", "t.li").err
        assert "nobody on the staff has the id t.lii; did you mean t.li?" in found.err
        assert "did you mean t.wu?" in other.err


class TestCorrections:
    @pytest.mark.parametrize(
        ("argv", "told"), [(["--kind", "vsit"], "did you mean visit?"), (["--met", "dog"], "child, carer, parent")]
    )
    def test_slip_is_no_correction(self, cw, school, ids, argv, told):
        """An activity is not corrected to a kind that no duty knows, nor to somebody of whom nobody asks."""
        before = dump(school)
        found = cw("correct", "p-002", ids["activity"], "--because", "mistyped", *argv, "--as", "t.li")

        assert 2 == found.code
        assert told in found.err
        assert before == dump(school)

    def test_corrected_visit_is_judged_again(self, ok, ids):
        """A visit that reached nobody after all meets nothing any more."""
        key = "D10/2026-autumn:OPEN"
        before = ok("show", "p-002", "--as", "t.li")["obligations"][key]["status"]
        ok("correct", "p-002", ids["activity"], "--because", "mistyped", "--not-reached", "--as", "t.li")

        assert ("met", "open") == (before, ok("show", "p-002", "--as", "t.li")["obligations"][key]["status"])

    def test_every_part_may_read_differently(self, ok, ids):
        """Kind, day, people, mood, details and texts may be corrected."""
        argv = ["correct", "p-002", ids["activity"], "--because", "mistyped", "--kind", "talk", "--on", "2026-09-08"]
        argv += ["--by", "t.wu", "--met", "child", "--mood", "good", "--minutes", "5", "--detail", "a=1"]
        ok(*argv, "--note", "n", "--words", "w", "--as", "t.li")
        act = ok("show", "p-002", "--as", "t.li")["activity_log"][ids["activity"]]

        assert ("talk", "2026-09-08", "t.wu", ["child"], "good", 5, {"a": 1}) == tuple(
            act[name] for name in ("kind", "on", "by", "met", "mood", "minutes", "details")
        )

    def test_void_counts_no_more(self, ok, cw, ids):
        """What is declared void counts no more, and shows as void."""
        ok("void", "p-002", ids["activity"], "--because", "wrong_child", "--as", "t.li")

        shown = cw("show", "p-002", "--as", "t.li").out

        assert "voided" in shown
        assert "wrong_child" in shown
        assert 3 == cw("void", "p-002", ids["activity"], "--because", "wrong_child", "--as", "t.li").code

    def test_nothing_to_correct(self, cw, ids):
        """A correction says what reads differently, and of which activity."""
        assert 1 == cw("correct", "p-002", ids["activity"], "--because", "mistyped", "--as", "t.li").code
        assert 3 == cw("correct", "p-002", "nothing", "--because", "mistyped", "--mood", "low", "--as", "t.li").code


class TestConcern:
    def test_concern_by_itself(self, ok, cw):
        """A concern is noted by itself, and shows."""
        ok("concern", "p-010", "homesick:low", "--note", "n", "--on", "2026-09-09", "--as", "t.li")

        assert "homesick" in cw("show", "p-010", "--as", "t.li").out
