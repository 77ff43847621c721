"""What windows are opened by and met by: triggers and acts."""

from datetime import date

from attrs import frozen

Act = tuple[date, str]
"""The local date and the id of an act or a fact."""


@frozen
class Trigger:
    """One thing that happened, on which day the school knew of it, and its id within the record.

    ``to`` is, for what a referral asks, whom the child was referred to.
    """

    kind: str
    on: date
    id: str
    to: str = ""
