"""Several packs to one policy: the union of their duties; nothing is guessed to be stricter (design.md, "Policy")."""

import re
from collections.abc import Sequence

from attrs import evolve

from casework.errors import PolicyRefused, Problem
from casework.policy.duties import PackDuty
from casework.policy.pack import DEFAULT_LADDER, Pack
from casework.policy.read import likely, shown
from casework.policy.specialists import DEFAULT_SPECIALISTS
from casework.policy.tighten import looser
from casework.policy.values import DEFINITIONS, RETENTION_YEARS, THRESHOLDS, Duty, Ladder, Policy, Specialist


def compose(packs: Sequence[Pack], definition: str | None = None) -> Policy:
    """One policy from packs, later ones over earlier ones where they say so; raises `PolicyRefused`.

    ``definition`` (one of `DEFINITIONS`) stands in place of what the packs name.
    """
    problems: list[Problem] = []
    duties = _duties(packs, problems)
    ladder = _ladder(packs, problems)
    thresholds = _thresholds(packs, problems)
    specialists = _specialists(packs, problems)
    retention = _retention(packs, problems)
    named = _definition(packs, definition, problems)
    if problems:
        raise PolicyRefused(problems)
    return Policy(
        id="+".join(pack.id for pack in packs),
        version="+".join(pack.version for pack in packs),
        title="; ".join(pack.title for pack in packs),
        packs=tuple(f"{pack.id}@{pack.version}" for pack in packs),
        jurisdiction="+".join(dict.fromkeys(pack.jurisdiction for pack in packs)),
        definition=named,
        duties=duties,
        ladder=ladder,
        thresholds=thresholds,
        specialists=specialists,
        retention_years=retention,
    )


def natural(id_: str) -> tuple[str, int, str]:
    """A key that sorts D2 before D10."""
    letters, digits, rest = re.fullmatch(r"(\D*)(\d*)(.*)", id_, re.DOTALL).groups()  # type: ignore[union-attr]
    return letters, int(digits or 0), rest


def _duties(packs: Sequence[Pack], problems: list[Problem]) -> tuple[Duty, ...]:
    if len({pack.id for pack in packs}) != len(packs):
        twice = next(pack for k, pack in enumerate(packs) if pack.id in {other.id for other in packs[:k]})
        problems.append(Problem(twice.origin, f"pack {twice.id} is named twice", "name each pack once"))
        return ()
    found: dict[str, tuple[PackDuty, Pack]] = {}
    for pack in packs:
        for row in pack.duties:
            _add(found, row, pack, problems)
    if not found:
        problems.append(Problem(packs[-1].origin, "no pack has a duty", "add a [[duty]]"))
    for row, _ in found.values():
        for other in row.duty.exclusive_with:
            if other not in found:
                what = f"exclusive_with names {other}, which no pack has"
                problems.append(Problem(row.place, what, "take it out, or add the pack that has it"))
    return tuple(_excluding(found[id_][0].duty, found) for id_ in sorted(found, key=natural))


def _add(found: dict[str, tuple[PackDuty, Pack]], row: PackDuty, pack: Pack, problems: list[Problem]) -> None:
    id_ = row.duty.id
    if id_ in found:
        before, where = found[id_]
        if not row.over:
            mend = f'write replaces = "{id_}" or tightens = "{id_}" in the later pack'
            problems.append(Problem(row.place, f"pack {where.id} has the duty {id_} already", mend))
        elif row.over == "tightens":
            problems += [
                Problem(row.place, what, f'make it as strict as in {where.id}, or write replaces = "{id_}"')
                for what in looser(row.duty, before.duty)
            ]
    elif row.over:
        mend = f"name the pack that has {id_} before {pack.id}, or take {row.over} out"
        problems.append(Problem(row.place, f"no pack before this one has the duty {id_} that it {row.over}", mend))
    found[id_] = (row, pack)


def _excluding(duty: Duty, found: dict[str, tuple[PackDuty, Pack]]) -> Duty:
    """The duty with all that exclude it or that it excludes: exclusion holds both ways, whoever says it."""
    back = {id_ for id_, (row, _) in found.items() if duty.id in row.duty.exclusive_with}
    return evolve(duty, exclusive_with=tuple(sorted({*duty.exclusive_with, *back}, key=natural)))


def _ladder(packs: Sequence[Pack], problems: list[Problem]) -> Ladder:
    found: tuple[Ladder, Pack] | None = None
    for pack in packs:
        if pack.ladder is None:
            continue
        if found is not None and found[0] != pack.ladder and "ladder" not in pack.replaced:
            problems.append(_differs("ladder", pack, found[1]))
        found = (pack.ladder, pack)
    return DEFAULT_LADDER if found is None else found[0]


def _thresholds(packs: Sequence[Pack], problems: list[Problem]) -> dict[str, int]:
    found: dict[str, tuple[int, Pack]] = {}
    for pack in packs:
        for name, value in pack.thresholds.items():
            if name in found and found[name][0] != value and "thresholds" not in pack.replaced:
                problems.append(_differs("thresholds", pack, found[name][1]))
            found[name] = (value, pack)
    return {name: found[name][0] if name in found else default for name, (default, _, _) in THRESHOLDS.items()}


def _specialists(packs: Sequence[Pack], problems: list[Problem]) -> dict[str, Specialist]:
    found: dict[str, tuple[Specialist, Pack]] = {}
    for pack in packs:
        for to, specialist in pack.specialists.items():
            if to in found and found[to][0] != specialist and "specialists" not in pack.replaced:
                problems.append(_differs("specialists", pack, found[to][1]))
            found[to] = (specialist, pack)
    said = {to: specialist for to, (specialist, _) in found.items()}
    return dict(sorted({**DEFAULT_SPECIALISTS, **said}.items()))


def _retention(packs: Sequence[Pack], problems: list[Problem]) -> int:
    found: tuple[int, Pack] | None = None
    for pack in packs:
        if pack.retention is None:
            continue
        if found is not None and found[0] != pack.retention and "retention" not in pack.replaced:
            problems.append(_differs("retention", pack, found[1]))
        found = (pack.retention, pack)
    return RETENTION_YEARS if found is None else found[0]


def _definition(packs: Sequence[Pack], definition: str | None, problems: list[Problem]) -> str:
    if definition is not None:
        if definition not in DEFINITIONS:
            what = f"{shown(definition)} is unknown"
            problems.append(Problem("definition", what, likely(definition, DEFINITIONS)))
        return definition
    found: Pack | None = None
    for pack in packs:
        if not pack.definition:
            continue
        if found is not None and found.definition != pack.definition and "definition" not in pack.replaced:
            problems.append(_differs("definition", pack, found))
        found = pack
    if found is None:
        mend = f'write definition = "…" in a pack; {likely("", DEFINITIONS)}'
        problems.append(Problem(packs[-1].origin, "no pack says who counts as left behind", mend))
        return ""
    return found.definition


def _differs(what: str, pack: Pack, before: Pack) -> Problem:
    mend = f"write replaces_{what} = true in {pack.id}, or take its {what} out"
    return Problem(f"{pack.origin} {what}", f"pack {before.id} says otherwise", mend)
