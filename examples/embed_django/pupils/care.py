"""casework within this project: made once, and a desk for each request, on Django's own connection."""

from datetime import date
from functools import cache

from django.conf import settings
from django.db import connection

from casework import Calendar, Casework, Desk, Principal, School, Term, load_policy
from casework.store import KeyRing, SqlStore

AUTUMN = Term("2026-autumn", date(2026, 9, 1), date(2027, 1, 22), holidays=[(date(2026, 10, 1), date(2026, 10, 7))])


@cache
def casework() -> Casework:
    """What lives as long as the application, made the first time."""
    calendar = Calendar([AUTUMN], tz="Asia/Shanghai")
    return Casework(School("qinghe", policy=load_policy("town-primary"), calendar=calendar), clock=settings.CLOCK)


@cache
def keyring() -> KeyRing:
    """The key ring, made the first time."""
    return KeyRing.load(settings.KEYS) if settings.KEYS.exists() else KeyRing.create(settings.KEYS)


def store() -> SqlStore:
    """The store in Django's transaction: whoever asks for it stands within `transaction.atomic()`."""
    return SqlStore(connection.connection, keyring())


def desk(person: str) -> Desk:
    """The desk of whoever is signed in."""
    return Desk(casework(), store(), school="qinghe", principal=Principal(person, roles=["class_teacher"]))
