"""For tests of casework and of what is built on it: a store in memory, strategies, and the contract every store keeps.

Strategies and contracts need Hypothesis and pytest (the extra ``test``); they are loaded when they are asked for.
"""

from casework.testing.memory import MemoryStore

__all__ = ["MemoryStore"]
