"""For tests of casework and of what is built on it: a store in memory, laws, strategies, contracts of stores and hosts.

``laws`` and what a host is held to are loaded when they are asked for, and Hypothesis when one of the laws is checked.
Strategies and the contracts of stores need Hypothesis and pytest (the extra ``test``); they are imported by name,
`casework.testing.strategies` and `casework.testing.contract`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from casework.testing.access import open_access
from casework.testing.memory import MemoryStore

if TYPE_CHECKING:
    from casework.testing import laws
    from casework.testing.host_look import Host, HostContractBroken
    from casework.testing.hosts import HOST_PROMISES, host_contract

__all__ = ["HOST_PROMISES", "Host", "HostContractBroken", "MemoryStore", "host_contract", "laws", "open_access"]


if not TYPE_CHECKING:  # as in `casework`: a type checker still refuses a name that is not there

    def __getattr__(name: str) -> object:
        if name == "laws":
            return import_module("casework.testing.laws")
        if name in __all__:
            return getattr(import_module("casework.testing.hosts"), name)
        raise AttributeError(f"module 'casework.testing' has no attribute {name!r}", name=name)
