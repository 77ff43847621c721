"""How Sphinx builds these pages: `make docs`, where a warning is an error."""

import tomllib
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

_PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = _PROJECT["name"]
release = version = _PROJECT["version"]
author = "The casework contributors"
copyright = author  # noqa: A001 - Sphinx's name for it

extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
autodoc_typehints = "description"
# Our own names must be found; other projects' need their pages to look in, and a build needs no network.
nitpick_ignore_regex = [("py:.*", r"(?!casework\.).*")]
# The statements of the store are its own affair and have no page; a signature on one names them all the same.
nitpick_ignore = [
    ("py:class", "casework.store.statements.Wire"),
    ("py:class", "casework.store.again.Patience"),
    ("py:class", "casework.engine.referral_lists.ReferralLine"),
    ("py:class", "casework.engine.context.Context"),
    # Type variables are no classes, and have no page.
    *(
        ("py:class", f"casework.{room}.T")
        for room in ("testing.memory", "store.sql", "engine.port", "engine.transaction")
    ),
]

# The doors' annotations name SQLAlchemy's Session without importing it; rosters and referrals have others of that name.
suppress_warnings = ["ref.python"]

html_theme = "furo"
html_title = f"{project} {version}"


def setup(app: Sphinx) -> None:
    """Show state diagrams as their text; who reads the pages on a forge sees them drawn."""
    app.add_lexer("mermaid", TextLexer)
