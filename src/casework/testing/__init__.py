"""For tests of casework and of what is built on it: a store in memory, strategies, contracts of stores and hosts.

Strategies and the contracts of stores need Hypothesis and pytest (the extra ``test``), that of hosts needs SQLAlchemy;
they are loaded when they are asked for.
"""

from typing import TYPE_CHECKING

from casework.testing.memory import MemoryStore

if TYPE_CHECKING:
    from casework.testing.host_look import Host, HostContractBroken
    from casework.testing.hosts import HOST_PROMISES, host_contract

__all__ = ["HOST_PROMISES", "Host", "HostContractBroken", "MemoryStore", "host_contract"]


def __getattr__(name: str) -> object:
    """What a host is held to, which loads SQLAlchemy."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from casework.testing import hosts  # noqa: PLC0415

    return getattr(hosts, name)
