"""Duties and their windows, read from the tables of a pack."""

from collections.abc import Callable, Collection
from itertools import combinations

from attrs import frozen

from casework.model.activity import KINDS, OF_SCHOOL
from casework.model.gathering import KINDS as GATHERINGS
from casework.model.people import ROLES
from casework.model.reason import CODE
from casework.policy.read import Table, likely
from casework.policy.values import (
    AFTER,
    CONDITIONS,
    CONTACTS,
    EACH,
    FACTS,
    MET,
    PARTIES,
    SUBJECTS,
    TRIGGERS,
    TRIGGERS_OF,
    ActSpec,
    Duty,
    Length,
    Window,
)

MOST_WINDOWS = 12
DUTY_ID = r"[A-Z][A-Za-z0-9-]{0,15}"
TEXT = r"[^\x00-\x1f\x7f]{1,160}"

_OWES = tuple(role for role in ROLES if role != "outside")
_SCHOOL_ONLY = ("in_scope",)
_DAY_OF_TERM = r"start of (OPEN|MID|CLOSE)|end of week [1-9][0-9]?"
_WINDOWS = ("each", "after", "every", "on")
_KEYS_OF = {"each": ("closes", "due"), "after": ("within", "closes", "sooner"), "every": (), "on": ("within", "closes")}
_SHAPES = (
    '{ each = "OPEN" }, { after = "identified", within = "10 td" }, { every = "14 days" } '
    'or { on = ["concern"], within = "5 td" }'
)


@frozen
class PackDuty:
    """A duty as its pack says it: ``over`` is empty, ``replaces`` or ``tightens``; ``place`` is for later problems."""

    duty: Duty
    over: str
    place: str


def read_duty(table: Table, kinds: Collection[str]) -> PackDuty:
    """Read one ``[[duty]]``; ``kinds`` are the kinds of activity that the pack adds to the built-in ones."""
    id_ = table.text("id", DUTY_ID, 'an id such as "D10"')
    if id_:
        table.problems.names[table.path] = f"duty {id_}"
    subject = table.one_of("subject", SUBJECTS)
    role = table.one_of("role", _OWES)
    duty = Duty(
        id=id_,
        title=table.text("title", TEXT, "one line of 1 to 160 characters"),
        source=table.listed("source", _line),
        subject=subject,
        role=role,
        record=table.listed("record", _code, needed=False),
        discharged_by=_acts(table, subject, kinds),
        windows=_windows(table, subject, role),
        contact=table.one_of("contact", CONTACTS, ""),
        exclusive_with=table.listed("exclusive_with", _duty_id, needed=False),
    )
    over = _over(table, id_)
    if duty.contact and subject not in {"child", ""}:
        table.wrong("contact", f"a {subject} has no carer", 'leave contact out, or write subject = "child"')
    if id_ in duty.exclusive_with:
        table.wrong("exclusive_with", "a duty cannot exclude itself", f"take '{id_}' out")
    table.done()
    return PackDuty(duty, over, table.problems.place(table.path))


def _over(table: Table, id_: str) -> str:
    said = [name for name in ("replaces", "tightens") if table.text(name, DUTY_ID, 'a duty id such as "D12"', "")]
    for name in said:
        if id_ and table.values[name] != id_:
            table.wrong(name, f"it names another duty than {id_}", f'write {name} = "{id_}", or rename the duty')
    if len(said) > 1:
        table.wrong("tightens", "a duty replaces or tightens, not both", "take one of the two out")
    return said[0] if said else ""


def _line(text: str) -> str:
    return "" if text.isprintable() and 0 < len(text) <= 80 else "give one line of 1 to 80 characters"  # noqa: PLR2004


def _code(text: str) -> str:
    return "" if CODE.fullmatch(text) else "give a code such as 'home_safety'"


def _duty_id(text: str) -> str:
    return "" if text[:1].isupper() and len(text) <= 16 else "give a duty id such as 'D10'"  # noqa: PLR2004


def _known(names: Collection[str]) -> Callable[[str], str]:
    return lambda text: "" if text in names else likely(text, names)


def _acts(table: Table, subject: str, kinds: Collection[str]) -> tuple[ActSpec, ...]:
    acts = {*KINDS, *OF_SCHOOL, *GATHERINGS, *kinds}

    def check(text: str) -> str:
        kind, colon, met = text.partition(":")
        if kind not in acts and kind not in FACTS:
            return likely(kind, {*acts, *FACTS})
        if colon and kind in FACTS:
            return f"'{kind}' is a fact, which meets nobody; write '{kind}'"
        if colon and met not in {*MET, *PARTIES}:
            return f"after the colon {likely(met, {*MET, *PARTIES})}"
        if kind in FACTS and subject and subject != ("school" if kind in _SCHOOL_ONLY else "child"):
            return f"'{kind}' is no fact of a {subject}"
        return ""

    found = [text.partition(":") for text in table.listed("discharged_by", check)]
    return tuple(ActSpec(kind, met) for kind, _, met in found)


