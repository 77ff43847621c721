"""demo."""

from casework.cli.answer import Answer
from casework.cli.options import SHOWN, Everybody


def demo(*, _opts: Everybody = SHOWN) -> Answer:
    """Demo."""
    return Answer({})
