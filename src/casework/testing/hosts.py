"""The contract of a host: its rows and casework's are committed together, or neither is there.

Write down how your program runs a request (`Host`), and `host_contract` proves it, on your database, through your
framework. Every promise can be asked for by itself as well::

    @pytest.mark.parametrize("promise", HOST_PROMISES, ids=lambda promise: promise.__name__)
    def test_our_requests(promise, our_host):
        promise(our_host)

What is found is looked for by a connection of the contract's own. The rows that are meant to be committed stay, under
new names each time, in a school of the contract's own: use a database for tests, in a file or on a server.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from casework.engine.casework import Casework, School
from casework.engine.desk import Desk
from casework.errors import HostTransactionError, StepRefused
from casework.model.people import Principal
from casework.policy import load_policy
from casework.testing.access import open_access
from casework.testing.factories import CALENDAR, clock
from casework.testing.host_look import (
    SCHOOL,
    Host,
    HostContractBroken,
    HostWaited,
    both,
    everything,
    expect,
    expect_nothing_new,
    names_of,
    raised,
    run,
    store_of,
)

Promise = Callable[[Host], None]
"""One promise of a host's; raises `HostContractBroken`. Its docstring says what is promised."""


class _HostFails(Exception):
    """The host's own code fails, after casework has written."""


def host_contract(host: Host) -> None:
    """Prove that a host's rows and casework's live and die together. Raises `HostContractBroken`, naming all it found.

    The error that each broken promise came out with is in the `ExceptionGroup` that is the cause.
    """
    broken: list[Exception] = []
    found: list[str] = []
    for promise in HOST_PROMISES:
        try:
            promise(host)
        except Exception as error:  # noqa: BLE001 - whatever the host raises breaks its promise
            broken.append(error)
            found.append(f"- {promise.__name__}: {promise.__doc__}\n  {type(error).__name__}: {error}")
            if isinstance(error, HostWaited):
                found.append("The promises after this one were not asked for: each would wait as long.")
                break
    if broken:
        raise HostContractBroken(
            f"{len(broken)} of {len(HOST_PROMISES)} promises are broken by {type(host).__name__}:\n" + "\n".join(found)
        ) from ExceptionGroup("broken promises", broken)


# ------------------------------------------------------------------------------------------------- what a request does

_EARLY = "something commits before the request ends: look for commit(), autocommit, or a store on an Engine"
_LOST = "something was rolled back, or written on another connection than the host's"
_NESTED = "the savepoint is not the database's, or casework writes on another connection"


@cache
def _casework() -> Casework:
    return Casework(
        School(SCHOOL, policy=load_policy("town-primary"), calendar=CALENDAR, access=open_access()), clock=clock()
    )


def _desk(host: Host, request: object) -> Desk:
    return Desk(_casework(), store_of(host, request), school=SCHOOL, principal=Principal("host.contract"))


def _write(host: Host, request: object, name: str) -> Desk:
    """The host's row and casework's record, under one name."""
    host.insert(request, name)
    desk = _desk(host, request)
    desk.identify(name, away="both")
    return desk


def _failing(host: Host, work: Callable[[Any], object]) -> None:
    """A request whose own code fails after the work."""

    def fail(request: object) -> None:
        work(request)
        raise _HostFails

    try:
        run(host, fail)
    except _HostFails:
        return
    raise HostContractBroken("the error of the request's own code was swallowed: whoever called takes it for done")


def _fails_within(host: Host, request: object, work: Callable[[], object]) -> None:
    """A savepoint whose code fails after the work, which the request catches."""

    def fail() -> None:
        work()
        raise _HostFails

    try:
        host.savepoint(request, fail)
    except _HostFails:
        return
    raise HostContractBroken("the error within a savepoint was swallowed: whoever opened it takes it for released")


# ----------------------------------------------------------------------------------------------------------- promises


def both_rows_come_with_the_commit(host: Host) -> None:
    """When a request ends well, its own row and casework's are both there."""
    name, *_ = names = names_of(host)
    run(host, lambda request: _write(host, request, name))
    expect(host, both(name), names, _LOST)


def nothing_shows_before_the_commit(host: Host) -> None:
    """While a request runs, nobody else sees either row."""
    before, (name, *_) = everything(host), names_of(host)

    def work(request: object) -> None:
        _write(host, request, name)
        expect_nothing_new(host, before, _EARLY)

    run(host, work)


def neither_row_outlives_a_failure(host: Host) -> None:
    """When a request fails after casework has written, neither row is there."""
    before, (name, *_) = everything(host), names_of(host)
    _failing(host, lambda request: _write(host, request, name))
    expect_nothing_new(host, before, _EARLY)


def nor_after_a_select(host: Host) -> None:
    """Neither row is there where the request had read before it wrote."""
    before, (name, *_) = everything(host), names_of(host)

    def work(request: object) -> None:
        host.select(request)
        _write(host, request, name)

    _failing(host, work)
    expect_nothing_new(host, before, _EARLY)


def nor_where_casework_came_first(host: Host) -> None:
    """Neither row is there where casework's statement was the first, and the host's the last."""
    before, (name, other, _) = everything(host), names_of(host)

    def work(request: object) -> None:
        _desk(host, request).today()
        _write(host, request, name)
        host.insert(request, other)

    _failing(host, work)
    expect_nothing_new(host, before, _EARLY)


