"""The rules of the house that no linter knows: each check takes a source text and yields its offences.

`tests/test_house.py` runs them over `src/casework` and shows that each one bites. An offence names the line and the
mend. Which room may know which is import-linter's (pyproject.toml); third-party imports are checked by both, because
here an import inside a function counts as much as one at the top, and the message says where to go instead.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

LONGEST_FILE = 400
"""Lines of a source file, counting all."""

ROOMS_OF = {
    "alembic": ("casework.store", "casework.cli"),
    "cryptography": ("casework.store", "casework.cli"),
    "cyclopts": ("casework.cli",),
    "hypothesis": ("casework.testing", "casework.pytest_plugin"),
    "pytest": ("casework.testing", "casework.pytest_plugin"),
    "rich": ("casework.cli",),
    "sqlalchemy": (
        "casework.store",
        "casework.cli",
        "casework.web",
        "casework.testing.host_look",
        "casework.testing.sql_contract",
        "casework.testing.sql_doors",
    ),
    "transitions": ("casework.workflows.machine",),
}
"""A third-party package to the rooms that may import it; what is not named here may be imported anywhere."""

UNPACKED = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}
"""Modules that run what they read."""

NOW = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "time.gmtime",
    "time.localtime",
    "time.time",
    "time.time_ns",
}
"""The ambient clocks, by their full names."""

HOSTS_ONLY = {
    "atexit.register": "register nothing at exit",
    "logging.basicConfig": "leave the configuration of logging to the host",
    "structlog.configure": "use structlog.wrap_logger; the host configures",
    "threading.Thread": "start no thread; offer a function that the host calls",
    "threading.Timer": "start no thread; set wake_at and let the sweep come by",
}
"""What a guest leaves to its host, with the mend."""

EVERYWHERE_BANNED = {"eval": "parse the text", "exec": "parse the text", "breakpoint": "take it out"}
PRINTERS = ("casework.cli",)

ADDRESSES = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs\.org|deb\.debian\.org"
    r"|(?<![\w.])/(?:root|work|home/\w+|Users/\w+|tmp/dev)/"
)
"""Registry hosts, and paths that exist on one machine only."""

NEVER_TRACKED = "__pycache__"


def offences(source: str, module: str) -> Iterator[str]:
    """Yield what is wrong in one source text, as `line: what; the mend`, by line; `module` is its dotted name."""
    tree = ast.parse(source)
    names = _full_names(tree)
    found = [
        *_imports(tree, module),
        *_clocks(tree, names, module),
        *_guests(tree, names),
        *_statements(tree, module),
        *_length(source),
    ]
    for line, text in sorted(found):
        yield f"{line}: {text}"


def circle(sources: Mapping[str, str]) -> tuple[str, ...]:
    """Return modules that import one another in a circle, by name, wherever the import stands; empty if none do.

    A package is left out: it offers the names of its own modules.
    """
    graph = {
        module: {
            name
            for _, full in _imported(ast.parse(source))
            for name in (full, full.rpartition(".")[0])
            if name in sources and name != module
        }
        for module, source in sources.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return tuple(error.args[1])
    return ()


def addresses(text: str) -> Iterator[str]:
    """Yield the lines of a tracked file that name a registry's host or a path of one machine."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := ADDRESSES.search(line):
            yield f"{number}: {found.group()!r} means something on one machine only; take it out"


def module_name(path: Path, root: Path) -> str:
    """Return the dotted name of a source file below `root` (the folder that holds `casework`)."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def files_of_the_project(root: Path) -> Iterator[Path]:
    """Yield the files that a clone holds, without asking git, which a user's machine may not have."""
    folders = (".ci", "benchmarks", "changelog.d", "constraints", "docs", "examples", "src", "tests", "tools")
    yield from (path for path in sorted(root.iterdir()) if path.is_file() and path.name != ".git")
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and NEVER_TRACKED not in path.parts:
                yield path


def _within(module: str, rooms: Iterable[str]) -> bool:
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


def _imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield every imported module, wherever the import stands: (line, dotted name)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and _called(node) in {"import_module", "__import__"} and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node.lineno, first.value


def _called(node: ast.Call) -> str:
    """Return the last part of what is called: `b` of `a.b(…)`."""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _imports(tree: ast.Module, module: str) -> Iterator[tuple[int, str]]:
    for line, name in _imported(tree):
        package = name.partition(".")[0]
        rooms = ROOMS_OF.get(package)
        if rooms is not None and not _within(module, rooms):
            yield line, f"{package} is imported in {module}; it lives in {', '.join(rooms)}"
        if package in UNPACKED:
            yield line, f"{package} runs what it reads; write a codec"
    for line, name in _loaded_on_import(tree):
        if _within(name, ["sqlalchemy.ext.asyncio"]):
            yield line, "sqlalchemy.ext.asyncio is loaded with the module; import it in the function that needs it"


def _loaded_on_import(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the imports that run when the module is imported: all but those in functions and for type checkers."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imported(node)
        waiting.extend(_children_run_on_import(node))


def _children_run_on_import(node: ast.AST) -> Iterable[ast.AST]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return []
    if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        return node.orelse
    return ast.iter_child_nodes(node)


def _full_names(tree: ast.Module) -> dict[str, str]:
    """Return what each imported name stands for: `dt` → `datetime`, `now` → `time.time`."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    return names


def _references(tree: ast.Module, names: dict[str, str]) -> Iterator[tuple[int, str]]:
    """Yield every name and attribute in full, called or passed on: (line, `datetime.datetime.now`)."""
    for node in ast.walk(tree):
        parts: list[str] = []
        inner: ast.AST = node
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name) and inner.id in names and isinstance(node, ast.Name | ast.Attribute):
            yield node.lineno, ".".join([names[inner.id], *reversed(parts)])


def _clocks(tree: ast.Module, names: dict[str, str], module: str) -> Iterator[tuple[int, str]]:
    if module == "casework.clock":
        return
    for line, name in _references(tree, names):
        if name in NOW:
            yield line, f"{name} reads the machine's clock; take the instant from casework.clock"


def _guests(tree: ast.Module, names: dict[str, str]) -> Iterator[tuple[int, str]]:
    for line, name in _references(tree, names):
        if mend := HOSTS_ONLY.get(name):
            yield line, f"{name} is the host's; {mend}"


def _statements(tree: ast.Module, module: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            yield node.lineno, "assert vanishes under -O; raise an error of casework.errors"
        elif isinstance(node, ast.Name) and node.id in EVERYWHERE_BANNED:
            yield node.lineno, f"{node.id} has no place here; {EVERYWHERE_BANNED[node.id]}"
        elif isinstance(node, ast.Name) and node.id == "print" and not _within(module, PRINTERS):
            yield node.lineno, "print is for casework.cli; return the text, or log"


def _length(source: str) -> Iterator[tuple[int, str]]:
    lines = len(source.splitlines())
    if lines > LONGEST_FILE:
        yield LONGEST_FILE + 1, f"{lines} lines are more than {LONGEST_FILE}; divide the file"
