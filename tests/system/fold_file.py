"""A program of its own: folds every history of an SQLite file and compares with the stored rows.

Prints the number of records that were compared; ends with 1, naming them, where some differ.
"""

import sys

from casework.engine.evolve import fold
from casework.model.case import Case
from casework.store import KeyRing, SqlStore, open_engine


def differing(path, school):
    """The number of records, and those whose stored rows are not what their history says."""
    engine = open_engine(path)
    store = SqlStore(engine, KeyRing.without_secrecy())
    histories = {}
    with store.read():
        for child, entry in store.histories(school):
            histories.setdefault(child, []).append(entry)
        stored = store.load(school, list(histories))
    engine.dispose()
    return len(histories), [c for c, entries in histories.items() if stored[c] != fold(Case(school, c), entries)]


if __name__ == "__main__":
    count, wrong = differing(*sys.argv[1:])
    print(count, *wrong)  # noqa: T201 - its answer
    sys.exit(bool(wrong))
