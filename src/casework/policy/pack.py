"""One pack: TOML in, a checked value or every reason why not."""

from collections.abc import Mapping

from attrs import frozen

from casework.model.people import ROLES
from casework.model.reason import CODE
from casework.policy.duties import TEXT, PackDuty, read_duty
from casework.policy.read import Problems, Table, likely
from casework.policy.specialists import read_specialists
from casework.policy.text import read_toml
from casework.policy.values import DEFINITIONS, LIMITED_STATES, MOST_YEARS, THRESHOLDS, Ladder, Rung, Specialist

FORMAT = 1
MOST_DUTIES = 200
REPLACEABLE = ("ladder", "definition", "thresholds", "specialists", "retention")
DEFAULT_LADDER = Ladder(
    (
        Rung("lead", "class_teacher"),
        Rung("safeguarding_lead"),
        Rung("vice_principal"),
        Rung("principal"),
        Rung("outside"),
    )
)
"""Where no pack says otherwise (domain.md, 9); a school without a lead helper begins with its class teacher."""

_DAY = 24 * 60


@frozen
class Pack:
    """One pack as it was read; ``origin`` names its file. ``replaced`` holds what it says in place of earlier packs."""

    origin: str
    id: str
    version: str
    title: str
    jurisdiction: str
    definition: str
    thresholds: Mapping[str, int]
    ladder: Ladder | None
    duties: tuple[PackDuty, ...]
    replaced: frozenset[str]
    specialists: Mapping[str, Specialist]
    retention: int | None = None


def read_pack(data: bytes, origin: str) -> Pack:
    """Read one pack from its bytes; raises `PolicyRefused` with every problem found."""
    document = read_toml(data, origin)
    problems = Problems(origin, document.lines)
    table = Table(document.values, (), problems)
    format_ = table.whole("format", 1, 1_000_000)
    if format_ not in {None, FORMAT}:
        table.wrong("format", f"format {format_} is not known to this casework", f"write format = {FORMAT}, or upgrade")
    problems.stop_if_any()
    kinds = table.listed("kinds", lambda text: "" if CODE.fullmatch(text) else "give a code", needed=False)
    pack = Pack(
        origin=origin,
        id=table.text("id", r"[a-z][a-z0-9-]{0,47}", 'a name such as "town-primary"'),
        version=table.text("version", r"[0-9A-Za-z][0-9A-Za-z.-]{0,19}", 'a version such as "2026.1"'),
        title=table.text("title", TEXT, "one line of 1 to 160 characters"),
        jurisdiction=table.text("jurisdiction", r"[a-z][a-z-]{0,31}", 'a word such as "practice" or "cn"'),
        definition=table.one_of("definition", DEFINITIONS, ""),
        thresholds=_thresholds(table),
        ladder=_ladder(table),
        duties=tuple(read_duty(row, kinds) for row in table.tables("duty", MOST_DUTIES, needed=False)),
        replaced=frozenset(what for what in REPLACEABLE if table.flag(f"replaces_{what}")),
        specialists=read_specialists(table),
        retention=_retention(table),
    )
    _check_ids(table, pack)
    table.done()
    problems.stop_if_any()
    return pack


def _check_ids(table: Table, pack: Pack) -> None:
    seen: set[str] = set()
    for k, row in enumerate(pack.duties):
        if row.duty.id and row.duty.id in seen:
            table.wrong(("duty", k, "id"), f"{row.duty.id} stands twice", "give each duty an id of its own")
        seen.add(row.duty.id)
    said: dict[str, object] = {what: getattr(pack, what) for what in REPLACEABLE}
    for what in sorted(pack.replaced):
        if not said[what]:
            table.wrong(f"replaces_{what}", f"the pack gives no {what}", f"give {what}, or take the line out")


def _thresholds(table: Table) -> dict[str, int]:
    rows = table.table("thresholds")
    if rows is None:
        return {}
    found = {name: rows.whole(name, low, high, needed=False) for name, (_, low, high) in THRESHOLDS.items()}
    rows.done()
    return {name: value for name, value in found.items() if value is not None}


def _retention(table: Table) -> int | None:
    """For how many years after its last day a case is kept."""
    rows = table.table("retention")
    if rows is None:
        return None
    years = rows.whole("years", 1, MOST_YEARS)
    rows.done()
    return years


def _ladder(table: Table) -> Ladder | None:
    rows = table.table("ladder")
    if rows is None:
        return None
    rungs = tuple(Rung(*text.split("/")) for text in rows.listed("rungs", _rung))
    roles = [rung.role for rung in rungs]
    if rungs and ("outside" in roles[:-1] or roles[-1] != "outside"):
        rows.wrong("rungs", "the ladder does not end outside the school", "let 'outside' be the last rung alone")
    if len(set(roles)) != len(roles):
        rows.wrong("rungs", "a role stands on two rungs", "keep the first of them")
    step = rows.minutes("step", DEFAULT_LADDER.step, 1, _DAY)
    cap = rows.minutes("repeat_cap", max(step, DEFAULT_LADDER.repeat_cap), 1, 7 * _DAY)
    if cap < step:
        rows.wrong("repeat_cap", "it is shorter than step", "let it be at least as long as step")
    limits = dict(DEFAULT_LADDER.limits)
    if (some := rows.table("limits")) is not None:
        limits = {state: some.minutes(state, limits[state], 1, 60 * _DAY) for state in LIMITED_STATES}
        some.done()
    rows.done()
    return Ladder(rungs, step, limits, cap)


def _rung(text: str) -> str:
    role, slash, deputy = text.partition("/")
    if role not in ROLES:
        return likely(role, ROLES)
    if slash and deputy not in ROLES:
        return f"after the slash {likely(deputy, ROLES)}"
    if slash and deputy in {role, "outside"}:
        return "the deputy is another role, inside the school"
    return ""
