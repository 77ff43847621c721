"""How this project runs a request, for `casework.testing.host_contract`."""

from collections.abc import Callable

from django.db import connection, transaction
from sqlalchemy import URL

from casework.store import SqlStore
from pupils import care
from pupils.models import Student


class DjangoHost:
    """A request in one `transaction.atomic()`, as ATOMIC_REQUESTS has it, and what it writes there."""

    table, column = "pupils_student", "id"

    @property
    def url(self) -> str:
        """The database on which the project works now: in a test, that of the test."""
        at = connection.settings_dict
        if connection.vendor == "sqlite":
            return f"sqlite:///{at['NAME']}"
        where = {"host": at["HOST"]} if at["HOST"] else {}
        found = URL.create("postgresql+psycopg", at["USER"] or None, at["PASSWORD"] or None, query=where)
        return found.set(database=at["NAME"]).render_as_string(hide_password=False)

    def transaction(self, work: Callable[[None], object]) -> None:
        """One request."""
        with transaction.atomic():
            work(None)

    def savepoint(self, _: None, work: Callable[[], object]) -> None:
        """A savepoint: what `atomic` is within `atomic`."""
        with transaction.atomic():
            work()

    def store(self, _: None) -> SqlStore:
        """The store, as the project makes it."""
        return care.store()

    def insert(self, _: None, name: str) -> None:
        """A pupil."""
        Student.objects.create(id=name, name=name)

    def select(self, _: None) -> object:
        """Any pupil."""
        return Student.objects.first()
