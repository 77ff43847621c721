"""``keys``: the key ring, which children's keys are under which of its keys, and new keys for old.

Like ``sweep`` it acts for the machine: whoever can run it can read the database and the ring as well.
"""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.console import RenderableType

from casework.cli import exits
from casework.cli.answer import Answer
from casework.cli.exits import WrongUsage
from casework.cli.opening import opened
from casework.cli.options import AT, Day, Flag, MaybeNumber, There
from casework.cli.render import line, table, warning

if TYPE_CHECKING:
    from casework.store import KeyRing


def keys(
    *,
    add: Annotated[Flag, Parameter(help="put a new key into the ring's file, active from now on")] = False,
    rotate: Annotated[Flag, Parameter(help="wrap every child's key by the active key of the ring")] = False,
    renew: Annotated[Flag, Parameter(help="give every child a new key, and seal all texts anew")] = False,
    before: Annotated[Day, Parameter(help="with --renew: only keys made before that day")] = None,
    retire: Annotated[MaybeNumber, Parameter(help="let this key leave the ring: it opens nothing any more")] = None,
    remember: Annotated[Flag, Parameter(help="let the ring refuse every key that was erased in this database")] = False,
    at: There = AT,
) -> Answer:
    """Show the keys of the ring and what is under each; make new ones. What was interrupted is begun again."""
    from casework.store.ring_file import add_key  # noqa: PLC0415 - loaded once the line is read
    from casework.store.rotation import Rotated, keys_under, receipts, rewrap  # noqa: PLC0415 - as above
    from casework.store.rotation import renew as seal_anew  # noqa: PLC0415 - as above
    from casework.store.rotation import retire as let_go  # noqa: PLC0415 - as above

    if before is not None and not renew:
        raise WrongUsage("--before says which keys --renew makes anew; give both, or neither")
    said: list[RenderableType] = []
    done: list[Rotated] = []
    with opened(at) as office:
        if add:
            ring = office.store.keyring
            if ring.path is None:
                raise WrongUsage(
                    "the ring is in the environment: put what ring.with_key().text() gives into the variable instead"
                )
            add_key(ring.path)
            said.append(line("a new key was added, and is active: copy the ring to where its other copies are"))
        if remember:
            erased = receipts(office.store)
            office.store.remember(sorted(erased))
            said.append(line(f"the ring refuses {len(erased)} erased keys of this database"))
        if rotate:
            done.append(rewrap(office.store))
            said.append(line(f"{done[-1].done} children's keys wrapped anew"))
        if renew:
            now = office.casework.clock()
            until = now if before is None else office.calendar.midnight(before)
            done.append(seal_anew(office.store, before=min(until, now), at=now))
            said.append(line(f"{done[-1].done} children have a new key, and their texts were sealed anew"))
        if retire is not None:
            let_go(office.store, retire)
            said.append(line(f"key {retire} left the ring: destroy the old copies of the ring, which still hold it"))
        ring, under = office.store.keyring, keys_under(office.store)
    left = sorted({pair for rotated in done for pair in rotated.left})
    facts = {
        "active": ring.number,
        "keys": [{"number": n, "state": _state(ring, n), "children": under.get(n, 0)} for n in sorted(ring.numbers)],
        "done": [rotated.done for rotated in done],
        "left": [{"school": school, "child": child} for school, child in left],
        "erased": len(ring.erased),
    }
    rows = [(str(n), _state(ring, n), str(under.get(n, 0))) for n in sorted(ring.numbers)]
    shown = [*said, table(["key", "is", "children's keys under it"], rows)]
    if ring.erased:
        shown.append(line(f"{len(ring.erased)} erased keys are refused, wherever they come from"))
    shown += [warning(f"the key of {child or 'the index'} does not open: see `casework verify`") for _, child in left]
    return Answer(facts, shown, exits.LEFT if left else exits.DONE)


def _state(ring: "KeyRing", number: int) -> str:
    """What a key of the ring is: active, kept to open what it wrapped, or gone but for verifying history."""
    if number == ring.number:
        return "active"
    return "kept" if ring.opens(number) else "retired"
