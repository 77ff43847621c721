import pytest

from casework.cli.summary import markdown
from tests.cli.schools import LEFT_BEHIND, dump


class TestSummary:
    def test_page_names_policy_and_definition(self, cw):
        """The page says by which policy and definition it counts, and holds no child's id."""
        page = cw("summary", "--as", "t.shen").out

        assert "# Work summary: qinghe, 2026-autumn" in page
        assert "**register**" in page
        assert "Policy town-primary 2026.1" in page
        assert not [child for child in LEFT_BEHIND if child in page]

    def test_sums_add_up(self, ok):
        """Required is met, met late, missed, excused, superseded and open, for each duty and for all."""
        found = ok("summary", "--as", "t.shen")
        totals = found["totals"]

        assert totals["required"] == sum(n for duty in found["obligations"].values() for n in duty.values())
        assert totals["required"] == sum(n for name, n in totals.items() if name != "required")

    def test_page_shows_what_was_missed(self, cw):
        """After the term the missed windows are counted, and the emergency is told from its report on."""
        cw("sweep", "--catch-up", "--now", "2027-01-21T08:00")
        page = cw("summary", "--as", "t.shen", "--now", "2027-01-21T08:00").out

        assert "| D10 | Home visits at the start, middle and end of term | MID |" in page
        assert "missing (" in page
        assert "safeguarding_lead told (t.fang)" in page

    def test_page_is_written_into_a_file(self, cw, school):
        """--out writes the same page into a file."""
        page = cw("summary", "--as", "t.shen").out
        found = cw("summary", "--out", "s.md", "--as", "t.shen")

        assert "is in s.md" in found.out
        assert page == (school / "s.md").read_text(encoding="utf-8")
        assert 2 == cw("summary", "--out", "no/s.md", "--as", "t.shen").code

    def test_term_is_chosen(self, cw, ok):
        """The term may be named; one that does not exist is refused with those that do."""
        assert "2027-spring" == ok("summary", "--term", "2027-spring", "--as", "t.shen")["term"]
        assert "2026-autumn" == ok("summary", "--as", "t.shen", "--now", "2026-09-10T23:00")["term"]
        found = cw("summary", "--term", "x", "--as", "t.shen")
        assert 2 == found.code
        assert "2026-autumn, 2027-spring" in found.err

    def test_before_the_first_term(self, ok):
        """Before the first term begins that one is meant."""
        assert "2026-autumn" == ok("summary", "--as", "t.shen", "--now", "2026-08-01T08:00")["term"]

    def test_no_terms_no_summary(self, cw, school):
        """Without a term there is nothing to account for."""
        path = school / "casework.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text[: text.index("# Check the days")], encoding="utf-8")

        assert 2 == cw("summary", "--as", "t.shen").code

    def test_looking_changes_nothing(self, cw, school):
        """A summary writes nothing into the store."""
        before = dump(school)
        cw("summary", "--as", "t.shen")

        assert before == dump(school)

    def test_undecided_are_counted(self, cw, school):
        """With the State Council's definition those to be decided by a person are counted."""
        path = school / "casework.toml"
        path.write_text('definition = "state-council-2016"\n' + path.read_text(encoding="utf-8"), encoding="utf-8")

        assert "to be decided by a person: 2" in cw("summary", "--as", "t.shen").out

    @pytest.mark.parametrize("name", ["a|b", "a<b", "a\\b"])
    def test_name_breaks_no_table(self, cw, tmp_path, monkeypatch, name):
        """Bars, tags and backslashes in a school's name stay text."""
        assert callable(markdown)
        cw("init", "--school", name, "--dir", str(tmp_path / "new"))
        monkeypatch.chdir(tmp_path / "new")

        assert (
            f"# Work summary: {name.replace(chr(92), chr(92) * 2).replace('|', chr(92) + '|').replace('<', '&lt;')}"
            in (cw("summary", "--as", "t.shen").out)
        )
