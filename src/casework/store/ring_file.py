"""Changing the file of a key ring: whole or not at all, one program at a time, whatever moment it is killed at."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from casework.errors import KeyRingError
from casework.store.keyring import KeyRing

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has none, and there one program at a time is the host's to see to
    fcntl = None  # type: ignore[assignment]


def add_key(path: str | Path, *, activate: bool = True) -> KeyRing:
    """Add a new key to a ring's file, which keeps those it has. The next step is `casework.store.rotation.rewrap`.

    Programs that have the ring loaded take the new key from the file. With ``activate=False`` it is only known, until
    `activate` is called: so may a ring that is copied to several machines be given to all of them first.
    """
    return rewrite(path, lambda ring: ring.with_key(activate=activate))


def activate(path: str | Path, number: int) -> KeyRing:
    """Let that key of a ring's file be the active one."""
    return rewrite(path, lambda ring: ring.with_active(number))


def remember(path: str | Path, receipts: Iterable[str]) -> KeyRing:
    """Write receipts of erasures into a ring's file."""
    found = tuple(receipts)
    return rewrite(path, lambda ring: ring.remembering(found))


def rewrite(path: str | Path, change: Callable[[KeyRing], KeyRing]) -> KeyRing:
    """Put what the change makes of a ring in place of its file; returns the ring. Raises `KeyRingError`.

    A new file is written beside it, made durable and renamed over it, so that the file is the old ring or the new one.
    """
    where = Path(path).resolve()
    try:
        with _alone(where.parent) as folder:
            before = KeyRing.load(where)
            after = change(before)
            if after is before:
                return before
            _replace(where, after.text(), folder)
    except OSError as error:
        raise KeyRingError(
            f"{path} cannot be written ({error.strerror}); let the user of this program write in its folder"
        ) from None
    return KeyRing.load(path)


def _replace(where: Path, text: str, folder: int | None) -> None:
    new = where.with_name(f".{where.name}.new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(where)
    if folder is not None:
        os.fsync(folder)


@contextmanager
def _alone(folder: Path) -> Iterator[int | None]:
    """Keep other programs from changing a ring in this folder; a lock that a killed program held is gone with it."""
    if fcntl is None:  # pragma: no cover - see above
        yield None
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)
