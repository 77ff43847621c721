"""PostgreSQL for tests: a server of this worker's own, and databases on it."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url

from casework.store import default_tables

PROGRAM = Path(__file__).parents[1] / "tools" / "postgres.py"
FEW = 300

LOOK = """
import importlib, sys
with importlib.import_module(sys.argv[1]).connect(sys.argv[2]) as connection:
    print(*(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in sys.argv[3:]))
"""


@contextmanager
def server():
    """A server as long as it is needed; the URL of its first database."""
    with subprocess.Popen(
        [sys.executable, PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        try:
            url = program.stdout.readline().strip()
            assert url, "PostgreSQL did not start; see what it said above"
            yield url
        finally:
            program.communicate()


@contextmanager
def database(url, name):
    """A new database of that name on the server, without tables; its URL."""
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    admin.dispose()
    yield make_url(url).set(database=name).render_as_string(hide_password=False)


def clear(engine):
    """Take away every row of casework's, and every table that is not casework's."""
    names = [table.name for table in reversed(default_tables().all())]
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
        others = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'casework\\_%%'"
        for (other,) in connection.exec_driver_sql(others, ()).all():
            connection.exec_driver_sql(f"DROP TABLE {other} CASCADE")
        if connection.exec_driver_sql("SELECT count(*) FROM casework_cases").scalar_one() > FEW:
            connection.exec_driver_sql(f"TRUNCATE {', '.join(names)}")
        else:
            connection.exec_driver_sql(";".join(f"DELETE FROM {name}" for name in names))  # noqa: S608 - names


def count_elsewhere(engine, *tables):
    """How many rows of each table a second process finds, which knows neither casework nor SQLAlchemy."""
    place = ("sqlite3", engine.url.database)
    if engine.dialect.name != "sqlite":
        place = ("psycopg", engine.url.set(drivername="postgresql").render_as_string(hide_password=False))
    done = subprocess.run([sys.executable, "-c", LOOK, *place, *tables], capture_output=True, text=True, check=True)
    return [int(count) for count in done.stdout.split()]
