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


class TestMerge:
    def test_merged_and_taken_apart(self, ok, cw):
        """A child who was entered twice is one record, by either id, until it is taken apart again."""
        ok("merge", "p-010", "--into", "p-002", "--because", "entered_twice", "--as", "t.shen")
        raised = ok("raise", "p-010", "missing", "--as", "t.li")
        both = [ok("show", child, "--as", "t.li")["child"] for child in ("p-002", "p-010")]
        apart = cw("unmerge", "p-010", "--because", "two", "--also", raised["emergency"], "--as", "t.shen")

        assert ("p-002", ["p-002", "p-002"]) == (raised["child"], both)
        assert "p-010: stands for itself again; the case is escalated" in apart.out

    @pytest.mark.parametrize(
        ("argv", "code"),
        [
            (["merge", "p-010", "--into", "p-010", "--because", "entered_twice"], 1),
            (["merge", "p-010", "--into", "p-999", "--because", "entered_twice"], 3),
            (["merge", "p-010", "--into", "p-002", "--because", "Entered twice!"], 1),
            (["unmerge", "p-010", "--because", "two"], 1),
        ],
    )
    def test_refused(self, cw, argv, code):
        """Itself, nobody, free text, and what is not merged are refused."""
        assert code == cw(*argv, "--as", "t.shen").code
