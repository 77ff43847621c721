from pathlib import Path

import pytest

from tests.cli.schools import copied, done, said


@pytest.fixture
def far(template, tmp_path):
    """Another school, in a folder beside ours."""
    folder = copied(template[0] / "school", tmp_path / "far")
    path = folder / "casework.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('school = "qinghe"', 'school = "beihe"'), encoding="utf-8")
    done("raise", "x-1", "missing", "--as", "t.fang", "--dir", str(folder))
    for here, other in ((path, "."), (Path("casework.toml"), str(folder))):
        registers(here, done("transfer", "address", "--as", "t.shen", "--dir", other))
    return str(folder)


def registers(path, peer):
    """A school writes another one, with its key, into its casework.toml."""
    with path.open("a", encoding="utf-8") as file:
        file.write(f'\n[[peer]]\nschool = "{peer["school"]}"\nkey = "{peer["key"]}"\n')


OFFER = ["transfer", "offer", "p-002", "--because", "moved_away", "--as", "t.shen"]


class TestTransfer:
    def test_the_whole_way(self, ok, cw, far, school):
        """A package, a receipt, a closed case; both schools list it; the child is filed there under another id."""
        ok(*OFFER, "--to", "beihe", "--out", "p.json")
        before = cw("transfer", "--as", "t.shen")
        argv = ["--out", str(school / "r.json"), "--as", "t.shen", "--dir", far]
        taken = done("transfer", "receive", str(school / "p.json"), "--child", "b-2", *argv)
        closed = ok("transfer", "confirm", "r.json", "--as", "t.shen")

        assert "2026-09-15" in before.out
        assert ("b-2", "receipt") == (taken["child"], taken["kind"])
        assert {"child": "p-002", "stage": "closed"} == closed
        assert "filed" == done("show", "b-2", "--as", "t.shen", "--dir", far)["stage"]
        assert ["accepted"] == [t["state"] for t in done("transfer", "--as", "t.shen", "--dir", far)["transfers"]]

    def test_refused_and_withdrawn(self, ok, cw, far, school):
        """A withdrawal is answered with a refusal, which ends the offer; the case stays."""
        ok(*OFFER, "--to", "beihe", "--out", "p.json")
        ok("transfer", "withdraw", "p-002", "--out", "w.json", "--as", "t.shen")
        argv = ["--because", "withdrawn", "--as", "t.shen", "--dir", far]
        done("transfer", "refuse", str(school / "w.json"), *argv, "--out", str(school / "a.json"))
        ended = cw("transfer", "confirm", "a.json", "--as", "t.shen")
        late = said("transfer", "receive", str(school / "p.json"), *argv[2:], "--out", str(school / "b.json"))

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
            (["offer", "p-002", "--to", "donghe", "--because", "a", "--out", "p.json"], 1, "no school donghe"),
            (["offer", "p-002", "--to", "beihe", "--because", "a", "--out", "casework.toml"], 2, "exists already"),
            (["withdraw", "p-002", "--out", "w.json"], 3, "offer of a transfer"),
        ],
    )
    def test_refused(self, cw, argv, code, told):
        """Every slip is told in words, before anything is stored."""
        found = cw("transfer", *argv, "--as", "t.shen")

        assert (code, True) == (found.code, told in found.err), found.err

    def test_the_address_is_written_as_the_other_school_needs_it(self, cw, school):
        """What `transfer address` says goes into the other file; a key that is none is told when it is used."""
        said_here = cw("transfer", "address", "--as", "t.shen").out
        registers(school / "casework.toml", {"school": "beihe", "key": "cw1-x"})
        found = cw(*OFFER, "--to", "beihe", "--out", "p.json")

        assert all(part in said_here for part in ("[[peer]]", 'school = "qinghe"', 'key = "cw1-'))
        assert (1, True) == (found.code, "90 characters" in found.err)

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ('[[peer]]\nschool = "beihe"\n', "needs a school and its key"),
            ('[[peer]]\nschool = "b"\nkey = "x"\n[[peer]]\nschool = "b"\nkey = "y"\n', "stands twice"),
            ('[[peer]]\nschool = "b"\nkey = "x"\nname = "y"\n', "is no key that casework knows"),
        ],
    )
    def test_a_register_that_cannot_be(self, cw, school, text, told):
        """It is refused with its line, as the rest of the file."""
        with (school / "casework.toml").open("a", encoding="utf-8") as file:
            file.write(f"\n{text}")

        assert told in cw("transfer", "--as", "t.shen").err
