"""Packs by name or path to a policy."""

from functools import cache
from importlib.resources import files
from pathlib import Path

from casework.errors import PolicyRefused, Problem, check_kind
from casework.policy.compose import compose
from casework.policy.pack import Pack, read_pack
from casework.policy.read import likely, shown
from casework.policy.text import MOST_BYTES
from casework.policy.values import Policy

_PACKS = files("casework.policy") / "packs"


def shipped_packs() -> tuple[str, ...]:
    """The names of the packs that ship with casework, sorted."""
    names = [entry.name.removesuffix(".toml") for entry in _PACKS.iterdir() if entry.name.endswith(".toml")]
    return tuple(sorted(names))


def load_policy(*names_or_paths: str | Path, definition: str | None = None) -> Policy:
    """Read packs and compose them: ``load_policy("town-primary", "our-school.toml")``.

    A bare name is a shipped pack (`shipped_packs`); a `Path`, or a text with a slash or ending in ``.toml``, is a file.
    Later packs stand over earlier ones only where they say ``replaces`` or ``tightens``. ``definition`` names who
    counts as left behind in place of what the packs say. Raises `PolicyRefused`, which lists every problem with its
    place and its mend.
    """
    if not names_or_paths:
        mend = f"name a pack: {', '.join(shipped_packs())}, or the path of a TOML file"
        raise PolicyRefused([Problem("load_policy", "no pack is named", mend)])
    packs: list[Pack] = []
    problems: list[Problem] = []
    for name in names_or_paths:
        check_kind(name, (str, Path), "load_policy()", "the names or the paths of packs")
        try:
            packs.append(_read(name))
        except PolicyRefused as refused:
            problems += refused.problems
    if problems:
        raise PolicyRefused(problems)
    return compose(packs, definition)


def loads_policy(text: str, *, origin: str = "text", definition: str | None = None) -> Policy:
    """Read one pack from its text; ``origin`` names it in problems. Raises `PolicyRefused`."""
    return compose([read_pack(text.encode("utf-8", "surrogatepass"), origin)], definition)


@cache
def _shipped(name: str) -> Pack:
    """A pack that ships with casework: it does not change while the program runs."""
    return read_pack((_PACKS / f"{name}.toml").read_bytes(), f"{name}.toml")


def _read(name: str | Path) -> Pack:
    if isinstance(name, str) and not name.endswith(".toml") and "/" not in name and "\\" not in name:
        if name not in shipped_packs():
            mend = f"{likely(name, shipped_packs())}; a file of yours ends in .toml"
            raise PolicyRefused([Problem(shown(name), "no pack of that name ships with casework", mend)])
        return _shipped(name)
    try:
        with Path(name).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is no path"
        problem = Problem(str(name)[:200], f"cannot be read: {why}", "give the path of a TOML file")
        raise PolicyRefused([problem]) from error
    return read_pack(data, str(name))
