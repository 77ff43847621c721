"""Two policies on the same world: what a talk with every child each fortnight would cost, and what it would bring.

Run it with `python examples/semester.py`. It needs no database. Both schools meet the same children, the same crises
and the same telephones; only the policy differs. Every figure is synthetic: look at signs, and forecast nothing.
"""

from pathlib import Path

from casework import load_policy
from casework.simulate import Difference, Disclosure, Run, Script, compare, simulate

SEEDS = (7, 8, 9)
MONTHLY = load_policy("town-primary")
FORTNIGHTLY = load_policy("town-primary", Path(__file__).with_name("fortnightly.toml"))


def world() -> Script:
    """What happens in every run, besides what chance brings: a child tells of abuse on an evening in October."""
    return Script().at("2026-10-20 21:40", Disclosure(child=17))


def line(difference: Difference) -> str:
    """One figure: both means over the seeds, their difference, and whether its sign holds with every seed."""
    sign = "with every seed" if difference.sign_holds else "sign does not hold"
    name, one, other = difference.figure, difference.one, difference.other
    return f"{name:24}{one:9.3f}{other:13.3f}{difference.mean:+12.3f}  {sign}"


def main() -> None:
    """Let both schools live through the autumn term with each seed, and print where they differ."""
    runs: dict[str, list[Run]] = {}
    for name, policy in (("monthly", MONTHLY), ("fortnightly", FORTNIGHTLY)):
        runs[name] = [simulate(policy, children=20, helpers=2, seed=seed, script=world()) for seed in SEEDS]

    print(f"20 children, 2 helpers, seeds {', '.join(map(str, SEEDS))}; synthetic")
    print(f"{'':24}{'monthly':>9}{'fortnightly':>13}{'difference':>12}")
    for difference in compare(runs["monthly"], runs["fortnightly"]):
        print(line(difference))
    assumed = runs["monthly"][0].to_json()["assumptions"]
    print(f"{assumed['count']} of {assumed['of']} numbers behind this have no source: they are assumptions")


if __name__ == "__main__":
    main()
