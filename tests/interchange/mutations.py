"""Rosters spoilt by chance and by design, each with what must come of it; deterministic for a seed.

``mutations(seed, count)`` yields `Mutation`s; `write` lays one out as a folder or zip. Also used where the command line
is tried with spoilt rosters: it needs no more than a path.
"""

from collections.abc import Callable, Iterator
from random import Random

from attrs import evolve

from tests.interchange import harmless, spoilt_by_chance, spoilt_cells, spoilt_files
from tests.interchange.spoiling import SETS, Files, Mutation, load, write

__all__ = ["KINDS", "Mutation", "mutations", "write"]

KINDS: tuple[Callable[[Random, str, Files], Mutation], ...] = (
    spoilt_by_chance.byte_flipped,
    spoilt_files.column_dropped,
    harmless.byte_order_mark,
    spoilt_files.ragged_row,
    spoilt_cells.date_spoilt,
    harmless.gb18030,
    spoilt_cells.term_spoilt,
    spoilt_cells.dangling,
    spoilt_by_chance.bytes_inserted,
    spoilt_cells.id_twice,
    spoilt_cells.id_twice_but_for_case,
    harmless.rows_shuffled,
    spoilt_cells.id_twice_decomposed,
    spoilt_cells.id_spoilt,
    spoilt_files.heading_misspelt,
    harmless.everything_quoted,
    spoilt_files.own_column_misspelt,
    spoilt_files.heading_row_missing,
    harmless.columns_shuffled,
    spoilt_files.column_twice,
    spoilt_cells.dates_reversed,
    spoilt_cells.flag_spoilt,
    spoilt_by_chance.bytes_deleted,
    spoilt_cells.wrong_side_of_the_desk,
    spoilt_cells.adult_left_behind,
    harmless.reference_in_capitals,
    spoilt_cells.pupil_as_guardian,
    spoilt_cells.text_spoilt,
    spoilt_cells.name_missing,
    harmless.unix_line_ends,
    spoilt_files.huge_cell,
    spoilt_files.nul_byte,
    spoilt_files.utf_16,
    spoilt_files.broken_utf_8,
    harmless.zipped,
    spoilt_files.quote_left_open,
    spoilt_files.quote_inside,
    spoilt_by_chance.zip_trap,
    spoilt_files.bare_carriage_return,
    spoilt_files.semicolons,
    spoilt_by_chance.cut_short,
    spoilt_files.file_emptied,
    spoilt_files.file_missing,
    spoilt_files.file_renamed,
    spoilt_files.manifest_spoilt,
    harmless.column_added,
    spoilt_cells.bulk_takes_away,
    spoilt_cells.no_pupils,
    spoilt_by_chance.zip_damaged,
    harmless.blank_rows,
    harmless.reference_decomposed,
    harmless.flags_in_capitals,
    spoilt_by_chance.row_deleted,
    harmless.bulk_says_active,
    harmless.no_last_line_end,
    spoilt_by_chance.columns_mistaken,
)


def mutations(seed: int, count: int) -> Iterator[Mutation]:
    """``count`` mutations: every kind in turn, each on a set, row and cell drawn from ``seed``."""
    for k in range(count):
        kind = KINDS[k % len(KINDS)]
        rng = Random(f"{seed}/{k}")  # noqa: S311 - tests must come out the same again
        base = SETS[(k // len(KINDS) + k) % len(SETS)]
        yield evolve(kind(rng, base, load(base)), name=f"{k:03d}-{kind.__name__}")
