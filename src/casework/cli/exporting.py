"""What leaves the school: ``export`` of a term's tables, and ``statistics`` in which small counts are hidden."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import RenderableType

from casework.cli.answer import Answer
from casework.cli.exits import Absent, WrongUsage
from casework.cli.opening import opened, person_of
from casework.cli.options import BY, DOING, Flag, Somebody, Writer
from casework.cli.render import heading, line
from casework.cli.statistics_shown import data, shown_table
from casework.cli.summary import chosen_term

TermId = Annotated[str, Parameter(help="the term's id; the present one, else the last that began, if it is left out")]
LONGEST_KEY = 1024


def export(
    out: Annotated[str, Parameter(help="a folder for CSV files, or a file that ends in .xlsx")],
    *,
    term: TermId = "",
    named: Annotated[Flag, Parameter(help="with ids and days as they are; needs a permission and --reason")] = False,
    reason: Annotated[str, Parameter(help="with --named: why, as a code; it stands in the history")] = "",
    key_file: Annotated[
        str, Parameter(help="make the pseudonyms with this file, to join this export with another")
    ] = "",
    by: Writer = DOING,
) -> Answer:
    """Export a term: cases, obligations, activities, counts of emergencies; under pseudonyms, unless --named."""
    from casework.interchange.export import fresh_key, write_csv, xlsx_of  # noqa: PLC0415 - once the line is read

    if named != bool(reason):
        raise WrongUsage("--named and --reason go together: say why ids leave the school, as in --reason court_order")
    if named and key_file:
        raise WrongUsage("--key-file is for pseudonyms; leave it out with --named")
    person = person_of(by)
    target = Path(out)
    if (target.is_file() and target.suffix == ".xlsx") or any(target.glob("*.csv")):
        raise WrongUsage("an export stands there already; name another folder or file, so that none is written over")
    key = _key(key_file) if key_file else fresh_key()
    with opened(by) as office:
        chosen = chosen_term(office.calendar, term, office.today)
        desk = office.desk(person)
        if named:
            found = desk.export_named(chosen.first, chosen.last, reason=reason)
        else:
            found = desk.export(chosen.first, chosen.last, key=key)
    try:
        if target.suffix == ".xlsx":
            target.write_bytes(xlsx_of(found))
            files = [target]
        else:
            files = list(write_csv(found, target))
    except OSError:
        raise WrongUsage("the export cannot be written there; name a folder or a file in a folder of yours") from None
    rows = {sheet.name: len(sheet.rows) for sheet in found.sheets}
    facts = {"term": chosen.id, "named": named, "files": [str(path) for path in files], "rows": rows}
    how = "with ids as they are" if named else "under pseudonyms"
    shown = [line(f"{chosen.id} {how}: {', '.join(f'{n} {name}' for name, n in rows.items())}")]
    return Answer(facts, [*shown, *(line(f"  {path}") for path in files)])


def _key(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(LONGEST_KEY)
    except OSError:
        raise Absent("the file of --key-file cannot be read; name one that holds at least 16 random bytes") from None


def statistics(*, term: TermId = "", by: Somebody = BY) -> Answer:
    """Counts that may leave the school: by class and state, duty and status; small ones are hidden."""
    from casework.interchange.statistics import statistics as suppressed  # noqa: PLC0415 - once the line is read

    person = person_of(by)
    with opened(by) as office:
        chosen = chosen_term(office.calendar, term, office.today)
        found = suppressed([office.desk(person).counts(chosen.first, chosen.last)])
    shown: list[RenderableType] = [heading(f"{chosen.id}: counts under 5 are hidden, and others with them")]
    shown += [shown_table(name, getattr(found, name)) for name in ("cases", "obligations", "emergencies")]
    return Answer({"term": chosen.id, **data(found)}, shown)
