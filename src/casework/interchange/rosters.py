"""Rosters in: OneRoster 1.1 and 1.2 CSV, Microsoft School Data Sync v2.1 and v1, Open Education Analytics deliveries.

`read_roster` answers a whole `Roster` or raises `RosterRefused` with every problem it found; `plan_import` says what
importing it would change. Neither writes anything.

Of our own are three columns to the right of users.csv (Student.csv in SDS v1), for pupils:
``metadata.casework.leftBehind`` (``none``, ``one``, ``both``: parents who work away), ``metadata.casework.boarder``
(``true``, ``false``) and ``metadata.casework.household`` (an id that siblings share).
No roster format says who lives with the child.
"""

from collections.abc import Mapping
from pathlib import Path

from casework.interchange._assemble import assemble
from casework.interchange._facts import Delivery
from casework.interchange._files import Limits, open_delivery
from casework.interchange._oea import OEA_SIS, STUDENTS, read_oea
from casework.interchange._oneroster import MANIFEST, VERSIONS, read_manifest, read_oneroster
from casework.interchange._plan import RollChanges, plan_import, staff_rows
from casework.interchange._problems import Problem, Problems, RosterRefused, counted, shown
from casework.interchange._sds import SDS_21, read_sds_21
from casework.interchange._sds1 import SDS_1, read_sds_1
from casework.interchange._values import (
    Amendment,
    Guardian,
    Note,
    Org,
    Pupil,
    Roster,
    SchoolClass,
    Session,
    StaffMember,
)

__all__ = [
    "DIALECTS",
    "Amendment",
    "Guardian",
    "Limits",
    "Note",
    "Org",
    "Problem",
    "Pupil",
    "RollChanges",
    "Roster",
    "RosterRefused",
    "SchoolClass",
    "Session",
    "StaffMember",
    "plan_import",
    "read_roster",
    "staff_rows",
]

DIALECTS = (*VERSIONS.values(), SDS_21, SDS_1, OEA_SIS)
"""The formats that are read."""

_DEFAULT = Limits()


def read_roster(path: Path, *, dialect: str | None = None, limits: Limits = _DEFAULT) -> Roster:
    """The roster in the folder or zip at ``path``; ``dialect`` is recognised unless it is given.

    Files are decoded as UTF-8 (with or without BOM), else as GB18030, else refused. Rows and cells that cannot be read
    are all named at once; references are followed only when every row could be read. Raises `RosterRefused`.
    """
    problems = Problems()
    notes: list[Note] = []
    files = open_delivery(Path(path), limits, problems)
    delivery = _read(Path(path).name, files, dialect, limits, problems, notes)
    problems.stop_if_any()
    return assemble(delivery, problems)


def _read(
    name: str, files: Mapping[str, bytes], dialect: str | None, limits: Limits, problems: Problems, notes: list[Note]
) -> Delivery:
    known = dialect or _recognise(files)
    if known == SDS_21:
        return read_sds_21(files, limits, problems, notes)
    if known == SDS_1:
        return read_sds_1(files, limits, problems, notes)
    if known == OEA_SIS and any(name.casefold().startswith(STUDENTS) for name in files):
        return read_oea(files, limits, problems, notes)
    if dialect is not None and dialect not in DIALECTS:
        problems.add(name, f"there is no dialect {shown(dialect)}", f"use one of {', '.join(DIALECTS)}")
    elif MANIFEST not in files:
        some = ", ".join(map(shown, sorted(files)[:8])) or "no .csv file"
        mend = (
            "a OneRoster delivery has manifest.csv, orgs.csv, users.csv, classes.csv and enrollments.csv, named "
            "exactly so; SDS v2.1 has orgs.csv, users.csv and roles.csv, SDS v1 School.csv, Student.csv and four more; "
            "deliveries of Open Education Analytics a folder students"
        )
        problems.add(name, f"is no roster that casework knows; it holds {some}", mend)
    problems.stop_if_any()
    manifest = read_manifest(files[MANIFEST], limits, problems, notes)
    problems.stop_if_any()
    version = manifest.get("oneroster.version", "")
    if version not in VERSIONS:
        what = f"oneroster.version is {counted(version)}" if version else "oneroster.version is missing"
        problems.add(MANIFEST, what, f"write one of {', '.join(VERSIONS)}")
    elif dialect not in (None, VERSIONS[version]):
        what = f"this is {VERSIONS[version]}, not {dialect}"
        problems.add(MANIFEST, what, "leave the dialect to be recognised, or correct oneroster.version")
    problems.stop_if_any()
    return read_oneroster(files, manifest, limits, problems, notes)


def _recognise(files: Mapping[str, bytes]) -> str:
    """The dialect of a delivery without a manifest; empty when there is one, or nothing is recognised."""
    folded = {name.casefold() for name in files}
    if MANIFEST in files:
        return OEA_SIS if any(name.startswith(STUDENTS) for name in folded) else ""
    if {"school.csv", "student.csv"} <= folded:
        return SDS_1
    if {"users.csv", "roles.csv"} <= folded and b"enabledUser" not in files.get("users.csv", b""):
        return SDS_21
    return OEA_SIS if any(name.startswith(STUDENTS) for name in folded) else ""
