"""For tests of casework and of what is built on it: a store in memory, laws, strategies, contracts of stores and hosts.

``laws`` and the contract of hosts, which needs SQLAlchemy, are loaded when they are asked for, and Hypothesis when a
law's check runs. Strategies and the contracts of stores need Hypothesis and pytest (the extra ``test``); they are
imported by name, `casework.testing.strategies` and `casework.testing.contract`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from casework.testing.memory import MemoryStore

if TYPE_CHECKING:
    from casework.testing import laws
    from casework.testing.host_look import Host, HostContractBroken
    from casework.testing.hosts import HOST_PROMISES, host_contract

__all__ = ["HOST_PROMISES", "Host", "HostContractBroken", "MemoryStore", "host_contract", "laws"]


if not TYPE_CHECKING:  # as in `casework`: a type checker still refuses a name that is not there

    def __getattr__(name: str) -> object:
        if name == "laws":
            return import_module("casework.testing.laws")
        if name not in __all__:
            raise AttributeError(f"module 'casework.testing' has no attribute {name!r}", name=name)
        return getattr(import_module("casework.testing.hosts"), name)
