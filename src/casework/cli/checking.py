"""``doctor`` and ``verify``: is the store sound, is everything being looked at, does it hold what casework wrote."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import RenderableType

from casework.cli import exits
from casework.cli.answer import Answer
from casework.cli.opening import opened
from casework.cli.options import AT, There
from casework.cli.render import heading, line, table, warning

if TYPE_CHECKING:
    from casework.cli.office import Office


def doctor(*, at: There = AT) -> Answer:
    """Database, journal, schema, settings, what is due, rules set aside, what waits to be sent, roll against cases."""
    from casework.store.doctor import doctor_facts  # noqa: PLC0415 - loaded once the line is read

    with opened(at) as office:
        store_facts = doctor_facts(office.engine, clock=office.casework.clock)
        school_facts = _school(office)
    facts = {**store_facts, **school_facts}
    wrong = _wrong(facts)
    facts["attention"] = wrong
    shown: list[RenderableType] = [
        heading(f"casework in {at.dir}"),
        table(
            ["", ""], [(name.replace("_", " "), _said(value)) for name, value in facts.items() if name != "attention"]
        ),
    ]
    shown += [warning(text) for text in wrong] or [line("nothing needs attention")]
    return Answer(facts, shown, exits.LEFT if wrong else exits.DONE)


def _said(value: object) -> object:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value


def _school(office: "Office") -> dict[str, object]:
    """What the school's own settings and records say."""
    found: dict[str, object] = {"school": office.school, "definition": office.file.policy.definition}
    with office.store.read():
        applied = office.store.settings(office.school)
        children = office.store.children(office.school, after="", limit=1_000_000, open_only=False)
        cases = office.store.load(office.school, children)
        counts = office.store.facts(office.school, ["roll_against_cases"], today=office.today)["roll_against_cases"]
    mine = office.casework.school(office.school)
    found["settings"] = "not applied yet" if applied is None else ", ".join(mine.changed(applied)) or "as applied"
    found["rules_set_aside"] = [
        f"{rule} on {case.id}" for child, case in sorted(cases.items()) for rule in sorted(case.failures)
    ]
    found["roll_without_case"] = counts["without_case"]
    found["pupils_left_behind_on_roll"] = counts["positives"]
    return found


def _wrong(facts: Mapping[str, object]) -> list[str]:
    """What a person should do something about, with what to do."""
    found = []
    if facts["schema"] != facts["schema_wanted"]:
        found.append(
            "the tables are not those of this release: restore, or migrate the database (casework.store.migrate)"
        )
    if facts.get("journal") == "wal" and not facts.get("wal_safe"):
        found.append(
            f"SQLite {facts['version']} can lose commits in WAL mode: PRAGMA journal_mode=DELETE, or a newer SQLite"
        )
    if facts["settings"] not in {"as applied", "not applied yet"}:
        found.append(f"{facts['settings']} changed since it was applied: casework apply --dry-run, then casework apply")
    if facts.get("due"):
        found.append(f"{facts['due']} records are due: casework sweep, and let the machine run it every few minutes")
    if facts.get("unalarmed"):
        found.append(
            f"{facts['unalarmed']} live emergencies have no alarm, so no ladder climbs: casework verify, then "
            "say something of each (casework ack, casework respond), which sets it again"
        )
    if facts["rules_set_aside"]:
        found.append(
            "rules raised and are set aside for the records named: mend the rule; the next sweep tries it again"
        )
    if facts["roll_without_case"]:
        found.append(
            f"{facts['roll_without_case']} pupils marked left behind have no case: casework identify --from-roll"
        )
    if facts.get("readable"):
        found.append("some history was written without secrecy: begin anew with a key ring for real children")
    return found


def verify(*, at: There = AT) -> Answer:
    """Check every record: chain and head, stored state against history, sealed text. Changes nothing."""
    from casework.store.verify import verify as verify_store  # noqa: PLC0415 - loaded once the line is read

    with opened(at) as office:
        report = verify_store(office.store, office.school)
    facts = {
        "records": report.records,
        "entries": report.entries,
        "findings": [{"child": f.child, "case": str(f.case), "seq": f.seq, "what": f.what} for f in report.findings],
    }
    shown: list[RenderableType] = [line(f"{report.records} records, {report.entries} entries looked at")]
    shown += [warning(str(finding)) for finding in report.findings] or [line("everything is as casework wrote it")]
    return Answer(facts, shown, exits.TAMPERED if report.findings else exits.DONE)
