"""Canaries: a text of its own in every field that is sealed, a story that enters all of them, and where to look.

The fields are found by introspection: whatever a command has that may be plain text or `Sealed` is filled, so that a
new field of a command that the story tells joins by itself; `test_canaries` names a command that the story leaves out.
New paths add a place to `PLACES`: a function of the `Told` story that yields what stands there, and where.
"""

import base64
import io
import logging
import re
import tempfile
import traceback
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

import attrs
from attrs import define, field

from casework import Desk
from casework.interchange.export import csv_of, xlsx_of
from casework.model import commands as c
from casework.model import protection_commands as pc
from casework.model import referral_commands as rc
from casework.model import school_commands as sc
from casework.model.examination import Examination
from casework.model.identity import RecordIdentity
from casework.model.people import Contact, ContactCard, Sealed
from casework.store import SqlStore
from casework.testing import MemoryStore
from tests.system.world import DAY, LEAD, MORNING, SCHOOL, VICE, make_casework, principal

MARK = "Zwitscher-7193-"
"""What every canary begins with: it occurs nowhere else."""
VALUES = (c.ConcernDraft, ContactCard, Contact)
"""Values within commands that have fields of their own to seal."""


def forms() -> Iterator[bytes]:
    """Every form in which a text may lie somewhere: in several codings, hexadecimal, base64 at each of its places."""
    for coding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le"):
        raw = MARK.encode(coding)
        yield raw
        yield raw.hex().encode()
        yield raw.hex().upper().encode()
        yield repr(raw)[2:-1].encode()
        for place in range(3):
            coded = base64.b64encode(b"\0" * place + raw)
            yield coded[place + (place > 0) : len(coded) - 4]
    yield MARK.replace("-", "%2D").encode()
    yield MARK[::-1].encode()


NEEDLE = re.compile(b"|".join(re.escape(form) for form in sorted(set(forms()))), re.IGNORECASE)


def seen(data: bytes | str) -> list[str]:
    """What of a canary shows in this, with a little of what follows; empty if nothing does."""
    raw = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")
    return [raw[hit.start() : hit.end() + 60].decode("latin-1") for hit in NEEDLE.finditer(raw)][:3]


# ------------------------------------------------------------------------------------------------------------ filling


def may_be_sealed(of: "attrs.Attribute[Any]") -> bool:
    """Whether a field of a command takes text that is sealed on its way in."""
    return {str, Sealed} <= set(get_args(of.type))


def sensitive(kind: type) -> list[str]:
    """The fields of a command, or of a value within one, that take text to be sealed."""
    return [of.name for of in attrs.fields(kind) if may_be_sealed(of)]


def minted(kind: type, name: str, *, more: str = "") -> str:
    """The canary of a field: its own in every place."""
    return f"{MARK}{kind.__name__}.{name}{more} sagt: er fürchtet sich, 他害怕"


def filled(value: Any, of: str = "") -> Any:
    """A command with a canary in every field that is sealed, in the values within it too."""
    kind = type(value)
    new: dict[str, Any] = {name: minted(kind, name, more=of) for name in sensitive(kind)}
    for part in attrs.fields(kind):
        inner = getattr(value, part.name)
        if isinstance(inner, VALUES):
            new[part.name] = filled(inner, f"{of}/{kind.__name__}.{part.name}")
        elif isinstance(inner, tuple) and inner and isinstance(inner[0], VALUES):
            new[part.name] = tuple(filled(one, f"{of}/{kind.__name__}.{part.name}.{n}") for n, one in enumerate(inner))
    return attrs.evolve(value, **new)


def texts(value: Any) -> Iterator[str]:
    """Every canary within a command."""
    for part in attrs.fields(type(value)):
        inner = getattr(value, part.name)
        if isinstance(inner, str) and MARK in inner:
            yield inner
        elif isinstance(inner, VALUES):
            yield from texts(inner)
        elif isinstance(inner, tuple):
            for one in inner:
                if isinstance(one, VALUES):
                    yield from texts(one)


