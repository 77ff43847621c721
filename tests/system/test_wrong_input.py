"""Whatever people give the command line, spoilt 300 times: read rightly, or refused with place and mend.

Rosters, packs and lines come from the mutators of their own tests, under another seed, and all go through the command
line into a school that has lived ten days.
"""

from importlib.resources import files

import pytest

from tests.cli import mutations as lines
from tests.cli.schools import copied, done, dump, make_school, said
from tests.interchange import mutations as rosters
from tests.policy import mutations as packs

SEED = 2026
ROSTERS = [(m.name, m) for m in rosters.mutations(SEED, 2 * len(rosters.KINDS))]
PACKS = list(packs.mutations(SEED, 4 * len(packs.MUTATORS)))
LINES = [(m.name, m) for m in lines.mutations(SEED, 4 * len(lines.KINDS) + 8)]
MENDS = (";", "`casework", " takes ", "say it by", " is named by ", "use ", "give ")
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
        mine = self.mine
        prepare(mine)
        before = dump(mine)
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


@pytest.fixture(scope="module")
def tried(template, tmp_path_factory):
    """Every spoilt input tried: by family, what came of it."""
    schools = Schools(template, tmp_path_factory.mktemp("tried"))
    places = tmp_path_factory.mktemp("files")
    found = {"rosters": [], "packs": [], "lines": []}
    for k, (name, mutation) in enumerate(ROSTERS):
        (places / str(k)).mkdir()
        path = rosters.write(mutation, places / str(k))
        found["rosters"].append(schools.trying(name, ("import", str(path), *SHEN)))
    for name, mutation in LINES:
        found["lines"].append(schools.trying(name, mutation.argv))
    for name, data in PACKS:
        tried = schools.trying(name, ("apply", *SHEN), lambda mine, data=data: (mine / "pack.toml").write_bytes(data))
        found["packs"].append(tried)
    return found


def all_of(tried):
    """Everything that was tried, or refused."""
    return [one for family in tried.values() for one in family]


class TestWrongInput:
    def test_three_hundred_are_tried_and_most_are_refused(self, tried):
        """At least 300 spoilt inputs are tried, at least 150 of them refused, some of each family done."""
        counts = {family: (len(ones), sum(bool(one.found.code) for one in ones)) for family, ones in tried.items()}

        assert 300 <= sum(count for count, _ in counts.values())
        assert 150 <= sum(refused for _, refused in counts.values())
        assert all(refused >= 40 for _, refused in counts.values())
        assert all(count - refused >= 15 for count, refused in counts.values())

    def test_there_is_no_traceback(self, tried):
        """Nothing ends in a traceback, or with an exit code that is not documented."""
        assert [] == [one.name for one in all_of(tried) if "Traceback" in one.found.out + one.found.err]
        assert [] == [one.name for one in all_of(tried) if one.found.code not in range(6)]

    def test_a_refusal_stores_nothing(self, tried):
        """After a refusal every stored row, and every file of the school, is what it was."""
        assert [] == [one.name for one in all_of(tried) if one.found.code and not one.kept]

    def test_a_refusal_names_place_and_mend(self, tried):
        """A refused roster names file and mend, a pack its key or line and the mend, a line what to type instead."""
        refused = {family: [one for one in ones if one.found.code] for family, ones in tried.items()}

        assert [] == [o.name for o in all_of(refused) if not o.found.err.startswith("casework: ")]
        assert [] == [
            o.name for o in refused["rosters"] if not any(w in o.found.err for w in (".csv", ".zip", "roster"))
        ]
        assert [] == [o.name for o in refused["packs"] if "pack.toml" not in o.found.err]
        assert [] == [o.name for o in refused["lines"] if not any(sign in o.found.err for sign in MENDS)]

    def test_a_refusal_is_json_for_machines(self, tried):
        """With --json standard output holds one JSON value, also when the answer is no."""
        refused = [one for one in all_of(tried) if one.found.code]

        assert [] == [one.name for one in refused if one.found.json["exit"] != one.found.code]

    def test_what_is_done_leaves_a_sound_store(self, tried, tmp_path, template):
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
