"""A process that sweeps: `python -m tests.system.sweeper URL [stop]`; it says what it settled.

With ``stop`` it stops before its first commit that stores anything, says so, and waits to be killed.
"""

import sys
import time

from casework import sweep
from casework.store import KeyRing, SqlStore, doors, open_engine
from casework.store.again import Patience
from tests.system.world import DAY, MORNING, make_casework

LATER = MORNING + 30 * DAY
CHUNK = 20
IMPATIENT = Patience(pauses=())
"""Nothing is tried again, so that whoever had to wait, or lost a race, is seen."""


def sweeper(engine):
    """Sweep once, a month later; what was done."""
    return sweep(make_casework(at=LATER), SqlStore(engine, RING, patience=IMPATIENT), chunk=CHUNK)


RING = KeyRing.without_secrecy()


def stop(connection):
    """Stand still with all that was claimed and written, if anything was."""
    if connection.exec_driver_sql("SELECT pg_current_xact_id_if_assigned()").scalar_one() is not None:
        print("claimed", flush=True)  # noqa: T201 - what the test waits for
        time.sleep(600)


def main(url, *how):
    """Sweep, and print how many were settled and written."""
    if how:
        doors._commit = stop
    report = sweeper(open_engine(url))
    print(report.settled, report.written, len(report.broken))  # noqa: T201 - what the test reads


if __name__ == "__main__":
    main(*sys.argv[1:])
