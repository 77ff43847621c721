"""``casework.toml``: one school, where its files lie, its policy, terms, and seats that no roster names."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from attrs import define, field, frozen

from casework.cli.delivery_file import Delivery, read_delivery
from casework.cli.exits import Absent, SchoolFileRefused, WrongUsage
from casework.errors import CalendarRefused, PolicyRefused, Problem
from casework.model.calendar import Calendar, Term
from casework.model.move import Peer
from casework.model.people import ROLES
from casework.policy import Policy, load_policy
from casework.policy.text import Document, Key, read_toml

NAME = "casework.toml"
SEATS = tuple(role for role in ROLES if role not in {"lead", "class_teacher"})
"""Seats that casework.toml may fill; the lead comes with the pairing, the class teachers with the roster."""

_KEYS = {
    *("school", "policy", "definition", "time_zone", "database", "key_ring"),
    *("seats", "term", "absence", "peer", "delivery"),
}
_TERM_KEYS = {"id", "first", "last", "holidays", "makeup", "windows"}
_ABSENCE_KEYS = {"person", "first", "last"}
_PEER_KEYS = {"school", "key"}
VARIABLE = "env:"
"""What key_ring begins with where it names a variable of the environment."""
SCHOOL_NAME = re.compile(r"\S(?:.{0,62}\S)?")
Span = tuple[date, date]


@frozen
class SchoolFile:
    """What casework.toml says, checked.

    ``database`` is a path or URL; ``absences`` are by person, ``peers`` the schools to and from which children go. The
    key ring is a file, or stands in the environment under ``key_variable``. ``misdelivered`` is what is wrong in the
    part about delivery: only ``deliver`` is refused.
    """

    school: str
    policy: Policy
    calendar: Calendar
    database: str
    key_ring: Path | None
    seats: Mapping[str, tuple[str, ...]]
    absences: Mapping[str, tuple[Span, ...]]
    delivery: Delivery
    key_variable: str = ""
    misdelivered: tuple[Problem, ...] = ()
    peers: tuple[Peer, ...] = ()


def read_school_file(folder: Path) -> SchoolFile:
    """Read casework.toml in ``folder``. Raises `Absent`, or `SchoolFileRefused` with line and mend of every problem."""
    path = folder / NAME
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise Absent(
            f"there is no {NAME} in {folder}; make one with `casework init`, or name its folder by --dir"
        ) from None
    except OSError as error:
        raise WrongUsage(
            f"{path} cannot be read ({error.strerror}); let your user read it, or name another --dir"
        ) from None
    try:
        document = read_toml(data, NAME)
    except PolicyRefused as refused:
        raise SchoolFileRefused(refused.problems) from None
    return _Reading(document, folder).read()


def placed(database: str, folder: Path) -> str:
    """A database as it is opened: a URL as it stands, a file in the folder."""
    return database if "://" in database else str(folder / database)


@define
class _Reading:
    document: Document
    folder: Path
    problems: list[Problem] = field(factory=list)

    def read(self) -> SchoolFile:
        values = self.document.values
        for name in sorted(set(values) - _KEYS):
            self._wrong((name,), "is no key that casework knows", f"use {', '.join(sorted(_KEYS))}")
        school = self._text("school")
        if school and not SCHOOL_NAME.fullmatch(school):
            self._wrong(("school",), "is no name of 1 to 64 characters", "shorten it")
        calendar = self._calendar()
        policy = self._policy()
        seats = self._seats()
        absences = self._absences()
        peers = self._peers()
        database, ring = self._text("database"), self._text("key_ring")
        if ring == VARIABLE:
            self._wrong(("key_ring",), "names no variable", 'write key_ring = "env:CASEWORK_KEYRING", or a file')
        if self.problems or calendar is None or policy is None:
            raise SchoolFileRefused(self.problems)
        # What is wrong with how notices go keeps nobody from raising an alarm: whoever delivers is told.
        delivery = read_delivery(self.document.values.get("delivery", {}), self._wrong)
        database = placed(database, self.folder)
        variable = ring.removeprefix(VARIABLE) if ring.startswith(VARIABLE) else ""
        key_ring = None if variable else self.folder / ring
        wrong = tuple(self.problems)
        return SchoolFile(
            school, policy, calendar, database, key_ring, seats, absences, delivery, variable, wrong, peers
        )

    def _wrong(self, key: Key, what: str, mend: str) -> None:
        line = next((self.document.lines[key[:n]] for n in range(len(key), 0, -1) if key[:n] in self.document.lines), 1)
        name = ".".join(str(part + 1) if isinstance(part, int) else part[:40] for part in key)
        self.problems.append(Problem(f"line {line}, {name}", what, mend))

    def _text(self, name: str) -> str:
        value = self.document.values.get(name)
        if isinstance(value, str) and value and value.isprintable():
            return value
        what = "is missing" if value is None else "is no text"
        self._wrong((name,), what, f'write {name} = "…" before the first [table]')
        return ""

    def _policy(self) -> Policy | None:
        value = self.document.values.get("policy")
        definition = self.document.values.get("definition")
        packs = [value] if isinstance(value, str) else value
        if not isinstance(packs, list) or not packs or not all(isinstance(pack, str) for pack in packs):
            self._wrong(("policy",), "names no pack", 'write policy = ["town-primary"]')
            return None
        if definition is not None and not isinstance(definition, str):
            self._wrong(("definition",), "is no text", "write the name of a definition, or leave it out")
            return None
        places = [str(self.folder / pack) if pack.endswith(".toml") else pack for pack in packs]
        return load_policy(*places, definition=definition)

    def _calendar(self) -> Calendar | None:
        tables = self._tables("term", _TERM_KEYS)
        terms = []
        for k, table in enumerate(tables):
            term = self._term(k, table)
            if term is not None:
                terms.append(term)
        zone = self._text("time_zone")
        if self.problems:
            return None
        try:
            return Calendar(terms, tz=zone)
        except CalendarRefused as error:
            self._wrong(("term",) if terms and "time zone" not in str(error) else ("time_zone",), *_divided(error))
            return None

    def _term(self, k: int, table: Mapping[str, object]) -> Term | None:
        key: Key = ("term", k)
        id_, first, last = table.get("id"), table.get("first"), table.get("last")
        if isinstance(first, str) or isinstance(last, str):
            self._wrong(key, "a day stands in quotes", "write it without them, as in first = 2026-09-01")
            return None
        if not isinstance(id_, str) or not _is_day(first) or not _is_day(last):
            self._wrong(
                key, "needs id, first and last", 'write id = "2026-autumn", first = 2026-09-01, last = 2027-01-20'
            )
            return None
        holidays, makeup = table.get("holidays", []), table.get("makeup", [])
        windows = table.get("windows", {})
        if not _are_spans(holidays):
            self._wrong((*key, "holidays"), "is no list of first and last days", "write [[2026-10-01, 2026-10-07]]")
        elif not isinstance(makeup, list) or not all(map(_is_day, makeup)):
            self._wrong((*key, "makeup"), "is no list of days", "write [2026-10-10]")
        elif not isinstance(windows, dict) or not _are_spans(list(windows.values())):
            self._wrong((*key, "windows"), "is no table of spans", "write { OPEN = [2026-09-01, 2026-09-20] }")
        else:
            try:
                spans = {name: (span[0], span[1]) for name, span in windows.items()}
                return Term(id_, first, last, holidays, makeup, spans)  # type: ignore[arg-type]  # looked at above
            except CalendarRefused as error:
                self._wrong(key, *_divided(error))
        return None

    def _seats(self) -> dict[str, tuple[str, ...]]:
        value = self.document.values.get("seats", {})
        if not isinstance(value, dict):
            self._wrong(("seats",), "is no table", 'write [seats] and below it principal = "t.shen"')
            return {}
        found = {}
        for role, holders in value.items():
            people = [holders] if isinstance(holders, str) else holders
            if role not in SEATS:
                self._wrong(("seats", role), "is no seat", f"use {', '.join(SEATS)}")
            elif not isinstance(people, list) or not all(isinstance(p, str) and p for p in people):
                self._wrong(("seats", role), "names nobody", 'write the id of a person, or several: ["t.li", "t.wu"]')
            else:
                found[role] = tuple(people)
        return found

    def _absences(self) -> dict[str, tuple[Span, ...]]:
        found: dict[str, tuple[Span, ...]] = {}
        for k, table in enumerate(self._tables("absence", _ABSENCE_KEYS)):
            person, first, last = table.get("person"), table.get("first"), table.get("last")
            if not isinstance(person, str) or not isinstance(first, date) or not isinstance(last, date) or last < first:
                mend = 'write person = "t.li", first = 2026-10-12, last = 2026-10-16'
                self._wrong(("absence", k), "needs a person, a first and a last day", mend)
            else:
                found[person] = (*found.get(person, ()), (first, last))
        return found

    def _peers(self) -> tuple[Peer, ...]:
        found: dict[str, Peer] = {}
        for k, table in enumerate(self._tables("peer", _PEER_KEYS)):
            school, key = table.get("school"), table.get("key")
            if not (isinstance(school, str) and school and isinstance(key, str) and key):
                mend = "write what `casework transfer address` says at the other school"
                self._wrong(("peer", k), "needs a school and its key", mend)
            elif school in found:
                self._wrong(("peer", k, "school"), "stands twice", "leave the key that the school has now")
            else:
                found[school] = Peer(school, key)
        return tuple(found.values())

    def _tables(self, name: str, known: set[str]) -> list[Mapping[str, object]]:
        value = self.document.values.get(name, [])
        if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
            self._wrong((name,), "is no list of tables", f"write [[{name}]] above each")
            return []
        for k, table in enumerate(value):
            for key in sorted(set(table) - known):
                self._wrong((name, k, key), "is no key that casework knows", f"use {', '.join(sorted(known))}")
        return value


def _is_day(value: object) -> bool:
    return type(value) is date


def _are_spans(value: object) -> bool:
    """First and last day, each time."""
    return isinstance(value, list) and all(
        isinstance(span, list) and all(map(_is_day, span)) and len(span) == len(("first", "last")) for span in value
    )


def _divided(error: CalendarRefused) -> tuple[str, str]:
    """What is wrong and the mend of a calendar's message, which divides them by a semicolon."""
    what, _, mend = str(error).rpartition("; ")
    return what, mend


