"""Duty packs: TOML in, checked values out; ``packs/*.toml`` are the three schools'."""

from casework.policy.describe import describe
from casework.policy.load import load_policy, loads_policy, shipped_packs
from casework.policy.values import ActSpec, Duty, Ladder, Length, Policy, Rung, Window

__all__ = [
    "ActSpec",
    "Duty",
    "Ladder",
    "Length",
    "Policy",
    "Rung",
    "Window",
    "describe",
    "load_policy",
    "loads_policy",
    "shipped_packs",
]
