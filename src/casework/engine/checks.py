"""Checks that every command shares: days, instants, text."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from casework.engine.context import Context
from casework.errors import CommandRefused, StepRefused, WrongType, check_kind, said
from casework.model.activity import MOODS, Activity, Detail
from casework.model.case import Case
from casework.model.commands import Command
from casework.model.examination import Examination
from casework.model.gathering import GATHERING_MARK
from casework.model.ids import check_writable
from casework.model.merge_commands import MERGE_COMMANDS
from casework.model.move_commands import MOVE_COMMANDS
from casework.model.people import Sealed
from casework.model.reason import check_code, is_word
from casework.model.roll import RollRow, StaffRow

MAX_ID = 255
"""The longest id of the host's: a person, a class, a household, an idempotency key."""
MAX_MINUTES = 24 * 60
FIRST_DAY = date(1990, 1, 1)
"""The first day that can be entered; earlier ones are slips of the pen."""


def local_day(given: date | None, context: Context) -> date:
    """The local day of what is entered; days to come are refused, since nobody has done anything on them."""
    if isinstance(given, datetime):
        msg = "on= takes a local date, not an instant; give the school's calendar day"
        raise CommandRefused(msg)
    if given is not None and not isinstance(given, date):
        msg = f"on= takes a local date, not {type(given).__name__}; give datetime.date(…)"
        raise CommandRefused(msg)
    if given is not None and given > context.today:
        msg = f"{given} has not come yet (today is {context.today}); enter what has happened"
        raise CommandRefused(msg)
    if given is not None and given < FIRST_DAY:
        msg = f"{given} is before {FIRST_DAY}, long before anybody at school; give the day on which it happened"
        raise CommandRefused(msg)
    return given or context.today


def instant(given: datetime | None, context: Context) -> datetime:
    """The instant given, in UTC, or that of entry; naive ones and those to come are refused."""
    if given is None:
        return context.at
    if not isinstance(given, datetime):
        msg = f"an instant is asked for, not {type(given).__name__}; give datetime(..., tzinfo=UTC) or a zoned datetime"
        raise CommandRefused(msg)
    if given.tzinfo is None:
        msg = "an instant needs a time zone; give datetime(..., tzinfo=UTC) or a zoned datetime"
        raise CommandRefused(msg)
    if given > context.at:
        here, now = (
            at.astimezone(context.settings.calendar.zone).isoformat(" ", "minutes") for at in (given, context.at)
        )
        msg = f"{here} has not come yet (now is {now}); enter what has happened"
        raise CommandRefused(msg)
    return given.astimezone(context.at.tzinfo)


def sealed_only(text: str | Sealed | None) -> Sealed | None:
    """Text that is still plain never reaches an event."""
    if isinstance(text, str):
        msg = "text reaches the engine sealed; give it to a desk"
        raise CommandRefused(msg)
    return text


def known_id(given: str, what: str) -> str:
    """An id of the host's; what is empty, too long or no text names nobody."""
    if not isinstance(given, str) or not 0 < len(given) <= MAX_ID or not given.isprintable() or given.isspace():
        msg = f"{what} is an id of 1 to {MAX_ID} characters; give the id that the host knows it by"
        raise CommandRefused(msg)
    return given


def maybe_ids(what: str, *given: str | None) -> None:
    """Ids that may be left out."""
    for one in given:
        if one is not None and one != "":
            known_id(one, what)


def check_key(key: str) -> None:
    """An idempotency key, which may be empty for none."""
    check_kind(key, str, "key=", "the id of a form or a request, as text")
    if len(key) > MAX_ID:
        msg = f"an idempotency key has at most {MAX_ID} characters; give a shorter one, such as a UUID"
        raise CommandRefused(msg)
    check_writable(key)


def check_request(commands: Sequence[tuple[object, Command]]) -> None:
    """Several commands, each with its case."""
    for pair in commands:
        if not isinstance(pair, tuple) or len(pair) != 2:  # noqa: PLR2004 - a pair
            msg = "do_together() takes a list of pairs of a case and a command, as in [('s-17', Record(…))]"
            raise WrongType(msg)
        check_public(pair[1])


def check_public(command: object) -> None:
    """A command that stands alone; half of a transfer, a merge or a hand-over is made by the call for the whole."""
    if isinstance(command, (*MOVE_COMMANDS, *MERGE_COMMANDS)):
        msg = f"{type(command).__name__} is a part of something; ask the desk for the whole, as in desk.merge(…)"
        raise CommandRefused(msg)


def check_rows(pupils: Sequence[RollRow], staff: Sequence[StaffRow]) -> None:
    """Rows of a roster."""
    for rows, kind in ((pupils, RollRow), (staff, StaffRow)):
        takes = f"a list of {kind.__name__}"
        check_kind(rows, (list, tuple), "update_roll()", takes)
        for row in rows:
            check_kind(row, kind, "update_roll()", takes)


def known_ids(given: Iterable[str], what: str) -> tuple[str, ...]:
    """Ids of the host's, none of them empty."""
    return tuple(known_id(one, what) for one in given)


def a_word(given: str, what: str) -> None:
    """A coded word, which stands in the history; free text would be readable there."""
    if not isinstance(given, str) or not is_word(given):
        msg = (
            f"{what} has to be a word of at most 64 letters, digits and '_.:/#-', a number, true or false; "
            "free text goes into note="
        )
        raise CommandRefused(msg)


def minutes_of(given: int | None) -> int | None:
    """How long something took; whole minutes within a day."""
    if given is not None and (type(given) is not int or not 0 <= given <= MAX_MINUTES):
        msg = f"minutes={said(given)} is outside a day; give the whole minutes that the activity took"
        raise CommandRefused(msg)
    return given


def yes_or_no(given: object, what: str) -> None:
    """True or false, since every word but the empty one would count as true."""
    if not isinstance(given, bool):
        msg = f"{what}={said(given)} is neither True nor False; say which"
        raise CommandRefused(msg)


def known_mood(mood: str) -> None:
    """A mood that talks are recorded with, or none."""
    if mood and mood not in MOODS:
        msg = f"mood {said(mood)} is unknown; use one of {', '.join(MOODS)}"
        raise CommandRefused(msg)


def coded_facts(kind: str, details: Mapping[str, Detail]) -> None:
    """What an act of this kind says besides: codes, numbers, yes and no; of an examination what one can say (D29)."""
    for name, value in details.items():
        check_code(name, "detail")
        if not isinstance(value, int):
            a_word(value, f"detail {name}")
    if kind == "examination":
        Examination.of(details)


def of_its_own(found: object) -> None:
    """An act that a gathering wrote is corrected where it was entered, so that the two never differ."""
    if isinstance(found, Activity) and found.occasion.startswith(GATHERING_MARK):
        msg = f"{found.id} comes from a gathering; correct its attendance there: `casework attendance {found.id}`"
        raise CommandRefused(msg)


def needs_case(case: Case, step: str) -> None:
    """Raise `StepRefused` for a child who has no case."""
    if not case.stage:
        raise StepRefused(step, "", "the child has no case yet; identify the child first")
