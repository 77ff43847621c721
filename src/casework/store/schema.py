"""Are the tables there, and of this release? Asked once for each connection of the driver, before its first work."""

from sqlalchemy import Connection, text

from casework.errors import TablesDiffer
from casework.store.columns import PREFIX

VERSION_TABLE = f"{PREFIX}schema_version"
REVISION = "0004"
"""The newest revision of `casework.store.migrations`, known here without Alembic."""

_CHECKED = "casework_tables"
_MIGRATE = "call casework.store.migrate(engine)"


def check_tables(connection: Connection) -> None:
    """Raise `TablesDiffer` unless casework's tables are there and, where Alembic made them, of this release."""
    if connection.info.get(_CHECKED):
        return
    there = connection.dialect.has_table
    if there(connection, VERSION_TABLE):
        found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar() or ""  # noqa: S608
        if found > REVISION:
            raise TablesDiffer(
                f"the database is of a later release (tables {found}; this one knows {REVISION}): upgrade casework"
            )
        if found and found < REVISION:
            raise TablesDiffer(
                f"the database is of an earlier release (tables {found}; wanted {REVISION}): back it up; {_MIGRATE}, "
                "or use `casework migrate`"
            )
    if not there(connection, f"{PREFIX}schools"):
        if connection.get_execution_options().get("schema_translate_map"):
            raise TablesDiffer(
                "no tables of casework are found on this connection, which has a schema_translate_map: casework does "
                "not follow it; let search_path name the schema, and give a connection without the map"
            )
        raise TablesDiffer(
            f"the database has no tables of casework: {_MIGRATE}, or begin a school with `casework init`; "
            "or is it another file than was meant?"
        )
    connection.info[_CHECKED] = True
