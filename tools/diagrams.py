"""Write the state diagrams of `docs/diagrams.md` again from the tables: `python tools/diagrams.py`."""

import re
import sys
from pathlib import Path

from casework.workflows import CASE, EMERGENCY, PROGRAMME, REFERRAL, mermaid

PAGE = Path(__file__).parents[1] / "docs" / "diagrams.md"
TEXTS = {
    CASE.name: mermaid(CASE),
    EMERGENCY.name: mermaid(EMERGENCY),
    REFERRAL.name: mermaid(REFERRAL),
    PROGRAMME.name: mermaid(PROGRAMME),
}
"""The diagram of each workflow, by its name."""

_BLOCK = re.compile(r"(?ms)^<!-- diagram: (?P<name>\w+) -->\n```mermaid\n.*?^```$")


def drawn(page: str) -> str:
    """Return the page with every block below a `<!-- diagram: NAME -->` as the table of that workflow has it."""
    return _BLOCK.sub(lambda found: f"<!-- diagram: {found['name']} -->\n```mermaid\n{TEXTS[found['name']]}```", page)


def named(page: str) -> list[str]:
    """Return the names of the workflows that the page draws, in its order."""
    return [found["name"] for found in _BLOCK.finditer(page)]


def main() -> int:
    """Write the page; 0 if it was as it should be, 1 if it changed."""
    before = PAGE.read_text(encoding="utf-8")
    after = drawn(before)
    PAGE.write_text(after, encoding="utf-8")
    print(f"{PAGE.name}: {'as the tables have it' if before == after else 'written again'}")
    return int(before != after)


if __name__ == "__main__":
    sys.exit(main())
