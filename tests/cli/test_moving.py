import pytest


class TestHandOver:
    def test_all_children_of_a_helper(self, ok, cw):
        """What t.wu leads passes to t.li; nothing is left, which is said; asked again nothing is done."""
        done = ok("hand-over", "t.wu", "--because", "moved_away", "--to", "t.li", "--as", "t.shen")
        again = cw("hand-over", "t.wu", "--because", "moved_away", "--to", "t.li", "--as", "t.shen")

        assert ["p-004", "p-120"] == [line["child"] for line in done["children"]]
        assert {} == done["left"]
        assert "0 children handed over" in again.out
        assert "nothing is in the name of t.wu any more" in again.out
        assert "t.li" in cw("show", "p-004", "--as", "t.li").out

    def test_one_child_to_somebody_else(self, ok, cw):
        """One child can be given to somebody else, and seats that are still held are named."""
        argv = ["hand-over", "t.fang", "--because", "moved_away", "--interim", "t.li", "--as", "t.shen"]
        seats = cw(*argv)
        done = ok("hand-over", "t.wu", "--because", "ill", "--to", "t.li", "--other", "p-004=t.ma", "--as", "t.shen")

        assert 0 == seats.code
        assert "t.fang still holds seats: " in seats.out
        assert {"p-004": "t.ma", "p-120": "t.li"} == {line["child"]: line["to"] for line in done["children"]}

    @pytest.mark.parametrize(
        ("argv", "code", "told"),
        [
            (["--because", "ill"], 2, "say who takes over"),
            (["--because", "ill", "--to", "t.li", "--interim", "t.ma"], 2, "say who takes over"),
            (["--because", "ill", "--to", "t.li", "--other", "p-004"], 2, "CHILD=PERSON"),
            (["--because", "ill", "--to", "t.nobody"], 3, "t.nobody"),
            (["--because", "ill", "--to", "t.shen"], 1, "by their own word"),
        ],
    )
    def test_refused(self, cw, argv, code, told):
        """Without a successor, with a slip, or by one's own word nothing is handed over."""
        found = cw("hand-over", "t.wu", *argv, "--as", "t.shen")

        assert (code, True) == (found.code, told in found.err)
