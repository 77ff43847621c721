"""Who answers referrals, read from ``[specialists.CODE]`` of a pack."""

from casework.model.people import ROLES
from casework.model.reason import CODE
from casework.policy.read import Table, worded
from casework.policy.values import Specialist

MOST_SPECIALISTS = 20
DEFAULT_SPECIALISTS = {"psychology": Specialist("psychologist")}
"""Where no pack says otherwise (D26); the provider outside the school is each school's own to name."""

_SEATS = tuple(role for role in ROLES if role not in {"lead", "class_teacher", "outside"})


def read_specialists(table: Table) -> dict[str, Specialist]:
    """The specialists that a pack names, by the code of a referral."""
    rows = table.table("specialists")
    if rows is None:
        return {}
    found = {}
    for name in list(rows.values)[:MOST_SPECIALISTS]:
        if not CODE.fullmatch(name):
            rows.asked.add(name)
            rows.wrong(name, f"{worded(name)} is no code", "name whom a child is referred to, as in psychology")
        elif (row := rows.table(name)) is not None:
            role = row.one_of("role", _SEATS)
            provider = row.text("provider", CODE.pattern, "a code such as 'county_hospital'", "")
            row.done()
            found[name] = Specialist(role, provider)
    if len(rows.values) > MOST_SPECIALISTS:
        rows.asked.update(rows.values)
        table.wrong("specialists", f"there are {len(rows.values)} of them", f"keep to {MOST_SPECIALISTS}")
    rows.done()
    return found
