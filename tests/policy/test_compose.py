import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.errors import PolicyRefused
from casework.policy import Ladder, Rung, loads_policy
from casework.policy.compose import compose, natural
from casework.policy.pack import read_pack
from tests.policy.texts import LADDER, duty, pack

TWICE = 'duty D10: pack {} has the duty D10 already; write replaces = "D10" or tightens = "D10" in the later pack'
DIFFERS = "2.toml {0}: pack ours says otherwise; write replaces_{0} = true in more, or take its {0} out"
REGISTER = 'definition = "register"\n'
WINDOWS = [
    '{ each = "OPEN", closes = "term end" }',
    '{ each = "MONTH", unless = "key_child" }, { every = "14 days", only = "key_child" }',
    '{ after = "identified", within = "10 td", closes = "20 td", sooner = { after = "filed", within = "5 td" } }',
    '{ on = ["absence", "concern"], within = "5 td", closes = "9 td" }',
]
COUNT = re.compile(r"\d+(?= (?:td|days|min|h)\b)|(?<=_days = )\d+|(?<=_attempts = )\d+")


@st.composite
def texts(draw):
    """One to four packs whose duties all have different numbers; the first gives definition, ladder and thresholds."""
    numbers = draw(st.lists(st.integers(0, 99), min_size=1, max_size=6, unique=True))
    owners = [draw(st.integers(0, 3)) for _ in numbers]
    found = []
    for k in sorted(set(owners) | {0}):
        more = draw(st.sampled_from([REGISTER, ""])) if k else REGISTER + "[thresholds]\njoin_days = 7\n" + LADDER
        mine = [n for n, owner in zip(numbers, owners, strict=True) if owner == k]
        rows = [duty(f"D{n}", draw(st.sampled_from(WINDOWS)), _excluding(draw, n, numbers)) for n in mine]
        found.append(pack(*rows, name=f"pack-{k}", more=more))
    return found


def _excluding(draw, number, numbers):
    others = draw(st.lists(st.sampled_from(numbers), max_size=2, unique=True))
    named = ", ".join(f'"D{other}"' for other in others if other != number)
    return f"exclusive_with = [{named}]\n"


def composed(*packs, definition=None):
    """The policy of packs given as texts."""
    read = [read_pack(text.encode(), f"{k}.toml") for k, text in enumerate(packs, 1)]
    return compose(read, definition)


def problems(*packs, definition=None):
    """The problems for which packs cannot be composed."""
    with pytest.raises(PolicyRefused) as caught:
        composed(*packs, definition=definition)
    return [str(problem) for problem in caught.value.problems]


class TestUnion:
    @given(texts(), st.randoms(use_true_random=False))
    def test_order_of_packs_does_not_matter(self, packs, rng):
        """While nothing is replaced, the order in which packs are named changes no duty, number or hash."""
        shuffled = rng.sample(packs, len(packs))
        one, other = composed(*packs), composed(*shuffled)

        assert (one.hash, one.duties, one.ladder, one.thresholds, one.definition) == (
            other.hash,
            other.duties,
            other.ladder,
            other.thresholds,
            other.definition,
        )

    @given(texts())
    def test_no_duty_is_lost_and_none_is_added(self, packs):
        """The policy holds the duties of all packs, each once, by number."""
        found = [duty.id for duty in composed(*packs).duties]
        written = re.findall(r'^id = "(D\d+)"', "".join(packs), re.MULTILINE)

        assert sorted(written, key=natural) == found

    @given(texts())
    def test_exclusion_holds_both_ways(self, packs):
        """If one duty excludes another, that one excludes it, whichever pack says so."""
        policy = composed(*packs)
        pairs = {(duty.id, other) for duty in policy.duties for other in duty.exclusive_with}

        assert {(other, id_) for id_, other in pairs} == pairs

    def test_composed_policy_names_its_packs(self):
        """What was composed stands in the policy, in the order in which it was named."""
        law = pack(duty("L1"), name="law", more="").replace("practice", "cn")
        policy = composed(pack(duty(), name="ours"), law)

        assert ("ours+law", "1+1", "practice+cn", ("ours@1", "law@1")) == (
            policy.id,
            policy.version,
            policy.jurisdiction,
            policy.packs,
        )
        assert ["D10", "L1"] == [found.id for found in policy.duties]

    def test_numbers_sort_as_people_count(self):
        """D2 comes before D10, and letters before them."""
        assert ["A1", "D2", "D2b", "D10", "X"] == sorted(["D10", "X", "D2b", "A1", "D2"], key=natural)


class TestHash:
    @given(texts())
    def test_hash_is_the_same_for_the_same_text(self, packs):
        """Reading again gives the same hash."""
        assert composed(*packs).hash == composed(*packs).hash

    @given(texts(), st.data())
    def test_any_number_changes_the_hash(self, packs, data):
        """Changing any length, limit or threshold by one changes the hash."""
        at = data.draw(st.sampled_from([k for k, text in enumerate(packs) if COUNT.search(text)]))
        number = data.draw(st.sampled_from(list(COUNT.finditer(packs[at]))))
        text = packs[at][: number.start()] + str(int(number[0]) + 1) + packs[at][number.end() :]

        assert composed(*packs).hash != composed(*packs[:at], text, *packs[at + 1 :]).hash

    @given(texts(), st.sampled_from(["Home visits", '"S3"', 'title = "Ours"', 'version = "1"', "practice"]))
    def test_words_for_people_do_not_change_the_hash(self, packs, old):
        """Titles, sources, versions and jurisdictions may be worded anew without applying anything."""
        new = {'"S3"': '"S1", "S3"', 'version = "1"': 'version = "2"', 'title = "Ours"': 'title = "X"'}.get(
            old, "other"
        )
        changed = [text.replace(old, new) for text in packs]

        assert composed(*packs).hash == composed(*changed).hash

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ('"class_teacher"\n', '"lead"\n'),
            ('["visit"]', '["visit:carer"]'),
            ("OPEN", "MID"),
            ("register", "census-before-2016"),
            ("lead/class_teacher", "lead"),
            ('{ each = "OPEN" }', '{ each = "OPEN", only = "boarder" }'),
            ('{ each = "OPEN" }', '{ each = "OPEN", role = "lead" }'),
            ('"D10"', '"D11"'),
        ],
    )
    def test_whatever_decides_changes_the_hash(self, old, new):
        """Who, what, when and for whom: every word that decides an obligation or a notice is in the hash."""
        text = pack(duty(), more=REGISTER + LADDER)

        assert old in text
        assert loads_policy(text).hash != loads_policy(text.replace(old, new)).hash


