"""Beside a PHP host: another program on the same database reads the views, and gives commands by the command line.

Run it with `python beside.py [URL]`, with a database that holds nothing yet: postgresql://…, or SQLite in a folder of
its own. It plays the part of `pupil.php`: it knows its driver and the queries that stand beside it, and imports no
casework. It needs `casework[cli,postgres]`.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from sqlite3 import connect as open_sqlite
from tempfile import TemporaryDirectory
from typing import Any

from psycopg import connect as open_postgres

HERE = Path(__file__).parent
NOW = "2026-09-21T08:00"


class School:
    """The school's own program: a connection of its own, and a folder in which `casework` works."""

    def __init__(self, url: str, folder: str) -> None:
        self.folder = folder
        self.url = url or f"sqlite:///{Path(folder, 'school.db')}"
        self.server = not self.url.startswith("sqlite")

    def casework(self, *arguments: str, now: str = NOW) -> dict[str, Any]:
        """Give one command; what it answers."""
        command = [sys.executable, "-m", "casework.cli", *arguments, "--now", now, "--json"]
        surroundings = os.environ | {"CASEWORK_DATABASE": self.url}
        ended = subprocess.run(  # noqa: S603 - an argument list, never a shell
            command, cwd=self.folder, env=surroundings, capture_output=True, text=True, check=False
        )
        if ended.returncode:
            raise SystemExit(ended.stdout + ended.stderr)
        answer: dict[str, Any] = json.loads(ended.stdout)
        return answer

    def ask(self, query: str, **values: str) -> list[tuple[Any, ...]]:
        """The rows of a query, as the driver gives them; each in a transaction of its own."""
        connection: Any = open_postgres(self.plain()) if self.server else open_sqlite(self.url.partition(":///")[2])
        text = re.sub(r":(\w+)", r"%(\1)s", query) if self.server else query
        try:
            cursor = connection.cursor()
            cursor.execute(text, values)
            found = cursor.fetchall() if cursor.description else []
            connection.commit()
        finally:
            connection.close()
        return [tuple(map(str, row)) for row in found]

    def plain(self) -> str:
        """The database as the driver writes it."""
        return self.url.replace("+psycopg", "")


def main(url: str = "") -> None:
    """Set up the school, take on two children, and read what is there."""
    with TemporaryDirectory() as folder:
        tell(School(url, folder))


def tell(school: School) -> None:
    """What happens, and what the school's own program finds."""
    school.casework("init", "--school", "qinghe", now="2026-09-01T08:00")
    school.ask("CREATE TABLE pupil (id VARCHAR(20) PRIMARY KEY, name VARCHAR(64) NOT NULL, class VARCHAR(20) NOT NULL)")

    print("A pupil: the school's row first, then the command, under a key:")
    new = "INSERT INTO pupil (id, name, class) VALUES (:id, :name, :class) ON CONFLICT (id) DO NOTHING"
    for _ in range(2):  # the browser sends the form twice
        school.ask(new, id="s-17", name="Xiaoyu", **{"class": "3-1"})
        done = school.casework("identify", "s-17", "--away", "both", "--as", "t.li", "--key", "new-s-17")
        print(f"  {done['child']}: {done['state']}, repeated: {done['repeated']}")
    school.casework("pair", "s-17", "--lead", "t.li", "--as", "t.li")

    print("What Li owes as lead helper, by the view:")
    for name, duty, due in school.ask((HERE / "owed.sql").read_text("utf-8"), school="qinghe", me="t.li"):
        print(f"  {name}: {duty} by {due}")

    print("All that Li owes today, by the command:")
    for line in school.casework("today", "--as", "t.li")["lines"]:
        print(f"  {line['child']}: {line['duty']} by {line['deadline']}")

    print("The classes, on the last day of October:")
    for row in school.ask((HERE / "classes.sql").read_text("utf-8"), school="qinghe", today="2026-10-31"):
        print("  class {}: {}, {} child, {} past their day".format(*row))


if __name__ == "__main__":
    main(*sys.argv[1:])
