"""A simulated term around the real engine, policy and rules: only the world is made up; every figure is synthetic."""

from casework.simulate.emergencies import Emergencies, Emergency, Verdicts
from casework.simulate.happenings import DeadPhone, Disclosure, Script, Sick, SilentRung
from casework.simulate.rates import Rate, Rates, load_rates
from casework.simulate.report import Run
from casework.simulate.semester import AUTUMN, simulate

__all__ = [
    "AUTUMN",
    "DeadPhone",
    "Disclosure",
    "Emergencies",
    "Emergency",
    "Rate",
    "Rates",
    "Run",
    "Script",
    "Sick",
    "SilentRung",
    "Verdicts",
    "load_rates",
    "simulate",
]
