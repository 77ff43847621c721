"""Changes of what the cells say after which a roster must be refused."""

import unicodedata
from random import Random

from tests.interchange.spoiling import Files, Mutation, cell, csv_bytes, refused, rows_of, some_file, some_row


def id_twice(rng: Random, base: str, files: Files) -> Mutation:
    """A row stands twice."""
    file = some_file(rng, files)
    rows = rows_of(files[file])
    rows.append(list(rng.choice(rows[1:])))
    files[file] = csv_bytes(rows)
    return refused(base, files, file, len(rows), "sourcedId")


def id_twice_but_for_case(rng: Random, base: str, files: Files) -> Mutation:
    """Two ids differ in case alone."""
    file = rng.choice(["users.csv", "classes.csv", "orgs.csv", "enrollments.csv"])
    rows = rows_of(files[file])
    copy = list(rng.choice(rows[1:]))
    rows.append([copy[0].upper(), *copy[1:]])
    files[file] = csv_bytes(rows)
    return refused(base, files, file, len(rows), "sourcedId")


def id_twice_decomposed(rng: Random, base: str, files: Files) -> Mutation:
    """Two ids differ in composition alone."""
    rows = rows_of(files["users.csv"])
    copy = next(row for row in rows if row[0] == "p-josé")
    rows.insert(1, [unicodedata.normalize("NFD", copy[0]), *copy[1:]])
    files["users.csv"] = csv_bytes(rows)
    return refused(base, files, "users.csv", column="sourcedId")


def id_spoilt(rng: Random, base: str, files: Files) -> Mutation:
    """An id is missing, too long, invisible in part, or was made a number."""
    file = some_file(rng, files)
    wrong = ["", "4.2010620150101e+17", "1E+05", " x-1", "x-1\t", "x\u200b1", "x,1", "x" * 256, "x\ufffd1"]
    row = some_row(rng, files, file)
    cell(files, file, "sourcedId", rng.choice(wrong), row)
    return refused(base, files, file, row, "sourcedId")


def date_spoilt(rng: Random, base: str, files: Files) -> Mutation:
    """A date is none, or is not written as the standard has it."""
    file, column = rng.choice(
        [
            ("demographics.csv", "birthDate"),
            ("academicSessions.csv", "startDate"),
            ("academicSessions.csv", "endDate"),
            ("enrollments.csv", "beginDate"),
        ]
    )
    wrong = [
        "2026-02-30",
        "31/12/2019",
        "20190901",
        "2019-9-1",
        "1/2/2019",
        "2026-13-01",
        "0000-00-00",
        "\uff12\uff10\uff11\uff19-09-01",
    ]
    row = some_row(rng, files, file)
    cell(files, file, column, rng.choice([*wrong, "2026-W01-1", "1566-01-01", "soon", "-1", "9" * 400]), row)
    return refused(base, files, file, row, column)


def dates_reversed(rng: Random, base: str, files: Files) -> Mutation:
    """Something ends before it begins."""
    file, first, last = rng.choice(
        [("academicSessions.csv", "startDate", "endDate"), ("enrollments.csv", "beginDate", "endDate")]
    )
    row = some_row(rng, files, file)
    cell(files, file, first, "2027-07-09", row)
    cell(files, file, last, "2026-09-01", row)
    return refused(base, files, file, row, "endDate")


def term_spoilt(rng: Random, base: str, files: Files) -> Mutation:
    """A word stands where a term of the standard should."""
    file, column = rng.choice(
        [
            ("orgs.csv", "type"),
            ("academicSessions.csv", "type"),
            ("classes.csv", "classType"),
            ("enrollments.csv", "role"),
            ("demographics.csv", "sex"),
            ("users.csv", "metadata.casework.leftBehind"),
            ("users.csv", "status"),
            ("roles.csv", "role") if base == "oneroster-1.2" else ("users.csv", "role"),
        ]
    )
    row = some_row(rng, files, file)
    cell(files, file, column, rng.choice(["Student", "BOTH", "1", "双亲留守儿童", "pupil ", "ext:", "x" * 900]), row)
    return refused(base, files, file, row, column)


