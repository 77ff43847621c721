"""Whether the school of casework.toml is one whose records the database holds.

A database may hold many schools. Under a name that was mistyped there would be a second, empty one beside them: nothing
is due in it, nobody is on its roll, and no alarm of the other is heard in it.
"""

from sqlalchemy import Engine, exists, or_, select

from casework.cli.exits import WrongUsage
from casework.cli.near import did_you_mean
from casework.cli.printing import remark
from casework.store.doors import opened
from casework.store.tables import default_tables

MOST_NAMED = 5
"""So many of the schools that the database holds are named."""


def check_school(engine: Engine, school: str, *, begins: bool) -> None:
    """Look whether a school without staff is the one that is meant.

    One of which nothing is stored is refused beside others, unless the command ``begins`` a school or reports danger:
    then, and where an alarm is all that it holds, it is remarked. Raises `WrongUsage`.
    """
    t = default_tables()
    c, roll, cases = t.schools.c, t.roll.c, t.cases.c
    begun = or_(
        exists().where(roll.school == c.school),
        exists().where(cases.school == c.school, cases.stage != ""),
    )
    held = select(c.name, begun).order_by((c.name == school).desc(), c.name).limit(MOST_NAMED + 1)
    with opened(engine, writing=False) as connection:
        found = {row[0]: bool(row[1]) for row in connection.execute(held)}
    if found.get(school):
        return
    others = [other for other in found if other != school]
    if not others:
        return
    more = ", …" if len(others) > MOST_NAMED else ""
    wrong = (
        f"the database holds {'no case of a' if school in found else 'no'} school {school}, but "
        f"{', '.join(others[:MOST_NAMED])}{more}{did_you_mean(school, others)}; set `school =` right in casework.toml"
    )
    if school not in found and not begins:
        raise WrongUsage(f"{wrong}; a school that is new begins with casework import ROSTER --as YOU")
    remark(f"ATTENTION: {wrong}, unless the school is new; the command goes on for {school}")
