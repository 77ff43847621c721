"""Is everything there? Records that are gone, rows of records that never were, and schools that were changed."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Table, literal_column, select

from casework.store.findings import BROKEN, Finding, of_school
from casework.store.save import school_head
from casework.store.statements import SCHOOL, Prepared, Statements
from casework.store.work import SAID, SchoolRow, Work


def changed_schools(work: Work, school: str) -> Iterator[Finding]:
    """Schools whose row does not fit its seal; all of them, since one that was renamed is not found by its name."""
    t = work.tables.schools
    columns = [t.c[name] for name in ("name", "school", "last_no", *SAID, "head")]
    prepared = work.statements.get("schools to verify", (), lambda: select(*columns).order_by(t.c.school))
    for name, number, last_no, *said, head in work.wire.rows(prepared):
        if not _sealed(work, name, SchoolRow(number, last_no, tuple(said), head)):
            what = f"the row of school {number} in casework_schools was changed: its name, last_no or settings"
            yield of_school(school, what)


def _sealed(work: Work, name: str, row: SchoolRow) -> bool:
    """Whether some key of the ring made the seal."""
    for number in work.ring.numbers:
        try:
            if school_head(work, name, row, number) == row.head:
                return True
        except BROKEN:
            return False
    return False


def strays(work: Work, school: str, row: SchoolRow) -> Iterator[Finding]:
    """Rows of records that do not exist."""
    for table in work.tables.all():
        if "no" in table.c and table is not work.tables.cases:
            for (number,) in work.wire.rows(_stray_numbers(work.statements, table), (row.school,)):
                what = f"{table.name} has rows of record {number}, which does not exist"
                yield of_school(school, what)


def told(work: Work, row: SchoolRow) -> dict[int, set[tuple[str, str, int]]]:
    """By the number of a record: role, person and instant of each row of the outbox about its emergencies."""
    o = work.tables.outbox
    prepared = work.statements.get(
        "told of emergencies",
        ["school"],
        lambda: select(o.c.no, o.c.role, o.c.person, o.c.at).where(
            o.c.school == SCHOOL, o.c.topic == literal_column("'emergency'")
        ),
    )
    found: dict[int, set[tuple[str, str, int]]] = {}
    for number, *notice in work.wire.rows(prepared, (row.school,)):
        found.setdefault(number, set()).add(tuple(notice))
    return found


def gone(school: str, row: SchoolRow, past: int, numbers: Sequence[int]) -> Iterator[Finding]:
    """Records that are gone with all their rows: numbers are given without gaps, 0 to the school's own record."""
    if past < 0 and row.said is not None and 0 not in numbers:
        yield of_school(school, "the record of the school is gone, though it runs on settings that were applied")
    before = max(past, 0)
    for number in numbers or [row.last_no + 1]:
        missing = number - before - 1
        if missing > 0:
            which = f"record {number - 1} is" if missing == 1 else f"records {before + 1} to {number - 1} are"
            yield of_school(school, f"{which} gone with all rows: {row.last_no} were made")
        before = number


def lost(work: Work, school: str) -> Iterator[Finding]:
    """Records of schools that do not exist."""
    c, s = work.tables.cases, work.tables.schools
    prepared = work.statements.get(
        "lost schools",
        (),
        lambda: (
            select(c.c.school)
            .distinct()
            .select_from(c.outerjoin(s, s.c.school == c.c.school))
            .where(s.c.school.is_(None))
        ),
    )
    for (number,) in work.wire.rows(prepared):
        yield of_school(school, f"casework_cases has records of school {number}, which does not exist")


def _stray_numbers(statements: Statements, t: Table) -> Prepared:
    c = statements.tables.cases
    return statements.get(
        ("strays", t.name),
        ["school"],
        lambda: (
            select(t.c.no)
            .distinct()
            .select_from(t.outerjoin(c, (c.c.school == t.c.school) & (c.c.no == t.c.no)))
            .where(t.c.school == SCHOOL, c.c.no.is_(None))
        ),
    )
