import re
import tomllib
from functools import cache
from time import perf_counter

import pytest

from casework.errors import PolicyRefused
from casework.policy import load_policy
from casework.policy.values import THRESHOLDS
from tests.policy.mutations import MUTATORS, mutations

pytestmark = pytest.mark.unmeasured

USUAL = {name: usual for name, (usual, _, _) in THRESHOLDS.items()}
MUTATED = list(mutations(seed=7, count=126))
MINUTES = {"min": 1, "h": 60, "day": 1440, "days": 1440}
RUNGS = ["lead/class_teacher", "safeguarding_lead", "vice_principal", "principal", "outside"]


def read(path):
    """The policy of a pack, or the problems for which it is refused, and the seconds it took."""
    began = perf_counter()
    try:
        policy, problems = load_policy(path), ()
    except PolicyRefused as refused:
        policy, problems = None, refused.problems
    return policy, problems, perf_counter() - began


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """What came of a mutated pack, by its name; each is read once, when it is first asked for."""
    path = tmp_path_factory.mktemp("packs") / "pack.toml"
    packs = dict(MUTATED)

    @cache
    def came_of(name):
        path.write_bytes(packs[name])
        return read(path)

    return came_of


def written(data):
    """What a pack says, by tomllib alone, in the form of `arrived`."""
    told = tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"))
    duties = []
    for row in told["duty"]:
        windows = []
        for window in row["windows"]:
            said = {"role": row["role"], **window}
            if "sooner" in said:
                said["sooner"] = (said["sooner"]["after"], said["sooner"]["within"])
            windows.append({key: re.sub(r"day$", "days", v) if isinstance(v, str) else v for key, v in said.items()})
        duties.append({"record": [], "contact": "", **row, "windows": windows})
    ladder = {"step": "30 min", "repeat_cap": "24 h", **told.get("ladder", {})}
    limits = {"acknowledged": "2 h", "responding": "24 h", "stood_down": "7 days", **ladder.pop("limits", {})}
    thresholds = {**USUAL, **told.get("thresholds", {})}
    minutes = [
        (key, _minutes(text)) for key, text in [*sorted(limits.items()), *sorted(ladder.items())] if key != "rungs"
    ]
    return sorted(duties, key=lambda row: row["id"]), minutes, ladder.get("rungs", RUNGS), thresholds


def _minutes(text):
    count, unit = text.split(" ")
    return int(count) * MINUTES[unit]


def arrived(policy):
    """What a policy holds, in the form of `written`."""
    duties = []
    for duty in policy.duties:
        windows = []
        for window in duty.windows:
            said = {
                "each": window.each,
                "after": window.after,
                "every": f"{window.every} days" if window.every else "",
                "on": list(window.on),
                "within": str(window.within or ""),
                "closes": str(window.closes or ""),
                "sooner": (window.sooner[0], str(window.sooner[1])) if window.sooner else "",
                "only": window.only,
                "unless": window.unless,
                "due": window.due,
            }
            windows.append({"role": window.role or duty.role, **{key: value for key, value in said.items() if value}})
        duties.append(
            {
                "record": list(duty.record),
                "contact": duty.contact,
                "id": duty.id,
                "title": duty.title,
                "source": list(duty.source),
                "subject": duty.subject,
                "role": duty.role,
                "discharged_by": [str(act) for act in duty.discharged_by],
                "windows": windows,
            }
        )
    ladder = policy.ladder
    rungs = [f"{rung.role}/{rung.deputy}".rstrip("/") for rung in ladder.rungs]
    minutes = [*sorted(ladder.limits.items()), ("repeat_cap", ladder.repeat_cap), ("step", ladder.step)]
    return sorted(duties, key=lambda row: row["id"]), minutes, rungs, policy.thresholds


class TestMutations:
    @pytest.mark.parametrize(("name", "data"), MUTATED, ids=[name for name, _ in MUTATED])
    def test_mutated_pack_is_read_rightly_or_refused(self, name, data, result):
        """Whatever happens to a pack: it is read as it stands, or refused with the place and the mend, soon."""
        policy, problems, seconds = result(name)

        assert seconds < 5
        if policy is not None:
            assert written(data) == arrived(policy)
        for problem in problems:
            assert "pack.toml" in problem.place
            assert "" not in {problem.what, problem.mend}
            assert str(problem).isprintable()

    def test_most_are_refused_and_some_are_read(self, result):
        """Well over fifty mutations are refused, and those that do no harm are read."""
        refused = {name for name, _ in MUTATED if result(name)[1]}

        assert len(refused) >= 80
        assert len(MUTATED) - len(refused) >= 15
        assert not [name for name in refused if "harmless" in name or "drop_duty" in name]

    def test_every_way_to_spoil_a_pack_is_tried(self):
        """No mutator is left out, and the same seed makes the same packs."""
        assert {mutator.__name__ for mutator in MUTATORS} == {name.split()[1] for name, _ in MUTATED}
        assert list(mutations(seed=7, count=30)) == MUTATED[:30]
        assert list(mutations(seed=8, count=30)) != MUTATED[:30]
