"""Bytes to rows of cells: decoded strictly, RFC 4180 to the letter, headings checked."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from attrs import frozen

from casework.interchange._files import Limits
from casework.interchange._problems import Problems, shown
from casework.interchange._values import Note

OURS = ("metadata.casework.leftBehind", "metadata.casework.boarder", "metadata.casework.household")
"""Columns of our own, allowed to the right of the columns of users.csv and Student.csv."""

_METADATA = "metadata."
_CASEWORK = "metadata.casework."
_QUOTED = re.compile(r'"((?:[^"]++|"")*+)"')
_STOP = re.compile(r'[",\r\n]')
_LONG = 4
_GENUINE = 0.8
_EXPORT_UTF8 = "export the file again as CSV in UTF-8"


def columns(text: str) -> tuple[str, ...]:
    """Headings or terms as a standard lists them, separated by commas."""
    return tuple(text.split(","))


@frozen
class Sheet:
    """The columns of one file: those it must have, those it may lack, and whether ours may stand beside them."""

    needed: tuple[str, ...]
    usual: tuple[str, ...] = ()
    ours: bool = False

    @property
    def known(self) -> tuple[str, ...]:
        """Every heading whose cells are read or deliberately passed over."""
        return self.needed + self.usual + (OURS if self.ours else ())


@frozen
class Record:
    """One row: its number as a spreadsheet shows it, and its cells by heading."""

    number: int
    cells: Mapping[str, str]


@frozen
class Table:
    """One file: its headings as far as they are known, and its rows."""

    headings: frozenset[str]
    records: tuple[Record, ...]


def read_table(file: str, content: bytes, sheet: Sheet, limits: Limits, problems: Problems, notes: list[Note]) -> Table:
    """The rows of ``content`` under the headings of ``sheet``; what is wrong goes to ``problems``."""
    empty = Table(frozenset(), ())
    text = _decode(file, content, problems, notes)
    if text is None:
        return empty
    rows = _rows(file, text, limits, problems)
    if not rows:
        return empty
    headings = rows[0][1]
    if not _headings_serve(file, headings, sheet, limits, problems, notes):
        return empty
    if len(rows) - 1 > limits.rows:
        problems.add(file, f"has more than {limits.rows} rows", "deliver one school at a time")
        return empty
    records = [
        Record(number, dict(zip(headings, cells, strict=True)))
        for number, cells in rows[1:]
        if any(cells) and _width_fits(file, number, len(cells), len(headings), problems)
    ]
    return Table(frozenset(headings), tuple(records))


def _decode(file: str, content: bytes, problems: Problems, notes: list[Note]) -> str | None:
    """UTF-8 with or without BOM, else GB18030, else a problem."""
    zero = content.find(b"\0")
    if zero >= 0:
        wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
        what = "is in UTF-16" if wide else "holds a NUL byte"
        problems.add(file, what, _EXPORT_UTF8, row=None if wide else _row_at(content, zero))
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = _row_at(content, error.start)
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        problems.add(file, "is neither UTF-8 nor GB18030", _EXPORT_UTF8, row=row)
        return None
    if not _is_chinese(text):
        what = "is no UTF-8 here, and as GB18030 the file would hold characters that hardly anybody writes"
        problems.add(file, what, _EXPORT_UTF8, row=row)
        return None
    notes.append(Note(file, "was read as GB18030, since it is no UTF-8", "look at the names; UTF-8 leaves no doubt"))
    return text


def _row_at(content: bytes, place: int) -> int:
    return content.count(b"\n", 0, place) + 1


def _is_chinese(text: str) -> bool:
    """Whether GB18030 made sense of the bytes.

    Nearly any bytes are GB18030, also UTF-8 in which one byte was lost: its names would turn into other names. Those
    are seldom among the 7,000 characters of GB 2312, which make up nearly all of a genuine file; scripts of the
    minorities take four bytes each, which damaged UTF-8 does not.
    """
    beyond = [c for c in text if c > "\x7f"]
    if any(unicodedata.category(c) in ("Cn", "Co", "Cc") for c in beyond):
        return False
    genuine = sum(bool(c.encode("gb2312", "ignore")) or len(c.encode("gb18030")) == _LONG for c in beyond)
    return genuine >= _GENUINE * len(beyond)


def _cell(text: str, at: int) -> tuple[str, int]:
    """The cell that starts at ``at``, and where it ends; -1 when its quotes never close."""
    if not text.startswith('"', at):
        stop = _STOP.search(text, at)
        end = len(text) if stop is None else stop.start()
        return text[at:end], end
    quoted = _QUOTED.match(text, at)
    return ("", -1) if quoted is None else (quoted[1].replace('""', '"'), quoted.end())


def _rows(file: str, text: str, limits: Limits, problems: Problems) -> list[tuple[int, list[str]]]:
    """Numbered rows of cells; a line break inside quotes does not count, as in a spreadsheet."""
    rows: list[tuple[int, list[str]]] = []
    cells: list[str] = []
    at = 0
    while (at < len(text) or cells) and len(rows) <= limits.rows + 1:
        cell, end = _cell(text, at)
        mark = text[end : end + 2]
        wrong = _wrong_cell(cell, end, mark, limits)
        if wrong is not None:
            problems.add(file, *wrong, row=len(rows) + 1)
            return []
        cells.append(cell)
        at = end + (2 if mark == "\r\n" else 1)
        if not mark.startswith(","):
            rows.append((len(rows) + 1, cells))
            cells = []
    if not rows:
        problems.add(file, "is empty", "deliver at least the headings")
    return rows


def _wrong_cell(cell: str, end: int, mark: str, limits: Limits) -> tuple[str, str] | None:
    """What is wrong with a cell that is followed by ``mark``, and the mend."""
    if end < 0:
        return "opens a quotation mark that never closes", 'close it, and write " inside a cell as ""'
    if len(cell) > limits.cell:
        return f"has a cell of more than {limits.cell} characters", "shorten the cell, or close its quotes"
    if mark.startswith("\r") and mark != "\r\n":
        return "ends in a bare carriage return", "save the file with Windows or Unix line ends"
    if mark and mark[0] not in ",\r\n":
        return "has a quotation mark inside a cell", 'put the whole cell in quotes, and write " as ""'
    return None


def _width_fits(file: str, number: int, width: int, wanted: int, problems: Problems) -> bool:
    if width == wanted:
        return True
    what = f"has {width} cells under {wanted} headings"
    problems.add(file, what, "quote cells that hold a comma; give every heading a cell, if an empty one", row=number)
    return False


def _headings_serve(
    file: str, headings: Sequence[str], sheet: Sheet, limits: Limits, problems: Problems, notes: list[Note]
) -> bool:
    """Whether the rows can be read under these headings.

    An unknown heading is repeated only beside all known ones: a file without a heading row has a child's name there.
    """
    before = len(problems.found)
    if len(headings) > limits.columns:
        problems.add(file, f"has more than {limits.columns} headings", "deliver the format's columns alone", row=1)
        return False
    by_fold = {heading.strip().casefold(): heading for heading in headings}
    for name in sheet.known:
        near = by_fold.get(name.casefold())
        if headings.count(name) > 1:
            problems.add(file, "the heading stands twice", "remove one of the two columns", row=1, column=name)
        elif name in headings:
            continue
        elif near is not None:
            problems.add(file, f"the heading is written {shown(near)}", f"write it {name}", row=1, column=name)
        elif name in sheet.needed:
            problems.add(file, "the column is missing", f"add a column {name}", row=1, column=name)
    _check_own(file, headings, sheet, problems)
    if len(problems.found) > before:
        return False
    strangers = [h for h in headings if h not in sheet.known and not h.startswith(_METADATA)]
    if strangers:
        some = ", ".join(map(shown, strangers[:8]))
        notes.append(Note(file, f"columns that the format does not have were passed over: {some}", "nothing is needed"))
    return True


def _check_own(file: str, headings: Sequence[str], sheet: Sheet, problems: Problems) -> None:
    """A misspelt column of ours would lose who is left behind without a word."""
    for heading in headings:
        if heading.casefold().startswith(_CASEWORK) and heading not in sheet.known:
            if sheet.ours:
                mend = f"the columns of casework are {', '.join(OURS)}"
            else:
                mend = "move it to users.csv (Student.csv in SDS v1)"
            problems.add(file, f"there is no column {shown(heading)} here", mend, row=1)
        elif not heading.strip():
            problems.add(file, "a heading is empty", "name the column or remove it", row=1)
