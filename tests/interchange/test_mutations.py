import csv
import io
from collections import Counter

import pytest

from casework.interchange import Roster, RosterRefused, read_roster
from tests.interchange.mutations import KINDS, mutations, write
from tests.interchange.spoiling import CANARIES, EITHER, FIXTURES, REFUSED, SAME

pytestmark = pytest.mark.unmeasured

SEED, COUNT = 7, 4 * len(KINDS)
ALL = tuple(mutations(SEED, COUNT))


def outcome(mutation, folder):
    """The roster, or the refusal; anything else is an error of the reader."""
    try:
        return read_roster(write(mutation, folder))
    except RosterRefused as refusal:
        return refusal


def without_notes(roster: Roster):
    """What a roster says, without remarks about how it was written."""
    return (roster.dialect, roster.mode, roster.orgs, roster.pupils, roster.staff, roster.classes, roster.sessions)


def cells_of(content: bytes):
    """A file read by the csv module: the second opinion."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def check_against_csv(roster, files):
    """Every pupil stands in users.csv with the same verdict, grade and names; everybody of role student is a pupil."""
    users = {row["sourcedId"]: row for row in cells_of(files["users.csv"]) if any(row.values())}
    roles = cells_of(files["roles.csv"]) if "roles.csv" in files else users.values()
    key = "userSourcedId" if "roles.csv" in files else "sourcedId"
    students = {row[key].casefold() for row in roles if row["role"] == "student"}

    assert students == {pupil.id.casefold() for pupil in roster.pupils}
    for pupil in roster.pupils:
        row = users[pupil.id]

        assert (row.get("metadata.casework.leftBehind") or None, row["grades"]) == (pupil.left_behind, pupil.grade)
        assert sorted(row["familyName"].strip() + row["givenName"].strip()) == sorted(
            pupil.name.replace(" ", "", 1)
        ) or (" " in row["givenName"].strip() + row["familyName"].strip())


class TestMutations:
    @pytest.mark.parametrize("mutation", ALL, ids=lambda mutation: mutation.name)
    def test_a_spoilt_roster_is_read_rightly_or_refused_with_the_place_and_the_mend(self, mutation, tmp_path):
        """A spoilt roster is read as its bytes say it, or refused with file, row, column and mend; nothing else."""
        found = outcome(mutation, tmp_path)

        if isinstance(found, RosterRefused):
            assert mutation.expect in (REFUSED, EITHER)
            assert all(problem.file and problem.what and problem.mend for problem in found.problems)
            places = {(p.file, p.row, p.column) for p in found.problems}
            wanted = [
                (file, row, column)
                for file, row, column in places
                if mutation.file in ("", file) and mutation.row in (None, row) and mutation.column in ("", column)
            ]
            assert wanted, f"{mutation.file} {mutation.row} {mutation.column} not among {places}"
        elif mutation.expect == SAME:
            assert without_notes(read_roster(FIXTURES / mutation.base)) == without_notes(found)
        else:
            assert mutation.expect == EITHER
            if mutation.zipped is None:
                check_against_csv(found, mutation.files)

    def test_no_refusal_repeats_a_name_or_a_phone(self, tmp_path):
        """No refusal, and no note, repeats a name or a phone, wherever in the file it strayed."""
        for k, mutation in enumerate(ALL):
            folder = tmp_path / str(k)
            folder.mkdir()
            found = outcome(mutation, folder)
            said = str(found) if isinstance(found, RosterRefused) else "\n".join(map(str, found.notes))

            assert [] == [canary for canary in CANARIES if canary in said], mutation.name

    def test_more_than_a_hundred_are_refused(self, tmp_path):
        """Of the mutations more than a hundred are refused, and some that change nothing are read."""
        counts: Counter[str] = Counter()
        for k, mutation in enumerate(ALL):
            folder = tmp_path / str(k)
            folder.mkdir()
            counts["refused" if isinstance(outcome(mutation, folder), RosterRefused) else "read"] += 1

        assert counts["refused"] >= 100
        assert counts["read"] >= 50

    def test_the_mutations_come_out_the_same_again(self):
        """The same seed gives the same mutations, another seed others."""
        assert ALL[:20] == tuple(mutations(SEED, 20))
        assert ALL[:20] != tuple(mutations(SEED + 1, 20))
