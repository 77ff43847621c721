"""Where records live: SQL tables for the present, a chained history beside them, sealed text in one place."""

from typing import TYPE_CHECKING

from casework.store.engines import open_engine, without_password
from casework.store.faults import retryable
from casework.store.keyring import KeyRing
from casework.store.sql import SqlStore
from casework.store.tables import Tables, default_tables, tables

if TYPE_CHECKING:
    from casework.store.migrations import migrate

__all__ = [
    "KeyRing",
    "SqlStore",
    "Tables",
    "default_tables",
    "migrate",
    "open_engine",
    "retryable",
    "tables",
    "without_password",
]


def __getattr__(name: str) -> object:
    """``migrate``, loaded when it is asked for, since importing the store loads no Alembic."""
    if name != "migrate":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from casework.store.migrations import migrate  # noqa: PLC0415

    return migrate
