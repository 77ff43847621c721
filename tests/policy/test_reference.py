import re
import tomllib
from pathlib import Path

import pytest

from casework.model.activity import KINDS
from casework.model.people import ROLES
from casework.policy import load_policy, shipped_packs
from casework.policy import values as v
from casework.policy.pack import DEFAULT_LADDER, FORMAT

PAGE = (Path(__file__).parents[2] / "docs" / "policies.md").read_text(encoding="utf-8")
EXAMPLE, LADDER = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)

WORDS = [
    *(v.SUBJECTS, v.EACH, v.AFTER, v.TRIGGERS, v.CONDITIONS, v.CONTACTS, v.FACTS, v.DEFINITIONS, ROLES, KINDS),
    *(list(v.THRESHOLDS), [f"visit:{who}" for who in v.MET], [f"`{name}`" for name in shipped_packs()]),
]


class TestReference:
    @pytest.mark.parametrize("words", WORDS)
    def test_every_word_of_the_format_is_in_the_reference(self, words):
        """The page names every word that a pack may use."""
        assert [] == [word for word in words if word not in PAGE]

    def test_thresholds_are_shown_with_what_holds_if_nobody_says_it(self):
        """The page tells the number of each threshold."""
        assert [] == [name for name, (usual, _, _) in v.THRESHOLDS.items() if f"| `{name}` | {usual} |" not in PAGE]

    def test_example_is_a_pack_that_composes(self, tmp_path):
        """The pack shown composes with the one it changes, and does what the page says of it."""
        path = tmp_path / "qinghe.toml"
        path.write_text(EXAMPLE, encoding="utf-8")
        policy = load_policy("town-primary", path)

        assert FORMAT == tomllib.loads(EXAMPLE)["format"]
        assert ["3 td", ""] == [str(window.within or "") for window in policy.duty("D11").windows]
        assert (20, "youth_counsellor") == (policy.ladder.step, policy.duty("Q1").role)

    def test_ladder_shown_is_the_one_that_holds_without_one(self, tmp_path):
        """The ladder shown as the usual one is the usual one."""
        path = tmp_path / "more.toml"
        head = EXAMPLE.partition("kinds")[0].replace("qinghe", "more")
        path.write_text(head + LADDER, encoding="utf-8")

        assert DEFAULT_LADDER == load_policy("town-primary", path).ladder
