"""``migrate``: the tables of a school's database are brought to the release of casework that runs."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine

from casework.cli.answer import Answer
from casework.cli.exits import Absent, WrongUsage
from casework.cli.office import engine_in
from casework.cli.options import AT, There
from casework.cli.render import line
from casework.cli.school_file import read_school_file
from casework.store.migrations import migrate as bring
from casework.store.migrations import newest, revision


def migrate(*, at: There = AT) -> Answer:
    """Bring the database to this release of casework. One in a file is copied first; a server has backups of its own.

    The copy stands beside the file, under its name and the revision of its tables. Nothing is copied or changed where
    the tables are of this release.
    """
    file = read_school_file(Path(at.dir))
    with engine_in(at, file, writing=True) as engine:
        with engine.connect() as connection:
            before = revision(connection)
        copy = _copied(engine, before) if before and before < newest() else None
        try:
            after = bring(engine)
        except Exception:
            if copy is not None:
                copy.unlink()  # the file is as it was: a migration is one transaction there
            raise
    facts = {"before": before, "after": after, "copy": None if copy is None else str(copy)}
    if before == after:
        return Answer(facts, (line(f"the tables are of this release ({after}); nothing was changed"),))
    kept = () if copy is None else (line(f"as it was before: {copy}; take it away when all is well"),)
    return Answer(facts, (line(f"the tables were of revision {before or 'none'} and are of {after} now"), *kept))


def _copied(engine: Engine, before: str) -> Path | None:
    """The copy of a database in a file, for its owner alone; None on a server. Raises `WrongUsage`, `Absent`."""
    if engine.dialect.name != "sqlite":
        return None
    path = Path(engine.url.database or "")
    copy = path.with_name(f"{path.name}.{before}")
    try:
        copy.touch(mode=0o600, exist_ok=False)
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except FileExistsError:
        raise WrongUsage(f"{copy} is there already: move it away, it is not overwritten") from None
    except OSError as error:
        raise Absent(f"{copy} cannot be written ({error.strerror}); nothing was changed") from None
    except sqlite3.Error as error:
        copy.unlink()
        raise Absent(f"{path} could not be copied ({error}); nothing was changed") from None
    return copy
