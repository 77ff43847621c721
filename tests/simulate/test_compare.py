"""Two ways are compared on the same world, seed by seed; a script and rules survive being said in one line."""

import sys

import pytest

from casework import Flag, load_policy, rule
from casework.errors import CommandRefused, RuleRefused
from casework.simulate import (
    DeadPhone,
    Difference,
    Disclosure,
    Script,
    Sick,
    SilentRung,
    compare,
    find_rules,
    read_happening,
    simulate,
)
from casework.simulate.happenings import said
from casework.simulate.replay import places
from tests.simulate.test_semester import SMALL

HAPPENINGS = [
    Disclosure(child=17),
    Disclosure(child="s-17", kind="missing", to="t.li", implicated=("t.wang", "carer")),
    Sick(person=2, days=3),
    Sick(person="t.o'brien"),
    DeadPhone(child=3, contact="parents"),
    SilentRung("lead", days=2),
]


@rule(looks="on_change")
def shown(case, now):
    """A rule that stands in a module."""
    return [Flag("shown")]


class TestCompare:
    def test_the_same_way_twice_differs_in_nothing(self):
        """One policy with one seed gives the same figures, so that no figure differs."""
        run = simulate(**SMALL)

        assert () == compare([run], [simulate(**SMALL)])

    def test_a_staff_that_does_nothing_misses_more(self):
        """Where nobody works more is missed with every seed, and nobody is reached; the pairs go by seed."""
        working = [simulate(**SMALL, seed=seed) for seed in (1, 2)]
        idle = [simulate(**SMALL, seed=seed, staff="zero") for seed in (1, 2)]
        found = {difference.figure: difference for difference in compare(working, idle)}

        assert found["missed"].sign_holds
        assert found["missed"].mean > 0
        assert (0.0, 0.0) == tuple(other for _, other in found["reached a week"].pairs)
        assert sum(working[1].minutes.values()) / 60 == found["hours worked"].pairs[1][0]

    def test_means_and_sign(self):
        """A difference is the second less the first; its sign holds only when every seed has it."""
        firm = Difference("missed", ((0.25, 0.5), (0.5, 1.0)))
        loose = Difference("missed", ((0.25, 0.5), (0.5, 0.25)))

        assert (0.375, 0.75, 0.375, True) == (firm.one, firm.other, firm.mean, firm.sign_holds)
        assert (0.0, False) == (loose.mean, loose.sign_holds)

    def test_runs_that_do_not_pair_up_are_refused(self):
        """Other seeds, or none at all, cannot be compared."""
        run = simulate(**SMALL)

        with pytest.raises(CommandRefused, match="same seeds in the same order"):
            compare([run], [simulate(**SMALL, seed=8)])
        with pytest.raises(CommandRefused, match="same seeds in the same order"):
            compare([], [])


class TestLines:
    @pytest.mark.parametrize("happening", HAPPENINGS, ids=repr)
    def test_a_happening_reads_as_it_was_said(self, happening):
        """What was said in a line comes back, whatever stands in an id."""
        assert ("2026-10-20 21:40", happening) == read_happening(said("2026-10-20 21:40", happening))

    @pytest.mark.parametrize(
        ("line", "mend"),
        [
            ("2026-10-20 21:40", "names no happening.*disclosure child=17"),
            ("2026-10-20 21:40 fire child=1", "with one of disclosure, sick, dead_phone, silent_rung"),
            ("disclosure child=1", "names no happening"),
            ("2026-10-20 21:40 disclosure", "disclosure takes child, kind, to, implicated; it lacks child"),
            ("2026-10-20 21:40 sick person=1 day=3", "sick takes person, days; it has no day"),
            ("2026-10-20 21:40 sick person=1 days=few", "'few' is no whole number of days"),
            ("2026-10-20 21:40 disclosure child='1", "cannot be read: No closing quotation"),
        ],
    )
    def test_what_is_none_is_refused_with_the_mend(self, line, mend):
        """A line that cannot be read says how to write one."""
        with pytest.raises(CommandRefused, match=mend):
            read_happening(line)


class TestReplay:
    def test_rules_and_script_stand_in_the_command(self):
        """A rule that can be imported is named by its place; what no command line can say stands behind it."""
        script = Script().at("2026-10-20 21:40", Disclosure(child=2))
        loose = rule(key="loose")(shown.function)
        run = simulate(**SMALL, rules=[shown, loose], script=script, policy=load_policy("school"))

        assert (
            "casework simulate --policy school --children 12 --helpers 1 --staff ordinary --seed 7 "
            "--rules tests.simulate.test_compare:shown --at '2026-10-20 21:40 disclosure child=2'"
            "  # and, in Python: the rule loose, the same calendar"
        ) == run.setting.command

    def test_a_rule_is_found_by_its_place(self):
        """A name gives the rule that stands there."""
        assert (shown,) == find_rules(["tests.simulate.test_compare:shown"])

    def test_a_rule_is_found_by_its_file(self, tmp_path, monkeypatch):
        """So does a file, of a package too; its place is told by the file wherever the module's name would not do."""
        monkeypatch.setattr(sys, "path", list(sys.path))
        package = tmp_path / "own" / "rules_of_ours"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "quiet.py").write_text(
            "from casework import rule\n\n\n@rule\ndef silent(case, now):\n    return ()\n"
        )
        monkeypatch.chdir(tmp_path)
        found = find_rules(["own/rules_of_ours/quiet.py:silent"])

        assert ["silent"] == [one.key for one in found]
        assert (("own/rules_of_ours/quiet.py:silent",), ()) == places(found)
        monkeypatch.chdir(tmp_path / "own")
        assert (("rules_of_ours.quiet:silent",), ()) == places(found)
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        assert ((f"{package.as_posix()}/quiet.py:silent",), ()) == places(found)

    @pytest.mark.parametrize(
        "place",
        [
            "nowhere.py:shown",
            "nowhere.at_all:shown",
            "tests.simulate.test_compare:absent",
            "shown",
            ":",
            "os:path",
            "..x:y",
        ],
    )
    def test_a_place_without_a_rule_is_refused(self, place):
        """What is no rule is refused, with how to name one."""
        with pytest.raises(RuleRefused, match=r"package\.module:name|is no rule; let it name a @rule"):
            find_rules([place])
