"""Where records live: SQL tables for the present, a chained history beside them, sealed text in one place."""

from casework.store.doors import retryable
from casework.store.engines import open_engine
from casework.store.keyring import KeyRing
from casework.store.sql import SqlStore
from casework.store.tables import Tables, default_tables, tables

__all__ = ["KeyRing", "SqlStore", "Tables", "default_tables", "open_engine", "retryable", "tables"]
