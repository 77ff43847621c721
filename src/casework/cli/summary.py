"""``summary``: the work summary of a term in Markdown (D43)."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from casework import Term
from casework.cli.account import Account, account_of, timeline
from casework.cli.answer import Answer, plain
from casework.cli.exits import WrongUsage
from casework.cli.identifying import MEANS
from casework.cli.opening import opened, person_of
from casework.cli.options import BY, Flag, Somebody
from casework.cli.render import line, local, seen
from casework.cli.statistics_shown import data as statistics_data
from casework.model.calendar import Calendar
from casework.model.gathering import ABSENT, PRESENT

if TYPE_CHECKING:
    from casework.cli.office import Office

COLUMNS = ("met", "met_late", "missed", "excused", "superseded", "open")


def summary(
    *,
    term: Annotated[
        str, Parameter(help="the term's id; the present one, else the last that began, if it is left out")
    ] = "",
    out: Annotated[str, Parameter(help="write the Markdown into this file")] = "",
    district: Annotated[Flag, Parameter(help="for the district: counts alone, small ones hidden")] = False,
    by: Somebody = BY,
) -> Answer:
    """The school's account of a term: required, met, missed; what was done; emergencies from report to review."""
    person = person_of(by)
    with opened(by) as office:
        chosen = chosen_term(office.calendar, term, office.today)
        if district:
            facts, text = for_district(office, person, chosen)
        else:
            found = account_of(office, office.desk(person), chosen)
            facts, text = data(found), markdown(found, office.calendar.zone)
    if not out:
        return Answer(facts, text=text)
    try:
        Path(out).write_text(text, encoding="utf-8")
    except (OSError, ValueError):
        raise WrongUsage("the file of --out cannot be written; name a file in a folder of yours") from None
    return Answer(facts | {"file": out}, (line(f"the work summary of {chosen.id} is in {out}"),))


def for_district(office: "Office", person: str, term: Term) -> tuple[dict[str, object], str]:
    """What of the account may leave the school, as JSON knows it and as a page: counts, small ones hidden."""
    from casework.interchange.statistics import statistics  # noqa: PLC0415 - asked for seldom

    found = statistics([office.desk(person).counts(term.first, term.last)])
    lines = [
        f"# Counts for the district: {_cell(office.school)}, {_cell(term.id)}",
        "",
        f"From {term.first} to {term.last}, as of {office.today}; counts under 5 are hidden (·), and others with them.",
        "",
    ]
    for name in ("cases", "obligations", "emergencies"):
        part = getattr(found, name)
        rows = [(row or "**all**", *("·" if n is None else n for n in part.line(row))) for row in (*part.rows, "")]
        lines += [f"## {name.capitalize()}", "", *_table((name, *part.columns, "all"), rows)]
    return {"term": term.id, **statistics_data(found)}, "\n".join(lines)


def chosen_term(calendar: Calendar, name: str, today: date) -> Term:
    """The term of that id; without one the present, else the last that began."""
    terms = calendar.terms
    if not terms:
        raise WrongUsage("casework.toml holds no [[term]]; write the school's terms into it, then casework apply")
    if name:
        found = next((term for term in terms if term.id == name), None)
        if found is None:
            raise WrongUsage(f"there is no such term; casework.toml holds {', '.join(term.id for term in terms)}")
        return found
    begun = [term for term in terms if term.first <= today]
    return begun[-1] if begun else terms[0]


def data(found: Account) -> dict[str, object]:
    """The account as JSON knows it."""
    emergencies = [
        {"id": e.id, "kind": e.kind, "state": e.state, "timeline": plain(timeline(e))} for e in found.emergencies or ()
    ]
    return {
        "school": found.school,
        "term": found.term,
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "as_of": found.as_of.isoformat(),
        "policy": {"id": found.policy.id, "version": found.policy.version, "hash": found.policy.hash},
        "definition": found.policy.definition,
        "definition_means": MEANS[found.policy.definition],
        "on_roll": found.on_roll,
        "named_by_definition": found.named_by_definition,
        "undecided": found.undecided,
        "states": dict(found.states),
        "obligations": plain(found.duties),
        "totals": found.totals(),
        "missed": plain(found.missed),
        "activities": plain(found.activities),
        "emergencies": None if found.emergencies is None else emergencies,
        "programme": found.programme,
        "gatherings": [
            {"id": g.id, "kind": g.kind, "on": g.on.isoformat(), "classes": list(g.classes)}
            | {there: len(g.of(there)) for there in (PRESENT, ABSENT)}
            for g in found.gatherings
        ],
    }


