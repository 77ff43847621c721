"""The simulation's own clockwork: a heap of what happens when, in minutes; nothing happens by itself."""

from collections.abc import Callable
from heapq import heappop, heappush

Action = Callable[[], None]

SWEEP, WORLD, PEOPLE = 0, 1, 2
"""Priorities within a minute: what is due is swept first, then the world moves, then people act."""


class Kernel:
    """Happenings ordered by minute, priority and the order in which they were asked for."""

    def __init__(self) -> None:
        self.minute = 0
        self._heap: list[tuple[int, int, int, Action]] = []
        self._sequence = 0

    def at(self, minute: int, priority: int, action: Action) -> None:
        """Let ``action`` happen at a minute; what is asked for in the past happens now."""
        self._sequence += 1
        heappush(self._heap, (max(minute, self.minute), priority, self._sequence, action))

    def run(self, until: int, arrive: Callable[[int], None]) -> None:
        """Let everything happen up to and with the minute ``until``; ``arrive`` is told of each new minute before."""
        while self._heap and self._heap[0][0] <= until:
            minute, _, _, action = heappop(self._heap)
            if minute != self.minute:
                self.minute = minute
                arrive(minute)
            action()
