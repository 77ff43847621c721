"""``init``: a folder for one school, with casework.toml, an empty database, and a key ring."""

import shlex
from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from sqlalchemy import Engine

from casework.cli.answer import Answer
from casework.cli.exits import Absent, WrongUsage
from casework.cli.office import clock_of
from casework.cli.options import AT, Many, There
from casework.cli.render import copyable, heading, line, pairs
from casework.cli.school_file import NAME, SCHOOL_NAME, SEATS, placed, read_school_file, written
from casework.errors import CalendarRefused
from casework.model.calendar import Calendar, Term
from casework.policy import load_policy
from casework.store import KeyRing, SqlStore, open_engine, without_password
from casework.store.migrations import migrate

DATABASE = "casework.db"
KEY_RING = "casework.keyring"
SCHOOL_YEAR_BEGINS = 8
"""August: from then on the school year that begins in September is meant."""


def init(
    *,
    school: Annotated[str, Parameter(help="the school's name in the database")] = "school",
    policy: Annotated[Many, Parameter(help="a shipped pack, or the path of one; several are composed")] = (),
    tz: Annotated[str, Parameter(help="time zone of the school, an IANA name")] = "Asia/Shanghai",
    term: Annotated[Many, Parameter(help="ID:FIRST:LAST, as in 2026-autumn:2026-09-01:2027-01-20; repeat")] = (),
    seat: Annotated[Many, Parameter(help="ROLE=PERSON, as in principal=t.shen; repeat")] = (),
    at: There = AT,
) -> Answer:
    """Begin: write casework.toml, make the database and the key ring. Nothing that exists is touched."""
    folder = Path(at.dir)
    packs = policy or ("town-primary",)
    database = DATABASE if at.database is None else at.database
    names = (NAME, KEY_RING) if "://" in database else (NAME, database, KEY_RING)
    taken = [name for name in names if (folder / name).exists()]
    if taken:
        raise WrongUsage(
            f"{', '.join(taken)} in {folder}: there already; give another --dir, or go on with what is there"
        )
    if not SCHOOL_NAME.fullmatch(school):
        raise WrongUsage("--school takes a name of 1 to 64 characters, without spaces at its ends: --school qinghe")
    load_policy(*packs)
    blank = Calendar((), tz)
    terms = [_term(text) for text in term] or _usual_terms(blank.local_date(clock_of(at, blank)()))
    Calendar(terms, tz)
    shown = without_password(placed(database, folder))
    text = written(
        school=school,
        packs=[str(Path(pack).resolve()) if pack.endswith(".toml") else pack for pack in packs],
        zone=tz,
        terms=terms,
        seats=dict(map(_seat, seat)),
        database=without_password(database),
        key_ring=KEY_RING,
    )
    _begin(folder, text, school, database)
    files = {"settings": str(folder / NAME), "database": shown, "key_ring": str(folder / KEY_RING)}
    where = "" if at.dir == "." else f" --dir {shlex.quote(at.dir)}"
    data = {"school": school, "policy": list(packs), "terms": [t.id for t in terms], **files}
    return Answer(
        data,
        (
            heading(f"{school} is ready in {folder}"),
            pairs(
                (
                    (NAME, f"policy, terms, seats; check the terms ({', '.join(t.id for t in terms)}), fill the seats"),
                    (database if "://" not in database else "database", "the records"),
                    (KEY_RING, "opens what is sealed; keep a copy elsewhere, nobody can make it again"),
                )
            ),
            line("next:"),
            copyable(f"  casework import ROSTER --as YOU{where}"),
            copyable(f"  casework identify --from-roll --as YOU{where}"),
        ),
    )


def _begin(folder: Path, text: str, school: str, database: str) -> None:
    """Write the three files; what a refusal leaves behind is taken away again."""
    made: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / NAME).open("x", encoding="utf-8") as file:
            made.append(folder / NAME)
            file.write(text)
        read_school_file(folder)
        ring = KeyRing.create(folder / KEY_RING)
        made.append(folder / KEY_RING)
        if "://" not in database:
            # The children's records are for their owner alone, and so is the journal that SQLite writes beside them.
            (folder / database).touch(mode=0o600, exist_ok=False)
            made.append(folder / database)
        engine = open_engine(placed(database, folder))
        try:
            migrate(engine)
            _check_new(engine, ring, school)
        finally:
            engine.dispose()
    except OSError as error:
        _take_away(made)
        raise Absent(f"{folder} cannot be written ({error.strerror}); name a folder of yours by --dir") from None
    except Exception:
        _take_away(made)
        raise


def _check_new(engine: Engine, ring: KeyRing, school: str) -> None:
    """Raise `WrongUsage` if the database holds this school already, under another key ring."""
    store = SqlStore(engine, ring)
    with store.read():
        if store.settings(school) is not None or store.roll(school):
            raise WrongUsage(f"the database holds a school {school} already; give another --school or --database")


def _take_away(made: list[Path]) -> None:
    for path in made:
        path.unlink(missing_ok=True)


def _term(text: str) -> Term:
    id_, _, days = text.partition(":")
    first, _, last = days.partition(":")
    try:
        return Term(id_, date.fromisoformat(first), date.fromisoformat(last))
    except CalendarRefused:
        raise
    except ValueError:
        raise WrongUsage("--term is written ID:FIRST:LAST, as in --term 2026-autumn:2026-09-01:2027-01-20") from None


def _seat(text: str) -> tuple[str, str]:
    role, sign, person = text.partition("=")
    if not sign or role not in SEATS or not person:
        raise WrongUsage(f"--seat is written ROLE=PERSON; the seats are {', '.join(SEATS)}")
    return role, person


def _usual_terms(today: date) -> list[Term]:
    """The two terms of the present school year as most schools in China have them, to be checked by a person."""
    year = today.year if today.month >= SCHOOL_YEAR_BEGINS else today.year - 1
    return [
        Term(
            f"{year}-autumn",
            date(year, 9, 1),
            date(year + 1, 1, 20),
            holidays=[(date(year, 10, 1), date(year, 10, 7)), date(year + 1, 1, 1)],
        ),
        Term(
            f"{year + 1}-spring",
            date(year + 1, 2, 22),
            date(year + 1, 7, 9),
            holidays=[(date(year + 1, 5, 1), date(year + 1, 5, 5))],
        ),
    ]
