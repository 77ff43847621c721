"""A database that fails at a chosen moment, before or after it did what it was asked."""

import sqlite3
from contextlib import contextmanager


def error(code):
    """An error of SQLite's with that code; what it says must not matter."""
    found = sqlite3.OperationalError("whatever it says")
    found.sqlite_errorcode = code
    return found


class Fault:
    """At which moments the driver failed so far: ``moments`` counts statements and commits, ``failed`` the errors."""

    def __init__(self):
        self.moments = 0
        self.failed = 0


@contextmanager
def failing(engine, code, when, *, after=False, on=("do_execute", "do_executemany", "do_commit")):
    """Let the driver fail with this code at each moment for which ``when(moment)`` is true, counted from 0."""
    fault = Fault()
    dialect = engine.dialect

    def wrapped(real):
        def call(*given, **named):
            moment, fault.moments = fault.moments, fault.moments + 1
            if not when(moment):
                return real(*given, **named)
            if after:
                real(*given, **named)
            fault.failed += 1
            raise error(code)

        return call

    for name in on:
        setattr(dialect, name, wrapped(getattr(dialect, name)))
    try:
        yield fault
    finally:
        for name in on:
            delattr(dialect, name)
