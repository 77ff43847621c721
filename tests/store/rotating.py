"""A program that rotates keys and is killed at it, again and again: `python -m tests.store.rotating FILE RING KILLS`.

Each attempt is a process of its own that sends itself SIGKILL at a statement or commit drawn by chance. After each the
file is looked at as a whole. Prints how many were killed, how many rotations were finished, and what was found.
"""

import json
import os
import random
import signal
import sys
from datetime import UTC, datetime, timedelta

from sqlalchemy import create_engine

from casework.store import KeyRing, SqlStore, ring_file, rotation
from casework.store.verify import verify
from casework.testing.contract_base import SCHOOL

START = datetime(2026, 11, 1, tzinfo=UTC)
MOST = 80


def store_on(path, ring):
    """A store on the file, and its engine."""
    engine = create_engine(f"sqlite:///{path}")
    return SqlStore(engine, KeyRing.load(ring)), engine


def attempt(path, ring, at, moment):
    """Rotate everything; the process kills itself at that moment, counted over statements, commits and ring files."""
    store, engine = store_on(path, ring)
    left = moment

    def counted(real):
        def call(*given, **named):
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*given, **named)

        return call

    for name in ("do_execute", "do_executemany", "do_commit"):
        setattr(engine.dialect, name, counted(getattr(engine.dialect, name)))
    if moment < sys.maxsize:
        for name in ("fsync", "replace"):
            setattr(os, name, counted(getattr(os, name)))
    if len(KeyRing.load(ring).keys) < 2:
        ring_file.add_key(ring)
    rotation.rewrap(store, chunk=2)
    rotation.renew(store, before=at, at=at, chunk=1)
    for number in [n for n in store.keyring.keys if n != store.keyring.active]:
        rotation.retire(store, number)


def main(path, ring, kills):
    """Be killed so many times."""
    chance = random.Random(7)  # noqa: S311 - moments, no secrets
    attempt(path, ring, START - timedelta(days=1), sys.maxsize)
    killed = finished = 0
    found = []
    while killed < kills:
        at = START + timedelta(days=finished)
        pid = os.fork()
        if not pid:
            attempt(path, ring, at, chance.randrange(MOST))
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            killed += 1
        elif status:
            found.append(f"ended with {status}")
            break
        else:
            finished += 1
        store, engine = store_on(path, ring)
        found += [str(finding) for finding in verify(store, SCHOOL).findings]
        engine.dispose()
        if found:
            break
    sys.stdout.write(json.dumps({"killed": killed, "finished": finished, "found": found}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
