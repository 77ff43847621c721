"""Who answers referrals: read from a pack, composed, and part of what the policy hashes."""

import pytest

from casework.errors import PolicyRefused
from casework.policy import load_policy, loads_policy
from casework.policy.compose import compose
from casework.policy.pack import read_pack
from casework.policy.values import Specialist
from tests.policy.texts import duty, pack

REGISTER = 'definition = "register"\n'
ASKED = '[specialists.psychology]\nrole = "psychologist"\nprovider = "county_hospital"\n'


def specialists(more):
    """Who answers, by a pack with these lines."""
    return loads_policy(pack(duty(), more=REGISTER + more), origin="ours.toml").specialists


class TestSpecialists:
    def test_the_psychologist_answers_where_no_pack_says_otherwise(self):
        """Every policy has somebody for psychology; a provider is each school's own to name."""
        assert {"psychology": Specialist("psychologist")} == load_policy("town-primary").specialists

    def test_a_pack_names_others_and_a_provider(self):
        """A provider stands beside the seat, and other specialists beside the psychologist."""
        found = specialists(ASKED + '[specialists.doctor]\nrole = "medical_staff"\n')

        assert {
            "doctor": Specialist("medical_staff"),
            "psychology": Specialist("psychologist", "county_hospital"),
        } == found

    def test_the_hash_covers_them(self):
        """Another provider is another policy."""
        one, other = (loads_policy(pack(duty(), more=REGISTER + more), origin="x") for more in ("", ASKED))

        assert one.hash != other.hash

    @pytest.mark.parametrize(
        ("more", "told"),
        [
            ('[specialists.psychology]\nprovider = "x"\n', "'role' is missing"),
            ('[specialists.psychology]\nrole = "lead"\n', "'lead' is unknown"),
            ('[specialists.psychology]\nrole = "psychologist"\nprovider = "Dr. Qin"\n', "cannot stand here"),
            ('[specialists."Dr. Qin"]\nrole = "psychologist"\n', "Dr. Qin is no code"),
            ('[specialists.psychology]\nrole = "psychologist"\nname = "x"\n', "there is no key 'name' here"),
            ("".join(f'[specialists.s{k}]\nrole = "office"\n' for k in range(21)), "there are 21 of them"),
            ("replaces_specialists = true\n", "the pack gives no specialists"),
        ],
    )
    def test_mistakes_are_named(self, more, told):
        """What cannot be is refused with its place."""
        with pytest.raises(PolicyRefused) as refused:
            specialists(more)

        assert told in str(refused.value)

    def test_two_packs_that_differ(self):
        """Two providers for one seat are refused, unless the later pack says that it replaces them."""
        ours = read_pack(pack(duty(), more=REGISTER + ASKED).encode(), "ours.toml")
        other = ASKED.replace("county", "city")
        later = read_pack(pack(name="more", more=other).encode(), "more.toml")
        replacing = read_pack(pack(name="more", more=f"replaces_specialists = true\n{other}").encode(), "more.toml")

        with pytest.raises(PolicyRefused, match="replaces_specialists = true"):
            compose([ours, later])
        assert "city_hospital" == compose([ours, replacing]).specialists["psychology"].provider
