import json

import pytest

from tests.cli.mutations import LINES, mutations
from tests.cli.schools import copied, done, dump, said

pytestmark = pytest.mark.unmeasured

MANY = list(mutations(seed=7, count=135))
SOME = [one if k % 3 == 0 else pytest.param(one, marks=pytest.mark.soak) for k, one in enumerate(MANY)]
"""Every third; the others by `make soak`. Three hundred of every sort are tried in tests/system/test_wrong_input.py."""


@pytest.fixture(scope="module")
def sound(template, tmp_path_factory):
    """What each line says as it stands, in a school of its own."""
    folder = tmp_path_factory.mktemp("sound")
    return {
        line: said(*line, "--dir", str(copied(template[0] / "school", folder / str(k))), *AT, "--json")
        for k, line in enumerate(LINES)
    }


AT = ("--now", "2026-09-10T16:05")


class TestLines:
    @pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
    def test_line_is_done_as_it_stands(self, sound, line):
        """The lines that are spoilt below are done as they stand."""
        assert (0, "") == (sound[line].code, sound[line].err)

    def test_there_are_enough(self):
        """Every kind stands in five lines at least; most are to be refused, some to be done."""
        expected = [mutation.expected for mutation in MANY]

        assert 60 <= expected.count("refused")
        assert 20 <= expected.count("same")


class TestMutations:
    @pytest.mark.parametrize("mutation", SOME, ids=lambda mutation: mutation.name)
    def test_done_rightly_or_refused_with_the_mend(self, cw, school, sound, mutation):
        """A spoilt line is done rightly, or refused with a message and without a trace in the store."""
        before = dump(school)
        now = () if "--now" in mutation.argv else AT
        found = cw(*mutation.argv, *now, "--json")
        known = sound[mutation.origin]

        assert "Traceback" not in found.err + found.out
        assert found.code in range(6)
        if found.code:
            assert mutation.expected in {"refused", "either"}
            assert found.code == json.loads(found.out)["exit"]
            assert found.err.startswith("casework: ")
            assert any(sign in found.err for sign in (";", ":"))
            assert before == dump(school)
        else:
            assert mutation.expected in {"same", "same-kind", "either"}
            assert mutation.expected != "same" or known.json == found.json
            assert set(known.json) == set(found.json) or mutation.expected == "either"
            assert [] == done("verify", "--dir", str(school))["findings"]
