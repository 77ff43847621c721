"""The project's own tests: `python manage.py test`."""

from django.core.management import call_command
from django.db import connection
from django.test import TestCase, TransactionTestCase

from casework.errors import HostTransactionError
from casework.store import SqlStore
from casework.testing import HostContractBroken, host_contract
from pupils import care
from pupils.hosts import DjangoHost


class CommittingHost(DjangoHost):
    """A host that is made to commit."""

    def store(self, _: None) -> SqlStore:
        """The store, after a commit that nobody asked for."""
        connection.connection.commit()
        if connection.vendor == "sqlite":  # elsewhere the driver begins by itself
            connection.connection.execute("BEGIN")
        return super().store(_)


class TestMigrations(TestCase):
    def test_nothing_is_left_to_migrate(self) -> None:
        """Django's migrations are those of its own models, whatever casework's tables are."""
        call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


class TestAtomic(TransactionTestCase):
    """Not a TestCase: that would keep a transaction of its own around everything."""

    def test_rows_live_and_die_together(self) -> None:
        """The project keeps every promise of a host."""
        host_contract(DjangoHost())

    def test_a_commit_in_between_is_found(self) -> None:
        """The proof would find a project that commits early."""
        found = r"(?s)neither_row_outlives_a_failure.*\+1 in pupils_student"
        with self.assertRaisesRegex(HostContractBroken, found):
            host_contract(CommittingHost())

    def test_outside_of_a_transaction(self) -> None:
        """Without a transaction casework says which one to open."""
        connection.ensure_connection()
        with self.assertRaisesRegex(HostTransactionError, r"open transaction\.atomic\(\) first"):
            care.desk("t.li").today()