def markdown(found: Account, zone: ZoneInfo) -> str:
    """The account as a page."""
    titles = {duty.id: duty.title for duty in found.policy.duties}
    totals = found.totals()
    lines = [
        f"# Work summary: {_cell(found.school)}, {_cell(found.term)}",
        "",
        f"From {found.first} to {found.last}, as of {found.as_of}.",
        *([f"The programme of the term is {found.programme}."] if found.programme else []),
        f"Policy {_cell(found.policy.id)} {_cell(found.policy.version)} (`{found.policy.hash[:12]}`).",
        "",
        f"Definition of who is in scope: **{found.policy.definition}**, {MEANS[found.policy.definition]}.",
        "",
        "## Pupils",
        "",
        f"- pupils on the roll: {found.on_roll}",
        f"- of them named by the definition: {found.named_by_definition}",
        *([f"- to be decided by a person: {found.undecided}"] if found.undecided else []),
        "",
        *_table(("state of the case", "children"), [(state, n) for state, n in found.states.items()]),
        "## Duties",
        "",
        "What opened in the term. Required = met + met late + missed + excused + superseded + open.",
        "",
        *_table(
            ("duty", "what", "required", *(name.replace("_", " ") for name in COLUMNS)),
            [
                *(
                    (duty, titles.get(duty, ""), sum(n.values()), *(n[name] for name in COLUMNS))
                    for duty, n in found.duties.items()
                ),
                ("**all**", "", totals["required"], *(totals[name] for name in COLUMNS)),
            ],
        ),
        "## What was done",
        "",
        *_table(
            ("activity", "reached", "not reached"),
            [(kind, n["reached"], n["not_reached"]) for kind, n in found.activities.items()],
        ),
        *_gatherings(found),
        "## What was missed",
        "",
        *_missed(found, titles),
        "## Emergencies",
        "",
        *_emergencies(found, zone),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _gatherings(found: Account) -> list[str]:
    if not found.gatherings:
        return []
    rows: list[tuple[object, ...]] = [
        (g.kind, g.on, " ".join(g.classes), len(g.of(PRESENT)), len(g.of(ABSENT))) for g in found.gatherings
    ]
    return ["## Gatherings", "", *_table(("gathering", "on", "classes", "present", "absent"), rows)]


def _missed(found: Account, titles: dict[str, str]) -> list[str]:
    rows: list[tuple[object, ...]] = [
        (duty, titles.get(duty, ""), window, count)
        for duty, windows in found.missed.items()
        for window, count in windows.items()
    ]
    return _table(("duty", "what", "window", "children"), rows) if rows else ["Nothing.", ""]


def _emergencies(found: Account, zone: ZoneInfo) -> list[str]:
    if found.emergencies is None:
        return ["Not for whoever asked for this page: ask who may read emergencies for it.", ""]
    if not found.emergencies:
        return ["None was reported in the term.", ""]
    lines = [f"{len(found.emergencies)} reported in the term; times are those of the school ({zone.key}).", ""]
    for e in found.emergencies:
        lines += [f"### {_cell(e.kind)} ({e.id}): {e.state.replace('_', ' ')}", ""]
        lines += [
            f"- {local(step.at, zone)} {_cell(step.what)}{f' ({_cell(step.who)})' if step.who else ''}"
            for step in timeline(e)
        ]
        lines.append("")
    return lines


def _table(columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> list[str]:
    """A Markdown table, with an empty line after it."""
    widths = ["---:" if rows and all(isinstance(row[k], int) for row in rows) else "---" for k in range(len(columns))]
    head = [f"| {' | '.join(columns)} |", f"| {' | '.join(widths)} |"]
    return [*head, *(f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows), ""]


def _cell(value: object) -> str:
    """A value within a table or a line: no bars, no line ends, no tags."""
    return seen(value).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
