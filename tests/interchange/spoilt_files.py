"""Changes of files, headings and bytes after which a roster must be refused."""

from random import Random

from tests.interchange.spoiling import Files, Mutation, cell, csv_bytes, refused, rows_of, some_file, some_row


def column_dropped(rng: Random, base: str, files: Files) -> Mutation:
    """A column that is needed is gone."""
    file, column = rng.choice(
        [
            ("users.csv", "agentSourcedIds"),
            ("users.csv", "phone"),
            ("classes.csv", "classType"),
            ("orgs.csv", "type"),
            ("enrollments.csv", "primary"),
            ("demographics.csv", "birthDate"),
            ("academicSessions.csv", "endDate"),
        ]
    )
    rows = rows_of(files[file])
    place = rows[0].index(column)
    files[file] = csv_bytes([row[:place] + row[place + 1 :] for row in rows])
    return refused(base, files, file, 1, column)


def column_twice(rng: Random, base: str, files: Files) -> Mutation:
    """A column stands twice."""
    file = some_file(rng, files)
    rows = rows_of(files[file])
    place = rng.randrange(len(rows[0]))
    files[file] = csv_bytes([[*row, row[place]] for row in rows])
    return refused(base, files, file, 1, rows[0][place])


def heading_misspelt(rng: Random, base: str, files: Files) -> Mutation:
    """A heading is misspelt in case or by a space."""
    file = some_file(rng, files)
    rows = rows_of(files[file])
    place = rng.randrange(len(rows[0]))
    column = rows[0][place]
    rows[0][place] = rng.choice([column.upper(), f" {column}", column.capitalize()])
    files[file] = csv_bytes(rows)
    return refused(base, files, file, 1, column)


def own_column_misspelt(rng: Random, base: str, files: Files) -> Mutation:
    """A column of ours is misspelt."""
    wrong = rng.choice(["metadata.casework.leftbehindd", "metadata.casework.left_behind", "METADATA.casework.home"])
    files["users.csv"] = files["users.csv"].replace(b"metadata.casework.leftBehind", wrong.encode())
    return refused(base, files, "users.csv", 1)


def heading_row_missing(rng: Random, base: str, files: Files) -> Mutation:
    """The file begins with data."""
    files["users.csv"] = files["users.csv"].split(b"\r\n", 1)[1]
    return refused(base, files, "users.csv", 1)


def ragged_row(rng: Random, base: str, files: Files) -> Mutation:
    """A row is too short or too long."""
    file = some_file(rng, files)
    rows = rows_of(files[file])
    row = some_row(rng, files, file)
    rows[row - 1] = rng.choice([rows[row - 1][:-1], [*rows[row - 1], ""], [*rows[row - 1], "x", "y"]])
    files[file] = csv_bytes(rows)
    return refused(base, files, file, row)


def huge_cell(rng: Random, base: str, files: Files) -> Mutation:
    """A cell is huge."""
    file = some_file(rng, files)
    row = some_row(rng, files, file)
    cell(files, file, rows_of(files[file])[0][-1], "王" * rng.randrange(8_001, 200_000), row)
    return refused(base, files, file, row)


def nul_byte(rng: Random, base: str, files: Files) -> Mutation:
    """A NUL byte stands somewhere."""
    file = rng.choice(sorted(files))
    place = rng.randrange(len(files[file]))
    files[file] = files[file][:place] + b"\0" + files[file][place:]
    return refused(base, files, file)


def utf_16(rng: Random, base: str, files: Files) -> Mutation:
    """A file is in UTF-16."""
    file = rng.choice(sorted(files))
    files[file] = files[file].decode().encode(rng.choice(["utf-16", "utf-16-le"]))
    return refused(base, files, file)


def broken_utf_8(rng: Random, base: str, files: Files) -> Mutation:
    """A byte of a name is lost or overwritten."""
    content = files["users.csv"]
    place = rng.choice([k for k, byte in enumerate(content) if byte > 0x7F])
    files["users.csv"] = content[:place] + rng.choice([b"", b"\xff", b"?"]) + content[place + 1 :]
    return refused(base, files, "users.csv", content.count(b"\n", 0, place) + 1)


def quote_left_open(rng: Random, base: str, files: Files) -> Mutation:
    """A quotation mark never closes."""
    file = some_file(rng, files)
    lines = files[file].split(b"\r\n")
    row = rng.randrange(2, len(lines))
    lines[row - 1] = b'"' + lines[row - 1].replace(b'"', b"")
    files[file] = b"\r\n".join(lines)
    return refused(base, files, file, row)


def quote_inside(rng: Random, base: str, files: Files) -> Mutation:
    """A quotation mark stands inside a cell."""
    file = some_file(rng, files)
    lines = files[file].split(b"\r\n")
    row = rng.randrange(2, len(lines))
    lines[row - 1] = rng.choice([b'x"y', b'"x"y', b'"x" ']) + lines[row - 1]
    files[file] = b"\r\n".join(lines)
    return refused(base, files, file, row)


def bare_carriage_return(rng: Random, base: str, files: Files) -> Mutation:
    """Lines end as on old Macs."""
    file = some_file(rng, files)
    files[file] = files[file].replace(b"\r\n", b"\r")
    return refused(base, files, file, 1)


def semicolons(rng: Random, base: str, files: Files) -> Mutation:
    """Cells are separated by semicolons."""
    file = some_file(rng, files)
    files[file] = files[file].replace(b",", b";")
    return refused(base, files, file)


def file_emptied(rng: Random, base: str, files: Files) -> Mutation:
    """A file is empty."""
    file = some_file(rng, files)
    files[file] = rng.choice([b"", b"\xef\xbb\xbf", b"\r\n"])
    return refused(base, files, file)


def file_missing(rng: Random, base: str, files: Files) -> Mutation:
    """A file that the manifest promises is gone."""
    del files[some_file(rng, files)]
    return refused(base, files, "manifest.csv")


def file_renamed(rng: Random, base: str, files: Files) -> Mutation:
    """A file's name is in the wrong case."""
    file = some_file(rng, files)
    files[file.capitalize()] = files.pop(file)
    return refused(base, files, file.capitalize())


def manifest_spoilt(rng: Random, base: str, files: Files) -> Mutation:
    """The manifest contradicts the files or itself."""
    old, new = rng.choice(
        [
            (b"file.users,bulk", b"file.users,absent"),
            (b"file.users,bulk", b"file.users,daily"),
            (b"file.users,bulk\r\n", b""),
            (b"file.users,bulk", b"file.users,delta"),
            (b"oneroster.version,1", b"x,1"),
            (b"oneroster.version,1", b"oneroster.version,9"),
            (b"file.courses,absent", b"file.users,bulk"),
        ]
    )
    files["manifest.csv"] = files["manifest.csv"].replace(old, new)
    return refused(base, files, "manifest.csv")
