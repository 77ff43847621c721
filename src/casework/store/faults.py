"""What a driver's error means: read from its code, never from its message, which may hold what was to be stored."""

from typing import Any

from sqlalchemy.exc import DBAPIError, OperationalError, StatementError

from casework.errors import CaseworkError, DatabaseBusy, DatabaseUnusable, Tampered

_LOCK_REFUSED = "55P03"
_RETRYABLE_STATES = frozenset(("40001", "40P01", _LOCK_REFUSED, "57P01", "57P02", "57P03"))
_RETRYABLE_NUMBERS = frozenset((1205, 1213, 1020, 2006, 2013))
_CHOSEN_STATES = frozenset(("40001", "40P01"))
_CHOSEN_NUMBERS = frozenset((1205, 1213))
_SQLITE_BUSY, _SQLITE_FULL, _SQLITE_CONSTRAINT = 5, 13, 19

_UNUSABLE = {
    8: "the database can only be read: let the user that casework runs as write to it (on SQLite, to its folder too)",
    10: "the disk failed while the database was read or written: look at the disk, then repeat",
    _SQLITE_FULL: "the disk is full, so nothing was stored: make room, then repeat",
    14: "the database cannot be opened: make the folder, or allow the user that casework runs as to write there",
}
"""What to do about SQLite's errors, by their primary code."""
_UNUSABLE_STATES = {"25006": 8, "42501": 8, "53100": _SQLITE_FULL, "58030": 10}
"""PostgreSQL's codes that say the same: it stands by or may not be written, its disk is full, its disk failed."""
_NO_DATABASE = frozenset((11, 26))


def retryable(error: BaseException) -> bool:
    """Tell whether the same transaction may succeed when it is run again: busy, chosen as a victim, connection lost.

    Only whoever opened the transaction can run it again: casework does at the Engine door, elsewhere the host may.
    """
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated or _unreached(error):
        return True
    state, code, number = _codes(error)
    if state is not None:
        return state in _RETRYABLE_STATES or state.startswith("08")
    return code == _SQLITE_BUSY if code is not None else number in _RETRYABLE_NUMBERS


def hide_values(error: StatementError) -> None:
    """Take from an error of SQLAlchemy's the values of its statement, which its text would show on many engines."""
    error.params, error.hide_parameters = None, True


def lock_refused(error: BaseException) -> bool:
    """Tell whether a lock was not to be had within the wait, of a driver's error or of SQLAlchemy's around one."""
    state, code, _ = _codes_of(getattr(error, "orig", None) or error)
    return state == _LOCK_REFUSED or code == _SQLITE_BUSY


def surely_undone(error: DBAPIError) -> bool:
    """Tell whether a commit that failed so has stored nothing; of a lost connection or a failing disk nobody knows."""
    state, code, number = _codes(error)
    if state is not None:
        return state in _CHOSEN_STATES or state.startswith("23")
    if code is not None:
        return code in {_SQLITE_BUSY, _SQLITE_FULL, _SQLITE_CONSTRAINT}
    return number in _CHOSEN_NUMBERS


def explained(error: DBAPIError) -> CaseworkError | None:
    """The error in words, with what to do; None for one that is a mistake of the program rather than of the place."""
    if error.connection_invalidated:
        return DatabaseBusy("the connection to the database was lost, so nothing was stored: repeat")
    if _unreached(error):
        return DatabaseBusy(
            "the database cannot be reached, or lets nobody in by that name, so nothing was stored: look whether its "
            "server runs, and at address, user and password"
        )
    if retryable(error):
        return DatabaseBusy(
            "the database was busy for longer than was waited, so nothing was stored: repeat; if it stays so, look "
            "for a program that keeps a transaction open"
        )
    state, code, _ = _codes(error)
    if state in _UNUSABLE_STATES:
        return DatabaseUnusable(_UNUSABLE[_UNUSABLE_STATES[state]])
    if code in _NO_DATABASE:
        return Tampered("the file is no database, or a damaged one: name another, or restore it from its backup")
    return DatabaseUnusable(_UNUSABLE[code]) if code in _UNUSABLE else None


def _unreached(error: DBAPIError) -> bool:
    """Whether there was no connection to begin with: a server that cannot be asked has no code for that."""
    state, code, _ = _codes(error)
    return state is None and code is None and error.statement is None and isinstance(error, OperationalError)


def _codes(error: DBAPIError) -> tuple[str | None, int | None, object]:
    """The driver's SQLSTATE, SQLite's primary code, and the number of a driver that has neither."""
    return _codes_of(error.orig)


def _codes_of(driver: Any) -> tuple[str | None, int | None, object]:  # noqa: ANN401 - an error of any driver's
    state = getattr(driver, "sqlstate", None) or getattr(driver, "pgcode", None)
    code = getattr(driver, "sqlite_errorcode", None)
    numbers: list[object] = list(getattr(driver, "args", ()))
    return (
        state if isinstance(state, str) else None,
        code & 0xFF if isinstance(code, int) else None,
        numbers[0] if numbers else None,
    )
