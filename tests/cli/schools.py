"""Small schools for tests of the command line, made once by its own commands and copied for each test."""

import contextlib
import csv
import io
import json
import shutil
import sqlite3
from pathlib import Path

from attrs import frozen

from casework.cli import main

ROSTERS = Path(__file__).parents[2] / "examples" / "rosters"
KEPT = ("p-001", "p-002", "p-003", "p-004", "p-010", "p-032", "p-120")
LEFT_BEHIND = ("p-002", "p-004", "p-010", "p-032", "p-120")
FIRST = "2026-09-01T08:00"
NOW = "2026-09-10T16:00"


@frozen
class Said:
    """What a command ended with and wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        """Standard output as JSON; all of it has to be."""
        return json.loads(self.out)


def said(*argv):
    """Run a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(argv)
    return Said(code, out.getvalue(), err.getvalue())


def done(*argv):
    """Run a command that has to succeed; what it says as JSON."""
    found = said(*argv, "--json")
    if found.code:
        raise AssertionError(f"{argv}: {found.code} {found.err}")
    return found.json


def small_roster(target, kept=KEPT, *, without=()):
    """The synthetic school with a handful of its pupils, and all of its staff."""
    kept = [pupil for pupil in kept if pupil not in without]
    target.mkdir()
    owner = {"users.csv": "sourcedId", "roles.csv": "userSourcedId", "enrollments.csv": "userSourcedId"}
    for path in sorted((ROSTERS / "synthetic-school").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        name = owner.get(path.name, "sourcedId")
        rows = [row for row in rows if not row.get(name, "").startswith("p-") or row[name] in kept]
        with (target / path.name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return target


def make_school(folder):
    """A school on its tenth day.

    p-002 is paired with t.li and was visited once; p-004 and p-120 (one household) are paired with t.wu; p-010 is only
    identified; p-032 has an emergency, which t.fang acknowledged.
    """
    roster = str(small_roster(folder / "roster"))
    at = ("--dir", str(folder / "school"))
    first, now = (*at, "--now", FIRST, "--as", "t.shen"), (*at, "--now", NOW)
    done("init", "--school", "qinghe", "--seat", "leading_group=t.lu", *at, "--now", FIRST)
    done("import", roster, *first)
    done("identify", "--from-roll", *first)
    for child, lead in (("p-002", "t.li"), ("p-004", "t.wu"), ("p-120", "t.wu")):
        done("file", child, "--carer-name", CANARY, "--carer-relation", "grandmother", "--carer-phone", PHONE, *first)
        done("pair", child, lead, *first)
    visit = done("record", "p-002", "visit", "--reached", "--met", "carer", "--note", CANARY, "--as", "t.li", *now)
    alarm = done("raise", "p-032", "missing", "--as", "t.zhang", *now)
    done("ack", "p-032", "--as", "t.fang", *now)
    return {"activity": visit["activity"], "emergency": alarm["emergency"]}


CANARY = "Canary-Lin sees everything"
PHONE = "13900001111"


def dump(folder):
    """Every row of a school's database, and the files beside it."""
    with contextlib.closing(sqlite3.connect(folder / "casework.db")) as connection:
        rows = list(connection.iterdump())
    return rows, files_of(folder)


def files_of(folder):
    """The files beside a school's database."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != "casework.db"}


def copied(template, target):
    """A copy of a school for one test."""
    shutil.copytree(template, target)
    return target
