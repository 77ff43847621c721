"""The desk's named calls, one for each command: what a developer types. Each hands on to ``do``."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import evolve, fields_dict

from casework.engine.erasure_requests import ErasureRequests
from casework.engine.referral_requests import ReferralRequests
from casework.errors import CommandRefused, WrongType, check_kind
from casework.model import commands as c

if TYPE_CHECKING:
    from datetime import date, datetime

    from casework.engine.outcome import CaseRef, Outcome
    from casework.model.activity import Detail
    from casework.model.people import ContactCard


class Requests(ReferralRequests, ErasureRequests):
    """Named calls over ``do``; all dates default to today at the school, ``key`` is an idempotency key."""

    @abstractmethod
    def occasion(self, cases: Sequence[CaseRef], command: c.Record, *, key: str = "") -> str:
        """What the records of one household visit share: an id of its own for every visit."""

    @abstractmethod
    def do_together(self, commands: Sequence[tuple[CaseRef, c.Command]], *, key: str = "") -> tuple[Outcome, ...]:
        """Carry out several commands, or none."""

    def identify(
        self,
        child: str,
        *,
        away: str,
        definition: str = "",
        class_: str = "",
        household: str = "",
        boarder: bool = False,
        on: date | None = None,
        key: str = "",
    ) -> Outcome:
        """Bring a child into scope: a case begins. ``away`` is ``one`` or ``both`` parents (D1, D41)."""
        return self.do(child, c.Identify(away, definition, class_, household, boarder, on), key=key)

    def change_facts(self, case: CaseRef, *, key: str = "", **facts: Any) -> Outcome:  # noqa: ANN401 - ChangeFacts' own
        """Enter changed facts: ``away``, ``class_``, ``household``, ``boarder``, ``on``."""
        _check_names("change_facts()", facts, c.ChangeFacts)
        return self.do(case, c.ChangeFacts(**facts), key=key)

    def file(self, case: CaseRef, card: ContactCard | None = None, *, on: date | None = None, key: str = "") -> Outcome:
        """Open the child's file (D2), with the contact card (D3) if it is known."""
        return self.do(case, c.File(card, on), key=key)

    def record_card(self, case: CaseRef, card: ContactCard, *, on: date | None = None, key: str = "") -> Outcome:
        """Write the contact card anew (D3)."""
        return self.do(case, c.RecordCard(card, on), key=key)

    def verify_contact(self, case: CaseRef, contact: str, *, on: date | None = None, key: str = "") -> Outcome:
        """A contact was reached by the card; ``contact`` is carer, parent1 or parent2."""
        return self.do(case, c.VerifyContact(contact, on), key=key)

    def mark_number_dead(self, case: CaseRef, contact: str, *, on: date | None = None, key: str = "") -> Outcome:
        """A number no longer works; the card is asked for again (D3)."""
        return self.do(case, c.MarkNumberDead(contact, on), key=key)

    def pair(
        self, case: CaseRef, lead: str, members: Iterable[str] = (), *, on: date | None = None, key: str = ""
    ) -> Outcome:
        """Give the child a helping group (D8)."""
        return self.do(case, c.Pair(lead, members, on), key=key)

    def unpair(self, case: CaseRef, because: str, *, on: date | None = None, key: str = "") -> Outcome:
        """End the pairing."""
        return self.do(case, c.Unpair(because, on), key=key)

    def designate_key(self, case: CaseRef, because: str, *, on: date | None = None, key: str = "") -> Outcome:
        """Make the child a key child (D7)."""
        return self.do(case, c.DesignateKey(because, on), key=key)

    def end_key(self, case: CaseRef, because: str, *, on: date | None = None, key: str = "") -> Outcome:
        """The child is no longer a key child."""
        return self.do(case, c.EndKey(because, on), key=key)

    def record(  # noqa: PLR0913 - what a record may say; all but three have defaults
        self,
        case: CaseRef,
        kind: str,
        *,
        reached: bool,
        on: date | None = None,
        by: str = "",
        met: Iterable[str] = (),
        mood: str = "",
        minutes: int | None = None,
        details: Mapping[str, Detail] | None = None,
        note: str | None = None,
        words: str | None = None,
        concerns: Iterable[c.ConcernDraft] = (),
        key: str = "",
    ) -> Outcome:
        """Enter an activity. Child, kind and reached are enough; ``outcome.missing`` says what may be completed."""
        command = c.Record(kind, reached, on, by, met, mood, minutes, details or {}, "", note, words, tuple(concerns))
        return self.do(case, command, key=key)

    def record_together(
        self, cases: Sequence[CaseRef], command: c.Record, *, words: Mapping[CaseRef, str] | None = None, key: str = ""
    ) -> tuple[Outcome, ...]:
        """One visit to a household: entered once, counted for each sibling; each child's words stay in its own file.

        ``words`` holds them by case. The records share ``occasion``; all are stored, or none.
        """
        check_kind(cases, (list, tuple), "record_together()", "a list of cases")
        check_kind(command, c.Record, "record_together()", "a Record")
        own = {} if words is None else words
        check_kind(own, Mapping, "words=", "a mapping of cases to what each child said")
        if strange := set(own) - set(cases):
            msg = f"words= are given for {len(strange)} who are not among the cases; name each as in the list of cases"
            raise CommandRefused(msg)
        occasion = command.occasion or self.occasion(cases, command, key=key)
        return self.do_together(
            [(case, evolve(command, occasion=occasion, words=own.get(case))) for case in cases], key=key
        )

    def note_concern(self, case: CaseRef, concern: c.ConcernDraft, *, about: str = "", key: str = "") -> Outcome:
        """Note a concern by itself; observed danger is an emergency at once."""
        return self.do(case, c.NoteConcern(concern, None, about), key=key)

    def correct(self, case: CaseRef, activity: str, because: str, *, key: str = "", **reads: Any) -> Outcome:  # noqa: ANN401
        """Correct an activity: what is given reads differently from now on; obligations are judged again."""
        _check_names("correct()", reads, c.Correct)
        return self.do(case, c.Correct(activity, because, **reads), key=key)

    def void(self, case: CaseRef, item: str, because: str, *, key: str = "") -> Outcome:
        """Declare that an activity or concern never happened, or not with this child."""
        return self.do(case, c.Void(item, because), key=key)

    def raise_emergency(
        self,
        case: CaseRef,
        kind: str,
        *,
        observed: bool = True,
        about: Iterable[str] = (),
        implicated: Iterable[str] = (),
        note: str | None = None,
        key: str = "",
    ) -> Outcome:
        """Raise an emergency, for any child, with or without a case, in every state."""
        return self.do(case, c.Raise(kind, observed, about, implicated, note), key=key)

    def acknowledge(self, case: CaseRef, emergency: str, *, key: str = "") -> Outcome:
        """Somebody has heard; the climb stops until the next limit."""
        return self.do(case, c.Acknowledge(emergency), key=key)

    def respond(self, case: CaseRef, emergency: str, *, key: str = "") -> Outcome:
        """Somebody is on the way or with the child."""
        return self.do(case, c.Respond(emergency), key=key)

    def call_outside(
        self,
        case: CaseRef,
        emergency: str,
        agency: str,
        reference: str,
        *,
        by: str = "",
        at: datetime | None = None,
        key: str = "",
    ) -> Outcome:
        """Record the call that left the school: police, civil_affairs, education."""
        return self.do(case, c.CallOutside(emergency, agency, reference, by, at), key=key)

    def stand_down(
        self,
        case: CaseRef,
        emergency: str,
        because: str,
        *,
        safe_seen_by: str,
        safe_seen_at: datetime,
        look_again: date | None = None,
        key: str = "",
    ) -> Outcome:
        """The child is safe: who saw the child, and when."""
        command = c.StandDown(emergency, because, safe_seen_by, safe_seen_at, look_again)
        return self.do(case, command, key=key)

    def review(self, case: CaseRef, emergency: str, lessons: str | None = None, *, key: str = "") -> Outcome:
        """Go through an emergency afterwards; the lessons are sealed."""
        return self.do(case, c.Review(emergency, lessons), key=key)

    def excuse(self, case: CaseRef, obligation: str, because: str, *, key: str = "") -> Outcome:
        """Excuse an open obligation."""
        return self.do(case, c.Excuse(obligation, because), key=key)

    def close(self, case: CaseRef, because: str, *, on: date | None = None, key: str = "") -> Outcome:
        """Close the case; its open obligations are excused with that reason."""
        return self.do(case, c.Close(because, on), key=key)

    def reopen(self, case: CaseRef, because: str, *, on: date | None = None, key: str = "") -> Outcome:
        """Open a closed case again, with its memory."""
        return self.do(case, c.Reopen(because, on), key=key)


def _check_names(call: str, given: Mapping[str, object], of: type[c.ChangeFacts | c.Correct]) -> None:
    """Raise `WrongType` for a keyword that the command does not have."""
    takes = [name for name in fields_dict(of) if name not in {"activity", "because"}]
    if strange := sorted(set(given) - set(takes)):
        msg = f"{call} takes {', '.join(f'{name}=' for name in takes)}, not {', '.join(f'{name}=' for name in strange)}"
        raise WrongType(msg)
