"""The access matrix: role × relation × action × state × reason. What no row allows is denied.

The table is data (``access.toml`` beside this module); a school may have one of its own. Whatever is unknown, be it a
role, a relation, an action, a state or a reason, is denied.
"""

from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from hashlib import sha256
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any

from attrs import field, frozen

from casework.errors import PolicyRefused, Problem
from casework.model.case import STATES
from casework.model.people import ROLES as SEATS
from casework.policy.text import MOST_BYTES, read_toml

NO_CASE = "no_case"
ANY = "any"

ROLES = (
    "anyone",
    "helper",
    "stand_in",
    *(role for role in SEATS if role not in {"lead", "outside"}),
    "counsellor",
    "administrator",
    "district_officer",
    "system",
)
"""Roles of the matrix. ``anyone`` is everybody who acts, ``helper`` whoever is paired with the child, ``counsellor``
whoever took on a referral without a seat of the school; ``stand_in`` is a lead helper or class teacher to whom falls
what a vacant seat would do (all that head the school, or a referral's specialist). The others are seats (domain.md)."""

RELATIONS = ("lead", "member", "household", "assigned", "told", "own_class", "school", "district", "implicated")
"""How somebody stands to a child: leads or belongs to its helping group, visits a child of theirs in the same
household, is asked by a referral, was told of an emergency that is not reviewed, teaches its class, is of its school,
of its district; ``implicated`` in the thing asked for, which no row allows."""

READS = (
    "list_child",
    "read_case",
    "read_history",
    "read_contact",
    "read_address",
    "read_note",
    "read_words",
    "read_talk",
    "read_transferred",
    "read_psychology",
    "read_emergency",
    "read_school",
    "read_lists",
    "read_account",
    "read_audit",
    "read_dead_letters",
    "read_statistics",
    "find_child",
    "export_pseudonymous",
    "export_named",
)
"""What is asked for: that there is a case (in lists and counts), its coded facts, its history, its texts by kind."""

WRITES = (
    "identify",
    "change_facts",
    "file",
    "record_card",
    "record_identity",
    "pair",
    "pair_self",
    "designate_key",
    "record",
    "correct",
    "correct_own",
    "note_concern",
    "excuse",
    "close",
    "reopen",
    "raise",
    "acknowledge",
    "respond",
    "call_outside",
    "stand_down",
    "review_emergency",
    "refer",
    "answer_referral",
    "give_care",
    "record_consent",
    "revoke_referral",
    "screen",
    "gather",
    "examine",
    "sign",
    "adopt",
    "import_roll",
    "apply_settings",
    "sweep",
    "break_glass",
    "review_break_glass",
    "request_erasure",
    "erase",
    "hold",
    "release_hold",
    "decide_retention",
    "transfer",
    "merge",
    "hand_over",
    "manage_keys",
)
ACTIONS = (*READS, *WRITES)
STATES_OF_CASES = (NO_CASE, *STATES)
REASONS = ("work", "break_glass", "request", "breach")
"""Why: everyday work, behind broken glass, a guardian's request, the enquiry after a breach."""

FORMAT = 1
_NAMES: Mapping[str, tuple[str, ...]] = {
    "roles": ROLES,
    "relations": RELATIONS,
    "actions": ACTIONS,
    "states": STATES_OF_CASES,
    "reasons": REASONS,
}

_NOBODY: frozenset[str] = frozenset()

Cell = tuple[str, str, str, str, str]
"""Role, relation, action, state, reason."""


