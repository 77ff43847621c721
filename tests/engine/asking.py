"""What the tests of deciding share: days, a card, and what a command asks for or why it is refused."""

from datetime import timedelta

import pytest

from casework.engine.decide import decide
from casework.engine.draft import Draft
from casework.engine.evolve import happen
from casework.errors import CommandRefused
from casework.model import commands as c
from casework.model.people import Contact, ContactCard, Sealed
from casework.testing.factories import MORNING, TODAY, case
from tests.engine.world import context

DAY = timedelta(days=1)
YESTERDAY, TOMORROW = TODAY - DAY, TODAY + DAY
CARD = ContactCard(
    carer=Contact(Sealed("1" * 32), "grandmother"), parents=[Contact(Sealed("2" * 32), "father", dead=True)]
)


def asks(command, one=None, at=MORNING):
    """The events of a command."""
    return decide(command, case() if one is None else one, context(at))


def refused(command, one=None, error=CommandRefused):
    """Why a command is refused."""
    with pytest.raises(error) as caught:
        asks(command, one)
    return str(caught.value)


def record(**facts):
    """A visit that reached somebody."""
    return c.Record(**({"kind": "visit", "reached": True} | facts))


def after(one, *commands):
    """The case after these commands."""
    draft = Draft(one)
    for command in commands:
        for event in asks(command, draft.case):
            happen(draft, event)
    return draft.case
