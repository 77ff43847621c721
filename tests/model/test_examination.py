"""An examination: five measures with units, four organs, and what cannot be."""

import pytest

from casework.errors import CommandRefused
from casework.model.activity import WANTED
from casework.model.examination import MEASURES, ORGANS, Examination

FULL = Examination((95, 60), 131.5, (5.0, 4.8), 1400, 62.5, "normal", "normal", "normal", "caries", ["vision"])


class TestExamination:
    def test_numbers_stand_in_the_details_with_their_unit(self):
        """Whole numbers, so that they can be counted; what is abnormal stands beside them."""
        assert {
            "systolic_mmhg": 95,
            "diastolic_mmhg": 60,
            "height_mm": 1315,
            "vision_left_tenths": 50,
            "vision_right_tenths": 48,
            "vital_capacity_ml": 1400,
            "chest_mm": 625,
            "eye": "normal",
            "ear": "normal",
            "nose": "normal",
            "mouth": "caries",
            "abnormal_vision": True,
            "abnormal": True,
        } == FULL.details()

    def test_it_is_read_back_from_its_details(self):
        """Nothing is lost on the way."""
        assert FULL == Examination.of(FULL.details())
        assert Examination() == Examination.of({})

    def test_findings(self):
        """What is abnormal: measures the staff named, and organs that are not normal."""
        assert ("vision", "mouth") == FULL.findings
        assert () == Examination(height=131.5, eye="normal").findings
        assert "abnormal" not in Examination(height=131.5, eye="normal").details()

    def test_all_five_measures_and_all_four_organs_are_wanted(self):
        """A full record of the third summary: blood pressure, height, vision, vital capacity, chest; the 五官."""
        first = {measures[0].detail for measures in MEASURES.values()}

        assert (5, 4) == (len(MEASURES), len(ORGANS))
        assert {*first, *ORGANS} == set(WANTED["examination"])

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"height": 1315}, r"height 1315 cm is not plausible \(50 to 220\)"),
            ({"height": 49.9}, "is not plausible"),
            ({"blood_pressure": (950, 60)}, "blood_pressure 950 mmHg"),
            ({"blood_pressure": (95, 29)}, "blood_pressure 29 mmHg"),
            ({"blood_pressure": 95}, "is 2 numbers"),
            ({"vision": (5.0, 5.4)}, "on the five-grade scale"),
            ({"vital_capacity": 100}, "vital_capacity 100 ml"),
            ({"chest_circumference": 200}, "not plausible"),
            ({"height": "131"}, "is 1 numbers"),
            ({"eye": "Red eye"}, "eye is no code"),
            ({"abnormal": ["vision"]}, "names a measure that was taken"),
            ({"height": 131.0, "abnormal": ["weight"]}, "names a measure"),
        ],
    )
    def test_what_cannot_be(self, given, said):
        """A slip of the pen is refused with the plausible range."""
        with pytest.raises((CommandRefused, ValueError), match=said):
            Examination(**given)

    @pytest.mark.parametrize(
        ("details", "said"),
        [
            ({"systolic_mmhg": 95}, "blood_pressure is whole numbers"),
            ({"height_mm": "tall"}, "height is whole numbers"),
            ({"height_mm": True}, "height is whole numbers"),
            ({"weight": 30}, "has no weight"),
        ],
    )
    def test_details_that_are_of_none(self, details, said):
        """Details of other acts are no examination."""
        with pytest.raises(CommandRefused, match=said):
            Examination.of(details)
