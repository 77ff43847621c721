"""The views for programs beside casework: what they show, on both databases, to a driver that knows nothing else."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import create_engine, inspect

from casework.engine.port import Outgoing
from casework.store import SqlStore, migrate
from casework.store.migrations import VERSION_TABLE
from casework.store.views import VIEWS, drop_views, make_views
from casework.testing.contract_base import AT, change, put, record
from tests.store.story import tell_all
from tools import schema_page


@pytest.fixture
def viewed(engine):
    """A database with casework's tables and views."""
    with engine.begin() as connection:
        make_views(connection)
    return engine


def plain(value):
    """A value as text: dates and instants as SQLite has them, whatever the database's own kind."""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return str(value) if isinstance(value, date) else value


def rows(engine, view, **where):
    """The rows of a view as a driver's cursor gives them, by child and key, with the columns' names."""
    connection = engine.raw_connection()
    cursor = connection.cursor()
    cursor.execute(f"SELECT * FROM casework_v_{view}")  # noqa: S608 - a name of the test's
    names = [column[0] for column in cursor.description]
    found = [dict(zip(names, map(plain, row), strict=True)) for row in cursor.fetchall()]
    cursor.close()
    connection.close()
    chosen = [row for row in found if where.items() <= row.items()]
    return sorted(chosen, key=lambda row: [str(value) for value in row.values()])


class TestViews:
    def test_a_story_as_others_read_it(self, viewed, ring):
        """Each view shows the child's story in plain values."""
        tell_all(SqlStore(viewed, ring))
        who = {"school": "qinghe", "child": "s-17"}

        (case,) = rows(viewed, "cases", child="s-17")
        assert 36 == len(str(case.pop("case_id")))
        told = {
            "state": "escalated",
            "away": "both",
            "class_id": "3-2",
            "household": "h1",
            "boarder": 1,
            "lead": "t.li",
        }
        assert who | told == case
        kept = {"duty": "D10", "period": "2026-autumn:OPEN", "role": "lead", "status": "met", "act": "a1"}
        days = {"opens": "2026-09-14", "due": "2026-09-14", "closes": None, "settled_on": "2026-09-14", "because": None}
        assert [who | kept | days] == rows(viewed, "obligations", child="s-17", duty="D10")
        assert {("2026-09-14", person, 1, "2026-09-14T09:03:05Z", 0) for person in ("t.li", "dr")} == {
            (row["day"], row["person"], row["reached"], row["entered_at"], row["voided"])
            for row in rows(viewed, "activities", child="s-17")
        }
        assert [("harm", "raised", "2026-09-14T09:03:05Z", None, None)] == [
            (row["kind"], row["state"], row["raised_at"], row["acknowledged_by"], row["reviewed_at"])
            for row in rows(viewed, "emergencies", child="s-17")
        ]
        assert [("emergency", "lead", "t.li", "s-17", None)] == [
            (row["topic"], row["role"], row["person"], row["child"], row["facts"])
            for row in rows(viewed, "outbox", child="s-17")
        ]

    def test_who_must_not_know(self, viewed, ring):
        """Whoever is implicated stands there once for each child, however often."""
        tell_all(SqlStore(viewed, ring))

        assert [{"school": "qinghe", "child": child, "person": "uncle"} for child in ("s-17", "s-18")] == rows(
            viewed, "hidden"
        )

    def test_records_that_are_no_childs(self, viewed, ring):
        """Records of classes and of the school are left out; what they tell somebody is not."""
        put(SqlStore(viewed, ring), record("@3-1", stage=""))
        notice = Outgoing("k", "programme", "principal", "", "", AT)
        store = SqlStore(viewed, ring)
        with store.write():
            store.save("qinghe", [change(record("", stage=""), outgoing=[notice])])

        assert [] == rows(viewed, "cases")
        assert [("k", None, None)] == [
            (row["notice_key"], row["person"], row["child"]) for row in rows(viewed, "outbox")
        ]

    def test_columns_stand_in_the_order_that_is_promised(self, viewed):
        """Programs that count columns are safe as well."""
        for view in VIEWS:
            found = [column["name"] for column in inspect(viewed).get_columns(view.name)]

            assert [name for name, _, _ in view.columns] == found

    def test_nothing_sealed_nor_worrying_is_in_them(self, viewed, ring):
        """Neither references to sealed text nor concerns are shown."""
        shown = " ".join(made for view in VIEWS for _, made, _ in view.columns) + "".join(view.source for view in VIEWS)

        assert [] == [
            word for word in ("note", "words", "lessons", "mood", "concern", "contacts", "sealed") if word in shown
        ]


class TestMigrate:
    def test_the_views_come_with_the_tables(self, tmp_path):
        """They are there after migrate(), also where somebody took them away."""
        engine = create_engine(f"sqlite:///{tmp_path / 'new.db'}")
        for _ in range(2):
            migrate(engine)
            with engine.begin() as connection:
                names = inspect(connection).get_view_names()
                drop_views(connection)

            assert sorted(view.name for view in VIEWS) == sorted(names)
        engine.dispose()

    def test_who_may_read_them_may_still_after_a_release(self, postgres):
        """On PostgreSQL what was granted on a view stays granted."""
        with postgres.begin() as connection:
            connection.exec_driver_sql("CREATE ROLE php")
            connection.exec_driver_sql("GRANT SELECT ON casework_v_cases TO php")
        migrate(postgres)
        allowed = "SELECT has_table_privilege('php', '{}', 'SELECT')"
        with postgres.begin() as connection:
            found = [
                connection.exec_driver_sql(allowed.format(name)).scalar_one()
                for name in ("casework_v_cases", "casework_cases")
            ]
            connection.exec_driver_sql("DROP OWNED BY php")
            connection.exec_driver_sql("DROP ROLE php")

        assert [True, False] == found


class TestPage:
    def test_the_page_says_what_there_is(self):
        """docs/schema.md names every view and table as they are."""
        page = schema_page.PAGE.read_text(encoding="utf-8")

        assert schema_page.written(page) == page, "tables or views changed; run `python tools/schema_page.py`"
        assert ["views", "tables"] == schema_page.named(page)

    def test_every_table_is_spoken_of(self):
        """Each table has its sentence, and no sentence is without its table."""
        assert {table.name for table in schema_page.TABLES.all()} == {f"casework_{name}" for name in schema_page.SAYS}
        assert VERSION_TABLE in schema_page.PAGE.read_text(encoding="utf-8")
