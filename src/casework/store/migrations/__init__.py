"""The schema's versions, by Alembic, in a version table of casework's own: a host's Alembic and ours never meet."""

from collections.abc import Mapping
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from casework.errors import check_kind
from casework.store.columns import PREFIX
from casework.store.doors import opened
from casework.store.schema import VERSION_TABLE


def migrate(engine: Engine) -> str:
    """Bring the tables to this release, in one transaction where the database allows it; returns the revision.

    Running it again changes nothing. It takes a connection of its own and never runs by itself.
    """
    check_kind(engine, Engine, "migrate()", "an Engine, as open_engine(path) makes one")
    config = _config()
    with opened(engine, writing=True) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
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


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
