"""An answer onto standard output: JSON alone, a text as it stands, or tables as wide as the terminal."""

import json
import os
import sys
from collections.abc import Iterable

from rich.console import Console, RenderableType
from rich.text import Text

from casework.cli.answer import Answer
from casework.cli.render import Rows

WIDTH = 100
"""Columns where nobody says how many: in a pipe or a file."""


def put(answer: Answer, *, as_json: bool) -> None:
    """Print what a command answered."""
    if as_json:
        print(json.dumps(answer.data if answer.listed is None else answer.listed, ensure_ascii=False, indent=2))
        return
    if answer.text is not None:
        print(answer.text, end="")
        return
    show(terminal(), answer.shown)


def show(console: Console, parts: Iterable[RenderableType]) -> None:
    """Print what people read: prose as wide as the terminal, a command to copy in one line, tables set apart."""
    for part in parts:
        whole = isinstance(part, Text) and bool(part.no_wrap)
        console.print(part, markup=False, highlight=False, soft_wrap=whole)
        if isinstance(part, Rows):
            console.print()


def remark(text: str) -> None:
    """Something to look at beside what the command answers, unless it is empty: standard output is the answer's."""
    if text:
        print(f"casework: note: {text}", file=sys.stderr)


def terminal(*, errors: bool = False) -> Console:
    """Standard output (or error) as rich sees it; wide enough for a table where it is no terminal."""
    stream = sys.stderr if errors else sys.stdout
    known = stream.isatty() or "COLUMNS" in os.environ
    return Console(file=stream, width=None if known else WIDTH)
