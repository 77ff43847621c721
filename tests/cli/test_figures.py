"""The figures of a work summary, counted again by SQL. Nothing here imports casework."""

import json
import sqlite3
import subprocess
import sys
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

ROSTER = "examples/rosters/synthetic-school"
FIRST, LAST = date(2026, 9, 1), date(2027, 1, 20)
EPOCH = date(1970, 1, 1)


ALL_OF_THEM = """
import json, sys
from casework.cli import main
for line in json.load(sys.stdin):
    code = main(line)
    if code not in (0, 6):
        sys.exit(f"{line} ended with {code}")
    print(end="\\0")
"""


def casework(folder, lines):
    """Run commands in another process; the JSON of the last."""
    text = json.dumps([[*line.split(), "--dir", str(folder), "--json"] for line in lines])
    ended = subprocess.run([sys.executable, "-c", ALL_OF_THEM], input=text, capture_output=True, text=True, check=True)
    return json.loads(ended.stdout.split("\0")[-2])


@pytest.fixture(scope="module")
def school(tmp_path_factory, request):
    """A school in which some things were done, some missed, one child is in danger, one case closed."""
    folder = tmp_path_factory.mktemp("figures")
    lines = (
        "init --now 2026-09-01T08:00",
        f"import {request.config.rootpath / ROSTER} --as t.shen --now 2026-09-01T08:00",
        "identify --from-roll --as t.shen --now 2026-09-01T08:00",
        "pair --balance --as t.shen --now 2026-09-01T08:00",
        "record p-002 visit --reached --as t.li --now 2026-09-10T08:00",
        "record p-004 visit --not-reached --as t.li --now 2026-09-10T08:05",
        "record p-010 call --reached --as t.li --now 2026-09-10T08:06",
        "raise p-018 missing --as t.li --now 2026-09-10T08:10",
        "close p-023 --because moved_away --as t.lu --now 2026-09-10T08:20",
        "sweep --now 2026-10-09T08:00",
        "summary --as t.shen --now 2026-10-09T08:05",
    )
    return folder, casework(folder, lines)


@pytest.fixture
def count(school):
    """Ask the database; days are counted from 1970-01-01, instants are microseconds since then."""
    connection = sqlite3.connect(school[0] / "casework.db")
    yield lambda statement, *values: connection.execute(statement, values).fetchall()
    connection.close()


DAYS = ((FIRST - EPOCH).days, (LAST - EPOCH).days)


@pytest.mark.unmeasured
class TestFigures:
    def test_each_duty(self, school, count):
        """Of each duty as many are met, missed and so on as there are rows."""
        rows = count(
            "SELECT duty, status, count(*) FROM casework_obligations WHERE opens BETWEEN ? AND ? GROUP BY 1, 2", *DAYS
        )
        found = {
            (duty, status): n for duty, some in school[1]["obligations"].items() for status, n in some.items() if n
        }

        assert {(duty, status): n for duty, status, n in rows} == found
        assert {"met", "missed", "excused", "open"} <= {status for _, status in found}

    def test_required(self, school, count):
        """Everything that opened in the term is required."""
        assert count("SELECT count(*) FROM casework_obligations WHERE opens BETWEEN ? AND ?", *DAYS) == [
            (school[1]["totals"]["required"],)
        ]

    def test_children_by_state(self, school, count):
        """A case is escalated while an emergency is live, else in its stage."""
        rows = count(
            "SELECT CASE WHEN stage <> 'closed' AND EXISTS (SELECT 1 FROM casework_emergencies e"
            " WHERE e.school = c.school AND e.no = c.no AND e.state IN ('raised', 'acknowledged', 'responding'))"
            " THEN 'escalated' ELSE stage END, count(*) FROM casework_cases c WHERE stage <> '' GROUP BY 1"
        )

        assert dict(rows) == school[1]["states"]
        assert {"escalated", "closed", "paired", "monitored"} == set(school[1]["states"])

    def test_pupils_on_the_roll(self, school, count):
        """Pupils are those on the roll, and of them those whom the register's definition names."""
        rows = count("SELECT count(*), sum(left_behind IN ('one', 'both')) FROM casework_roll WHERE on_roll = 1")

        assert rows == [(school[1]["on_roll"], school[1]["named_by_definition"])]

    def test_activities(self, school, count):
        """Activities by kind, reached or not, without those declared void."""
        rows = count(
            "SELECT kind, sum(reached), sum(1 - reached) FROM casework_activities"
            " WHERE voided = '' AND day BETWEEN ? AND ? GROUP BY 1",
            *DAYS,
        )

        assert {kind: {"reached": a, "not_reached": b} for kind, a, b in rows} == school[1]["activities"]

    def test_emergencies(self, school, count):
        """Emergencies are those raised in the term, by the school's own midnight."""
        zone = ZoneInfo("Asia/Shanghai")
        since = int(datetime(2026, 9, 1, tzinfo=zone).timestamp() * 1_000_000)
        until = int(datetime(2027, 1, 21, tzinfo=zone).timestamp() * 1_000_000)
        rows = count(
            "SELECT kind, state FROM casework_emergencies WHERE raised_at >= ? AND raised_at < ?", since, until
        )

        assert [("missing", "raised")] == rows == [(e["kind"], e["state"]) for e in school[1]["emergencies"]]

    def test_missed(self, school, count):
        """What was missed, by duty, adds up to the rows that are missed."""
        rows = count(
            "SELECT duty, count(*) FROM casework_obligations"
            " WHERE status = 'missed' AND opens BETWEEN ? AND ? GROUP BY 1",
            *DAYS,
        )

        assert dict(rows) == {duty: sum(windows.values()) for duty, windows in school[1]["missed"].items()}
