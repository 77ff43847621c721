"""Changes after which a roster is refused, or read as its bytes say it; zips too."""

import stat
from random import Random
from zipfile import ZipInfo

from tests.interchange.spoiling import EITHER, REFUSED, Files, Mutation, csv_bytes, rows_of, some_file, some_row, zip_of


def zip_trap(rng: Random, base: str, files: Files) -> Mutation:
    """A zip that wants out of its folder, hides another, or unpacks for ever."""
    users, link = files["users.csv"], ZipInfo("users.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    traps: list[dict[str | ZipInfo, bytes]] = [
        {**files, "../escape.csv": b"x"},
        {**files, "/etc/users2.csv": b"x"},
        {**files, "C:/users2.csv": b"x"},
        {**files, "more.zip": zip_of({"users.csv": users})},
        {**files, "a\\..\\b.csv": b"x"},
        {**files, "Users.CSV": users},
        {**files, "sub/users2.csv": users},
        {**files, "bomb.csv": b"0" * (33 * 1024 * 1024)},
        {**{name: content for name, content in files.items() if name != "users.csv"}, link: b"/etc/passwd"},
        {**files, **{f"x{k}.csv": b"x" for k in range(201)}},
    ]
    return Mutation("", base, files, REFUSED, "", zipped=zip_of(rng.choice(traps)))


def zip_damaged(rng: Random, base: str, files: Files) -> Mutation:
    """A zip was cut or its bytes flipped."""
    content = bytearray(zip_of(files))
    if rng.random() < 0.5:
        return Mutation(
            "", base, files, REFUSED, "roster.zip", zipped=bytes(content[: rng.randrange(len(content) - 30)])
        )
    for _ in range(40):
        content[rng.randrange(len(content) // 2)] ^= 1 << rng.randrange(8)
    return Mutation("", base, files, EITHER, zipped=bytes(content))


def byte_flipped(rng: Random, base: str, files: Files) -> Mutation:
    """One bit is flipped."""
    file = rng.choice(sorted(files))
    content = bytearray(files[file])
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    return Mutation("", base, files | {file: bytes(content)}, EITHER)


def bytes_inserted(rng: Random, base: str, files: Files) -> Mutation:
    """A few bytes are inserted."""
    file = rng.choice(sorted(files))
    place = rng.randrange(len(files[file]))
    extra = rng.choice([b",", b'"', b"\r\n", b"\n", rng.randbytes(3), b"=1+1", b"\xc3\xa9", b"\xe2\x80\xae"])
    return Mutation("", base, files | {file: files[file][:place] + extra + files[file][place:]}, EITHER)


def bytes_deleted(rng: Random, base: str, files: Files) -> Mutation:
    """A few bytes are gone."""
    file = rng.choice(sorted(files))
    place = rng.randrange(len(files[file]))
    return Mutation("", base, files | {file: files[file][:place] + files[file][place + rng.randrange(1, 9) :]}, EITHER)


def cut_short(rng: Random, base: str, files: Files) -> Mutation:
    """A file was cut while it was sent."""
    file = rng.choice(sorted(files))
    return Mutation("", base, files | {file: files[file][: rng.randrange(len(files[file]))]}, EITHER)


def row_deleted(rng: Random, base: str, files: Files) -> Mutation:
    """A row is gone."""
    file = some_file(rng, files)
    rows = rows_of(files[file])
    del rows[some_row(rng, files, file) - 1]
    return Mutation("", base, files | {file: csv_bytes(rows)}, EITHER)


def columns_mistaken(rng: Random, base: str, files: Files) -> Mutation:
    """Two headings change places: names stand where terms, ids or dates should."""
    rows = rows_of(files["users.csv"])
    one = rng.choice([rows[0].index("givenName"), rows[0].index("familyName"), rows[0].index("phone")])
    other = rows[0].index(rng.choice(["status", "enabledUser", "metadata.casework.leftBehind", "dateLastModified"]))
    rows[0][one], rows[0][other] = rows[0][other], rows[0][one]
    return Mutation("", base, files | {"users.csv": csv_bytes(rows)}, EITHER)
