"""A call of a desk that is one transaction."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Whole(Protocol):
    """Whatever can do something whole, or not at all."""

    def _whole(self, call: Callable[[], T], *, writing: bool) -> T: ...


D = TypeVar("D", bound=Whole)


def transaction(*, writing: bool) -> Callable[[Callable[Concatenate[D, P], T]], Callable[Concatenate[D, P], T]]:
    """A call of a desk that is one transaction; the store may make it again where the transaction is its own."""

    def decorated(method: Callable[Concatenate[D, P], T]) -> Callable[Concatenate[D, P], T]:
        @wraps(method)
        def call(desk: D, /, *given: P.args, **named: P.kwargs) -> T:
            return desk._whole(lambda: method(desk, *given, **named), writing=writing)  # noqa: SLF001 - its own class

        return call

    return decorated
