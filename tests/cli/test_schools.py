import pytest

from tests.cli.schools import dump


class TestOtherName:
    @pytest.fixture
    def renamed(self, school):
        """The folder, whose casework.toml says another name than the database holds."""
        path = school / "casework.toml"
        path.write_text(path.read_text(encoding="utf-8").replace('"qinghe"', '"qinge"'), encoding="utf-8")
        return school

    @pytest.mark.parametrize(
        "argv",
        [
            ("today", "--as", "t.li"),
            ("sweep",),
            ("doctor",),
            ("record", "p-010", "visit", "--reached", "--as", "t.li"),
            ("mechanism", "2026.1", "--as", "t.li"),
        ],
    )
    def test_second_empty_school_is_refused(self, cw, renamed, argv):
        """Under a name of which nothing is stored beside another school no command says that nothing is due."""
        before = dump(renamed)
        found = cw(*argv)

        assert (2, "") == (found.code, found.out)
        assert "no school qinge, but qinghe; did you mean qinghe?; set `school =` right in casework.toml" in found.err
        assert before == dump(renamed)

    def test_alarm_goes_on_with_a_loud_remark(self, cw, renamed):
        """An alarm is raised all the same and the doubt is told, also when it is looked for afterwards."""
        raised = cw("raise", "p-002", "missing", "--as", "t.li")
        later = cw("sweep")

        assert (0, 0) == (raised.code, later.code)
        assert "ATTENTION: the database holds no school qinge, but qinghe" in raised.err
        assert "ATTENTION: the database holds no case of a school qinge, but qinghe" in later.err

    def test_new_school_begins_beside_others(self, cw, renamed, roster):
        """A second school in the same database begins with its roster; from then on nothing is remarked."""
        begun = cw("import", str(roster), "--as", "t.shen")
        later = cw("today", "--as", "t.li")

        assert (0, 0, "") == (begun.code, later.code, later.err)
        assert "ATTENTION" in begun.err
        assert "unless the school is new" in begun.err
