"""Exports: pseudonyms that cannot be joined, names with a reason, and no cell that a spreadsheet would run."""

import csv
import io
import re
import zipfile
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework import Calendar, Casework, Desk, ManualClock, Principal, School, Term, load_policy
from casework.engine.exporting import Export, Sheet, under_pseudonyms
from casework.errors import CommandRefused, WrongType, WrongValue
from casework.interchange.export import csv_of, fresh_key, safe, write_csv, xlsx_of
from casework.model import protection_events as pv
from casework.model.protection_commands import ExportNamed
from casework.testing import MemoryStore, open_access

FIRST, LAST = date(2026, 9, 1), date(2027, 1, 22)
KEY = bytes(range(32))
FORMULAS = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example","x")',
    "+1",
    "-1+1",
    "-2",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\u00a0=1",
    "\u3000=1",
    "\u200b=1",
    "\ufeff=1",
    "\x00=1",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20SUM(1)",
    "﹦1",
    "﹣1",
    "﹢1",
    "﹫x",
    " \uff1d1",
)
PLAIN = ("", "3-1", "t.li", "2026-09", "visit", "'=1", "a=1", "清河", "1.5", "http://example.org", "D10")


@pytest.fixture
def desk():
    """A desk of a school with two children, one of whom was visited and is in danger."""
    calendar = Calendar([Term("2026-autumn", FIRST, LAST)], tz="Asia/Shanghai")
    clock = ManualClock(datetime(2026, 9, 1, 1, tzinfo=UTC))
    school = School("qinghe", load_policy("town-primary"), calendar, access=open_access())
    casework = Casework(school, clock=clock)
    desk = Desk(casework, MemoryStore(), school="qinghe", principal=Principal("t.li"))
    desk.apply()
    for child in ("s-17", "s-18"):
        desk.identify(child, away="both", class_="3-1", household="h-77")
        desk.file(child)
        desk.pair(child, "t.wu")
    clock.set(datetime(2026, 9, 14, 1, tzinfo=UTC))
    desk.record("s-17", "visit", reached=True, by="t.wu", note="secret", minutes=40)
    desk.raise_emergency("s-17", "missing")
    return desk


def text_of(export):
    """All that stands in an export."""
    return repr([(sheet.name, sheet.columns, sheet.rows) for sheet in export.sheets])


class TestPseudonyms:
    def test_no_id_leaves_the_school(self, desk):
        """Neither a child's id nor a person's, a class's, a household's or one of ours stands in it, nor any day."""
        text = text_of(desk.export(FIRST, LAST, key=KEY))
        ids = [*desk.case("s-17").activity_log, *desk.case("s-17").emergencies, *desk.case("s-17").marks]

        assert [] == [id_ for id_ in (*ids, "s-17", "s-18", "t.wu", "t.li", "3-1", "h-77", "qinghe") if id_ in text]
        assert [] == re.findall(r"\d{4}-\d{2}-\d{2}", text)

    def test_tables_hang_together(self, desk):
        """Within one export a child has one name in every table, and another than every other child."""
        cases, obligations, activities, emergencies = desk.export(FIRST, LAST, key=KEY).sheets

        assert 2 == len({row[0] for row in cases.rows})
        assert {row[0] for row in cases.rows} == {row[0] for row in obligations.rows}
        assert {row[0] for row in activities.rows} < {row[0] for row in cases.rows}
        assert [("visit", "2026-09", 1, 40)] == [(row[2], row[3], row[5], row[6]) for row in activities.rows]
        assert {None} == {row[2] for row in emergencies.rows}

    def test_exports_cannot_be_joined(self, desk):
        """With fresh keys no name occurs twice; with the same key they are the same."""
        one, other = (desk.export(FIRST, LAST, key=fresh_key()) for _ in range(2))
        names = [{row[0] for row in export.sheets[0].rows} for export in (one, other)]

        assert set() == names[0] & names[1]
        assert desk.export(FIRST, LAST, key=KEY) == desk.export(FIRST, LAST, key=KEY)

    def test_a_child_and_a_person_of_one_id_differ(self):
        """One id as a child's, a person's and a class's, and in another school, has different names."""
        here, there = (under_pseudonyms(school, KEY) for school in ("qinghe", "linjiang"))

        assert 4 == len({here.child("x"), here.person("x"), here.class_("x"), there.child("x")})

    @pytest.mark.parametrize(("key", "error"), [(b"short", WrongValue), ("text" * 8, WrongType), (None, WrongType)])
    def test_a_key_that_keeps_no_secret_is_refused(self, desk, key, error):
        """A key of few bytes could be guessed."""
        with pytest.raises(error):
            desk.export(FIRST, LAST, key=key)

    def test_a_period_that_ends_before_it_begins(self, desk):
        """Is refused."""
        with pytest.raises(CommandRefused, match="before it begins"):
            desk.export(LAST, FIRST, key=KEY)

    def test_who_is_implicated_exports_what_they_see(self, desk):
        """What implicates somebody is in no table that they get, also where it is counted."""
        desk.raise_emergency("s-18", "abuse", implicated=["t.wu"])
        suspect = Desk(desk._casework, desk._store, school="qinghe", principal=Principal("t.wu"))

        assert "abuse" in text_of(desk.export(FIRST, LAST, key=KEY))
        assert "abuse" not in text_of(suspect.export(FIRST, LAST, key=KEY))
        assert "abuse" not in repr(suspect.counts(FIRST, LAST))


