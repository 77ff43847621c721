"""A child goes to another school: address, offer, receive, refuse, confirm, withdraw, list."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.console import RenderableType

from casework.cli.answer import Answer
from casework.cli.exits import Absent, Unwritten, WrongUsage
from casework.cli.opening import opened, person_of
from casework.cli.options import DOING, Doing, Writer
from casework.cli.render import heading, line, table
from casework.store.messages import LONGEST

if TYPE_CHECKING:
    from casework import Desk
    from casework.cli.office import Office
    from casework.engine.transfer_desk import Answered

STEPS = ("list", "address", "offer", "receive", "refuse", "confirm", "withdraw")


def transfer(
    step: Annotated[str, Parameter(help=f"one of {', '.join(STEPS)}")] = "list",
    what: Annotated[
        str, Parameter(help="the child (offer, withdraw), or the file that came (receive, refuse, confirm)")
    ] = "",
    *,
    to: Annotated[str, Parameter(help="offer: the other school, as a [[peer]] of casework.toml names it")] = "",
    child: Annotated[str, Parameter(help="receive: the child's id here, if it is another one than there")] = "",
    because: Annotated[str, Parameter(help="offer, refuse: the reason as a code, such as moved_away")] = "",
    out: Annotated[str, Parameter(help="the file to write for the other school")] = "",
    by: Writer = DOING,
) -> Answer:
    """A child goes to another school: offer writes a package, receive answers it, confirm takes the answer."""
    person = person_of(by)
    given = {"to": to, "child": child, "because": because, "out": out}
    takes, needs = _TAKES.get(step, ((), ()))
    if step not in _TAKES:
        raise WrongUsage(f"{step[:20]} is no step of a transfer; say one of {', '.join(STEPS)}")
    if strange := [name for name, value in given.items() if value and name not in takes]:
        raise WrongUsage(f"transfer {step} takes no --{strange[0]}")
    if missing := [name for name in needs if not given[name]]:
        raise WrongUsage(f"transfer {step} needs --{', --'.join(missing)}")
    if bool(what) != (step not in {"list", "address"}):
        raise WrongUsage(
            f"transfer {step}: name the child, or the file that came" if not what else f"what is {what[:40]}?"
        )
    if out and Path(by.dir, out).exists():
        raise WrongUsage(f"{out} exists already; give --out another name, nothing is written over")
    with opened(by) as office:
        return _STEPS[step](office, office.desk(person), by, {"what": what, **given})


Given = dict[str, str]


def _list(_: "Office", desk: "Desk", __: Doing, ___: Given) -> Answer:
    found = desk.transfers()
    rows = [(t.child, t.kind, t.peer, t.state, str(t.on), str(t.due or "")) for t in found]
    facts = {
        "transfers": [
            {
                "id": t.id,
                "child": t.child,
                "kind": t.kind,
                "peer": t.peer,
                "state": t.state,
                "on": t.on.isoformat(),
                "due": t.due.isoformat() if t.due else None,
            }
            for t in found
        ]
    }
    columns = ["child", "", "school", "state", "since", "receipt due"]
    return Answer(facts, [table(columns, rows) if rows else line("no child has been transferred")])


def _address(_: "Office", desk: "Desk", __: Doing, ___: Given) -> Answer:
    mine = desk.transfer_address()
    shown: list[RenderableType] = [
        line("[[peer]]"),
        line(f'school = "{mine.school}"'),
        line(f'key = "{mine.key}"'),
        line("the other school writes this into its casework.toml; hand it over by another way than packages"),
    ]
    return Answer({"school": mine.school, "key": mine.key}, shown)


def _offer(office: "Office", desk: "Desk", by: Doing, given: Given) -> Answer:
    child = office.child(given["what"])
    made = desk.offer_transfer(child, given["to"], given["because"])
    path = _write(by, given["out"], made.package)
    said = f"{child}: the package is {path}; this school cares on until its receipt is confirmed"
    return Answer({"child": child, "id": made.id, "file": path}, [line(said)])


def _receive(_: "Office", desk: "Desk", by: Doing, given: Given) -> Answer:
    package = _read(by, given["what"])
    done = desk.receive_transfer(package, child=given["child"])
    return _answered(done, by, given["out"], f"{done.child}: taken over")


def _refuse(_: "Office", desk: "Desk", by: Doing, given: Given) -> Answer:
    done = desk.refuse_transfer(_read(by, given["what"]), given["because"])
    said = "refused" if done.kind == "refusal" else f"{done.child} was taken over before, and that stands"
    return _answered(done, by, given["out"], said)


def _answered(done: "Answered", by: Doing, out: str, said: str) -> Answer:
    path = _write(by, out, done.message)
    shown: list[RenderableType] = [heading(said), line(f"the {done.kind} for the other school is {path}")]
    return Answer({"child": done.child, "id": done.id, "kind": done.kind, "file": path}, shown)


def _confirm(_: "Office", desk: "Desk", by: Doing, given: Given) -> Answer:
    case = desk.confirm_transfer(_read(by, given["what"])).case
    said = "the other school has the child" if case.stage == "closed" else "the other school refused"
    return Answer({"child": case.child, "stage": case.stage}, [line(f"{case.child}: {said}; the case is {case.state}")])


def _withdraw(office: "Office", desk: "Desk", by: Doing, given: Given) -> Answer:
    child = office.child(given["what"])
    path = _write(by, given["out"], desk.withdraw_transfer(child))
    said = f"{child}: the other school answers {path} with `casework transfer refuse`; confirm its answer"
    return Answer({"child": child, "file": path}, [line(said)])


def _read(by: Doing, name: str) -> bytes:
    path = Path(by.dir, name)
    try:
        with path.open("rb") as file:
            return file.read(LONGEST + 1)
    except OSError as error:
        raise Absent(f"{path} cannot be read ({error.strerror}); give the file as it came") from None


def _write(by: Doing, name: str, message: str) -> str:
    path = Path(by.dir, name)
    try:
        with path.open("x", encoding="ascii") as file:
            file.write(message)
    except OSError as error:
        raise Unwritten(f"{path}: {error.strerror}; repeat it with another --out", gone=False) from None
    return str(path)


_TAKES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "list": ((), ()),
    "address": ((), ()),
    "offer": (("to", "because", "out"), ("to", "because", "out")),
    "receive": (("child", "out"), ("out",)),
    "refuse": (("because", "out"), ("because", "out")),
    "confirm": ((), ()),
    "withdraw": (("out",), ("out",)),
}
"""By step, the options that it takes, and those that it needs."""

_STEPS: dict[str, Callable[["Office", "Desk", Doing, Given], Answer]] = {
    "list": _list,
    "address": _address,
    "offer": _offer,
    "receive": _receive,
    "refuse": _refuse,
    "confirm": _confirm,
    "withdraw": _withdraw,
}
