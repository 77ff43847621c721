"""What a command line needs to replay a simulated term: where its rules can be imported from, whose policy it is."""

import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from casework.errors import RuleRefused
from casework.policy.load import load_policy, shipped_packs
from casework.policy.values import Policy
from casework.rules import Rule


def places(rules: Iterable[Rule]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Where rules can be imported from, as `find_rules` takes it; and those that stand nowhere, as text.

    A module that can be imported in this folder, or is installed, is told by its name; any other by its file, since a
    test runner may have found it where a command does not look.
    """
    placed, loose = [], []
    for rule in rules:
        module, name = getattr(rule.function, "__module__", ""), getattr(rule.function, "__name__", "")
        found = sys.modules.get(module)
        if module != "__main__" and getattr(found, name, None) is rule:
            placed.append(f"{_place(module, getattr(found, '__file__', None))}:{name}")
        else:
            loose.append(f"the rule {rule.key}")
    return tuple(placed), tuple(loose)


def _place(module: str, file: str | None) -> str:
    """A module's name where a command in this folder can import it, else its file, from this folder if it lies here."""
    if file is None:
        return module
    here, path = Path.cwd(), Path(file).resolve()
    top, name = _top_of(path)
    if name != module or top == here or INSTALLED.intersection(path.parts):
        return module
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def _top_of(path: Path) -> tuple[Path, str]:
    """The folder from which a file is imported, and its module's name there: packages have an ``__init__.py``."""
    top, names = path.parent, [] if path.stem == "__init__" else [path.stem]
    while (top / "__init__.py").is_file():
        names.insert(0, top.name)
        top = top.parent
    return top, ".".join(names)


INSTALLED = frozenset(("site-packages", "dist-packages"))


def find_rules(names: Iterable[str]) -> tuple[Rule, ...]:
    """Import rules from ``package.module:name`` or ``folder/module.py:name``; a name is a rule or a list of rules.

    Imports the module, so it runs its code: name only what you would run. A file's folder (that of its package) is put
    on ``sys.path``, as test runners do. Raises `RuleRefused`.
    """
    found: list[Rule] = []
    for place in names:
        module, _, name = place.rpartition(":")
        try:
            value = getattr(import_module(_importable(module)), name)
        except Exception as error:  # a module that is imported may raise whatever it likes
            raise RuleRefused(
                f"no rule at {place[:80]!r} ({type(error).__name__}); write it as package.module:name, and run it "
                "where that package can be imported, or as folder/module.py:name"
            ) from error
        rules = [value] if isinstance(value, Rule) else value
        if not isinstance(rules, list | tuple) or not all(isinstance(rule, Rule) for rule in rules):
            raise RuleRefused(f"{place[:80]!r} is no rule; let it name a @rule function or a list of them")
        found += rules
    return tuple(found)


def _importable(module: str) -> str:
    """The name under which a module can be imported; for a file its folder is made one that is searched."""
    if not module.endswith(".py"):
        return module
    top, name = _top_of(Path(module).resolve(strict=True))
    if str(top) not in sys.path:
        sys.path.insert(0, str(top))
    return name


def is_shipped(policy: Policy) -> bool:
    """Tell whether a policy is a pack of the library as it stands."""
    return policy.id in shipped_packs() and load_policy(policy.id).hash == policy.hash
