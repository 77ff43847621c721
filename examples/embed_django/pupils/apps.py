"""The application: `python manage.py migrate` makes Django's tables, then casework's."""

from django.apps import AppConfig
from django.db import connections, transaction
from django.db.models.signals import post_migrate

from casework.store import migrate


class Pupils(AppConfig):
    """The pupils of a school."""

    name = "pupils"

    def ready(self) -> None:
        """Let casework's tables follow those of Django, in every database that is migrated, that of the tests too."""
        post_migrate.connect(migrate_casework, sender=self)


def migrate_casework(using: str, **_: object) -> None:
    """Bring casework's tables to the release that is installed, in one transaction."""
    with transaction.atomic(using):
        migrate(connections[using].connection)
