"""Access for tests of other things: everybody may do everything, asked for by name."""

from functools import cache
from itertools import product

from casework.policy.access import ACTIONS, REASONS, STATES_OF_CASES, Access


@cache
def open_access() -> Access:
    """A matrix in which whoever acts may do everything; only who is implicated still sees less.

    For tests of rules and duties, where nobody cares who enters what. No school should use it.
    """
    cells = product(("anyone",), ("school",), ACTIONS, STATES_OF_CASES, REASONS)
    return Access(frozenset(cells))
