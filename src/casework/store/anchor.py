"""An anchor: how far each record of a school had come, to be kept where whoever can write to the database cannot.

With it a verification also notices a record, or the whole database, that was put back to an older copy of itself, which
no seal inside the database can tell. It holds numbers and marks: no id of a child, and nothing of what was written.
"""

import json
from collections.abc import Mapping

from attrs import field, frozen

from casework.errors import CommandRefused

FORMAT = 1


@frozen
class Anchor:
    """By the number of each record, how many entries it had and the mark of the last; hand it on as text."""

    school: str
    records: Mapping[int, tuple[int, bytes]] = field(repr=False)

    def text(self) -> str:
        """The anchor as JSON, a record a line."""
        rows = {str(no): [count, mark.hex()] for no, (count, mark) in sorted(self.records.items())}
        return json.dumps({"casework_anchor": FORMAT, "school": self.school, "records": rows}, indent=0) + "\n"

    @classmethod
    def read(cls, text: str) -> "Anchor":
        """The anchor that `text` wrote. Raises `CommandRefused` for anything else."""
        try:
            found = json.loads(text)
            form, school = found["casework_anchor"], str(found["school"])
            records = {int(no): (int(count), bytes.fromhex(mark)) for no, (count, mark) in found["records"].items()}
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            raise CommandRefused("this is no anchor; give what `casework verify --new-anchor FILE` wrote") from None
        if form != FORMAT:
            raise CommandRefused("this anchor is of a later release; upgrade casework")
        return cls(school, records)
