"""What the command line prints is what the desk hands out to whoever asks, and nothing that it reads past it."""

import json

import pytest

from tests.cli.schools import small_roster

OFFICE, PRINCIPAL, OTHER, COUNSELLOR = "t.jin", "t.shen", "t.ma", "t.qin"


class TestSummary:
    def test_the_office_reads_no_emergency_in_it(self, cw, ok, ids):
        """Who may not read emergencies gets the account without them: no kind, no id, no timeline, no count."""
        page = cw("summary", "--as", OFFICE).out
        found = ok("summary", "--as", OFFICE)
        whole = ok("summary", "--as", PRINCIPAL)

        assert ids["emergency"] not in page
        assert "missing" not in page
        assert "ask who may read emergencies" in page
        assert (None, 1) == (found["emergencies"], len(whole["emergencies"]))
        assert ids["emergency"] not in json.dumps(found)

    def test_the_rest_of_it_is_the_same(self, ok):
        """What the office may read counts as it does for the principal: duties, activities, gatherings, the roll."""
        office, whole = ok("summary", "--as", OFFICE), ok("summary", "--as", PRINCIPAL)
        same = ("on_roll", "obligations", "totals", "missed", "activities", "gatherings", "programme")

        assert {name: whole[name] for name in same} == {name: office[name] for name in same}
        assert sum(whole["states"].values()) == sum(office["states"].values())


class TestRoster:
    def test_a_dry_run_takes_the_right_to_import(self, cw, tmp_path):
        """A roster without a child would tell whoever tries it whether that child has a case."""
        found = cw("import", str(small_roster(tmp_path / "new", without=["p-002"])), "--dry-run", "--as", OTHER)

        assert 1 == found.code
        assert "import roll is not yours" in found.err
        assert "p-002" not in found.out + found.err

    def test_who_imports_and_knows_no_child_is_told_of_no_case(self, ok, tmp_path):
        """An administrator imports rosters; that somebody who left has an open case is for who may know of it."""
        named = small_roster(tmp_path / "named")
        roles = named / "roles.csv"
        text = roles.read_text(encoding="utf-8")
        roles.write_text(
            text.replace(f"{OTHER},primary,teacher", f"{OTHER},primary,ext:administrator"), encoding="utf-8"
        )
        ok("import", str(named), "--as", PRINCIPAL)
        new = str(small_roster(tmp_path / "new", without=["p-002"]))

        assert [] == ok("import", new, "--dry-run", "--as", OTHER)["left_with_open_case"]
        assert ["p-002"] == ok("import", new, "--dry-run", "--as", PRINCIPAL)["left_with_open_case"]


class TestPublicId:
    @pytest.mark.parametrize("line", [("show",), ("explain",), ("close", "--because", "moved_away")])
    def test_a_refusal_names_what_was_asked_for(self, cw, ok, line):
        """A case that is named by its public id, and not for whoever asks, is not found by that name."""
        id_ = ok("show", "p-002", "--as", "t.li")["id"]
        found = cw(line[0], id_, *line[1:], "--as", OTHER)

        assert 3 == found.code
        assert f"no case {id_}" in found.err
        assert "p-002" not in found.out + found.err

    def test_what_is_not_there_is_told_as_before(self, cw):
        """A child's id is named as it was typed."""
        assert "no case p-002" in cw("show", "p-002", "--as", OTHER).err


class TestFromRoll:
    def test_who_had_a_case_is_told_to_who_may_know(self, ok):
        """Of a class teacher's own class; somebody who lists no child is told of none."""
        assert [] == ok("identify", "--from-roll", "--dry-run", "--as", "t.tan-unknown")["had_a_case"]
        assert "p-002" in ok("identify", "--from-roll", "--dry-run", "--as", COUNSELLOR)["had_a_case"]
