"""No count under five is published, and none that is hidden can be worked out from what is."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.engine.suppression import LEAST, TOTAL, published


def feasible(table, place, true):
    """The numbers that a hidden count may be, by everything that is published.

    Tried are all tables that differ by at most one in each count: where a count may be another number at all, it may
    be one more or one less, since what is hidden is a flow.
    """
    inner = [one for one, value in table.cells.items() if value is None and TOTAL not in one]
    found = set()
    for guess in product(*(range(max(0, true[one] - 1), true[one] + 2) for one in inner)):
        told = dict(table.cells) | dict(zip(inner, guess, strict=True))
        full = {(row, TOTAL): sum(told[row, column] for column in table.columns) for row in table.rows}
        full |= {(TOTAL, column): sum(told[row, column] for row in table.rows) for column in table.columns}
        full[TOTAL, TOTAL] = sum(told[row, column] for row in table.rows for column in table.columns)
        if all(told[one] in {None, n} for one, n in full.items()):
            found.add(full.get(place, told.get(place)))
    return found


def told(counts):
    """The hidden counts of a table that can be worked out."""
    table = published(counts)
    true = true_values(counts, table)
    hidden = [place for place, value in table.cells.items() if value is None]
    return [place for place in hidden if len(feasible(table, place, true)) < 2]


SMALL = st.integers(1, 3).flatmap(
    lambda rows: st.integers(1, 2).flatmap(
        lambda columns: st.lists(
            st.lists(st.one_of(st.integers(0, 5), st.integers(0, 9)), min_size=columns, max_size=columns),
            min_size=rows,
            max_size=rows,
        )
    )
)
LARGE = st.dictionaries(
    st.sampled_from([f"r{n}" for n in range(8)]),
    st.dictionaries(st.sampled_from([f"c{n}" for n in range(6)]), st.integers(0, 40), min_size=1, max_size=6),
    min_size=1,
    max_size=8,
)


def named(counts):
    """A table of lists as one by names."""
    return {f"r{n}": {f"c{k}": value for k, value in enumerate(row)} for n, row in enumerate(counts)}


def true_values(counts, table):
    """Every count with its totals as it is."""
    found = {(row, column): counts[row].get(column, 0) for row in table.rows for column in table.columns}
    for row in table.rows:
        found[row, TOTAL] = sum(counts[row].values())
    for column in (*table.columns, TOTAL):
        found[TOTAL, column] = sum(found[row, column] for row in table.rows)
    return found


class TestPublished:
    @given(counts=SMALL)
    @settings(max_examples=80)
    def test_nothing_hidden_can_be_worked_out(self, counts):
        """Every hidden count may be at least two numbers: found by trying every table that fits what is published."""
        assert [] == told(named(counts))

    @given(counts=LARGE)
    @settings(max_examples=100)
    def test_what_is_shown_is_true_and_large(self, counts):
        """What is shown is the count itself, and never under five; every count under five is hidden."""
        table = published(counts)
        true = true_values(counts, table)

        assert {} == {place: n for place, n in table.cells.items() if n is not None and (n < LEAST or n != true[place])}
        assert [] == [place for place, n in true.items() if n < LEAST and table.cells[place] is not None]

    @given(counts=LARGE)
    @settings(max_examples=60)
    def test_no_line_hides_one_alone(self, counts):
        """No row and no column hides a single count, which the rest of it would tell."""
        table = published(counts)
        lines = [[(row, column) for column in (*table.columns, TOTAL)] for row in (*table.rows, TOTAL)]
        lines += [[(row, column) for row in (*table.rows, TOTAL)] for column in (*table.columns, TOTAL)]

        assert [] == [line for line in lines if [table.cells[place] for place in line].count(None) == 1]

    def test_large_counts_are_shown(self):
        """A table without a small count is published whole."""
        table = published({"3-1": {"filed": 5, "paired": 20}, "3-2": {"filed": 7, "paired": 9}})

        assert [5, 20, 25] == table.line("3-1")
        assert [12, 29, 41] == table.line(TOTAL)

    def test_others_are_hidden_with_a_small_one(self):
        """One small count takes three more with it: the other of its row, of its column, and the one across."""
        table = published({"a": {"x": 2, "y": 20, "z": 30}, "b": {"x": 12, "y": 13, "z": 40}})

        assert [None, None, 30, 52] == table.line("a")
        assert [None, None, 40, 65] == table.line("b")
        assert [14, 33, 70, 117] == table.line(TOTAL)

    @pytest.mark.parametrize(
        "counts",
        [
            {"a": {"x": 0, "y": 0, "z": 30}, "b": {"x": 9, "y": 9, "z": 30}},
            {"a": {"x": 1, "y": 9}, "b": {"x": 9, "y": 1}},
            {"a": {"x": 3}},
            {"a": {"x": 30}, "b": {"x": 3}},
            {"a": {}, "b": {"x": 8}},
        ],
    )
    def test_where_nothing_hidden_adds_up_to_nothing(self, counts):
        """Two nothings whose sum would be told, and tables of one row, are hidden so that nobody knows."""
        assert [] == told(counts)

    def test_nothing_at_all(self):
        """Of no counts nothing is told, not even that there are none."""
        assert [None] == published({}).line(TOTAL)
        assert [None, None] == published({}, ["filed"]).line(TOTAL)