@frozen
class Access:
    """The matrix: what is ``allowed``, as cells (role, relation, action, state, reason)."""

    allowed: frozenset[Cell] = field(repr=False)
    _roles: Mapping[tuple[str, str, str, str], frozenset[str]] = field(init=False, repr=False, eq=False)

    @_roles.default
    def _by_rest(self) -> Mapping[tuple[str, str, str, str], frozenset[str]]:
        found: dict[tuple[str, str, str, str], set[str]] = {}
        for role, *rest in self.allowed:
            found.setdefault((rest[0], rest[1], rest[2], rest[3]), set()).add(role)
        return {rest: frozenset(roles) for rest, roles in found.items()}

    def allows(self, role: str, relation: str, action: str, state: str, reason: str = "work") -> bool:
        """Tell whether that cell is allowed; False for whatever is unknown."""
        return role in self.roles(relation, action, state, reason)

    def roles(self, relation: str, action: str, state: str, reason: str = "work") -> frozenset[str]:
        """The roles that may do it in that relation, state and for that reason."""
        return (
            _NOBODY
            if relation == "implicated"
            else self._roles.get((relation, action, state or NO_CASE, reason), _NOBODY)
        )

    def cells(self) -> Iterator[tuple[Cell, bool]]:
        """Every cell with whether it is allowed, in the order of the words.

        Roles in relations of which no row speaks are left out: there everything is denied.
        """
        spoken = {cell[:2] for cell in self.allowed} | {(role, "implicated") for role in ROLES}
        for role, relation in product(ROLES, RELATIONS):
            if (role, relation) in spoken:
                for rest in product(ACTIONS, STATES_OF_CASES, REASONS):
                    yield (role, relation, *rest), self.allows(role, relation, *rest)

    def roles_for(self, action: str) -> tuple[str, ...]:
        """The roles that may do it at all, in some relation and state; for messages that say whom to ask."""
        return self._doing.get(action, ())

    @cached_property
    def _doing(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, set[str]] = {}
        for role, _, action, *_ in self.allowed:
            found.setdefault(action, set()).add(role)
        return {action: tuple(sorted(roles, key=ROLES.index)) for action, roles in found.items()}

    @property
    def hash(self) -> str:
        """What identifies the table: the same cells, the same hash."""
        return sha256("\n".join("/".join(cell) for cell in sorted(self.allowed)).encode()).hexdigest()[:16]


@cache
def default_access() -> Access:
    """The table that ships with casework."""
    return read_access((files("casework.policy") / "access.toml").read_bytes(), "access.toml")


def load_access(path: str | Path) -> Access:
    """A school's own table from a TOML file. Raises `PolicyRefused`, which lists every problem with place and mend."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        problem = Problem(str(path)[:200], f"cannot be read: {error.strerror}", "give the path of a TOML file")
        raise PolicyRefused([problem]) from error
    return read_access(data, str(path))


def read_access(data: bytes, origin: str) -> Access:
    """A table from the bytes of a TOML file. Raises `PolicyRefused`."""
    found = read_toml(data, origin)
    top = f"{origin}:1"
    problems = [
        Problem(
            f"{origin}:{found.lines.get((name,), 1)}", f"{name[:40]!r} is no key here", "leave format and [[allow]]"
        )
        for name in found.values
        if name not in {"format", "allow"}
    ]
    if found.values.get("format") != FORMAT:
        problems.append(Problem(top, "this is no table of access of this release", f"write format = {FORMAT}"))
    rows = found.values.get("allow")
    if not isinstance(rows, list) or not rows:
        raise PolicyRefused([*problems, Problem(top, "nothing is allowed", "write rows as [[allow]]")])
    allowed: set[Cell] = set()
    for k, row in enumerate(rows):
        allowed |= _row(row, f"{origin}:{found.lines.get(('allow', k), 1)}", problems)
    if problems:
        raise PolicyRefused(problems)
    return Access(frozenset(allowed))


def _row(row: object, place: str, problems: list[Problem]) -> set[Cell]:
    """The cells that a row allows; what is wrong with it is added to the problems."""
    if not isinstance(row, dict):
        problems.append(Problem(place, "a row is no table", "write it as [[allow]]"))
        return set()
    mend = f"use {', '.join(_NAMES)}"
    problems += [Problem(place, f"{name[:40]!r} is no part of a row", mend) for name in sorted(set(row) - set(_NAMES))]
    roles, relations, actions, states, reasons = (_words(row, name, place, problems) for name in _NAMES)
    if "implicated" in relations and row["relations"] != [ANY]:
        mend = "take it out: who is implicated sees nothing of it, whatever else they are"
        problems.append(Problem(place, "a row lets implicated people in", mend))
    return {cell for cell in product(roles, relations, actions, states, reasons) if cell[1] != "implicated"}


def _words(row: Mapping[str, Any], name: str, place: str, problems: list[Problem]) -> tuple[str, ...]:
    """The words of one list of a row; reasons are ``work`` where none are named."""
    known = _NAMES[name]
    given = row.get(name, ["work"] if name == "reasons" else None)
    if not isinstance(given, list) or not given or not all(isinstance(word, str) for word in given):
        problems.append(Problem(place, f"{name} is missing, or no list of words", f'write {name} = ["{known[0]}"]'))
        return ()
    if given == [ANY]:
        return known
    mend = f"use {', '.join(known)}"
    unknown = [word for word in given if word not in known]
    problems += [Problem(place, f"{name} holds {word[:40]!r}, which is unknown", mend) for word in unknown]
    return tuple(dict.fromkeys(given))