def written(
    *,
    school: str,
    packs: Sequence[str],
    zone: str,
    terms: Sequence[Term],
    seats: Mapping[str, str],
    database: str,
    key_ring: str,
) -> str:
    """The text of a new casework.toml."""
    names = ", ".join(f'"{_quoted(pack)}"' for pack in packs)
    lines = [
        "# One school on casework. After a change of policy or terms: casework apply --dry-run, then casework apply.",
        f'school = "{_quoted(school)}"',
        f"policy = [{names}]             # `casework policy show` says what it asks for",
        f'time_zone = "{_quoted(zone)}"      # its midnight turns the day',
        f'database = "{_quoted(database)}"',
        f'key_ring = "{_quoted(key_ring)}"    # without this file no note can be read: keep a copy in another place',
        "",
        "# Seats that the roster does not name. The ladder of an emergency climbs them; an empty seat passes it on.",
        "[seats]",
        *(f'{role} = "{_quoted(seats[role])}"' if role in seats else f'# {role} = "…"' for role in SEATS),
        "",
        "# How notices reach people (`casework deliver`): docs/notices.md. Passwords stand in files of their own.",
        "# [delivery.mail]",
        '# host = "mail.example"',
        '# sender = "casework@example.org"',
        "# [delivery.addresses]",
        '# "t.li" = "li@example.org"',
        "",
        "# A member of staff who is away holds no seat in those days.",
        "# [[absence]]",
        '# person = "t.li"',
        "# first = 2026-10-12",
        "# last = 2026-10-16",
        "",
        "# The schools to and from which children are transferred, as their `casework transfer address` says.",
        "# [[peer]]",
        '# school = "beihe"',
        '# key = "cw1-…"',
    ]
    for term in terms:
        spans = ", ".join(f"[{first}, {last}]" for first, last in term.holidays)
        days = ", ".join(str(day) for day in term.makeup)
        lines += [
            "",
            "# Check the days against the school's own calendar: windows and deadlines follow from them.",
            "[[term]]",
            f'id = "{_quoted(term.id)}"',
            f"first = {term.first}",
            f"last = {term.last}",
            f"holidays = [{spans}]",
            f"makeup = [{days}]             # weekends on which the school teaches",
        ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