def flag_spoilt(rng: Random, base: str, files: Files) -> Mutation:
    """Neither true nor false."""
    file, column = rng.choice(
        [("users.csv", "metadata.casework.boarder"), ("users.csv", "enabledUser"), ("enrollments.csv", "primary")]
    )
    row = some_row(rng, files, file)
    cell(files, file, column, rng.choice(["yes", "1", "是", "tru\u0435"]), row)
    return refused(base, files, file, row, column)


def dangling(rng: Random, base: str, files: Files) -> Mutation:
    """An id leads nowhere."""
    file, column = rng.choice(
        [
            ("enrollments.csv", "userSourcedId"),
            ("enrollments.csv", "classSourcedId"),
            ("users.csv", "agentSourcedIds"),
            ("enrollments.csv", "schoolSourcedId"),
            ("orgs.csv", "parentSourcedId"),
            ("classes.csv", "termSourcedIds"),
            ("academicSessions.csv", "parentSourcedId"),
            ("demographics.csv", "sourcedId"),
            ("roles.csv", "userSourcedId") if base == "oneroster-1.2" else ("users.csv", "orgSourcedIds"),
        ]
    )
    row = some_row(rng, files, file)
    cell(files, file, column, "nobody-1", row)
    return refused(base, files, file, row, column)


def wrong_side_of_the_desk(rng: Random, base: str, files: Files) -> Mutation:
    """A teacher is enrolled as student, or a pupil as teacher."""
    row = some_row(rng, files, "enrollments.csv")
    cell(files, "enrollments.csv", "role", lambda role: {"student": "teacher", "teacher": "student"}[role], row)
    return refused(base, files, "enrollments.csv", row, "userSourcedId")


def adult_left_behind(rng: Random, base: str, files: Files) -> Mutation:
    """An adult is marked as left behind or boarding."""
    rows = rows_of(files["users.csv"])
    row = rng.choice([k for k, cells in enumerate(rows, 1) if cells[0].startswith(("t-", "g-", "a-"))])
    column, value = rng.choice([("metadata.casework.leftBehind", "one"), ("metadata.casework.boarder", "true")])
    cell(files, "users.csv", column, value, row)
    return refused(base, files, "users.csv", row, column)


def pupil_as_guardian(rng: Random, base: str, files: Files) -> Mutation:
    """A pupil is named as another's guardian."""
    cell(files, "users.csv", "agentSourcedIds", "p-3", 2)
    return refused(base, files, "users.csv", 2, "agentSourcedIds")


def text_spoilt(rng: Random, base: str, files: Files) -> Mutation:
    """A text is too long, or holds what nobody can read."""
    file, column = rng.choice(
        [("users.csv", "givenName"), ("users.csv", "phone"), ("classes.csv", "title"), ("orgs.csv", "name")]
    )
    row = some_row(rng, files, file)
    cell(files, file, column, rng.choice(["子涵\n", "x\x07", "\ufffd子涵", "王" * 300, "a\rb"]), row)
    return refused(base, files, file, row, column)


def name_missing(rng: Random, base: str, files: Files) -> Mutation:
    """A person has no name."""
    row = some_row(rng, files, "users.csv")
    cell(files, "users.csv", "givenName", "", row)
    cell(files, "users.csv", "familyName", " ", row)
    return refused(base, files, "users.csv", row, "familyName")


def bulk_takes_away(rng: Random, base: str, files: Files) -> Mutation:
    """A bulk row says tobedeleted."""
    file = some_file(rng, files)
    row = some_row(rng, files, file)
    cell(files, file, "status", "tobedeleted", row)
    return refused(base, files, file, row, "status")


def no_pupils(rng: Random, base: str, files: Files) -> Mutation:
    """Nobody is a student."""
    for file in ("users.csv", "roles.csv", "enrollments.csv", "demographics.csv"):
        if file in files:
            head, *rows = rows_of(files[file])
            files[file] = csv_bytes([head, *(row for row in rows if not any("p-" in text for text in row))])
    return refused(base, files, "roles.csv" if base == "oneroster-1.2" else "users.csv")
