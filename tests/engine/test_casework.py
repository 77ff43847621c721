from importlib.metadata import EntryPoint

import pytest

from casework import Casework, School, Term, installed_rules, rule
from casework.clock import ManualClock, system_clock
from casework.engine import casework as module
from casework.errors import NotFound, RuleRefused
from casework.model.calendar import Calendar
from casework.policy import load_policy
from casework.rules import BUILTIN_RULES
from casework.testing import open_access
from casework.testing.factories import AUTUMN, CALENDAR, MORNING, SPRING
from tests.engine.world import TOWN, day


@rule
def offered(case, now):
    """A rule that a package offers."""


@rule
def another(case, now):
    """Another one."""


several = [another, offered]
nothing = 5
mixed = [offered, 5]


def school(**facts):
    """A school with the default policy."""
    return School(**({"name": "qinghe", "policy": TOWN, "calendar": CALENDAR, "access": open_access()} | facts))


class TestSchool:
    def test_built_in_rules_are_always_there(self):
        """A school's own rules are added to the built-in ones."""
        assert {*BUILTIN_RULES, offered} == set(school(rules=[offered]).rules)

    @pytest.mark.parametrize("name", ["", "x" * 65])
    def test_a_school_has_a_name(self, name):
        """A school without a name, or with one that no column holds, is refused."""
        with pytest.raises(ValueError, match="a school needs a name of 1 to 64 characters"):
            school(name=name)

    def test_a_key_of_a_built_in_rule_is_taken(self):
        """A rule of a school's own cannot take the key of a built-in one silently."""
        with pytest.raises(RuleRefused, match="two rules have the key psychological_signs"):
            school(rules=[rule(key="psychological_signs")(lambda case, now: None)])

    def test_settings_are_compared_by_hash(self):
        """Policy, calendar and rules are each named when they changed."""
        before = school()
        applied = before.applied(day(10, 1), None)
        longer = Term(AUTUMN.id, AUTUMN.first, day(1, 29))

        assert () == before.changed(applied)
        assert ("policy",) == school(policy=load_policy("school")).changed(applied)
        assert ("rules",) == school(rules=[offered]).changed(applied)
        assert ("calendar",) == school(calendar=Calendar([longer, SPRING], tz="Asia/Shanghai")).changed(applied)
        assert () == school(calendar=Calendar([AUTUMN], tz="Asia/Shanghai")).changed(applied)

    def test_a_duty_keeps_the_day_on_which_it_started(self):
        """Applying again moves no beginning; only what is new begins today."""
        first = school(policy=load_policy("class-teacher")).applied(day(9, 1), None)
        second = school().applied(day(11, 2), first)

        assert first.started["D1"] == second.started["D1"]
        assert day(11, 2) == second.started["D10"]


class TestCasework:
    def test_an_unknown_school_is_not_found(self):
        """A school that the application does not know is not found."""
        with pytest.raises(NotFound, match="no school beihe"):
            Casework(school()).school("beihe")

    def test_a_wrong_word_for_errors_is_refused(self):
        """There are two ways to treat a rule's error."""
        with pytest.raises(ValueError, match="on_rule_error='ignore'; use one of quarantine, raise"):
            Casework(school(), on_rule_error="ignore")

    def test_settings_are_compiled_once(self):
        """The plan of a school is laid once for the same settings."""
        casework = Casework(school())
        applied = casework.school("qinghe").applied(day(9, 1), None)

        assert casework.settings("qinghe", applied)[0] is casework.settings("qinghe", applied)[0]

    def test_two_schools_of_one_name_are_refused(self):
        """Of two schools with one name one would be lost."""
        with pytest.raises(ValueError, match="two schools are called qinghe"):
            Casework(school(), school())

    def test_the_clock_is_the_caller_s(self):
        """Without a clock the machine's is taken; a test gives its own."""
        clock = ManualClock(MORNING)

        assert (clock, system_clock) == (Casework(clock=clock).clock, Casework().clock)


class TestInstalledRules:
    def offer(self, monkeypatch, *names):
        """Packages that offer these objects of this module."""
        found = [EntryPoint(name, f"{__name__}:{name}", module.ENTRY_POINTS) for name in names]
        objects = globals()
        monkeypatch.setattr(EntryPoint, "load", lambda entry: objects[entry.name])
        monkeypatch.setattr(module, "entry_points", lambda group: found if group == "casework.rules" else [])

    def test_a_rule_or_several_are_found(self, monkeypatch):
        """A package offers a rule, or a list of them."""
        self.offer(monkeypatch, "offered")
        assert (offered,) == installed_rules()

        self.offer(monkeypatch, "several")
        assert (another, offered) == installed_rules()

    @pytest.mark.parametrize("name", ["nothing", "mixed"])
    def test_what_is_no_rule_names_the_package_s_entry(self, monkeypatch, name):
        """Who offers what is no rule is named."""
        self.offer(monkeypatch, name)
        with pytest.raises(
            RuleRefused, match=rf"entry point {name} = .*:{name} is no rule; let it name a @rule function"
        ):
            installed_rules()

    def test_a_rule_offered_twice_is_refused(self, monkeypatch):
        """Two packages that offer the same key have to be told apart."""
        self.offer(monkeypatch, "offered", "several")
        with pytest.raises(RuleRefused, match="two rules have the key offered"):
            installed_rules()

    def test_an_entry_that_cannot_be_loaded_is_named(self, monkeypatch):
        """A package that is broken is named, with what went wrong."""
        self.offer(monkeypatch, "missing")
        with pytest.raises(RuleRefused, match=r"entry point missing = .* cannot be loaded: KeyError"):
            installed_rules()

    def test_nothing_is_loaded_unless_asked(self):
        """Without packages that offer rules there are none."""
        assert () == installed_rules()
