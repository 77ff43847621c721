from datetime import date

import pytest

from casework.cli.identifying import MEANS, by_definition
from casework.model.roll import RollRow
from casework.policy.values import DEFINITIONS
from tests.cli.schools import LEFT_BEHIND, NOW, ROSTERS, done, dump, said

TODAY = date(2026, 9, 10)


def named(definition, row):
    """What a definition says of one pupil: named, to be decided, or neither."""
    found = by_definition(definition, {row.pupil: row}, TODAY)
    return "named" if found.named else "ask" if found.undecided else ""


class TestDefinitions:
    def test_each_is_explained(self):
        """Every definition that a policy may name is told in words."""
        assert set(DEFINITIONS) == set(MEANS)

    @pytest.mark.parametrize("definition", ["register", "census-before-2016"])
    @pytest.mark.parametrize(("away", "expected"), [("none", ""), ("one", "named"), ("both", "named"), (None, "")])
    def test_one_or_both_away(self, definition, away, expected):
        """The register, and censuses before 2016, count one or both parents away; what nobody said is not guessed."""
        assert expected == named(definition, RollRow("p", left_behind=away))

    @pytest.mark.parametrize(
        ("away", "born", "expected"),
        [
            ("both", date(2010, 9, 11), "named"),
            ("both", date(2010, 9, 10), ""),
            ("one", date(2015, 1, 1), "ask"),
            ("one", date(2010, 9, 10), ""),
            ("both", None, "ask"),
            ("none", date(2015, 1, 1), ""),
        ],
    )
    def test_state_council_counts_until_sixteen(self, away, born, expected):
        """The State Council's counts until the 16th birthday; one parent away is for a person to decide."""
        assert expected == named("state-council-2016", RollRow("p", left_behind=away, birth_date=born))

    def test_pupil_off_the_roll_is_not_named(self):
        """Who has left the school is not named."""
        assert "" == named("register", RollRow("p", left_behind="both", on_roll=False))


class TestFromRoll:
    def test_all_are_identified_once(self, tmp_path, monkeypatch):
        """Everybody whom the definition names gets a case; a second time nothing happens."""
        monkeypatch.chdir(tmp_path)
        done("init", "--now", NOW)
        done("import", str(ROSTERS / "synthetic-school"), "--as", "t.shen", "--now", NOW)
        empty = dump(tmp_path)
        would = said("identify", "--from-roll", "--dry-run", "--as", "t.shen", "--now", NOW)
        untouched = dump(tmp_path)
        found = done("identify", "--from-roll", "--as", "t.shen", "--now", NOW)
        before = dump(tmp_path)
        again = done("identify", "--from-roll", "--as", "t.shen", "--now", NOW)

        assert empty == untouched
        assert would.out.startswith("60 of 180 pupils on the roll would be identified as left behind\n")
        assert f"they are: {', '.join(found['identified'])}" in " ".join(would.out.split())
        assert (60, "register", 180) == (len(found["identified"]), found["definition"], found["on_roll"])
        assert ([], 60) == (again["identified"], len(again["had_a_case"]))
        assert before == dump(tmp_path)

    def test_definition_of_the_school_decides(self, cw, school):
        """With the State Council's definition those with one parent away are listed for a person."""
        path = school / "casework.toml"
        path.write_text('definition = "state-council-2016"\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
        found = cw("identify", "--from-roll", "--as", "t.shen", "--json")

        assert 0 == found.code
        assert (["p-002", "p-004", "p-120"], ["p-010", "p-032"]) == (
            found.json["had_a_case"],
            [row["child"] for row in found.json["undecided"]],
        )
        assert "to be decided by a person: p-010" in cw("identify", "--from-roll", "--as", "t.shen").out


class TestIdentify:
    def test_facts_come_from_the_roll(self, ok):
        """Class and household are those of the roll unless they are said."""
        ok("identify", "p-001", "--away", "one", "--as", "t.li")
        found = ok("show", "p-001", "--as", "t.li")

        assert ("c1", "h-001", "register", "identified") == (
            found["class"],
            found["household"],
            found["definition"],
            found["state"],
        )

    def test_id_is_spelt_as_on_the_roll(self, ok):
        """Capitals do not make another child."""
        assert "p-001" == ok("identify", "P-001", "--away", "both", "--class", "c9", "--as", "t.li")["child"]

    def test_child_who_is_not_on_the_roll(self, cw):
        """A child who is not on the roll has to be meant."""
        found = cw("identify", "p-999", "--away", "both", "--as", "t.li")

        assert 3 == found.code
        assert "--not-on-roll" in found.err
        assert 0 == cw("identify", "p-999", "--away", "both", "--not-on-roll", "--boarder", "--as", "t.li").code

    @pytest.mark.parametrize(
        ("argv", "code", "told"),
        [
            (["--as", "t.li"], 2, "--from-roll"),
            (["p-001", "--from-roll", "--as", "t.li"], 2, "--from-roll"),
            (["p-001", "--as", "t.li"], 2, "--away both"),
            (["p-001", "--dry-run", "--as", "t.li"], 2, "--dry-run goes with --from-roll"),
            (["p-001", "--away", "all", "--as", "t.li"], 1, "say 'one' or 'both'"),
            (["--from-roll", "--away", "one", "--as", "t.li"], 2, "leave those options out"),
            (["p-001", "--away", "one"], 2, "--as PERSON"),
            (["p-001", "--away", "one", "--as", "system"], 2, "which person acts"),
            (["p-001", "--away", "one", "--as", ""], 2, "--as takes an id"),
            (["p-001", "--away", "one", "--as", "x" * 65], 2, "--as takes an id"),
            (["p-002", "--away", "one", "--as", "t.li"], 1, "identify is refused: the child has a case already"),
            (["p-001", "--away", "one", "--on", "2026-09-11", "--as", "t.li"], 1, "(today is 2026-09-10)"),
            (["p-001", "--away", "one", "--on", "1989-09-01", "--as", "t.li"], 2, "more than 20 years ago, before any"),
            (["p-001", "--away", "one", "--on", "2006-09-09", "--as", "t.li"], 2, "more than 20 years ago, before any"),
            (["--from-roll", "--on", "1999-09-01", "--as", "t.li"], 2, "more than 20 years ago, before any"),
            (["p\n1", "--away", "one", "--as", "t.li"], 2, "characters that can be seen"),
        ],
    )
    def test_refusals_say_the_mend(self, cw, school, argv, code, told):
        """What is missing or wrong is named, and nothing is stored."""
        before = dump(school)
        found = cw("identify", *argv)

        assert code == found.code
        assert told in found.err
        assert before == dump(school)

    def test_all_of_the_roll_have_cases_in_the_school_of_these_tests(self, ok):
        """The school of these tests has a case for each child who is marked."""
        assert sorted(LEFT_BEHIND) == ok("identify", "--from-roll", "--as", "t.shen")["had_a_case"]

    def test_roll_without_marks(self, tmp_path, monkeypatch):
        """Where nobody is marked, identifying from the roll says what to do."""
        monkeypatch.chdir(tmp_path)
        done("init", "--now", NOW)
        done("import", str(ROSTERS / "ms-sds-v2.1"), "--as", "admin", "--now", NOW)
        found = said("identify", "--from-roll", "--as", "admin", "--now", NOW)

        assert 0 == found.code
        assert "casework identify CHILD --away both" in " ".join(found.out.split())
