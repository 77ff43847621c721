"""What a pack is refused for; the texts of the refusals stand in refusals/*.txt."""

from pathlib import Path

import pytest

from casework.errors import PolicyRefused
from casework.policy import loads_policy
from tests.policy.texts import LADDER, duty, pack

REGISTER = 'definition = "register"\n'
BASE = pack(duty(), more=REGISTER + LADDER)


def blocks(name):
    """The blocks of a file of refusals: what is taken out, what is put in, and the problems that follow."""
    text = (Path(__file__).parent / "refusals" / f"{name}.txt").read_text(encoding="utf-8")
    for block in text.split("\n\n"):
        found = {mark: [line[2:] for line in block.splitlines() if line[:1] == mark] for mark in "-+="}
        if found["="]:
            yield "\n".join(found["-"]), "\n".join(found["+"]), found["="]


def problems(text):
    """The problems for which a text is refused, as texts without the file."""
    with pytest.raises(PolicyRefused) as caught:
        loads_policy(text, origin="ours.toml")
    return [str(found).removeprefix("ours.toml") for found in caught.value.problems]


class TestRefusals:
    @pytest.mark.parametrize(("old", "new", "expected"), [*blocks("pack"), *blocks("duty")])
    def test_mistake_is_refused_with_place_and_mend(self, old, new, expected):
        """Each mistake is refused with the line, the key, what is wrong and how to mend it, and for nothing else."""
        assert old in BASE
        assert expected == problems(BASE.replace(old, new, 1))

    def test_pack_from_which_the_mistakes_are_made_is_read(self):
        """Without its mistake the pack is read."""
        assert ["D10"] == [duty.id for duty in loads_policy(BASE).duties]

    def test_pack_without_a_duty_is_refused(self):
        """A policy asks for something."""
        assert [": no pack has a duty; add a [[duty]]"] == problems(pack())

    def test_ladder_replaced_by_none_is_refused(self):
        """A pack that replaces the ladder gives one."""
        assert [":7 replaces_ladder: the pack gives no ladder; give ladder, or take the line out"] == problems(
            pack(duty(), more=REGISTER + "replaces_ladder = true\n")
        )

    def test_same_number_twice_is_refused(self):
        """A number stands once in a pack, since obligations are named by it."""
        assert [":18 duty D10.id: D10 stands twice; give each duty an id of its own"] == problems(pack(duty(), duty()))

    def test_class_has_no_carer_no_condition_and_no_identification(self):
        """What can be said of a child alone is refused for a class."""
        windows = '{ after = "filed", within = "5 td" }, { each = "TERM", only = "boarder" }'
        text = pack(duty(windows=windows, more='contact = "carer"')).replace('"child"', '"class"')

        assert [
            ":15 duty D10.windows[1].after: a class is never filed; use each, every or on for a class",
            ":15 duty D10.windows[2].only: no condition holds for a class; take it out",
            ':16 duty D10.contact: a class has no carer; leave contact out, or write subject = "child"',
        ] == problems(text)

    def test_no_trigger_is_about_a_class(self):
        """A class has no triggers."""
        text = pack(duty(windows='{ on = ["concern"], within = "5 td" }')).replace('"child"', '"class"')

        assert [":15 duty D10.windows[1].on: no trigger is about a class; use each or every for a class"] == problems(
            text
        )


class TestLimits:
    def test_two_hundred_duties_are_enough(self):
        """A pack of more duties than a school could have is refused as a whole."""
        assert [":8 duty: there are 201 of them; keep to 200, or divide the pack"] == problems(
            pack(*(duty(f"D{k}") for k in range(201)))
        )

    def test_twelve_windows_are_enough(self):
        """A duty of more windows than anybody could mean is refused."""
        windows = ", ".join(['{ each = "OPEN" }'] * 13)

        assert [":15 duty D10.windows: there are 13 of them; keep to 12, or divide the pack"] == problems(
            pack(duty(windows=windows))
        )

    def test_fifty_elements_are_enough(self):
        """A list longer than anybody would write is refused as a whole."""
        acts = ", ".join(f'"k{k}"' for k in range(51))
        found = problems(pack(duty()).replace('"visit"', acts))

        assert ":14 duty D10.discharged_by: the list is too long; keep to 50 elements" == found[0]

    def test_list_of_texts_is_no_list_of_duties(self):
        """A list of texts is no list of duties."""
        found = problems(pack(more=REGISTER + 'duty = ["D10"]\n'))

        assert [":7 duty[1]: 'D10' is not a table; write { key = … }"] == found

    def test_long_values_are_shortened(self):
        """A value that fills a page does not fill the message."""
        (found,) = problems(pack(duty()).replace('"OPEN"', f'"{"O" * 5000}"'))

        assert len(found) < 200
        assert f"'{'O' * 35}…" in found


class TestMany:
    def test_all_problems_are_told_in_the_order_of_the_file(self):
        """Whoever mends a pack sees everything that is wrong with it, from top to bottom."""
        text = (
            pack(duty(more='contact = "nobody"')).replace("Ours", "").replace("visit", "vist").replace("OPEN", "OPNE")
        )

        assert [
            ":4 title",
            ":14 duty D10.discharged_by[1]",
            ":15 duty D10.windows[1].each",
            ":16 duty D10.contact",
        ] == [found.partition(": ")[0] for found in problems(text)]

    def test_a_hundred_problems_are_told_and_the_others_counted(self):
        """A file with thousands of mistakes is refused with a list that can be read."""
        found = problems(pack(duty(), more=REGISTER + "".join(f"k{k} = 1\n" for k in range(20_000))))

        assert 101 == len(found)
        assert ": 19900 more problems; mend those above first" == found[-1]


class TestAccepted:
    @pytest.mark.parametrize(
        "windows",
        [
            '{ each = "OPEN", only = "boarder" }, { each = "OPEN", unless = "boarder", closes = "term end" }',
            '{ after = "filed", within = "5 td", only = "boarder" }, { each = "TERM", role = "lead" }',
            '{ each = "OPEN", only = "boarder", unless = "key_child" }',
            '{ every = "1 day" }, { each = "MONTH", closes = "term end" }',
            '{ after = "filed", within = "140 td" }, { on = ["concern"], within = "199 days", closes = "200 days" }',
        ],
    )
    def test_windows_that_look_odd_are_read(self, windows):
        """Windows for different children stand side by side, and lengths go up to their limits."""
        (found,) = loads_policy(pack(duty(windows=windows))).duties

        assert windows.count("{") == len(found.windows)

    def test_class_and_school_have_duties(self):
        """A duty may be about a class or about the school."""
        found = [
            loads_policy(pack(duty()).replace('"child"', f'"{subject}"')).duties[0].subject
            for subject in ("class", "school")
        ]

        assert ["class", "school"] == found
