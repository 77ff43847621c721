"""``deliver``: send what waits, list what did not arrive, let it be tried again.

Sending acts for the machine, like ``sweep``: it prints counts. Whose letters did not arrive somebody asks, by name.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

from cyclopts import Parameter
from rich.console import RenderableType

from casework.cli import exits
from casework.cli.answer import Answer
from casework.cli.exits import Absent, SchoolFileRefused, WrongUsage
from casework.cli.opening import opened, person_of
from casework.cli.options import BY, Flag, Somebody
from casework.cli.render import heading, line, local, table, warning
from casework.errors import WrongValue

if TYPE_CHECKING:
    from casework import DeadLetter, Letter
    from casework.cli.office import Office

WATCHING = frozenset(("office", "safeguarding_lead", "principal"))
"""The seats whose list of the day says what did not arrive."""
THEN = "casework deliver --told LETTER, or mend it and --again LETTER"


def deliver(
    *,
    dead: Annotated[Flag, Parameter(help="list the letters that did not arrive; needs --as")] = False,
    again: Annotated[str, Parameter(help="let this letter be tried again; needs --as")] = "",
    told: Annotated[
        str, Parameter(help="its person was told otherwise: take this letter off the list; needs --as")
    ] = "",
    by: Somebody = BY,
) -> Answer:
    """Send the notices that wait, emergencies first, as [delivery] of casework.toml says. Run it every minute."""
    if bool(dead) + bool(again) + bool(told) > 1:
        raise WrongUsage("--dead lists, --again tries again, --told takes off the list: say one of them")
    if dead or again or told:
        person = person_of(by)
        with opened(by) as office:
            if told:
                return _told(office, person, told)
            return _again(office, person, again) if again else _dead(office, person)
    from casework.engine.deliver import deliver as engine_deliver  # noqa: PLC0415 - loaded once the line is read

    with opened(by) as office:
        sinks = _sinks(office, Path(by.dir))
        hours = office.file.delivery.hours
        done = engine_deliver(office.casework, office.store, sinks, school=office.school, hours=hours)
    names = ("packed", "tried", "delivered", "failed", "dead", "withheld", "stale", "climbed")
    facts = {name: getattr(done, name) for name in names}
    facts |= {"letters": [id_ for _, id_ in done.ids], "broken": [{"child": c, "error": e} for _, c, e in done.broken]}
    what = f"{done.delivered} letters delivered, {done.failed} to be tried again"
    shown = [line(what if done.tried else "no letter waited")]
    if done.climbed:
        shown.append(warning(f"{done.climbed} ladders climbed, since nobody of a rung could be reached"))
    if done.dead:
        shown.append(warning(f"{done.dead} letters did not arrive: casework deliver --dead --as PERSON"))
    shown += [warning(f"record {child} could not be told so: {error}") for _, child, error in done.broken]
    return Answer(facts, shown, exits.LEFT if done.dead or done.broken else exits.DONE)


def _dead(office: "Office", person: str) -> Answer:
    found = office.desk(person).dead_letters()
    shown = dead_listed(found, office.calendar.zone) or [line("every letter arrived, or is on its way")]
    return Answer({"dead_letters": dead_facts(found)}, shown)


def _again(office: "Office", person: str, letter: str) -> Answer:
    count = office.desk(person).deliver_again(letter)
    return Answer(
        {"letter": letter, "sinks": count}, (line(f"{letter} is tried again by the next `casework deliver`"),)
    )


def _told(office: "Office", person: str, letter: str) -> Answer:
    count = office.desk(person).told_otherwise(letter)
    return Answer({"letter": letter, "sinks": count}, (line(f"{letter} is off the list"),))


def dead_facts(found: "Sequence[DeadLetter]") -> list[dict[str, Any]]:
    """What JSON says of letters that did not arrive."""
    return [
        {
            "letter": one.id,
            "sink": one.sink,
            "person": one.person,
            "urgent": one.urgent,
            "at": one.at.isoformat(),
            "tries": one.tries,
            "why": one.why,
            "notices": [{"topic": notice.topic, "child": notice.child} for notice in one.notices],
        }
        for one in found
    ]


def dead_listed(found: "Sequence[DeadLetter]", zone: ZoneInfo) -> list[RenderableType]:
    """The letters that did not arrive; nothing where all did."""
    if not found:
        return []
    rows = []
    for one in found:
        children = ", ".join(dict.fromkeys(notice.child or "the school" for notice in one.notices))
        what = "emergency" if one.urgent else "digest"
        rows.append((one.id, what, one.person or "nobody", children, local(one.at, zone), one.sink, one.why))
    return [
        heading(f"{len(found)} letters did not arrive; tell these people by telephone, then {THEN}"),
        table(["letter", "what", "to", "about", "since", "by", "why"], rows),
    ]


def _sinks(office: "Office", folder: Path) -> "dict[str, Callable[[Letter], None]]":
    """The ways of [delivery], by name. Raises `WrongUsage` where there is none, or one cannot be used."""
    from casework.sinks import Mail, Webhook, log_letter  # noqa: PLC0415 - loaded once they are wanted

    if office.file.misdelivered:
        raise SchoolFileRefused(office.file.misdelivered)
    said = office.file.delivery
    found: dict[str, Callable[[Letter], None]] = {}
    try:
        if said.mail:
            mail = dict(said.mail)
            secret = mail.pop("password_file", "")
            password = _secret(folder / secret)[0] if secret else ""
            found["mail"] = Mail(**mail, addresses=said.addresses, password=password)
        if said.webhook:
            hook = dict(said.webhook)
            secrets = _secret(folder / hook.pop("secrets_file"))
            clock = office.casework.clock
            found["webhook"] = Webhook(hook.pop("url"), secrets, clock=clock, **hook)
    except WrongValue as refused:
        raise WrongUsage(f"[delivery] of casework.toml cannot be used: {refused}") from None
    if said.log:
        found["log"] = log_letter
    if not found:
        raise WrongUsage(
            "casework.toml names no way by which notices go: write [delivery.mail] or [delivery.webhook], or "
            "log = true below [delivery]; docs/notices.md shows them"
        )
    return found


def _secret(path: Path) -> list[str]:
    """The lines of a file that holds a password, or secrets."""
    try:
        found = path.read_text(encoding="utf-8").split()
    except (OSError, ValueError):
        raise Absent(
            f"the file {path} that [delivery] names cannot be read; write the secret into it, one a line"
        ) from None
    if not found:
        raise Absent(f"the file {path} that [delivery] names is empty; write the secret into it, one a line")
    return found
