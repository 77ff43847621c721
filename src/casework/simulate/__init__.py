"""A simulated term around the real engine, policy and rules: only the world is made up; every figure is synthetic."""

from casework.simulate.compare import Difference, compare
from casework.simulate.emergencies import Emergencies, Emergency, Verdict, Verdicts
from casework.simulate.happenings import DeadPhone, Disclosure, Script, Sick, SilentRung, read_happening
from casework.simulate.rates import Rate, Rates, load_rates
from casework.simulate.replay import find_rules
from casework.simulate.report import Run
from casework.simulate.semester import AUTUMN, simulate

__all__ = [
    "AUTUMN",
    "DeadPhone",
    "Difference",
    "Disclosure",
    "Emergencies",
    "Emergency",
    "Rate",
    "Rates",
    "Run",
    "Script",
    "Sick",
    "SilentRung",
    "Verdict",
    "Verdicts",
    "compare",
    "find_rules",
    "load_rates",
    "read_happening",
    "simulate",
]
