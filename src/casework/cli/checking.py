"""``doctor`` and ``verify``: is the store sound, is everything being looked at, does it hold what casework wrote."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.console import RenderableType

from casework.cli import exits
from casework.cli.answer import Answer
from casework.cli.emergencies_shown import unfinished
from casework.cli.exits import Absent, WrongUsage
from casework.cli.identifying import MEANS
from casework.cli.near import did_you_mean
from casework.cli.opening import opened
from casework.cli.options import AT, There
from casework.cli.render import heading, line, pairs, warning

if TYPE_CHECKING:
    from casework.cli.office import Office


def doctor(*, at: There = AT) -> Answer:
    """Database, journal, schema, settings, what is due, rules set aside, what waits to be sent, roll against cases."""
    from casework.store.doctor import doctor_facts  # noqa: PLC0415 - loaded once the line is read

    with opened(at) as office:
        store_facts = doctor_facts(office.engine, clock=office.casework.clock)
        school_facts = _school(office) | _keys(office)
    facts = {**store_facts, **school_facts, "strangers": _strangers(office), "open_to_others": _open_to_others(office)}
    wrong = _wrong(facts)
    facts["attention"] = wrong
    shown: list[RenderableType] = [heading(f"{office.school}, in {Path(at.dir).resolve()}"), pairs(_said(facts))]
    shown += [warning(f"- {text}") for text in wrong] or [line("nothing needs attention")]
    return Answer(facts, shown, exits.LEFT if wrong else exits.DONE)


def _said(facts: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """The facts in words, one line for what belongs together."""
    schema, wanted, left_behind = facts["schema"], facts["schema_wanted"], facts["pupils_left_behind_on_roll"]
    if "journal" in facts:
        yield "database", f"SQLite {facts['version']}, {facts['journal']} journal"
    else:
        yield "database", f"PostgreSQL {facts['version']}"
    yield "tables", f"as this release wants them ({wanted})" if schema == wanted else f"{schema}, not {wanted}"
    yield "records", f"{facts['records']} with {facts['entries']} entries of history; {facts['cases_open']} open cases"
    yield "secrecy", f"{facts['readable'] or 'no'} entries were written without it"
    yield "keys", f"{facts['old_keys'] or 'none'} of the children's keys are under an old key of the ring"
    yield "settings", facts["settings"]
    yield "due", f"{facts['due'] or 'no'} records wait for a sweep"
    live = [f"{e['child']} {e['emergency']}" for e in facts["emergencies"] if e["live"]]
    yield "emergencies", f"{len(live) or 'none'} live{': ' * bool(live)}{', '.join(live)}"
    yield "ladders", f"{facts['unalarmed'] or 'none'} without the alarm that lets it climb"
    yield "notices", f"{facts['waiting'] or 'none'} wait to be sent, {facts['dead_letters'] or 'none'} did not arrive"
    yield "rules", f"set aside: {', '.join(facts['rules_set_aside']) or 'none'}"
    yield "roll", f"{left_behind} marked left behind, {facts['roll_without_case'] or 'none'} without a case"
    yield "definition", f"{facts['definition']}, {MEANS[facts['definition']]}"


def _school(office: "Office") -> dict[str, object]:
    """What the school's own settings and records say."""
    found: dict[str, object] = {"school": office.school, "definition": office.file.policy.definition}
    with office.store.read():
        applied = office.store.settings(office.school)
        children = office.store.children(office.school, after="", limit=1_000_000, open_only=False)
        cases = office.store.load(office.school, children)
        counts = office.store.facts(office.school, ["roll_against_cases"], today=office.today)["roll_against_cases"]
    said = office.file.delivery
    found["delivers"] = bool(said.mail or said.webhook)
    found["emergencies"] = [
        {"child": one.child, "emergency": one.emergency.id, "state": one.emergency.state, "live": one.emergency.live}
        for one in unfinished(cases.values())
    ]
    mine = office.casework.school(office.school)
    found["settings"] = "not applied yet" if applied is None else ", ".join(mine.changed(applied)) or "as applied"
    found["rules_set_aside"] = [
        f"{rule} on {case.id}" for child, case in sorted(cases.items()) for rule in sorted(case.failures)
    ]
    found["roll_without_case"] = counts["without_case"]
    found["pupils_left_behind_on_roll"] = counts["positives"]
    return found


def _keys(office: "Office") -> dict[str, object]:
    """What is still under an old key of the ring."""
    from casework.store.rotation import keys_under, receipts  # noqa: PLC0415 - loaded once the line is read

    ring = office.store.keyring
    with office.store.read():
        back = office.store.restored(None)
    return {
        "old_keys": sum(count for number, count in keys_under(office.store).items() if number != ring.number),
        "erased_and_back": [{"school": school, "child": child} for school, child in back],
        "erased_unknown_to_ring": len(receipts(office.store) - ring.erased),
    }


def _strangers(office: "Office") -> list[str]:
    """Seats and absences of casework.toml for people whom the school does not know: the ladder would reach nobody."""
    if not office.staff:
        return []
    named = {f"seat {role}": person for role, people in office.file.seats.items() for person in people}
    named |= {f"absence of {person}": person for person in office.file.absences}
    return [
        f"{where}: nobody on the staff of the roster has the id {person}{did_you_mean(person, office.staff)}"
        for where, person in named.items()
        if person not in office.staff
    ]