# ------------------------------------------------------------------------------------------------------------ the story


@define(eq=False)
class Told:
    """A story that was told, and what came of it: values handed out, errors, the log, the folder of its database."""

    desk: Desk
    store: Any
    folder: Path | None
    values: list[object] = field(factory=list)
    errors: list[BaseException] = field(factory=list)
    log: io.StringIO = field(factory=io.StringIO)
    canaries: set[str] = field(factory=set)
    commands: set[type] = field(factory=set)

    def do(self, child: str, command: Any) -> Any:
        """Carry out a command with canaries; the command and its outcome are looked at later."""
        full = self.full(command)
        outcome = self.desk.do(child, full)
        self.values.append(outcome)
        return outcome

    def full(self, command: Any) -> Any:
        """The command filled with canaries, which are remembered."""
        found = filled(command)
        self.canaries.update(texts(found))
        self.commands.add(type(command))
        self.values.append(found)
        return found

    def refused(self, call: Callable[[], object]) -> BaseException:
        """What the call raises, which it has to."""
        try:
            call()
        except Exception as error:  # noqa: BLE001 - whatever it is
            self.errors.append(error)
            return error
        raise AssertionError("nothing was raised")


GRANDMOTHER = ContactCard(Contact("x", "grandmother"), [Contact("x", "father"), Contact("x", "mother")])


def tell(told: Told) -> Told:
    """Everything that can be entered with free text, about one child, a gathering and the school."""
    desk, clock = told.desk, told.desk._casework.clock
    child = "s-1"
    desk.identify(child, away="both", class_="3-1", household="h-1")
    told.do(child, c.File(GRANDMOTHER))
    told.do(child, c.RecordCard(GRANDMOTHER))
    desk.pair(child, LEAD)
    worries = [c.ConcernDraft("grief"), c.ConcernDraft("grief")]
    act = told.do(child, c.Record("visit", reached=True, met=("carer",), concerns=worries)).activity
    told.do(child, c.Correct(act, "typo"))
    told.do(child, c.NoteConcern(c.ConcernDraft("family_quarrel")))
    emergency = told.do(child, c.Raise("missing")).emergency
    desk.acknowledge(child, emergency)
    other = Desk(desk._casework, told.store, school=SCHOOL, principal=principal(VICE))
    other.stand_down(child, emergency, "found", safe_seen_by=LEAD, safe_seen_at=clock())
    told.do(child, c.Review(emergency))
    referral = told.do(child, rc.RequestReferral("psychology", "grief", urgent=True)).referral
    desk.accept(child, referral)
    told.do(child, rc.HoldSession(referral))
    told.do(child, rc.PlanCare(referral, (clock() + 30 * DAY).date()))
    told.do(child, pc.PlaceHold("court_case"))
    told.do(child, RecordIdentity("x"))
    told.do(child, sc.Examine(Examination(height=131.5)))
    held = told.full(sc.Gather("symposium", (child,)))
    told.values.append(desk.gather(held.kind, held.present, note=held.note))
    clock.set(MORNING + timedelta(days=143))
    review = told.full(sc.ReviewProgramme("2026-autumn"))
    told.values.append(desk.review_programme(review.term, note=review.note))
    summarised = told.full(sc.SummariseProgramme("2026-autumn"))
    told.values.append(desk.summarise_programme(summarised.term, note=summarised.note))
    return told


def looked(told: Told) -> Told:
    """What may be asked of a desk, by who told the story and by somebody else."""
    for person in (LEAD, "t.other"):
        desk = Desk(told.desk._casework, told.store, school=SCHOOL, principal=principal(person))
        told.values += [desk.case("s-1"), desk.history("s-1"), desk.explain("s-1"), desk.today(), desk.emergencies()]
        told.values += [desk.referrals(), desk.of_school(), desk.explain_school(), desk.next_steps("s-1")]
        told.values += [desk.preview("s-1", filled(c.Record("call", reached=True)))]
        with told.store.read():
            told.values += [told.store.outgoing(SCHOOL), told.store.reads(SCHOOL, "s-1")]
            told.values += [told.store.entries(SCHOOL, "s-1"), told.store.load(SCHOOL, ["s-1", ""])]
    return told