class TestNamed:
    def test_the_reason_stands_in_the_history(self, desk):
        """Who exported ids, when, which days, how many rows and why can be read in the school's own history."""
        found = desk.export_named(FIRST, LAST, reason="court_order")
        with desk._store.read():
            *_, entry = desk._store.entries("qinghe", "")

        assert "s-17" in text_of(found)
        assert [("command:ExportNamed", pv.Exported("court_order", FIRST, LAST, found.rows, "t.li"))] == [
            caused for caused in entry.events if isinstance(caused[1], pv.Exported)
        ]

    @pytest.mark.parametrize("reason", ["", "because the father asked for it", None])
    def test_without_a_reason_nothing_leaves(self, desk, reason):
        """A reason is a code; without one nothing is handed out and nothing is written."""
        with pytest.raises(CommandRefused):
            desk.export_named(FIRST, LAST, reason=reason)

    def test_it_is_the_schools(self, desk):
        """The command cannot be given about a child."""
        with pytest.raises(CommandRefused, match="export_named"):
            desk.do("s-17", ExportNamed("because", FIRST, LAST, 1))


class TestCells:
    @pytest.mark.parametrize("text", FORMULAS, ids=ascii)
    def test_what_a_spreadsheet_may_run_is_led_by_an_apostrophe(self, text):
        """Formulas, hidden behind white space or in other forms of the same characters, are text."""
        assert f"'{text}" == safe(text)

    @pytest.mark.parametrize("value", [*PLAIN, 0, -5, 7, 10**9])
    def test_what_is_harmless_stays(self, value):
        """Words stay words and numbers numbers, below nothing too."""
        assert value == safe(value)
        assert type(value) is type(safe(value))

    @given(text=st.text(max_size=12))
    def test_no_text_begins_like_a_formula(self, text):
        """Whatever the text: what is written never begins with a character that spreadsheets run."""
        assert str(safe(text))[:1] not in set("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


class TestFiles:
    @pytest.fixture
    def export(self):
        """An export of all that is dangerous, and some that is not."""
        rows = tuple((text, number) for number, text in enumerate((*FORMULAS, *PLAIN)))
        return Export(
            FIRST, LAST, named=False, sheets=(Sheet("cases", ("text", "number"), rows), Sheet("empty", ("a",), ()))
        )

    def test_csv_reads_back(self, export, tmp_path):
        """Each text comes back whole, led by an apostrophe where it was dangerous; numbers as numbers."""
        one, two = write_csv(export, tmp_path / "out")
        raw = one.read_bytes().decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(raw, newline=""), quoting=csv.QUOTE_NONNUMERIC))

        assert [[safe(text), float(number)] for text, number in export.sheets[0].rows] == rows[1:]
        assert '"a"\r\n' == two.read_bytes().decode("utf-8-sig")
        assert raw == csv_of(export.sheets[0])

    def test_workbook_holds_no_formula_and_no_link(self, export):
        """In a workbook every text is a string of its own: no formula, no link, no number made of text."""
        with zipfile.ZipFile(io.BytesIO(xlsx_of(export))) as book:
            parts = {name: book.read(name).decode() for name in book.namelist()}
        sheet = parts["xl/worksheets/sheet1.xml"]

        assert [] == [name for name, text in parts.items() if re.search(r"<f[ >]|<hyperlink|externalLink", text)]
        assert len(export.sheets[0].rows) == len(re.findall(r'<c r="B\d+"><v>\d+</v></c>', sheet))
        assert (
            len([text for text, _ in export.sheets[0].rows if text])
            == len(re.findall(r'<c r="A\d+" t="s">', sheet)) - 1
        )
        assert [] == [name for name in parts if "rels" in name and "http://evil" in parts[name]]

    def test_workbook_leaves_no_temporary_file(self, export, tmp_path, monkeypatch):
        """It is made in memory."""
        import tempfile  # noqa: PLC0415 - where it would write

        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        xlsx_of(export)

        assert [] == list(tmp_path.iterdir())

    def test_without_the_extra_it_is_told(self, export, monkeypatch):
        """Without XlsxWriter the extra is named, and CSV."""
        import sys  # noqa: PLC0415 - to take it away

        monkeypatch.setitem(sys.modules, "xlsxwriter", None)
        with pytest.raises(WrongValue, match=r"casework\[office\]"):
            xlsx_of(export)
