"""Alembic's entry: runs the revisions on the connection that `casework.store.migrations.migrate` gives."""

from alembic import context

from casework.store.columns import PREFIX

context.configure(
    connection=context.config.attributes["connection"],
    version_table=f"{PREFIX}schema_version",
    transaction_per_migration=False,
)
context.run_migrations()
