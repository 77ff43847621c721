"""Two worlds that differ only in what the suspect may not know: whoever the suspect moves, both answer alike."""

import pytest

from casework import ConcernDraft
from tests.engine.world import World, day

SUSPECT = "t.sun"


def school(hidden, child):
    """Three children of t.li's and t.wu's; one of them has an emergency that implicates the suspect, or has not."""
    world = World()
    desk = world.desk()
    for name, lead in (("s-17", "t.li"), ("s-71", "t.wu"), ("s-20", "t.li")):
        desk.identify(name, away="both", class_="3-1")
        desk.pair(name, lead)
        desk.record(name, "visit", reached=True)
    if hidden:
        noted = desk.note_concern(child, ConcernDraft("neglect", implicated=[SUSPECT])).events
        about = [event.concern.id for _, event in noted if hasattr(event, "concern")]
        id_ = desk.raise_emergency(child, "violence", about=about).emergency
        world.desk("t.li").respond(child, id_)
        referral = desk.refer(child, "psychology", "grief", implicated=[SUSPECT]).referral
        world.desk("t.li").accept(child, referral)
    return world.on(day(9, 2))


def seen(world):
    """All that the suspect may see."""
    desk = world.desk(SUSPECT)
    cases = [(desk.case(child), desk.history(child), desk.explain(child)) for child in ("s-17", "s-71", "s-20")]
    return cases, desk.today(), desk.emergencies(), desk.transfers(), desk.in_the_name_of("t.li")


DEEDS = {
    "hand over": [lambda desk: desk.hand_over("t.li", "moved_away", to="t.qi")],
    "hand over in the meantime": [lambda desk: desk.hand_over("t.li", "ill", interim="t.qi", others={"s-20": "t.ma"})],
    "merge": [lambda desk: desk.merge("s-71", "s-17", "entered_twice")],
    "merge the other way": [lambda desk: desk.merge("s-17", "s-71", "entered_twice")],
    "merge and unmerge": [
        lambda desk: desk.merge("s-71", "s-17", "entered_twice"),
        lambda desk: desk.unmerge("s-71", "two_children"),
    ],
    "merge, hand over, record, unmerge": [
        lambda desk: desk.merge("s-17", "s-71", "entered_twice"),
        lambda desk: desk.hand_over("t.li", "moved_away", to="t.qi"),
        lambda desk: desk.record("s-17", "talk", reached=True),
        lambda desk: desk.unmerge("s-17", "two_children"),
    ],
}


class TestTwins:
    @pytest.mark.parametrize("child", ["s-17", "s-71"])
    @pytest.mark.parametrize("deeds", DEEDS.values(), ids=DEEDS)
    def test_both_worlds_answer_alike(self, deeds, child):
        """Outcomes, cases, histories, explanations and lists are the same, down to the order of events."""
        one, other = school(hidden=True, child=child), school(hidden=False, child=child)
        for deed in deeds:
            answers = [repr(deed(world.desk(SUSPECT))) for world in (one, other)]
            assert answers[0] == answers[1]
            assert seen(one) == seen(other)
        for world in (one, other):
            world.until(day(9, 4))

        assert seen(one) == seen(other)
