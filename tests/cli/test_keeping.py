import pytest

from casework import rule
from casework.cli import office
from casework.engine.sweep import Swept
from tests.cli.schools import said


@rule(states=["paired"], looks="daily")
def always_wrong(case, now):
    """A rule with a mistake in it."""
    raise RuntimeError(case.child)


@pytest.fixture
def other_policy(school):
    """Another policy in casework.toml than the one that was applied."""
    path = school / "casework.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("town-primary", "school"), encoding="utf-8")


@pytest.fixture
def other_rules(monkeypatch):
    """A package is installed that offers a rule."""
    monkeypatch.setattr(office, "installed_rules", lambda: (always_wrong,))


class TestApply:
    def test_nothing_changed(self, cw):
        """Applying what is applied changes nothing."""
        assert "nothing changed" in cw("apply", "--as", "t.shen").out

    def test_changed_policy_is_counted_then_applied(self, cw, ok, other_policy):
        """A changed policy stops the day's work, a dry run counts, applying lets the work go on."""
        stopped = cw("record", "p-002", "call", "--reached", "--as", "t.li")
        counted = ok("apply", "--dry-run", "--as", "t.shen")
        shown = cw("apply", "--as", "t.shen").out

        assert 4 == stopped.code
        assert "casework apply --dry-run" in stopped.err
        assert (["policy"], True) == (counted["changed"], counted["dry_run"])
        assert counted["effects"]
        assert "next: casework sweep" in shown
        assert 0 == cw("record", "p-002", "call", "--reached", "--as", "t.li").code

    def test_dry_run_shows_what_happens(self, cw, other_policy):
        """The effects of applying are a table."""
        assert "what happens" in cw("apply", "--dry-run", "--as", "t.shen").out


class TestSweep:
    @pytest.mark.parametrize(("due", "told"), [(1, "1 record was due: "), (2, "2 records were due: ")])
    def test_count_is_told_in_grammar(self, cw, monkeypatch, due, told):
        """One record was due, several were."""
        monkeypatch.setattr("casework.engine.sweep.sweep", lambda *_, **__: Swept(due=due))

        assert cw("sweep").out.startswith(told)

    def test_what_is_due_is_looked_at(self, ok):
        """A sweep settles what is due; a second one finds nothing."""
        later = ("--now", "2026-09-12T08:00")
        first, second = ok("sweep", *later), ok("sweep", *later)

        assert first["due"] == first["settled"] > 0
        assert 0 == second["due"]

    def test_alarm_climbs(self, ok, ids):
        """A sweep that comes late lets the emergency climb to whoever is next."""
        assert 0 < ok("sweep", "--now", "2026-09-11T16:00")["told"]

    def test_changed_settings_are_left(self, cw, other_policy):
        """While settings wait to be applied only emergencies are settled, and the exit code says so."""
        found = cw("sweep", "--now", "2026-09-12T08:00")

        assert 6 == found.code
        assert "settings changed" in found.out

    def test_rule_that_raises_is_left(self, cw, other_rules):
        """A rule that raises is named with the record, and set aside; the doctor names it too."""
        cw("apply", "--as", "t.shen")
        found = cw("sweep", "--now", "2026-09-12T08:00")
        doctor = cw("doctor", "--now", "2026-09-12T08:00", "--json")

        assert 6 == found.code
        assert "rule always_wrong raised on p-004" in found.out
        assert any(text.startswith("always_wrong on ") for text in doctor.json["rules_set_aside"])
        assert "rules set aside" in cw("show", "p-004", "--as", "t.wu", "--now", "2026-09-12T08:00").out
        assert "always_wrong" in cw("explain", "p-004", "--as", "t.wu", "--now", "2026-09-12T08:00").out

    def test_rule_that_raises_on_a_command_is_told(self, cw, other_rules):
        """A command is carried out although a rule raised, and says which."""
        cw("apply", "--as", "t.shen")
        found = cw("pair", "p-010", "t.li", "--as", "t.lu")

        assert 0 == found.code
        assert "rules that raised, and are set aside: always_wrong" in found.out

    def test_package_that_cannot_be_loaded(self, cw, ok, monkeypatch):
        """A broken package of rules stops no report of danger; the day's work waits where its rules were applied."""
        monkeypatch.setattr(office, "installed_rules", lambda: (always_wrong,))
        cw("apply", "--as", "t.shen")

        def broken():
            raise ImportError("Lin")

        monkeypatch.setattr(office, "installed_rules", broken)
        found = cw("record", "p-002", "call", "--reached", "--as", "t.li")

        assert 4 == found.code
        assert "cannot be loaded (ImportError)" in found.err
        assert 0 == cw("raise", "p-002", "missing", "--as", "t.li").code

    def test_jump_of_the_clock_is_asked_about(self, cw):
        """After a long silence somebody has to say that the clock is right."""
        assert 4 == cw("sweep", "--now", "2027-03-01T08:00").code
        assert 0 == cw("sweep", "--catch-up", "--now", "2027-03-01T08:00").code


class TestShown:
    @pytest.mark.parametrize("which", ["case", "emergency"])
    def test_diagram(self, which):
        """A workflow is drawn as Mermaid text, alone on standard output."""
        assert said("diagram", which).out == said("diagram", which, "--json").json["mermaid"]

    def test_policy_is_shown(self):
        """A policy is shown by duty and window, with its ladder and definition."""
        shown = " ".join(said("policy", "show", "school").out.split())
        found = said("policy", "show", "--json").json

        assert "definition" in found
        assert "town-primary" == found["id"]
        assert {"D10", "D12"} <= {row["duty"] for row in found["duties"]}
        assert "ladder: " in shown

    def test_policy_that_is_not_there(self):
        """A pack that does not exist is refused with those that do."""
        found = said("policy", "show", "nothing")

        assert 1 == found.code
        assert "town-primary" in found.err
