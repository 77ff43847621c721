"""Standard output and error while a command runs: what cannot be written undoes nothing that is stored.

A command commits before it prints. Whether its answer reaches anybody is a question of its own: a reader may have gone
away, the disk may be full, the stream may be closed.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import TextIOBase, TextIOWrapper
from typing import TextIO, cast

from casework.cli.exits import Unwritten


class Guarded(TextIOBase):
    """A stream whose failures are ours: `Unwritten`, or nothing where the stream is only ``beside`` the answer."""

    def __init__(self, under: TextIO | None, *, beside: bool) -> None:
        self._under = under
        self._beside = beside

    @property
    def encoding(self) -> str:  # type: ignore[override] # of the base it is an attribute
        """That of the stream."""
        return getattr(self._under, "encoding", None) or "utf-8"

    def isatty(self) -> bool:
        """Tell whether the stream is a terminal."""
        return self._under is not None and not self._under.closed and self._under.isatty()

    def fileno(self) -> int:
        """The number of the stream's file."""
        if self._under is None:
            raise OSError("the stream is closed")
        return self._under.fileno()

    def write(self, text: str) -> int:
        """Write the text. Raises `Unwritten`."""
        try:
            return self._open().write(text)
        except (OSError, ValueError) as error:
            self._lost(error)
        return len(text)

    def flush(self) -> None:
        """Let what was written go. Raises `Unwritten`."""
        try:
            self._open().flush()
        except (OSError, ValueError) as error:
            self._lost(error)

    def _open(self) -> TextIO:
        if self._under is None:
            raise ValueError("the stream is closed")
        return self._under

    def _lost(self, error: Exception) -> None:
        self._to_nowhere()
        if not self._beside:
            why = getattr(error, "strerror", None) or "it is closed"
            raise Unwritten(f"standard output: {why}", gone=isinstance(error, BrokenPipeError)) from None

    def _to_nowhere(self) -> None:
        """What still waits to be written would fail once more when the interpreter ends, with a code of its own."""
        try:
            number = self.fileno()
        except (OSError, ValueError):
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)


@contextmanager
def streams() -> Iterator[None]:
    """Guard both streams; what no terminal of that encoding can show is written as an escape."""
    out, err = cast("TextIO | None", sys.stdout), cast("TextIO | None", sys.stderr)
    for stream in (out, err):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    answers, asides = Guarded(out, beside=False), Guarded(err, beside=True)
    with redirect_stdout(cast("TextIO", answers)), redirect_stderr(cast("TextIO", asides)):
        yield
