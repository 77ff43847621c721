"""The table of numbers."""

import pytest

from casework.errors import CommandRefused
from casework.simulate.rates import load_rates


class TestRates:
    def test_the_table_is_a_mapping(self):
        """Each number is found by its name."""
        rates = load_rates()

        assert set(rates.of) == set(rates)
        assert len(rates) == len(rates.of) > 40

    def test_every_value_lies_within_its_range(self):
        """A number outside its own range would be a slip of the pen."""
        assert [] == [rate.name for rate in load_rates().of.values() if not rate.low <= rate.value <= rate.high]

    def test_what_is_no_assumption_names_its_source(self):
        """Each number is marked as an assumption, or says where it comes from and gives an address."""
        rates = load_rates()

        assert {"verified", "verified-secondary", "assumption"} == {rate.status for rate in rates.of.values()}
        assert [] == [
            r.name for r in rates.of.values() if not r.assumed and not (r.source and r.address.startswith("http"))
        ]

    def test_what_decides_most_is_known_to_be_assumed(self):
        """Hours, detection, disclosure and delays have no source, and say so."""
        assert {"helper_hours", "sens_contact", "self_disclosure", "answer_minutes"} <= set(load_rates().assumptions())

    def test_a_number_can_be_changed_for_a_run(self):
        """The change holds for that table alone."""
        assert (8, 4) == (load_rates({"helper_hours": 8})["helper_hours"], load_rates()["helper_hours"])

    def test_an_unknown_number_is_refused(self):
        """A typing error would otherwise change nothing, silently."""
        with pytest.raises(CommandRefused, match=r"no rate helper_hour; rates\.csv holds"):
            load_rates({"helper_hour": 8})