def a_savepoint_opened_before_casework(host: Host) -> None:
    """A savepoint that was opened before casework's first statement keeps nothing alive, or is refused in words."""
    before, (name, *_) = everything(host), names_of(host)

    def work(request: object) -> None:
        host.savepoint(request, lambda: _write(host, request, name))

    try:
        _failing(host, work)
    except HostTransactionError as refused:
        if ".begin()" not in str(refused):
            raise
    expect_nothing_new(host, before, _EARLY)


def a_savepoint_opened_after_begin(host: Host) -> None:
    """With the store begun first, a savepoint may come before casework's first statement, and keeps nothing alive."""
    before, (name, *_) = everything(host), names_of(host)

    def work(request: object) -> None:
        begin(host, request)
        host.savepoint(request, lambda: _write(host, request, name))

    _failing(host, work)
    expect_nothing_new(host, before, _EARLY)
    run(host, work)
    expect(host, both(name), [name], _LOST)


def begin(host: Host, request: object) -> None:
    """Begin the store early, if it can: `casework.store.SqlStore.begin`."""
    early = getattr(store_of(host, request), "begin", None)
    if early is not None:
        early()


def a_first_savepoint_rolled_back(host: Host) -> None:
    """What casework wrote in a savepoint opened before its first statement goes with it; the request goes on."""
    name, other, _ = names = names_of(host)

    def work(request: object) -> None:
        begin(host, request)
        _fails_within(host, request, lambda: _write(host, request, name))
        _write(host, request, other)

    run(host, work)
    expect(host, both(other), names, _NESTED)


def a_savepoint_opened_after_casework(host: Host) -> None:
    """What a later savepoint released goes with all the rest when the request fails."""
    before, (name, other, _) = everything(host), names_of(host)

    def work(request: object) -> None:
        _write(host, request, name)
        host.savepoint(request, lambda: _write(host, request, other))

    _failing(host, work)
    expect_nothing_new(host, before, _EARLY)


def a_later_savepoint_rolled_back(host: Host) -> None:
    """What was written in a later savepoint goes with it, and what was written before and after it stays."""
    name, other, after = names = names_of(host)

    def work(request: object) -> None:
        _write(host, request, name)
        _fails_within(host, request, lambda: _write(host, request, other))
        _write(host, request, after)

    run(host, work)
    expect(host, both(name, after), names, _NESTED)


def a_savepoint_in_a_savepoint(host: Host) -> None:
    """An inner savepoint that fails takes its own rows, the outer one keeps its own."""
    name, outer, inner = names = names_of(host)

    def work(request: object) -> None:
        _write(host, request, name)

        def nested() -> None:
            _write(host, request, outer)
            _fails_within(host, request, lambda: _write(host, request, inner))

        host.savepoint(request, nested)

    run(host, work)
    expect(host, both(name, outer), names, _NESTED)


def a_refused_command_leaves_the_rest(host: Host) -> None:
    """What casework refuses leaves nothing, undoes nothing, and the request may go on."""
    name, other, _ = names = names_of(host)

    def work(request: object) -> None:
        desk = _write(host, request, name)
        try:
            desk.identify(name, away="both")
        except StepRefused:
            host.insert(request, other)

    run(host, work)
    expect(host, both(name) | {f"{other} of the host"}, names, _LOST)


def reading_writes_nothing(host: Host) -> None:
    """A request that only reads leaves every table as it was."""
    name, *_ = names_of(host)
    run(host, lambda request: _write(host, request, name))
    before = everything(host)

    def work(request: object) -> None:
        host.select(request)
        desk = _desk(host, request)
        desk.case(name)
        desk.today()
        desk.history(name)

    run(host, work)
    expect_nothing_new(host, before, "a desk's questions write nothing: the host does")


def an_emergency_of_a_failed_request_is_raised_again(host: Host) -> None:
    """An emergency is gone with the request that fails; raised again under the same key it is there, once."""
    before, (name, *_) = everything(host), names_of(host)

    def work(request: object) -> None:
        host.insert(request, name)
        _desk(host, request).raise_emergency(name, "missing", key=name)

    _failing(host, work)
    expect_nothing_new(host, before, _EARLY)
    run(host, work)
    expect(host, both(name), [name], _LOST)
    run(host, lambda request: _desk(host, request).raise_emergency(name, "missing", key=name))
    count = raised(host, name)
    if count != 1:
        raise HostContractBroken(f"{count} emergencies where one was raised; {_LOST}")


def a_failure_leaves_the_next_request_clean(host: Host) -> None:
    """What failed in one request can be done in the next."""
    name, *_ = names = names_of(host)
    _failing(host, lambda request: _write(host, request, name))
    run(host, lambda request: _write(host, request, name))
    expect(host, both(name), names, _LOST)


HOST_PROMISES: tuple[Promise, ...] = (
    both_rows_come_with_the_commit,
    nothing_shows_before_the_commit,
    neither_row_outlives_a_failure,
    nor_after_a_select,
    nor_where_casework_came_first,
    a_savepoint_opened_before_casework,
    a_savepoint_opened_after_begin,
    a_first_savepoint_rolled_back,
    a_savepoint_opened_after_casework,
    a_later_savepoint_rolled_back,
    a_savepoint_in_a_savepoint,
    a_refused_command_leaves_the_rest,
    reading_writes_nothing,
    an_emergency_of_a_failed_request_is_raised_again,
    a_failure_leaves_the_next_request_clean,
)
"""All of them, in the order in which a host is likely to meet them."""
