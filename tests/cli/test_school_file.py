from datetime import date

import pytest

from casework import Term
from casework.cli.exits import Absent, SchoolFileRefused, WrongUsage
from casework.cli.school_file import NAME, read_school_file, written
from casework.errors import PolicyRefused

TEXT = """\
school = "qinghe"
policy = ["town-primary"]
time_zone = "Asia/Shanghai"
database = "casework.db"
key_ring = "casework.keyring"

[seats]
principal = "t.shen"
leading_group = ["t.shen", "t.lu"]

[[absence]]
person = "t.li"
first = 2026-10-12
last = 2026-10-16

[[absence]]
person = "t.li"
first = 2026-11-12
last = 2026-11-16

[[term]]
id = "2026-autumn"
first = 2026-09-01
last = 2027-01-20
holidays = [[2026-10-01, 2026-10-07]]
makeup = [2026-10-10]
"""


@pytest.fixture
def read(tmp_path):
    """Read a text as a school's casework.toml."""

    def reading(text=TEXT):
        (tmp_path / NAME).write_text(text, encoding="utf-8")
        return read_school_file(tmp_path)

    return reading


class TestReading:
    def test_everything_is_read(self, read, tmp_path):
        """School, policy, terms, seats and absences are as the file says them."""
        found = read()

        assert ("qinghe", "town-primary") == (found.school, found.policy.id)
        assert str(tmp_path / "casework.db") == found.database
        assert {"principal": ("t.shen",), "leading_group": ("t.shen", "t.lu")} == found.seats
        assert {"t.li": ((date(2026, 10, 12), date(2026, 10, 16)), (date(2026, 11, 12), date(2026, 11, 16)))} == (
            found.absences
        )
        assert [date(2026, 10, 10)] == list(found.calendar.terms[0].makeup)

    def test_definition_may_be_chosen(self, read):
        """The school chooses who counts as left behind in place of the policy's own words."""
        assert "state-council-2016" == read('definition = "state-council-2016"\n' + TEXT).policy.definition

    def test_pack_of_the_school_is_found_beside_the_file(self, read, tmp_path):
        """A pack given as a path lies in the school's folder, and a single pack needs no list."""
        with pytest.raises(PolicyRefused, match="cannot be read"):
            read(TEXT.replace('["town-primary"]', '"own.toml"'))

    def test_what_is_written_is_read(self, read):
        """A new casework.toml reads as what it was written from, quotes and backslashes too."""
        name = 'a "b" \\ c'
        term = Term("2026-autumn", date(2026, 9, 1), date(2027, 1, 20), [date(2026, 10, 1)], [date(2026, 10, 10)])
        seats = {"principal": 't."x"'}
        found = read(
            written(
                school=name,
                packs=["school"],
                zone="Asia/Shanghai",
                terms=[term],
                seats=seats,
                database="a.db",
                key_ring="k",
            )
        )

        assert (name, (term,), {"principal": ('t."x"',)}) == (found.school, found.calendar.terms, found.seats)


class TestRefusals:
    @pytest.mark.parametrize(
        ("old", "new", "told"),
        [
            ('school = "qinghe"', "", "school: is missing; write school = "),
            ('school = "qinghe"', "school = 3", "line 1, school: is no text"),
            ('"qinghe"', '"' + "x" * 65 + '"', "shorten it"),
            ('"qinghe"', '" x"', "is no name of 1 to 64"),
            ("[seats]", "[seat]", "line 7, seat: is no key that casework knows"),
            ('["town-primary"]', "[]", 'write policy = ["town-primary"]'),
            ('["town-primary"]', "[3]", "names no pack"),
            ("Asia/Shanghai", "Asia/Qinghe", "time_zone: time zone 'Asia/Qinghe' is not known; use an IANA name"),
            ('principal = "t.shen"', 'king = "t.shen"', "seats.king: is no seat; use subject_teacher"),
            ('principal = "t.shen"', "principal = 3", "line 8, seats.principal: names nobody"),
            ('person = "t.li"', "person = 3", "absence.1: needs a person"),
            ("last = 2026-10-16", "last = 2026-10-11", "absence.1: needs a person, a first and a last day"),
            ("last = 2026-10-16", 'until = "x"', "absence.1.until: is no key"),
            ("[[absence]]", "[absence]", "is not TOML"),
            ('id = "2026-autumn"', "", "term.1: needs id, first and last"),
            ("first = 2026-09-01", "first = 2026-09-01T08:00:00", "term.1: needs id"),
            (
                "first = 2026-09-01",
                'first = "2026-09-01"',
                "a day stands in quotes; write it without them",
            ),
            ("last = 2027-01-20", "last = 2026-01-20", "term.1: term 2026-autumn: ends 2026-01-20 before it begins"),
            ("[[2026-10-01, 2026-10-07]]", "[2026-10-01]", "term.1.holidays: is no list of first and last days"),
            ("[2026-10-10]", '["x"]', "term.1.makeup: is no list of days"),
            ("makeup =", "windows = 3\nmakeup =", "term.1.windows: is no table of spans"),
            ("last = 2027-01-20", "last = 2026-10-20", "term: term 2026-autumn: 8 teaching weeks are too few"),
        ],
    )
    def test_mistake_is_named_with_its_mend(self, read, old, new, told):
        """A mistake in casework.toml is named by line and key, with what to write."""
        with pytest.raises(SchoolFileRefused) as refused:
            read(TEXT.replace(old, new, 1))

        assert told in str(refused.value)

    def test_tables_have_to_be_tables(self, read):
        """Seats, terms and a definition of another kind are refused together."""
        wrong = TEXT[: TEXT.index("[seats]")] + "seats = 3\nterm = 3\ndefinition = 3\n"

        with pytest.raises(SchoolFileRefused) as refused:
            read(wrong)
        assert {"line 7, seats", "line 8, term", "line 9, definition"} >= {
            problem.place for problem in refused.value.problems if "seats" in problem.place
        }
        assert 3 == len(refused.value.problems)

    def test_missing_file_says_how_it_comes_to_be(self, tmp_path):
        """Without casework.toml the message names `casework init` and --dir."""
        with pytest.raises(Absent, match="casework init"):
            read_school_file(tmp_path)

    def test_folder_in_its_place_is_refused(self, tmp_path):
        """What is no file cannot be read."""
        (tmp_path / NAME).mkdir()

        with pytest.raises(WrongUsage, match="cannot be read"):
            read_school_file(tmp_path)