def _open_to_others(office: "Office") -> list[str]:
    """The files that somebody beside their owner may read or write, where the system knows owners."""
    if os.name != "posix":
        return []
    files = [] if office.file.key_ring is None else [office.file.key_ring]
    if office.engine.dialect.name == "sqlite":
        files.insert(0, Path(office.engine.url.database or ""))
    return [str(path) for path in files if path.stat().st_mode & 0o077]


def _wrong(facts: Mapping[str, Any]) -> list[str]:
    """What a person should do something about, with what to do."""
    found = []
    if facts["open_to_others"]:
        names = " ".join(facts["open_to_others"])
        found.append(f"others on this machine can read what only the school may: chmod 600 {names}")
    found += [f"{text}: set it right in casework.toml" for text in facts["strangers"]]
    if facts["schema"] != facts["schema_wanted"]:
        found.append(
            "the tables are not those of this release: casework migrate, or install the release that they are of"
        )
    if facts.get("journal") == "wal" and not facts.get("wal_safe"):
        found.append(
            f"SQLite {facts['version']} can lose commits in WAL mode: PRAGMA journal_mode=DELETE, or a newer SQLite"
        )
    if facts["settings"] not in {"as applied", "not applied yet"}:
        found.append(f"{facts['settings']} changed since it was applied: casework apply --dry-run, then casework apply")
    if facts.get("due"):
        found.append(f"records are due ({facts['due']}): casework sweep, and let the machine run it every few minutes")
    if facts.get("unalarmed"):
        found.append(
            f"{facts['unalarmed']} live emergencies have no alarm, so no ladder climbs: casework verify, then "
            "say something of each (casework ack, casework respond), which sets it again"
        )
    found += _wrong_with_letters(facts)
    if facts["rules_set_aside"]:
        found.append(
            "rules raised and are set aside for the records named: mend the rule; the next sweep tries it again"
        )
    if facts["roll_without_case"]:
        found.append(
            f"{facts['roll_without_case']} pupils marked left behind have no case: casework identify --from-roll"
        )
    return [*found, *_wrong_keys(facts)]


def _wrong_keys(facts: Mapping[str, Any]) -> Iterator[str]:
    """What a person should do about keys and secrecy."""
    if facts["old_keys"]:
        yield f"{facts['old_keys']} children's keys are under an old key of the ring: casework keys --rotate"
    if facts["erased_and_back"]:
        yield f"a restored backup holds {len(facts['erased_and_back'])} children again who were erased: casework sweep"
    if facts["erased_unknown_to_ring"]:
        yield (
            f"{facts['erased_unknown_to_ring']} erasures are not in the key ring, so that a backup would bring them "
            "back: casework keys --remember (a ring in the environment: append their receipts where it is made)"
        )
    if facts.get("readable"):
        yield "some history was written without secrecy: begin anew with a key ring for real children"


def _wrong_with_letters(facts: Mapping[str, Any]) -> Iterator[str]:
    if facts.get("dead_letters"):
        yield (
            f"letters did not arrive ({facts['dead_letters']}): casework deliver --dead --as PERSON, and tell those "
            "people by telephone"
        )
    if facts.get("unsent") and facts["delivers"]:
        yield (
            f"notices of emergencies wait ({facts['unsent']}), and nobody sends them: casework deliver, and let the "
            "machine run it every minute"
        )


def verify(
    *,
    anchor: Annotated[str, Parameter(help="a file of --new-anchor: what it knows has to be there still")] = "",
    new_anchor: Annotated[
        str, Parameter(help="write into this file how far every record has come; keep it elsewhere")
    ] = "",
    at: There = AT,
) -> Answer:
    """Check every record: chain and head, stored state against history, sealed text. Changes nothing."""
    from casework.store.verify import Anchor  # noqa: PLC0415 - loaded once the line is read
    from casework.store.verify import verify as verify_store  # noqa: PLC0415 - as above

    try:
        past = Anchor.read(Path(anchor).read_text(encoding="utf-8")) if anchor else None
    except OSError:
        raise Absent(f"the anchor {anchor} cannot be read; name the file that --new-anchor wrote") from None
    with opened(at) as office:
        report = verify_store(office.store, office.school, anchor=past)
    if new_anchor and not report.findings:
        try:
            Path(new_anchor).write_text(report.anchor.text(), encoding="utf-8")
        except OSError:
            raise WrongUsage("the file of --new-anchor cannot be written; name a file in a folder of yours") from None
    facts = {
        "records": report.records,
        "entries": report.entries,
        "findings": [{"child": f.child, "case": str(f.case), "seq": f.seq, "what": f.what} for f in report.findings],
        "anchor": new_anchor if not report.findings else "",
    }
    shown: list[RenderableType] = [
        line(f"{report.records} records looked at: one for each child of whom anything was entered, one of the school"),
        line(f"{report.entries} entries of their history looked at"),
    ]
    shown += [warning(str(finding)) for finding in report.findings] or [line("everything is as casework wrote it")]
    if new_anchor:
        kept = f"the new anchor is in {new_anchor}: keep it where nobody who writes to the database can"
        shown.append(line("no new anchor while something is found") if report.findings else line(kept))
    return Answer(facts, shown, exits.TAMPERED if report.findings else exits.DONE)
