"""An integrator's package: its rule is found by its entry point, held to the law, and named where it breaks it."""

import sys
from importlib import invalidate_caches
from textwrap import dedent
from zlib import crc32

import pytest

from casework import installed_rules
from casework.testing.laws import assert_due_equals_hourly

HONEST = """
    if now.passed(case.last("visit"), days=21):
        yield Flag("unseen")
"""
BY_THE_MACHINE = """
    last = case.last("visit")
    if (date.today() - (last or date(2026, 1, 1))).days > 21:
        yield Flag("unseen")
"""
BEHIND_NOW = """
    begun = max((span.since for span in case.spans), default=None)
    if begun is not None and now._today >= begun + timedelta(days=66):
        yield Flag("unseen")
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Return a function that installs a package of one rule with this body, and gives the rule back by entry point."""

    def install(body):
        name = f"qinghe_{crc32(body.encode()):x}"
        head = "from datetime import date, timedelta\n\nfrom casework import Flag, rule\n\n\n"
        function = '@rule(looks="on_change")\ndef unseen(case, now):\n    """Nobody has visited."""' + body
        (tmp_path / f"{name}.py").write_text(head + function)
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(
            dedent(f"""\
            [casework.rules]
            unseen = {name}:unseen
            """)
        )
        monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
        invalidate_caches()
        return next(rule for rule in installed_rules() if rule.function.__module__ == name)

    return install


@pytest.mark.unmeasured
class TestPackage:
    def test_an_honest_rule_passes(self, package):
        """A rule that asks now.passed keeps the law."""
        assert_due_equals_hourly(package(HONEST), max_examples=3)

    def test_one_that_turns_true_by_time_alone_is_found(self, package):
        """Declared on_change, without now.passed and without Look: the property finds it, and says what to do."""
        with pytest.raises(AssertionError, match=r"(?s)rule unseen breaks law R19.*now\.passed"):
            assert_due_equals_hourly(package(BEHIND_NOW), max_examples=30)

    def test_one_that_reads_the_machine_s_clock_is_found(self, package):
        """Its answer does not turn within a test, so the reading itself is what is found."""
        with pytest.raises(AssertionError, match=r"rule unseen breaks law R19: it reads the machine's clock \(today"):
            assert_due_equals_hourly(package(BY_THE_MACHINE), max_examples=1)
