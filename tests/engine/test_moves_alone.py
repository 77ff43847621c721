import pytest

from casework.errors import CommandRefused
from casework.model import merge_commands as mg
from casework.model import move_commands as mc
from casework.model.case import Case
from tests.engine.world import World

HALVES = [
    mc.HandOver("t.li", "t.wu", "ill"),
    mc.EndTransfer("t1", "confirmed", ("ab",)),
    mg.Merge("m1", Case("qinghe", "s-71"), frozenset(), "twice"),
    mg.MergeInto("m1", "s-18", "twice"),
    mg.UnmergeFrom("m1", "paired", Case("qinghe", "s-71"), frozenset(), "two"),
]


class TestHalves:
    @pytest.mark.parametrize("command", HALVES, ids=lambda command: type(command).__name__)
    @pytest.mark.parametrize("how", ["do", "preview", "do_together"])
    def test_half_of_something_is_refused(self, command, how):
        """What checks the whole cannot be gone round: half of a transfer, a merge or a hand-over is no command."""
        world = World()
        world.desk().identify("s-17", away="both")
        before = world.entries()
        desk = world.desk("t.sun")
        with pytest.raises(CommandRefused, match="is a part of something"):
            desk.do_together([("s-17", command)]) if how == "do_together" else getattr(desk, how)("s-17", command)

        assert before == world.entries()
