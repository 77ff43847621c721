"""Going through the files of a delivery that has no manifest."""

from collections.abc import Callable, Container, Iterable, Mapping

from casework.interchange._facts import Delivery
from casework.interchange._files import Limits
from casework.interchange._line import Line
from casework.interchange._people import note_own_columns
from casework.interchange._problems import Problems, shown
from casework.interchange._sheets import Sheet, read_table

Reader = Callable[[Delivery, Line], None]
"""Reads one row into the delivery."""


def note_unread(delivery: Delivery, files: Iterable[str], read: Container[str]) -> None:
    """Name the files from which nothing is taken."""
    unread = [file for file in sorted(files) if file not in read]
    if unread:
        some = ", ".join(map(shown, unread[:8]))
        delivery.note(unread[0], f"nothing was read from {some}", "nothing is needed")


def read_files(
    delivery: Delivery,
    files: Mapping[str, bytes],
    sheets: Mapping[str, tuple[Sheet, Reader]],
    must: tuple[str, ...],
    limits: Limits,
    problems: Problems,
) -> None:
    """Read every file that has a sheet; ``must`` names those that may not be missing."""
    note_unread(delivery, files, sheets)
    by_fold = {name.casefold(): name for name in files}
    for file, (sheet, read_line) in sheets.items():
        near = by_fold.get(file.casefold())
        if file not in files:
            if near is not None:
                problems.add(near, f"is not spelt {file}", f"rename it to {file}")
            elif file in must:
                problems.add(file, "the file is missing", "deliver it")
            continue
        table = read_table(file, files[file], sheet, limits, problems, delivery.notes)
        if sheet.ours and table.headings:
            note_own_columns(delivery, file, table)
        for record in table.records:
            read_line(delivery, Line(file, record, problems))
