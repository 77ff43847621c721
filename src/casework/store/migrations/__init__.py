"""The schema's versions, by Alembic, in a version table of casework's own: a host's Alembic and ours never meet."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from casework.store.columns import PREFIX
from casework.store.dialects import alone
from casework.store.doors import Given, given, opened
from casework.store.schema import VERSION_TABLE
from casework.store.students import link
from casework.store.tables import Tables
from casework.store.views import drop_views, make_views


def migrate(bind: Given, *, tables: Tables | None = None) -> str:
    """Bring tables and views to this release, in one transaction where the database allows it; returns the revision.

    Running it again changes nothing, and it never runs by itself. ``bind`` is what a store is given: with an engine it
    takes a connection of its own, otherwise it happens in the host's transaction. ``tables`` are those that refer to
    the host's table of children, where there are such. Two at once wait for each other; raises `HostTransactionError`
    when that takes too long, `TablesDiffer` for a record whose child is not in the host's table.
    """
    config = _config()
    with opened(given(bind), writing=True) as connection:
        alone(connection)
        config.attributes["connection"] = connection
        if revision(connection) != newest():
            drop_views(connection)
            command.upgrade(config, "head")
        if tables is not None:
            link(connection, tables.cases)
        make_views(connection)
        return revision(connection)


def revision(connection: Connection) -> str:
    """The revision of the tables that are there; empty where there are none."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision() or ""


def newest() -> str:
    """The revision that this release works with."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def include_name(name: str | None, type_: str, parent_names: Mapping[str, str | None]) -> bool:
    """For the host's own ``context.configure(include_name=…)``: leaves casework's tables to casework.

    >>> include_name("casework_cases", "table", {})
    False
    >>> include_name("student", "table", {})
    True
    """
    table = name if type_ == "table" else parent_names.get("table_name")
    return not (table or "").startswith(PREFIX)


def include_object(item: Any, name: str | None, type_: str, reflected: bool, compare_to: object) -> bool:  # noqa: ANN401, ARG001, FBT001 - Alembic's
    """For ``context.configure(include_object=…)`` of a host that has casework's tables in its own metadata."""
    return include_name(name if type_ == "table" else item.table.name, "table", {})


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
