"""Changes after which a roster must read as it did before."""

import csv
import unicodedata
from random import Random

from tests.interchange.spoiling import SAME, Files, Mutation, cell, csv_bytes, rows_of, some_file, some_row, zip_of


def byte_order_mark(rng: Random, base: str, files: Files) -> Mutation:
    """A file begins with a byte order mark."""
    file = some_file(rng, files)
    return Mutation("", base, files | {file: b"\xef\xbb\xbf" + files[file]}, SAME)


def unix_line_ends(rng: Random, base: str, files: Files) -> Mutation:
    """Lines end as on Unix."""
    return Mutation("", base, {name: content.replace(b"\r\n", b"\n") for name, content in files.items()}, SAME)


def no_last_line_end(rng: Random, base: str, files: Files) -> Mutation:
    """The last line does not end."""
    return Mutation("", base, {name: content.removesuffix(b"\r\n") for name, content in files.items()}, SAME)


def everything_quoted(rng: Random, base: str, files: Files) -> Mutation:
    """Every cell is quoted."""
    quoted = {name: csv_bytes(rows_of(content), quoting=csv.QUOTE_ALL) for name, content in files.items()}
    return Mutation("", base, quoted, SAME)


def gb18030(rng: Random, base: str, files: Files) -> Mutation:
    """A file is in GB18030."""
    file = rng.choice(["users.csv", "orgs.csv", "classes.csv"])
    return Mutation("", base, files | {file: files[file].decode().encode("gb18030")}, SAME)


def rows_shuffled(rng: Random, base: str, files: Files) -> Mutation:
    """Rows stand in another order."""
    file = some_file(rng, files)
    head, *rows = rows_of(files[file])
    return Mutation("", base, files | {file: csv_bytes([head, *rng.sample(rows, len(rows))])}, SAME)


def columns_shuffled(rng: Random, base: str, files: Files) -> Mutation:
    """Columns stand in another order."""
    file = some_file(rng, files)
    columns = list(zip(*rows_of(files[file]), strict=True))
    rows = [list(row) for row in zip(*rng.sample(columns, len(columns)), strict=True)]
    return Mutation("", base, files | {file: csv_bytes(rows)}, SAME)


def column_added(rng: Random, base: str, files: Files) -> Mutation:
    """A column stands there that is not ours."""
    file = some_file(rng, files)
    name = rng.choice(["metadata.local.bus", "locker"])
    rows = [[*row, name if k == 0 else "x"] for k, row in enumerate(rows_of(files[file]))]
    return Mutation("", base, files | {file: csv_bytes(rows)}, SAME)


def blank_rows(rng: Random, base: str, files: Files) -> Mutation:
    """A blank row stands among the others, and one at the end."""
    file = some_file(rng, files)
    rows = rows_of(files[file])
    rows.insert(rng.randrange(2, len(rows) + 1), [""] * len(rows[0]))
    return Mutation("", base, files | {file: csv_bytes(rows) + b"\r\n"}, SAME)


def reference_in_capitals(rng: Random, base: str, files: Files) -> Mutation:
    """A reference is written in capitals."""
    row = some_row(rng, files, "enrollments.csv")
    cell(files, "enrollments.csv", rng.choice(["userSourcedId", "classSourcedId"]), str.upper, row)
    return Mutation("", base, files, SAME)


def reference_decomposed(rng: Random, base: str, files: Files) -> Mutation:
    """References are in decomposed form."""
    for row in range(2, len(rows_of(files["enrollments.csv"])) + 1):
        cell(files, "enrollments.csv", "userSourcedId", lambda text: unicodedata.normalize("NFD", text), row)
    return Mutation("", base, files, SAME)


def flags_in_capitals(rng: Random, base: str, files: Files) -> Mutation:
    """A spreadsheet wrote TRUE and FALSE."""
    for row in range(2, len(rows_of(files["users.csv"])) + 1):
        for column in ("enabledUser", "metadata.casework.boarder"):
            cell(files, "users.csv", column, str.upper, row)
    return Mutation("", base, files, SAME)


def bulk_says_active(rng: Random, base: str, files: Files) -> Mutation:
    """A bulk row says active."""
    cell(files, "users.csv", "status", "active", some_row(rng, files, "users.csv"))
    return Mutation("", base, files, SAME)


def zipped(rng: Random, base: str, files: Files) -> Mutation:
    """The roster is a zip, with a folder or clutter in it."""
    folder = rng.choice(["", "export/"])
    clutter = rng.choice([{}, {"__MACOSX/._users.csv": b"\0"}, {f"{folder}.DS_Store": b"\0"}])
    return Mutation("", base, files, SAME, zipped=zip_of({folder + n: c for n, c in files.items()} | clutter))
