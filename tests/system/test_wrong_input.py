"""Whatever people give the command line, spoilt 300 times: read rightly, or refused with place and mend.

Rosters, packs and lines come from the mutators of their own tests, under another seed, and all go through the command
line into a school that has lived ten days.
"""

from importlib.resources import files

import pytest

from tests.cli import mutations as lines
from tests.cli.schools import copied, done, dump, files_of, make_school, said
from tests.interchange import mutations as rosters
from tests.policy import mutations as packs

pytestmark = pytest.mark.unmeasured

SEED = 2026
ROSTERS = [(m.name, m) for m in rosters.mutations(SEED, 2 * len(rosters.KINDS))]
PACKS = list(packs.mutations(SEED, 4 * len(packs.MUTATORS)))
LINES = [(m.name, m) for m in lines.mutations(SEED, 4 * len(lines.KINDS) + 8)]
MENDS = (";", "check the id", "`casework", " takes ", "say it by", " is named by ", "use ", "give ")
"""What to do about it: after a semicolon, as a line to type, or as what belongs there."""

PRESENT = ("--now", "2026-09-10T16:05")
SHEN = ("--as", "t.shen")
PACK = (files("casework.policy") / "packs" / "town-primary.toml").read_bytes()


class Tried:
    """What came of one spoilt input: the answer, and whether the school is what it was."""

    def __init__(self, name, found, kept):
        self.name = name
        self.found = found
        self.kept = kept


class Schools:
    """A school to try things on: the same one as long as nothing has changed it."""

    def __init__(self, template, folder):
        self.template = template
        self.folder = folder
        self.made = 0
        self.mine = None

    def trying(self, name, argv, prepare=lambda mine: None):
        """Run a command for a school in a folder; what came of it."""
        if self.mine is None:
            self.made += 1
            self.mine = copied(self.template, self.folder / str(self.made))
            self.rows = dump(self.mine)[0]
        mine = self.mine
        prepare(mine)
        before = self.rows, files_of(mine)
        there = () if "--dir" in argv else ("--dir", str(mine))
        now = () if "--now" in argv else PRESENT
        tried = Tried(name, said(*argv, *there, *now, "--json"), kept=False)
        tried.kept = before == dump(mine)
        if not tried.kept:
            self.mine = None
        return tried


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A school that was made once, with a pack of its own."""
    folder = tmp_path_factory.mktemp("template")
    make_school(folder)
    path = folder / "school" / "casework.toml"
    text = path.read_text(encoding="utf-8")
    own = text.replace('policy = ["town-primary"]', 'policy = ["pack.toml"]')
    assert own != text
    path.write_text(own, encoding="utf-8")
    (folder / "school" / "pack.toml").write_bytes(PACK)
    return folder / "school"


def rosters_of(schools, places):
    """What came of every spoilt roster."""
    for k, (name, mutation) in enumerate(ROSTERS):
        (places / str(k)).mkdir()
        path = rosters.write(mutation, places / str(k))
        yield schools.trying(name, ("import", str(path), *SHEN))


def packs_of(schools, places):
    """What came of every spoilt pack."""
    for name, data in PACKS:
        yield schools.trying(name, ("apply", *SHEN), lambda mine, data=data: (mine / "pack.toml").write_bytes(data))


def lines_of(schools, places):
    """What came of every spoilt line."""
    for name, mutation in LINES:
        yield schools.trying(name, mutation.argv)


FAMILIES = {
    "rosters": (ROSTERS, rosters_of, lambda err: any(word in err for word in (".csv", ".zip", "roster"))),
    "packs": (PACKS, packs_of, lambda err: "pack.toml" in err),
    "lines": (LINES, lines_of, lambda err: any(sign in err for sign in MENDS)),
}
"""By family: what is tried, how, and whether a refusal names the place and the mend as that family does."""


class TestWrongInput:
    @pytest.mark.parametrize("family", FAMILIES)
    def test_it_is_done_rightly_or_refused_with_place_and_mend(self, family, template, tmp_path):
        """Nothing ends in a traceback; a refusal is short, names place and mend, is JSON, and stores nothing.

        Most are refused, and some of each family are done: all in all at least 300 are tried and 150 refused.
        """
        _, trying, mends = FAMILIES[family]
        (tmp_path / "files").mkdir()
        tried = list(trying(Schools(template, tmp_path), tmp_path / "files"))
        refused = [one for one in tried if one.found.code]

        assert [] == [one.name for one in tried if "Traceback" in one.found.out + one.found.err]
        assert [] == [one.name for one in tried if one.found.code not in range(6)]
        assert [] == [one.name for one in refused if not one.kept]
        assert [] == [one.name for one in refused if not one.found.err.startswith("casework: ")]
        assert [] == [one.name for one in refused if not mends(one.found.err)]
        assert [] == [one.name for one in refused if one.found.json["exit"] != one.found.code]
        assert len(refused) >= 50
        assert len(tried) - len(refused) >= 15

    def test_three_hundred_are_tried(self):
        """At least 300 spoilt inputs are tried, so with 50 refused in each of the three families 150 are."""
        assert 300 <= sum(len(inputs) for inputs, *_ in FAMILIES.values())
        assert 150 <= 50 * len(FAMILIES)

    def test_what_is_done_leaves_a_sound_store(self, tmp_path, template):
        """What is read is stored soundly: the history verifies, and state is what the history says."""
        for k, (name, mutation) in enumerate(ROSTERS[::12]):
            mine, place = copied(template, tmp_path / f"s-{k}"), tmp_path / f"f-{k}"
            place.mkdir()
            path = rosters.write(mutation, place)
            first = said("import", str(path), "--dir", str(mine), *SHEN, *PRESENT, "--json")
            if not first.code:
                again = done("import", str(path), "--dir", str(mine), *SHEN, *PRESENT)
                once = dump(mine)
                done("import", str(path), "--dir", str(mine), *SHEN, *PRESENT)
                assert again is not None
                assert once == dump(mine), name
            assert [] == done("verify", "--dir", str(mine))["findings"], name