def _windows(table: Table, subject: str, role: str) -> tuple[Window, ...]:
    if not table.has("windows") or table.values["windows"] == []:
        table.asked.add("windows")
        table.wrong("windows", "the duty has no measurable window", f"add windows = [ … ] with {_SHAPES}")
        return ()
    rows = table.tables("windows", MOST_WINDOWS, needed=True)
    found = [(row, _window(row, subject, role)) for row in rows]
    for (_, before), (row, window) in combinations(found, 2):
        if shared := sorted(_names(before) & _names(window)):
            exclusive = {(before.only, before.unless), (window.only, window.unless)}
            if not any({(name, ""), ("", name)} == exclusive for name in CONDITIONS):
                mend = "keep one, or say 'only' in one and 'unless' in the other with the same condition"
                row.wrong((), f"{shared[0]} has a window in this duty already", mend)
    return tuple(window for _, window in found)


def _names(window: Window) -> set[str]:
    """What the obligations of a window are named by; two windows of a duty may not give the same name."""
    return {*window.on, *filter(None, (window.each, "after" if window.after else "", "every" if window.every else ""))}


def _window(row: Table, subject: str, role: str) -> Window:
    said = [name for name in _WINDOWS if row.has(name)]
    if len(said) != 1:
        row.asked.update((*_WINDOWS, "within", "closes", "sooner", "due", "only", "unless", "role"))
        what = f"a window mixes {' and '.join(said)}" if said else "a window that cannot be measured"
        row.wrong((), what, f"write one of {_SHAPES}")
        row.done()
        return Window()
    kind = said[0]
    for name in ("within", "closes", "sooner", "due"):
        if row.has(name) and name not in _KEYS_OF[kind]:
            row.asked.add(name)
            row.wrong(name, f"'{name}' says nothing in a window with '{kind}'", f"take {name} out")
    own = row.one_of("role", _OWES, "")
    found = _KINDS[kind](row, subject)
    only, unless = row.one_of("only", CONDITIONS, ""), row.one_of("unless", CONDITIONS, "")
    if only and only == unless:
        row.wrong("unless", "'only' and 'unless' name the same condition", "take one of the two out")
    if (only or unless) and subject not in {"child", ""}:
        row.wrong("only" if only else "unless", f"no condition holds for a {subject}", "take it out")
    row.done()
    return Window(
        each=found.each,
        after=found.after,
        every=found.every,
        on=found.on,
        within=found.within,
        closes=found.closes,
        sooner=found.sooner,
        only=only,
        unless=unless,
        role="" if own == role else own,
        due=found.due,
    )


def _each(row: Table, subject: str) -> Window:  # noqa: ARG001 - one of four that share a shape
    closes = row.one_of("closes", ("term end",), "")
    each = row.one_of("each", EACH)
    due = row.text("due", _DAY_OF_TERM, 'a day such as "start of CLOSE" or "end of week 2"', "")
    if due and each not in {"TERM", ""}:
        row.wrong("due", f"a window of {each} is due on its last day", 'take due out, or write each = "TERM"')
    return Window(each=each, closes=closes or None, due=due)


def _after(row: Table, subject: str) -> Window:
    after = row.one_of("after", AFTER)
    if subject not in {"child", ""}:
        row.wrong("after", f"a {subject} is never {after or 'identified'}", f"use each, every or on for a {subject}")
    within, closes = _within(row)
    sooner = None
    if (table := row.table("sooner")) is not None:
        start, length = table.one_of("after", AFTER[1:]), table.length("within", needed=True)
        table.done()
        if after == AFTER[1]:
            row.wrong(
                "sooner",
                "a case is filed after it was identified, never sooner",
                'start from "identified", sooner "filed"',
            )
        elif start and length is not None:
            sooner = (start, length)
    return Window(after=after, within=within, closes=closes, sooner=sooner)


def _every(row: Table, subject: str) -> Window:  # noqa: ARG001 - as _each
    length = row.length("every", needed=True)
    if length is not None and (length.unit != "days" or length.count == 0):
        row.wrong("every", f"'{length}' cannot repeat", 'give calendar days, at least one, like "14 days"')
    return Window(every=0 if length is None else length.count)


def _on(row: Table, subject: str) -> Window:
    known = TRIGGERS_OF.get(subject) or TRIGGERS
    if subject == "class":
        row.wrong("on", "no trigger is about a class", "use each or every for a class")
    on = row.listed("on", _known(known))
    within, closes = _within(row)
    return Window(on=on, within=within, closes=closes)


def _within(row: Table) -> tuple[Length | None, Length | None]:
    within, closes = row.length("within", needed=True), row.length("closes", needed=False)
    if within is not None and closes is not None:
        if within.unit != closes.unit:
            row.wrong("closes", f"'{closes}' and within '{within}' do not compare", f"give closes in {within.unit}")
        elif closes.count <= within.count:
            row.wrong("closes", f"'{closes}' is not after '{within}'", "give a later close, or none")
    return within, closes


_KINDS: dict[str, Callable[[Table, str], Window]] = {"each": _each, "after": _after, "every": _every, "on": _on}
