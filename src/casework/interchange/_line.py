"""One row with its place: cells come out checked, and what is wrong goes to the problems."""

import re
import unicodedata
from collections.abc import Collection
from datetime import date

from attrs import frozen

from casework.interchange._problems import Problems, counted, shown
from casework.interchange._sheets import Record

ID_LENGTH = 255
TEXT_LENGTH = 200

_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_US_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_SPREADSHEET_NUMBER = re.compile(r"[0-9](\.[0-9]+)?[eE]\+[0-9]+")
_DATELIKE = re.compile(r"(19|20)[0-9]{6}|[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}")
_LOST = "\ufffd"
_YEARS = (1900, 2100)


@frozen
class Ref:
    """An id that points at a row of another file, with the place where it stands."""

    id: str
    column: str
    line: "Line"

    def refuse(self, what: str, mend: str) -> None:
        """Note what is wrong with the reference."""
        self.line.refuse(self.column, what, mend)


@frozen
class Line:
    """A row of a file. Every getter answers the neutral value ("", None, ()) for a cell that is empty or refused."""

    file: str
    record: Record
    problems: Problems

    @property
    def row(self) -> int:
        """The row as a spreadsheet numbers it."""
        return self.record.number

    def refuse(self, column: str, what: str, mend: str) -> None:
        """Note what is wrong with one cell of this row."""
        self.problems.add(self.file, what, mend, row=self.row, column=column)

    def raw(self, column: str) -> str:
        """The cell as it stands; empty when the file lacks the column."""
        return self.record.cells.get(column, "")

    def id(self, column: str, *, needed: bool = True) -> str:
        """An id in composed form (NFC)."""
        return self._checked_id(column, self.raw(column), needed=needed)

    def ref(self, column: str, *, needed: bool = True) -> Ref:
        """An id with its place."""
        return Ref(self.id(column, needed=needed), column, self)

    def refs(self, column: str) -> tuple[Ref, ...]:
        """Ids separated by commas, each with its place."""
        return tuple(Ref(found, column, self) for found in self.ids(column))

    def ids(self, column: str) -> tuple[str, ...]:
        """Ids separated by commas."""
        text = self.raw(column)
        return tuple(self._checked_id(column, part.strip()) for part in text.split(",")) if text else ()

    def _checked_id(self, column: str, text: str, *, needed: bool = True) -> str:
        if not text:
            if needed:
                self.refuse(column, "the id is missing", "fill in the id that the other files use")
            return ""
        text = unicodedata.normalize("NFC", text)
        if _SPREADSHEET_NUMBER.fullmatch(text):
            what = f"{shown(text)} is an id that a spreadsheet turned into a number"
            self.refuse(column, what, "export again with the column formatted as text; the digits are lost here")
        elif len(text) > ID_LENGTH:
            self.refuse(column, f"{shown(text)} is too long for an id", f"use at most {ID_LENGTH} characters")
        elif text != text.strip() or "," in text or any(_invisible(c) for c in text):
            what = f"{shown(text)} holds a space at its end, a comma or a character that cannot be seen"
            self.refuse(column, what, "write the id as it stands in the other files")
        else:
            return text
        return ""

    def term(self, column: str, terms: Collection[str], *, needed: bool = True, extended: bool = False) -> str:
        """One of ``terms``, or with ``extended`` a word of the sender's own, marked ``ext:``."""
        text = self.raw(column)
        if not text and not needed:
            return ""
        if text in terms or (extended and re.fullmatch(r"ext:[A-Za-z0-9._-]{1,40}", text)):
            return text
        known = text.casefold() in {term.casefold() for term in terms}
        self.refuse(
            column,
            f"{shown(text) if known else counted(text)} is no term of this column",
            f"write one of {', '.join(sorted(terms))}",
        )
        return ""

    def flag(self, column: str) -> bool | None:
        """True or false (TRUE and FALSE too, which spreadsheets make of them); None for an empty cell."""
        text = self.raw(column)
        if text and text.lower() not in ("true", "false"):
            self.refuse(column, f"{counted(text)} is neither true nor false", "write true or false")
        return text.lower() == "true" if text else None

    def day(self, column: str, *, needed: bool = False, month_first: bool = False) -> date | None:
        """A date as 2026-09-01; with ``month_first`` also as 9/1/2026, which SDS v1 writes."""
        text = self.raw(column)
        if not text and not needed:
            return None
        found = _US_DAY.fullmatch(text) if month_first else None
        try:
            if found:
                day = date(int(found[3]), int(found[1]), int(found[2]))
            elif _ISO_DAY.fullmatch(text):
                day = date.fromisoformat(text)
            else:
                day = None
        except ValueError:
            day = None
        if day is not None and _YEARS[0] <= day.year <= _YEARS[1]:
            return day
        form = "month/day/year or year-month-day, as 9/1/2026 or 2026-09-01" if month_first else "as 2026-09-01"
        value = shown(text) if _DATELIKE.fullmatch(text) else counted(text)
        self.refuse(column, f"{value} is no date of this calendar", f"write year, month and day {form}")
        return None

    def instant(self, column: str) -> None:
        """Check that the cell is an ISO 8601 instant; casework does not use which."""
        text = self.raw(column)
        if not _INSTANT.fullmatch(text):
            self.refuse(column, f"{counted(text)} is no instant", "write it as 2026-09-01T08:00:00Z")

    def text(self, column: str, most: int = TEXT_LENGTH) -> str:
        """Free text such as a name; never repeated in a message."""
        text = self.raw(column)
        if len(text) > most:
            self.refuse(column, f"a text of {len(text)} characters is too long", f"use at most {most} characters")
        elif _LOST in text:
            self.refuse(
                column, "a character was lost in an earlier conversion", "export again from the school's system"
            )
        elif any(unicodedata.category(c) == "Cc" for c in text):
            self.refuse(column, "the text holds a line break or control character", "write it on one line")
        else:
            return unicodedata.normalize("NFC", text.strip())
        return ""


def _invisible(c: str) -> bool:
    return c == _LOST or (c != " " and unicodedata.category(c) in ("Cc", "Cf", "Co", "Cn", "Cs", "Zs", "Zl", "Zp"))
