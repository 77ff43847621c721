"""Lists that a school keeps in a spreadsheet: who was at a gathering, what an examination measured.

A CSV file in UTF-8 or GB18030, RFC 4180; all of it is read, or nothing, and every problem is named with its row.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from casework.errors import CommandRefused
from casework.interchange._files import Limits
from casework.interchange._problems import Problems, shown
from casework.interchange._sheets import Record, Sheet, read_table
from casework.interchange._values import Note
from casework.model.examination import MEASURES, ORGANS, Examination
from casework.model.gathering import ABSENT, PRESENT

T = TypeVar("T")

ATTENDANCE = Sheet(("child", "attendance"))
WORDS: Mapping[str, str] = {
    "present": PRESENT,
    "absent": ABSENT,
    "1": PRESENT,
    "0": ABSENT,
    "到": PRESENT,
    "缺": ABSENT,
}
"""What a cell of the column ``attendance`` may say."""

EXAMINATIONS = Sheet(("child",), (*MEASURES, *ORGANS, "abnormal"))
LIMITS = Limits(file_bytes=4 * 1024 * 1024, rows=20_000)


def read_attendance(path: Path) -> dict[str, str]:
    """By child, ``present`` or ``absent``, from the columns child and attendance. Raises `RosterRefused`."""

    def read(row: Record, problems: Problems) -> str:
        said = row.cells["attendance"].strip().casefold()
        if said not in WORDS:
            known = ", ".join(WORDS)
            problems.add(path.name, f"{shown(said)} is no attendance", f"write one of {known}", row=row.number)
        return WORDS.get(said, "")

    return _read(path, ATTENDANCE, read)


def read_examinations(path: Path) -> dict[str, Examination | None]:
    """By child, what was found, or None where every cell is empty: the child was not there. Raises `RosterRefused`.

    Columns are child, the five measures (blood_pressure as ``95/60``, vision as left/right), eye, ear, nose, mouth, and
    abnormal: the measures that are, separated by spaces.
    """

    def read(row: Record, problems: Problems) -> Examination | None:
        cells = {name: cell.strip() for name, cell in row.cells.items() if name != "child" and cell.strip()}
        try:
            return examination_of(cells) if cells else None
        except CommandRefused as error:
            what, _, mend = str(error).partition("; ")
            problems.add(path.name, what, mend or "correct the cell", row=row.number)
            return None

    return _read(path, EXAMINATIONS, read)


def examination_of(cells: Mapping[str, str]) -> Examination:
    """An examination as it is typed: numbers with a point, two of them with a stroke. Raises `CommandRefused`."""
    given: dict[str, object] = {name: _numbers(name, cells[name]) for name in MEASURES if cells.get(name)}
    given |= {organ: cells[organ] for organ in ORGANS if cells.get(organ)}
    given["abnormal"] = tuple(cells.get("abnormal", "").split())
    return Examination(**given)  # type: ignore[arg-type]  # each name with its own type


def _numbers(name: str, text: str) -> float | tuple[float, ...]:
    found = []
    for part in text.split("/"):
        whole, _, rest = part.strip().partition(".")
        if not (whole.isascii() and whole.isdigit() and len(whole) <= 5 and (not rest or rest.isdigit())):  # noqa: PLR2004
            raise CommandRefused(f"{name} is no number; write it as 95/60, 131.5 or 1400, without its unit")
        found.append(float(part))
    return found[0] if len(found) == 1 else tuple(found)


def _read(path: Path, sheet: Sheet, read: Callable[[Record, Problems], T]) -> dict[str, T]:
    problems, notes = Problems(), list[Note]()
    try:
        with path.open("rb") as file:
            content = file.read(LIMITS.file_bytes + 1)
    except (OSError, ValueError):
        problems.add(path.name, "cannot be read", "check the path and its permissions")
        content = b""
    problems.stop_if_any()
    if len(content) > LIMITS.file_bytes:
        problems.add(path.name, f"is larger than {LIMITS.file_bytes} bytes", "give the list of one school")
        problems.stop_if_any()
    table = read_table(path.name, content, sheet, LIMITS, problems, notes)
    found: dict[str, T] = {}
    for row in table.records:
        child = row.cells["child"].strip()
        if not child or child in found:
            what = "the child stands twice" if child else "the child is missing"
            problems.add(path.name, what, "give one row to each child", row=row.number, column="child")
        value = read(row, problems)
        found[child] = value
    problems.stop_if_any()
    return found
