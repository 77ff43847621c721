"""Run what a page of the documentation shows: every code block that could be wrong, none left out.

- `python` blocks run in order and share their names, like one module; functions named `test_*` that they define are
  called afterwards with pytest's fixtures.
- `console` blocks run each line that begins with `$`; the exit code must be 0, or N where the line ends in `# exit N`.
  What stands below a command is not compared: times and ids differ. `casework` and `python` are those under test.
- `toml` blocks must parse.
- `shell` is for the commands before there is an installation (git clone, make); these and the languages in SHOWN are
  for reading. Any other language, a fence without one, and a comment that asks to skip are refused, so that nothing is
  left out by a slip.

A page runs in an empty folder that holds only `examples`, the repository's.
"""

import contextlib
import inspect
import io
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sybil import Document, Example
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

from casework.cli import main

SHOWN = {"csv", "diff", "html", "json", "markdown", "mermaid", "shell", "sql", "text"}
LONGEST_COMMAND = 120
"""Seconds that one command may take."""

FENCE = re.compile(r"^[ >]*(?P<fence>`{3,}|~{3,})[ ]*(?P<language>[^\s`]*)", re.MULTILINE)
SKIP = re.compile(r"<!---?\s*(skip|invisible|clear|[\w.-]*noqa)|\bskip:\s*(next|start|if)\b", re.IGNORECASE)
EXIT = re.compile(r"#\s*exit\s+(\d+)\s*$")


class BrokenPageError(Exception):
    """A page shows something that does not hold; the message names the line."""


def refusals(text: str) -> Iterator[str]:
    """Yield the fences and comments of a page that would keep a block from being run, as `line: what; the mend`."""
    opened = ""
    for found in FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        fence, language = found["fence"], found["language"]
        if opened:
            if not language and fence.startswith(opened):
                opened = ""
        else:
            opened = fence
            if not language:
                yield f"{line}: the block names no language; say text, if it is only shown"
            elif not language.startswith("{") and language not in SHOWN | {"python", "console", "toml"}:
                yield f"{line}: {language} is no language of these pages; say python or console to run it, or text"
            elif language.startswith("{code"):
                yield f"{line}: {language} would not be run; write a plain fence"
    for skipped in SKIP.finditer(text):
        yield f"{text.count(chr(10), 0, skipped.start()) + 1}: nothing on a page is skipped; take the comment out"


def run_page(path: Path, folder: Path, fixture: Callable[[str], Any]) -> int:
    """Run a page's blocks in `folder`, the current directory; return how many ran. `fixture` finds one by its name."""
    if refused := list(refusals(path.read_text(encoding="utf-8"))):
        raise BrokenPageError(f"{path.name}:" + f"\n{path.name}:".join(refused))
    document = Document.parse(
        str(path),
        PythonCodeBlockParser(),
        CodeBlockParser("console", lambda example: _run_console(example, folder)),
        CodeBlockParser("toml", _read_toml),
    )
    examples = list(document.examples())
    for example in examples:
        example.evaluate()
    for name, test in list(document.namespace.items()):
        if name.startswith("test_") and inspect.isfunction(test):
            test(*map(fixture, inspect.signature(test).parameters))
    return len(examples)


def _read_toml(example: Example) -> None:
    try:
        tomllib.loads(example.parsed)
    except tomllib.TOMLDecodeError as error:
        raise BrokenPageError(f"{Path(example.path).name}:{example.line}: {error}") from error


def _run_console(example: Example, folder: Path) -> None:
    """Run the block's commands one after the other; stop at the first whose exit code is not the one that is shown."""
    where = f"{Path(example.path).name}:{example.line}"
    commands = re.findall(r"(?m)^\$ ((?:.*\\\n)*.*)$", example.parsed)
    if not commands:
        raise BrokenPageError(f"{where}: the console block holds no line that begins with `$ `; say text instead")
    for command in commands:
        shown = EXIT.search(command)
        words = shlex.split(command, comments=True)
        if words[0] not in {"casework", "python"}:
            raise BrokenPageError(f"{where}: {words[0]} is not ours to run; say shell instead of console")
        code, said = _run_here(words[1:]) if _is_plain(command) else _run_in_shell(command, folder)
        expected = int(shown[1]) if shown else 0
        if code != expected:
            raise BrokenPageError(f"{where}: `{command}` ended with {code}, not {expected}\n{said}")


def _is_plain(command: str) -> bool:
    """Tell whether it is a command of ours with words alone, which needs neither a shell nor a process of its own."""
    return command.startswith("casework ") and not re.search(r"[|<>&;$`*?~]", command)


def _run_here(words: list[str]) -> tuple[int, str]:
    """Run `casework` in this process, which saves loading it for each command; its exit code, and what it said."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(words)
    return code, f"{out.getvalue()}\n{err.getvalue()}"


def _run_in_shell(command: str, folder: Path) -> tuple[int, str]:
    """Run a command as it stands; its exit code, and what it said."""
    environment = os.environ | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        "NO_COLOR": "1",
        "COLUMNS": "100",
    }
    ended = subprocess.run(  # noqa: S602 - the pages are ours, and a pipe in them is meant
        command,
        shell=True,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST_COMMAND,
        check=False,
    )
    return ended.returncode, f"{ended.stdout}\n{ended.stderr}"