def in_memory() -> Told:
    """The story with a store in memory."""
    store = MemoryStore()
    return Told(Desk(make_casework(), store, school=SCHOOL, principal=principal(LEAD)), store, None)


def in_sql(store: SqlStore, folder: Path | None) -> Told:
    """The story with a store on SQL."""
    return Told(Desk(make_casework(), store, school=SCHOOL, principal=principal(LEAD)), store, folder)


@contextmanager
def listening(told: Told) -> Iterator[None]:
    """All that anybody logs at DEBUG while the story is told, with all that a line holds."""
    handler = logging.StreamHandler(told.log)
    handler.setFormatter(_Everything())
    root = logging.getLogger()
    before = {name: logging.getLogger(name).level for name in ("", "casework", "sqlalchemy", "sqlalchemy.engine")}
    for name in before:
        logging.getLogger(name).setLevel(logging.DEBUG)
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


class _Everything(logging.Formatter):
    """A line with every attribute that its record has."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{super().format(record)} {vars(record)!r}"


# ----------------------------------------------------------------------------------------------------------- the places

Place = Callable[[Told], Iterator[tuple[str, bytes | str]]]


def in_values(told: Told) -> Iterator[tuple[str, str]]:
    """However a value that was given or handed out becomes text."""
    for value in told.values:
        yield f"repr of {type(value).__name__}", f"{value!r}{value!s}{value}"


def in_errors(told: Told) -> Iterator[tuple[str, str]]:
    """What an error says of itself, with everything that led to it."""
    for error in told.errors:
        yield type(error).__name__, "".join(traceback.format_exception(error)) + f"{error!r}{error.args!r}"


def in_log(told: Told) -> Iterator[tuple[str, str]]:
    """What anybody logged."""
    yield "log", told.log.getvalue()


def in_files(told: Told) -> Iterator[tuple[str, bytes]]:
    """Every byte beside and within the database."""
    for path in sorted(told.folder.rglob("*")) if told.folder is not None else ():
        if path.is_file():
            yield path.name, path.read_bytes()


def in_temporary_files(told: Told) -> Iterator[tuple[str, bytes]]:
    """Every byte in the folder for temporary files, which a test has set to one of its own."""
    for path in sorted(Path(tempfile.gettempdir()).rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()


def in_outbox(told: Told) -> Iterator[tuple[str, str]]:
    """What would be sent, as a sender reads it."""
    with told.store.read():
        for row in told.store.outgoing(SCHOOL):
            yield f"outbox {row.topic}", repr(attrs.asdict(row))


def in_exports(told: Told) -> Iterator[tuple[str, bytes | str]]:
    """What leaves the school: tables with pseudonyms and with ids, as CSV and unpacked from a workbook; counts."""
    days = (date(2026, 8, 31), date(2027, 1, 22))
    exports = [told.desk.export(*days, key=bytes(32)), told.desk.export_named(*days, reason="to_look")]
    yield "counts", f"{told.desk.counts(*days)!r}"
    for export in exports:
        yield "export", f"{export!r}{export.sheets!r}"
        for sheet in export.sheets:
            yield sheet.name, csv_of(sheet)
        with zipfile.ZipFile(io.BytesIO(xlsx_of(export))) as book:
            for name in book.namelist():
                yield name, book.read(name)


PLACES: list[Place] = [in_values, in_errors, in_log, in_files, in_temporary_files, in_outbox, in_exports]
"""Where to look after the story was told."""


def leaks(told: Told, places: list[Place] = PLACES) -> dict[str, list[str]]:
    """Where a canary shows, with what."""
    return {
        f"{place.__name__}: {where}": found for place in places for where, data in place(told) if (found := seen(data))
    }
