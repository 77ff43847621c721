"""What spoils a roster by hand: its files, their rows and cells, and what must come of it."""

import csv
import io
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from attrs import frozen

FIXTURES = Path(__file__).parent / "fixtures"
SETS = ("oneroster-1.1", "oneroster-1.2")
CANARIES = ("子涵", "梓轩", "雨琪", "José", "García", "Marsh", "海燕", "秀英", "建军", "1000000000")
"""Names and phones of the fixtures: they may stand in no message."""

SAME, REFUSED, EITHER = "same", "refused", "either"

Files = dict[str, bytes]


@frozen
class Mutation:
    """A spoilt roster: ``files`` of a folder, or the bytes of a zip.

    ``expect``: ``same`` (reads as ``base`` does), ``refused``, or ``either`` (refused, or read as the bytes say).
    ``file``, ``row`` and ``column`` must be named by a refusal, as far as they are given.
    """

    name: str
    base: str
    files: Mapping[str, bytes]
    expect: str
    file: str = ""
    row: int | None = None
    column: str = ""
    zipped: bytes | None = None


def load(name: str) -> Files:
    """The files of a fixture."""
    return {path.name: path.read_bytes() for path in sorted((FIXTURES / name).glob("*.csv"))}


def write(mutation: Mutation, folder: Path) -> Path:
    """Lay the roster out below ``folder``; answers the path to import."""
    if mutation.zipped is not None:
        path = folder / "roster.zip"
        path.write_bytes(mutation.zipped)
        return path
    path = folder / "roster"
    path.mkdir()
    for name, content in mutation.files.items():
        (path / name).write_bytes(content)
    return path


def rows_of(content: bytes) -> list[list[str]]:
    """The cells of a file, by the csv module of the standard library."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def csv_bytes(rows: list[list[str]], *, quoting: int = csv.QUOTE_MINIMAL, end: str = "\r\n") -> bytes:
    """The bytes of a file, by the csv module of the standard library."""
    out = io.StringIO(newline="")
    csv.writer(out, quoting=quoting, lineterminator=end).writerows(rows)
    return out.getvalue().encode()


def cell(files: Files, file: str, column: str, value: str | Callable[[str], str], row: int) -> None:
    """Put a value into a cell; row 2 is the first below the heading."""
    rows = rows_of(files[file])
    place = rows[0].index(column)
    rows[row - 1][place] = value if isinstance(value, str) else value(rows[row - 1][place])
    files[file] = csv_bytes(rows)


def some_row(rng: Random, files: Files, file: str, column: str = "") -> int:
    """A row below the heading, one whose cell is filled when a column is named."""
    rows = rows_of(files[file])
    place = rows[0].index(column) if column else None
    return rng.choice([k for k, row in enumerate(rows[1:], 2) if place is None or row[place]])


def some_file(rng: Random, files: Files) -> str:
    """A file, not the manifest."""
    return rng.choice([name for name in sorted(files) if name != "manifest.csv"])


def zip_of(files: Mapping[str | ZipInfo, bytes] | Mapping[str, bytes]) -> bytes:
    """A zip of the files."""
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        with ZipFile(out, "w", ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
    return out.getvalue()


def refused(base: str, files: Files, file: str, row: int | None = None, column: str = "") -> Mutation:
    """A mutation that must be refused at a place."""
    return Mutation("", base, files, REFUSED, file, row, column)
