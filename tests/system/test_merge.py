"""Records merged and taken apart at random: nothing is lost or doubled, histories fold, who may not know does not."""

from random import Random

import pytest

from casework import ConcernDraft
from casework.engine.evolve import fold
from casework.errors import CaseworkError
from casework.model.case import Case
from tests.engine.world import World

PEOPLE = ("s-17", "s-71", "s-20")
SUSPECT = "t.sun"
CANARY = "canary_kind"


def act(world, chance):
    """One thing that somebody does, if it can be done."""
    desk, child, other = world.desk(), chance.choice(PEOPLE), chance.choice(PEOPLE)
    raised = [e.id for e in world.record(child).emergencies.values()] or ["none"]
    deeds = [
        lambda: desk.record(child, chance.choice(("visit", "talk")), reached=True, note=f"n{chance.random()}"),
        lambda: desk.pair(child, chance.choice(("t.li", "t.wu")), ["t.ma"]),
        lambda: desk.raise_emergency(child, "missing", note="gone"),
        lambda: desk.raise_emergency(child, CANARY, implicated=[SUSPECT], note="hidden"),
        lambda: desk.note_concern(child, ConcernDraft(CANARY, implicated=[SUSPECT])),
        lambda: desk.respond(child, chance.choice(raised)),
        lambda: desk.stand_down(
            child, chance.choice(raised), "found", safe_seen_by="t.wang", safe_seen_at=world.clock()
        ),
        lambda: desk.refer(child, "psychology", "grief", note="sad"),
        lambda: desk.close(child, "returned"),
        lambda: desk.reopen(child, "back"),
        lambda: desk.merge(child, other, "entered_twice"),
        lambda: desk.merge(child, other, "entered_twice"),
        lambda: desk.unmerge(child, "two_children"),
        lambda: world.desk(SUSPECT).merge(child, other, "entered_twice"),
        lambda: world.desk(SUSPECT).unmerge(child, "two_children"),
        lambda: world.until(world.clock().date().replace(day=min(world.clock().day + 2, 28))),
    ]
    before = world.entries(child)
    try:
        chance.choice(deeds)()
    except CaseworkError:
        assert before == world.entries(child)


def things(world):
    """How often each emergency, activity, concern and referral stands in the records."""
    found = []
    for child in PEOPLE:
        record = world.record(child)
        for log in ("emergencies", "activity_log", "concern_log", "referrals"):
            found += [(log, id_) for id_ in getattr(record, log)]
    return found


def check(world):
    """What holds after everything."""
    found = things(world)
    assert len(found) == len(set(found))
    for child in PEOPLE:
        record = world.record(child)
        assert record == fold(Case("qinghe", child), world.entries(child))
        assert () == world.again(child)
        for emergency in record.emergencies.values():
            assert emergency.state == "reviewed" or record.alarm_at is not None
        seen = world.desk(SUSPECT)
        said = repr((seen.case(child), seen.history(child), seen.explain(child), seen.transfers()))
        assert CANARY not in said
    assert SUSPECT not in {row.person for row in world.outbox() if row.facts.get("kind") == CANARY}
    return set(found)


def story(seed, steps):
    """A story of three children who may be one, two or three."""
    chance, world = Random(seed), World()  # noqa: S311 - a story, no secret
    for child in PEOPLE:
        world.desk().identify(child, away="both", class_="3-1")
    before = set()
    for _ in range(steps):
        act(world, chance)
        after = check(world)
        assert before <= after
        before = after


class TestStories:
    @pytest.mark.parametrize("seed", range(4))
    def test_nothing_is_lost(self, seed):
        """Whatever is merged and taken apart, every item stands in one record, and the suspect learns nothing."""
        story(seed, 14)

    @pytest.mark.soak
    @pytest.mark.parametrize("seed", range(100, 220))
    def test_longer_stories(self, seed):
        """The same, for longer."""
        story(seed, 40)
