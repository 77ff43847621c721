"""Write the views and tables of `docs/schema.md` again from what the store declares: `python tools/schema_page.py`."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Table

from casework.store import default_tables
from casework.store.views import VIEWS, View

PAGE = Path(__file__).parents[1] / "docs" / "schema.md"
TABLES = default_tables()

SAYS = {
    "schools": "the school's name and number, and the settings that were applied",
    "cases": "one row for each record: a child's, a class's, the school's own",
    "spans": "intervals: when the case was open, when the child boarded",
    "pairings": "who led when, and with whom",
    "contacts": "the contact card; names, phones and addresses are references to `casework_sealed`",
    "marks": "dated facts",
    "activities": "what was done",
    "concerns": "what worries",
    "obligations": "what is owed",
    "emergencies": "emergencies and their steps",
    "glasses": "broken glass: who read a case that is not theirs, who was told, and what was found",
    "notices": "who was told of an emergency",
    "calls": "calls to the outside",
    "referrals": "what was referred",
    "consents": "who consented to a referral, in what capacity, and who withdrew it",
    "sessions": "sessions held with a specialist; notes are references to `casework_sealed`",
    "plans": "what was planned in a referral, and when it is reviewed",
    "told": "who was told of a referral",
    "screenings": "named instruments and their scores",
    "gatherings": "collective events: meetings, symposiums, examinations",
    "attendance": "who was at a gathering, and who was not",
    "awaited": "records that have still to take up what a gathering says of them",
    "programmes": "where the programme of each term stands",
    "measures": "what was measured, once more and for questions alone",
    "signatures": "who signed which version of a letter of responsibility",
    "holds": "legal holds: who placed them, why, and who released them",
    "purposes": "who consented to what else, in what capacity, and who withdrew it",
    "retention": "what was decided when a closed case need no longer be kept",
    "moves": "transfers between schools, records that were merged",
    "flags": "what rules flagged",
    "failures": "rules that are quarantined for a record",
    "implicated": "who must not know, and because of which item",
    "entries": "the history",
    "sealed": "sealed text",
    "keys": "each child's key, wrapped by the key ring",
    "reads": "who opened what",
    "identities": "identity numbers, as references to `casework_sealed`",
    "lookups": "keyed digests of phones and identity numbers, by which a child is found",
    "indexes": "each school's key for `casework_lookups`, wrapped by the key ring",
    "erasures": "who asked that a child's texts be destroyed, and who did it",
    "outbox": "who must be told what",
    "unreached": "notices of emergencies that were given up, by their place in `casework_notices`",
    "waiting": "rows of `casework_outbox` that are in no letter yet, and when they are looked at",
    "deliveries": "letters by sink: what has come of them, who holds them, when they are tried again",
    "roll": "the pupils of the last roster",
    "staff": "the staff of the last roster",
}
"""What each table holds."""

_PART = re.compile(r"(?ms)^<!-- made: (?P<name>\w+) -->\n.*?^<!-- end -->$")


def _view(view: View) -> Iterator[str]:
    yield f"### {view.name}\n\n{view.says[:1].upper()}{view.says[1:]}.\n\n| column | is |\n|---|---|"
    yield from (f"| `{name}` | {says} |" for name, _, says in view.columns)
    yield ""


def _table(table: Table) -> str:
    key = [column.name for column in table.primary_key]
    rest = [column.name for column in table.c if column.name not in key]
    says = SAYS[table.name.removeprefix("casework_")]
    return f"| `{table.name}` | {says} | {', '.join(key)} | {', '.join(rest)} |"


def _parts() -> dict[str, str]:
    views = "\n".join(line for view in VIEWS for line in _view(view))
    tables = "\n".join(["| table | holds | key | other columns |\n|---|---|---|---|", *map(_table, TABLES.all())])
    return {"views": views, "tables": f"{tables}\n"}


def written(page: str) -> str:
    """Return the page with everything between `<!-- made: NAME -->` and `<!-- end -->` as the store declares it."""
    parts = _parts()
    return _PART.sub(lambda found: f"<!-- made: {found['name']} -->\n\n{parts[found['name']]}\n<!-- end -->", page)


def named(page: str) -> list[str]:
    """Return the names of the parts that are made, in the page's order."""
    return [found["name"] for found in _PART.finditer(page)]


def main() -> int:
    """Write the page; 0 if it was as it should be, 1 if it changed."""
    before = PAGE.read_text(encoding="utf-8")
    after = written(before)
    PAGE.write_text(after, encoding="utf-8")
    print(f"{PAGE.name}: {'as the store declares it' if before == after else 'written again'}")
    return int(before != after)


if __name__ == "__main__":
    sys.exit(main())
