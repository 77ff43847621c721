"""Histories that laws are tried on: one command after the other on one child's record, drawn, or written down here."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from attrs import frozen

from casework.model import commands as c
from casework.model import referral_commands as rc
from casework.model.people import Contact, ContactCard

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

HELPER = "t.helper"
_CARD = ContactCard(carer=Contact("carer", "grandmother"))

STARTS = (date(2026, 9, 24), date(2026, 12, 28), date(2027, 1, 17), date(2027, 2, 12))
"""Days on which a history begins: before a holiday, before the year's end, before a term ends and one begins."""


@frozen
class Happening:
    """One command in a history: after so many hours, on a local day so many days back.

    ``command`` is a class of `casework.model.commands`; ``values`` are its fields. An ``item`` among them is the place
    of an activity or emergency among those of the record, counted from the newest.
    """

    after: int
    back: int
    command: type
    values: dict[str, Any]


def histories() -> SearchStrategy[tuple[date, list[Happening]]]:
    """Draws the day on which a history begins, and what happens in it; every fifth thing is an act of the helper's."""
    from hypothesis import strategies as st  # noqa: PLC0415 - of the extra "test", loaded when asked for

    backs = st.sampled_from([0, 0, 1, 6, 13, 25, 29, 59])
    codes = st.sampled_from(["family_quarrel", "violence"])
    severities = st.sampled_from(["medium", "danger"])
    concerns = st.builds(c.ConcernDraft, codes, severities, st.booleans())
    items = st.integers(0, 2)
    lists = st.lists(concerns, max_size=1).map(tuple)
    moods = st.sampled_from(["", "low", "very_low"])
    reached = st.sampled_from([True, True, False])

    def record(*kinds: str) -> SearchStrategy[dict[str, Any]]:
        acts = {"kind": st.sampled_from(kinds), "reached": reached, "concerns": lists, "mood": moods}
        return st.fixed_dictionaries(acts)

    stand = st.fixed_dictionaries({"item": items, "look_again": st.sampled_from([None, 1, 3, 10])})
    commands: list[tuple[type, SearchStrategy[dict[str, Any]]]] = [
        (c.Record, record("visit")),
        (c.Record, record("call", "carer_talk")),
        (c.Record, record("talk")),
        (c.Record, record("absence", "review")),
        (c.NoteConcern, st.fixed_dictionaries({"concern": concerns})),
        (c.Raise, st.fixed_dictionaries({"kind": codes})),
        (c.Acknowledge, st.fixed_dictionaries({"item": items})),
        (c.StandDown, stand),
        (c.Correct, st.fixed_dictionaries({"item": items, "reached": st.booleans()})),
        (c.Void, st.fixed_dictionaries({"item": items})),
        (c.File, st.just({"card": _CARD})),
        (c.Pair, st.just({"lead": HELPER})),
        (c.DesignateKey, st.just({"because": "grief"})),
        (c.ChangeFacts, st.fixed_dictionaries({"boarder": st.booleans(), "away": st.sampled_from(["none", "one"])})),
        (rc.RequestReferral, st.fixed_dictionaries({"urgent": st.booleans()})),
        (rc.AcceptReferral, st.fixed_dictionaries({"item": items})),
        (rc.HoldSession, st.fixed_dictionaries({"item": items})),
        (rc.PlanCare, st.fixed_dictionaries({"item": items, "review_on": st.sampled_from([1, 3, 10])})),
        (rc.RevokeReferral, st.fixed_dictionaries({"item": items})),
        (rc.Screen, st.fixed_dictionaries({"score": st.sampled_from([3, 14]), "self_harm": st.sampled_from([0, 1])})),
        (c.Close, st.just({"because": "parents_returned"})),
        (c.Reopen, st.just({"because": "parents_left"})),
    ]
    happening = st.one_of(
        [
            st.builds(Happening, st.sampled_from([0, 1, 7, 25, 80]), backs, st.just(command), values)
            for command, values in commands
        ]
    )
    return st.tuples(st.sampled_from(STARTS), st.lists(happening, max_size=6))


def _act(kind: str, *, reached: bool = True, back: int = 0) -> Happening:
    return Happening(0, back, c.Record, {"kind": kind, "reached": reached, "mood": "low" if kind == "talk" else ""})


def _said(command: type, after: int = 0, **values: Any) -> Happening:  # noqa: ANN401 - a command's own fields
    return Happening(after, 0, command, values)


_PAIR = _said(c.Pair, lead=HELPER)
_STAND_DOWN = _said(c.StandDown, 24, item=0, look_again=None)
_ACTS = (*map(_act, ("visit", "call", "talk", "carer_talk")), _act("absence", back=1), _act("review", back=1))
_QUARREL = _said(c.NoteConcern, concern=c.ConcernDraft("family_quarrel", "medium", observed=True))

QUIET = 65
"""Days without any happening that follow each of the histories that are always tried."""

ALWAYS: tuple[tuple[date, list[Happening]], ...] = (
    (STARTS[0], [_PAIR, *_ACTS, _QUARREL]),
    (STARTS[0], [_PAIR, _said(c.Raise, kind="violence"), _said(c.Acknowledge, item=0), _STAND_DOWN]),
    (
        STARTS[2],
        [
            _said(c.File, card=_CARD),
            _PAIR,
            _said(c.ChangeFacts, boarder=True, away="one"),
            _said(c.DesignateKey, because="grief"),
            _act("visit", reached=False),
            _said(rc.Screen, score=14, self_harm=0),
            _said(rc.RequestReferral, urgent=False),
            _said(rc.AcceptReferral, 24, item=0),
            _said(rc.HoldSession, item=0),
            _said(rc.PlanCare, item=0, review_on=10),
        ],
    ),
    (STARTS[1], [_PAIR, _said(c.Raise, kind="violence"), _said(rc.RequestReferral, urgent=True)]),
    (STARTS[0], [_PAIR, _act("visit"), _said(c.Close, 24, because="parents_returned")]),
    (STARTS[3], []),
)
"""Histories that are tried for every rule before any is drawn: what a helper usually does, an emergency that is over, a
referral of a key child, an emergency and a referral that nobody answers, a case that is closed, and one to which
nothing happens.
"""
