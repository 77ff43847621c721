"""For tests of casework and of what is built on it: a store in memory, laws, strategies, contracts that stores keep.

``laws`` is loaded when it is asked for, and Hypothesis when one of its checks runs. Strategies and contracts need
Hypothesis and pytest (the extra ``test``); they are imported by name, `casework.testing.strategies` and
`casework.testing.contract`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from casework.testing.memory import MemoryStore

if TYPE_CHECKING:
    from casework.testing import laws

__all__ = ["MemoryStore", "laws"]


if not TYPE_CHECKING:  # as in `casework`: a type checker still refuses a name that is not there

    def __getattr__(name: str) -> object:
        if name != "laws":
            raise AttributeError(f"module 'casework.testing' has no attribute {name!r}", name=name)
        return import_module("casework.testing.laws")
