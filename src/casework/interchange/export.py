"""Exports as files: CSV and xlsx, in which no cell is ever taken for a formula or a link.

A spreadsheet runs what begins with ``=``, ``+``, ``-`` or ``@``, and some run it behind a tab, a line end, white space
or in full width too. Text that begins so is led by an apostrophe, in both formats; numbers stay numbers. In xlsx text
is written as text, so that nothing is turned into a formula, a number or a link.
"""

import csv
import io
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path
from secrets import token_bytes
from typing import Any
from unicodedata import category, normalize

from casework.engine.exporting import Cell, Export, Sheet
from casework.errors import WrongValue

KEY = 32
_STARTS = frozenset("=+-@\t\r\n")
_APOSTROPHE = "'"


def fresh_key() -> bytes:
    """A new key of pseudonyms. Who keeps it can make an export that can be joined with this one; drop it otherwise."""
    return token_bytes(KEY)


def safe(value: Cell) -> str | int:
    """A cell that no spreadsheet takes for a formula: text that may be one is led by an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, int):
        return value
    return f"{_APOSTROPHE}{value}" if _dangerous(value) else value


def _dangerous(text: str) -> bool:
    """Whether a spreadsheet may run it: by its first character, or by the first that can be seen."""
    if text[:1] in _STARTS:
        return True
    seen = next((c for c in text if not c.isspace() and category(c) not in {"Cc", "Cf"}), "")
    # What stands in full width, or in another form of the same character, is that character.
    return normalize("NFKC", seen)[:1] in _STARTS


def csv_of(sheet: Sheet) -> str:
    """One table as CSV (RFC 4180): comma, quotes around every text, CRLF."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(sheet.columns)
    writer.writerows([safe(cell) for cell in row] for row in sheet.rows)
    return out.getvalue()


def write_csv(export: Export, folder: Path) -> Iterator[Path]:
    """Write each table into a file of the folder, in UTF-8 with a mark that spreadsheets know it by."""
    folder.mkdir(parents=True, exist_ok=True)
    for sheet in export.sheets:
        path = folder / f"{sheet.name}.csv"
        path.write_text(csv_of(sheet), encoding="utf-8-sig", newline="")
        yield path


def xlsx_of(export: Export) -> bytes:
    """All tables as one workbook. Needs the extra ``office``; raises `WrongValue` without it."""
    try:
        from xlsxwriter import Workbook  # noqa: PLC0415 - of the extra "office"
    except ImportError as error:
        raise WrongValue("a workbook needs XlsxWriter: pip install 'casework[office]', or export CSV") from error
    out = io.BytesIO()
    # In memory, since a temporary file would outlive a program that is killed.
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    book: Any = Workbook(out, plain)
    book.set_properties({"created": datetime.combine(export.last, time())})
    for sheet in export.sheets:
        page = book.add_worksheet(sheet.name)
        for place, row in enumerate((sheet.columns, *sheet.rows)):
            for column, cell in enumerate(row):
                _write(page, place, column, safe(cell))
    book.close()
    return out.getvalue()


def _write(page: Any, row: int, column: int, cell: str | int) -> None:  # noqa: ANN401 - XlsxWriter's
    if isinstance(cell, int):
        page.write_number(row, column, cell)
    elif cell:
        page.write_string(row, column, cell)
