"""A database as the release before left it, whose children had one key each."""

from attrs import evolve

from casework.store import KeyRing
from casework.store.sealed import ChildKey
from tests.store.test_migrations import move


def with_one_key(engine, ring):
    """Seal every text by the key that references are made with, as it was before there was another."""
    with engine.begin() as connection:
        children = connection.exec_driver_sql(
            "SELECT k.no, s.name, c.child, k.ring, k.wrapped, k.generation, k.content, k.since FROM casework_keys k "
            "JOIN casework_cases c ON c.school = k.school AND c.no = k.no "
            "JOIN casework_schools s ON s.school = k.school"
        ).fetchall()
        for no, school, child, *stored in children:
            key = ChildKey.unwrap(ring, school, child, *stored)
            before = evolve(key, generation=0, content=None, since=0)
            texts = connection.exec_driver_sql(
                "SELECT ref, kind, nonce, ciphertext FROM casework_sealed WHERE no = ?", (no,)
            ).fetchall()
            for ref, kind, nonce, text in texts:
                new = before.seal(kind, ref, key.open(kind, ref, nonce, text))
                connection.exec_driver_sql(
                    "UPDATE casework_sealed SET nonce = ?, ciphertext = ? WHERE no = ? AND ref = ?", (*new, no, ref)
                )
            connection.exec_driver_sql(
                "UPDATE casework_keys SET wrapped = ?, generation = 0, content = x'', since = 0 WHERE no = ?",
                (before.wrap(ring), no),
            )


def left_by(engine, ring_path, release):
    """Bring a database back to the tables of that release."""
    with_one_key(engine, KeyRing.load(ring_path))
    move(engine, release, upgrade=False)
