"""What a person should know about a store before something goes wrong."""

from typing import Any

from sqlalchemy import BigInteger, Engine, and_, bindparam, func, inspect, literal_column, or_, select

from casework.clock import Clock, system_clock
from casework.store.doors import opened
from casework.store.engines import wal_safe
from casework.store.migrations import newest, revision
from casework.store.tables import Tables, default_tables
from casework.store.types import to_instant

Fact = str | int | bool
UNSENT = 15 * 60 * 1_000_000
"""Microseconds after which somebody should have sent a notice of an emergency."""


def doctor_facts(engine: Engine, *, tables: Tables | None = None, clock: Clock = system_clock) -> dict[str, Fact]:
    """Facts by name: the database and its version, the journal, the schema's revision, and what waits.

    ``wal_safe`` says whether this SQLite may run in WAL mode; ``hides_parameters`` whether errors and logs of the
    engine keep the values of statements to themselves; ``due`` counts records whose look has come,
    ``quarantined`` pairs of record and rule, ``waiting`` rows of the outbox that nobody got, ``dead_letters`` what is
    not tried any more, ``unsent`` notices of emergencies that nobody has taken up for a quarter of an hour,
    ``unalarmed`` emergencies that are not reviewed though nobody would be told of them any more (there must be none),
    ``readable`` entries without secrecy.
    """
    t = tables or default_tables()
    with opened(engine, writing=False) as connection:
        found: dict[str, Fact] = {"database": connection.dialect.name, "hides_parameters": engine.hide_parameters}
        if connection.dialect.name == "sqlite":
            version = connection.exec_driver_sql("SELECT sqlite_version()").scalar_one()
            journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
            found |= {"version": version, "journal": journal, "wal_safe": wal_safe(version)}
        else:
            found["version"] = ".".join(map(str, connection.dialect.server_version_info or ()))
        present = revision(connection)
        found |= {"schema": present, "schema_wanted": newest(), "tables": inspect(connection).has_table(t.cases.name)}
        if not found["tables"]:
            return found
        now = {"now": to_instant(clock())}
        for name, (table, where) in _counts(t).items():
            query: Any = select(func.count()).select_from(table).where(where)
            found[name] = int(connection.execute(query, now if name in {"due", "unsent"} else {}).scalar_one())
        return found


def _counts(t: Tables) -> dict[str, tuple[Any, Any]]:
    now = bindparam("now", type_=BigInteger)
    e, c = t.emergencies.c, t.cases.c
    with_case = t.emergencies.join(t.cases, (c.school == e.school) & (c.no == e.no))
    everything = literal_column("1") == literal_column("1")
    return {
        "schools": (t.schools, everything),
        "records": (t.cases, everything),
        "cases_open": (t.cases, t.cases.c.stage.not_in(["", "closed"])),
        "entries": (t.entries, everything),
        "due": (t.cases, or_(t.cases.c.wake_at <= now, t.cases.c.alarm_at <= now)),
        "quarantined": (t.failures, everything),
        "waiting": (t.outbox, t.outbox.c.status.in_(["waiting", "sending"])),
        "dead_letters": (t.deliveries, t.deliveries.c.status == "dead"),
        "unsent": (t.waiting, and_(t.waiting.c.urgent == 1, t.waiting.c.due_at <= now - UNSENT)),
        "unalarmed": (with_case, and_(e.state != "reviewed", c.alarm_at.is_(None))),
        "readable": (t.entries, t.entries.c.ring == 0),
    }
