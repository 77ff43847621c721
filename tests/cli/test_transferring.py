import pytest

from tests.cli.schools import copied, done, said


@pytest.fixture
def far(template, tmp_path):
    """Another school, in a folder beside ours."""
    folder = copied(template[0] / "school", tmp_path / "far")
    path = folder / "casework.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('school = "qinghe"', 'school = "beihe"'), encoding="utf-8")
    done("raise", "x-1", "missing", "--as", "t.fang", "--dir", str(folder))
    return str(folder)


def address(folder="."):
    """A school with its key, as the other one is told."""
    found = done("transfer", "address", "--as", "t.shen", "--dir", folder)
    return f"{found['school']}={found['key']}"


OFFER = ["transfer", "offer", "p-002", "--because", "moved_away", "--as", "t.shen"]


class TestTransfer:
    def test_the_whole_way(self, ok, cw, far, school):
        """A package, a receipt, a closed case; both schools list it; the child is filed there under another id."""
        ok(*OFFER, "--to", address(far), "--out", "p.json")
        before = cw("transfer", "--as", "t.shen")
        argv = ["--from", address(), "--out", str(school / "r.json"), "--as", "t.shen", "--dir", far]
        taken = done("transfer", "receive", str(school / "p.json"), "--child", "b-2", *argv)
        closed = ok("transfer", "confirm", "r.json", "--as", "t.shen")

        assert "2026-09-15" in before.out
        assert ("b-2", "receipt") == (taken["child"], taken["kind"])
        assert {"child": "p-002", "stage": "closed"} == closed
        assert "filed" == done("show", "b-2", "--as", "t.shen", "--dir", far)["stage"]
        assert ["accepted"] == [t["state"] for t in done("transfer", "--as", "t.shen", "--dir", far)["transfers"]]

    def test_refused_and_withdrawn(self, ok, cw, far, school):
        """A withdrawal is answered with a refusal, which ends the offer; the case stays."""
        ok(*OFFER, "--to", address(far), "--out", "p.json")
        ok("transfer", "withdraw", "p-002", "--out", "w.json", "--as", "t.shen")
        argv = ["--from", address(), "--because", "withdrawn", "--as", "t.shen", "--dir", far]
        done("transfer", "refuse", str(school / "w.json"), *argv, "--out", str(school / "a.json"))
        ended = cw("transfer", "confirm", "a.json", "--as", "t.shen")
        late = said(
            "transfer", "receive", str(school / "p.json"), *argv[:2], *argv[4:], "--out", str(school / "b.json")
        )

        assert "the other school refused" in ended.out
        assert (1, True) == (late.code, "once and for all" in late.err)

    @pytest.mark.parametrize(
        ("argv", "code", "told"),
        [
            (["give"], 2, "no step"),
            (["offer"], 2, "needs --to"),
            (["offer", "--to", "x=y", "--because", "a", "--out", "p.json"], 2, "name the child"),
            (["list", "p-002"], 2, "what is"),
            (["list", "--out", "x"], 2, "takes no --out"),
            (["confirm", "nowhere.json"], 3, "cannot be read"),
            (["confirm", "casework.toml"], 1, "no message"),
            (["offer", "p-002", "--to", "beihe", "--because", "a", "--out", "p.json"], 2, "SCHOOL=KEY"),
            (["offer", "p-002", "--to", "beihe=cw1-x", "--because", "a", "--out", "p.json"], 1, "90 characters"),
            (
                ["offer", "p-002", "--to", "beihe=cw1-x", "--because", "a", "--out", "casework.toml"],
                2,
                "exists already",
            ),
            (["withdraw", "p-002", "--out", "w.json"], 3, "offer of a transfer"),
        ],
    )
    def test_refused(self, cw, argv, code, told):
        """Every slip is told in words, before anything is stored."""
        found = cw("transfer", *argv, "--as", "t.shen")

        assert (code, True) == (found.code, told in found.err), found.err