class TestSameDutyTwice:
    def test_duty_of_two_packs_is_refused(self):
        """The same number in two packs is refused unless the later one says what it does with it."""
        assert [f"2.toml:7 {TWICE.format('ours')}"] == problems(pack(duty()), pack(duty(), name="more", more=""))

    def test_later_duty_replaces(self):
        """A later duty replaces the earlier one whole, looser or not."""
        later = pack(duty(windows='{ each = "TERM" }', more='replaces = "D10"'), name="more", more="")
        (found,) = composed(pack(duty()), later).duties

        assert ["TERM"] == [window.each for window in found.windows]

    def test_replacing_what_is_not_there_is_refused(self):
        """A duty replaces what a pack before it holds; packs are composed in the order in which they are named."""
        replacing = pack(duty(more='replaces = "D10"'), name="more", more="")

        what = "1.toml:7 duty D10: no pack before this one has the duty D10 that it replaces"
        mend = "name the pack that has D10 before more, or take replaces out"

        assert [f"{what}; {mend}", f"2.toml:8 {TWICE.format('more')}"] == problems(replacing, pack(duty()))

    def test_tightening_duty_stands(self):
        """A duty that is stricter in every way stands in place of the earlier one."""
        earlier = pack(duty(windows='{ on = ["absence"], within = "5 td" }'))
        later = pack(
            duty(windows='{ on = ["absence"], within = "3 td" }', more='tightens = "D10"'), name="more", more=""
        )
        (found,) = composed(earlier, later).duties

        assert ["3 td"] == [str(window.within) for window in found.windows]

    def test_loosening_duty_is_refused(self):
        """A duty that says it tightens and does not is refused, with what is looser."""
        earlier = pack(duty(windows='{ on = ["absence"], within = "5 td" }'))
        later = pack(
            duty(windows='{ on = ["absence"], within = "6 td" }', more='tightens = "D10"'), name="more", more=""
        )

        what = "2.toml:7 duty D10: no window for 'absence' is as early for the same children"

        assert [f'{what}; make it as strict as in ours, or write replaces = "D10"'] == problems(earlier, later)

    def test_pack_named_twice_is_refused(self):
        """Naming a pack twice is a slip."""
        assert ["2.toml: pack ours is named twice; name each pack once"] == problems(pack(duty()), pack(duty()))


class TestOneOfEach:
    def test_two_ladders_are_refused(self):
        """Two packs with different ladders do not compose: nobody guesses which holds."""
        other = LADDER.replace("30 min", "20 min")

        assert [DIFFERS.format("ladder")] == problems(
            pack(duty(), more=REGISTER + LADDER), pack(name="more", more=other)
        )

    def test_same_ladder_twice_is_one(self):
        """Two packs with the same ladder compose."""
        policy = composed(pack(duty(), more=REGISTER + LADDER), pack(name="more", more=LADDER))

        assert Ladder((Rung("lead", "class_teacher"), Rung("principal"), Rung("outside"))) == policy.ladder

    def test_later_ladder_replaces(self):
        """A later ladder holds when its pack says so."""
        other = "replaces_ladder = true\n" + LADDER.replace("30 min", "20 min")

        assert 20 == composed(pack(duty(), more=REGISTER + LADDER), pack(name="more", more=other)).ladder.step

    def test_two_definitions_are_refused_unless_replaced_or_given(self):
        """Two definitions of left-behind do not compose, unless the later replaces or the caller names one."""
        ours, other = pack(duty()), 'definition = "state-council-2016"\n'

        assert [DIFFERS.format("definition")] == problems(ours, pack(name="more", more=other))
        replaced = composed(ours, pack(name="more", more=f"{other}replaces_definition = true\n"))
        assert "state-council-2016" == replaced.definition
        assert "register" == composed(ours, pack(name="more", more=other), definition="register").definition

    def test_two_thresholds_are_refused_unless_replaced(self):
        """Two packs may say different thresholds, but not different numbers for one."""
        ours = pack(duty(), more=REGISTER + "[thresholds]\njoin_days = 5\n")
        attempts = pack(name="more", more="[thresholds]\nunreachable_attempts = 3\n")
        more = "[thresholds]\njoin_days = 6\n"

        assert {"join_days": 5, "unreachable_attempts": 3}.items() <= composed(ours, attempts).thresholds.items()
        assert [DIFFERS.format("thresholds")] == problems(ours, pack(name="more", more=more))
        assert (
            6 == composed(ours, pack(name="more", more=f"replaces_thresholds = true\n{more}")).thresholds["join_days"]
        )
