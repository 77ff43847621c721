"""What may be meant by a word that nobody knows."""

from collections.abc import Collection
from difflib import get_close_matches


def did_you_mean(word: str, known: Collection[str]) -> str:
    """A question that names the nearest of those known, to be put behind a message; empty if none is near."""
    near = get_close_matches(word[:64].casefold(), {name.casefold(): name for name in known}, n=1)
    found = next((name for name in sorted(known) if near and name.casefold() == near[0]), "")
    return f"; did you mean {found}?" if found else ""
