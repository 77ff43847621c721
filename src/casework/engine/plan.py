"""Which obligations a record should have by now: duties × calendar × what happened, as a pure function.

Conditions are read as they stood at the end of a window (or today, inside it), so that a look which comes late finds
what a timely one would have found.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate

from attrs import frozen

from casework.engine.acts import Acts, acts_of, wanted
from casework.engine.happening import Act, Trigger
from casework.engine.keeping import next_asked, retention_triggers
from casework.engine.referral_limits import next_reviews
from casework.engine.triggers import triggers
from casework.engine.windows import by_trigger, day_of, groups
from casework.model.calendar import DAY, Calendar
from casework.model.case import Case, Span
from casework.policy.retention import DUTY
from casework.policy.values import SUBJECTS, Duty, Length, Policy, Window

FORMER = "former"
"""The subject of duties about a child whose case is closed."""

BACK = timedelta(days=400)
"""How far back windows are looked for: more than a year, and more than any clock may jump."""


@frozen
class Due:
    """One window of a duty, dated."""

    duty: str
    window: str
    opens: date
    due: date | None
    closes: date | None
    role: str
    trigger: str = ""

    @property
    def key(self) -> str:
        """The identity within the record."""
        return f"{self.duty}/{self.window}"


@frozen
class Slot:
    """One window of a term, the same for every child: it opens, falls due on its ``last`` day, closes."""

    key: str
    due: Due
    window: Window
    opens: date
    last: date
    closes: date


class Plan:
    """A policy laid over a calendar; made once for a school, asked for every record."""

    def __init__(self, policy: Policy, calendar: Calendar, started: Mapping[str, date]) -> None:
        self.policy = policy
        self.calendar = calendar
        self.started = started
        self.join_days = policy.thresholds.get("join_days", 5)
        self.duties: dict[str, tuple[Duty, ...]] = {
            subject: tuple(duty for duty in policy.duties if duty.subject == subject) for subject in (*SUBJECTS, FORMER)
        }
        about = {
            whose: tuple(duty for duty in policy.duties if duty.subject in subjects)
            for whose, subjects in _SUBJECTS_OF.items()
        }
        self.subject = {duty.id: duty.subject for duty in policy.duties}
        self.lasting = frozenset(duty.id for subject in ("pupil", FORMER) for duty in self.duties[subject])
        self.begun = started.get(DUTY, date.min)
        self._slots = {whose: self._lay(duties) for whose, duties in about.items()}
        self._opens = {whose: sorted({slot.opens for slot in slots}) for whose, slots in self._slots.items()}
        self.group = groups(policy.duties)
        self.wanted = wanted(policy.duties)
        self._starts = {subject: [slot.opens for slot in slots] for subject, slots in self._slots.items()}
        self._ends = {
            subject: list(accumulate((s.closes for s in slots), max)) for subject, slots in self._slots.items()
        }
        self._known_until = max((term.last for term in calendar.terms), default=date.min)
        self.watches_scope = any("out_of_scope" in window.on for duty in policy.duties for window in duty.windows)
        self._running = {
            whose: [(duty, window) for duty in duties for window in duty.windows if window.after or window.every]
            for whose, duties in about.items()
        }
        self._of_duty: dict[str, list[Slot]] = defaultdict(list)
        for slot in self._slots["child"]:
            self._of_duty[slot.due.duty].append(slot)
        self._asked = {whose: by_trigger(duties) for whose, duties in about.items()}
        self._opened: dict[tuple[str, date], bool] = {}

    def _lay(self, duties: tuple[Duty, ...]) -> list[Slot]:
        slots = []
        for term in self.calendar.terms:
            spans = [(f"{term.id}:{part}", span) for part, span in term.parts().items()]
            spans += [(f"{term.id}:TERM", (term.first, term.last)), *term.months()]
            for duty in duties:
                for window in duty.windows:
                    for name, (first, last) in spans:
                        if window.each and (
                            name.endswith(f":{window.each}") or (window.each == "MONTH" and ":" not in name)
                        ):
                            on = day_of(term, window.due) or last
                            closes = term.last if window.closes == "term end" else on
                            due = Due(duty.id, name, first, on, closes, window.role or duty.role)
                            slots.append(Slot(due.key, due, window, first, on, closes))
        return sorted(slots, key=lambda slot: (slot.opens, slot.key))

    def required(self, case: Case, today: date, acts: Acts | None = None) -> dict[str, Due]:
        """Every window that this record should have by ``today``, of the last 400 days, by key.

        Windows whose obligation has its verdict already are left out, but for standing duties: nothing comes of them.
        """
        whose = _whose(case)
        done = acts_of(case, self.wanted) if acts is None else acts
        first, last = bisect_left(self._ends[whose], today - BACK), bisect_right(self._starts[whose], today)
        held = case.obligations
        found: dict[str, Due] = {}
        for slot in self._slots[whose][first:last]:
            known = held.get(slot.key)
            if known is None or known.status not in _SETTLED:
                due = self._each(case, slot, today)
                if due is not None:
                    found[slot.key] = due
        for duty, window in self._running[whose]:
            if window.after:
                dues = self._standing(case, duty, window, today, done.get(duty.id, ()))
            else:
                dues = self._every(case, duty, window, today)
            found.update((due.key, due) for due in dues)
        if self._asked[whose]:
            found.update((due.key, due) for due in self._on(case, whose, today, done))
        return found

    def next_opening(self, case: Case, today: date) -> date | None:
        """The next day on which a window may open for this record, other than by something that happens; None for none.

        Past the known calendar it is tomorrow, every day, since nobody tells when the calendar grows; but not for a
        closed case of somebody who is no pupil, of which nothing is asked that the calendar knows of.
        """
        whose = _whose(case)
        retention = self.policy.retention
        asked = None if retention is None else next_asked(case, retention.years, self.begun, today, self.calendar)
        if whose == FORMER and not (self.duties["pupil"] and case.pupil):
            return asked
        later = bisect_right(self._opens[whose], today)
        days = self._opens[whose][later : later + 1]
        for duty, window in self._running[whose]:
            if window.every:
                days += self._next_every(case, duty, window, today)
        days += [e.look_again for e in case.emergencies.values() if e.look_again is not None and e.look_again > today]
        days += next_reviews(case, today)
        days += [] if asked is None else [asked]
        days += [span.until + DAY for span in case.spans if span.until is not None and span.until >= today]
        return min([*days, max(today, self._known_until) + DAY])

    def _joins(self, start: date, opens: date, due: date) -> bool:
        """A child who joins gets a window that has at least five teaching days left (domain.md, "Words")."""
        return start <= opens or self.calendar.teaching_days(start, due) >= self.join_days

    def _start(self, case: Case, duty: str, window: Window, asof: date) -> date | None:
        """Since when, at ``asof``, this window may be asked of the record; None when it may not."""
        since = self._since(case, duty, asof)
        if since is None:
            return None
        begun = self.started.get(duty, date.min)
        if not window.only and not window.unless:
            return max(since, begun)
        starts = [since, begun]
        if window.only:
            held = case.in_span(_SPAN[window.only], asof)
            if held is None:
                return None
            starts.append(held.since)
        if window.unless:
            kind = _SPAN[window.unless]
            if case.in_span(kind, asof) is not None:
                return None
            starts += [s.until + DAY for s in case.spans if s.kind == kind and s.until is not None and s.until < asof]
        return max(starts)

    def _since(self, case: Case, duty: str, asof: date) -> date | None:
        """Since when the record is one that the duty is about: an open case, a pupil, a class that is there."""
        subject = self.subject[duty]
        if subject == FORMER:
            return max((s.until for s in case.spans if s.kind == "open" and s.until is not None), default=None)
        if subject == "child":
            span = case.in_span("open", asof)
            return None if span is None else span.since
        if subject != "pupil" and not case.spans:
            return date.min
        return min((span.since for kind in ("roll", "open") if (span := case.in_span(kind, asof))), default=None)

    def _each(self, case: Case, slot: Slot, today: date) -> Due | None:
        start = self._start(case, slot.due.duty, slot.window, min(today, slot.closes))
        if start is None or not self._joins(start, slot.opens, slot.last):
            return None
        return slot.due if start <= slot.opens else _opening(slot.due, start)

    def _every(self, case: Case, duty: Duty, window: Window, today: date) -> Iterator[Due]:
        for start, until in self._held(case, duty.id, window, today):
            for term in self.calendar.terms:
                first = max(start, term.first)
                while first <= min(term.last, until, today):
                    due = min(first + DAY * (window.every - 1), term.last)
                    asof = min(today, due)
                    if (
                        due >= today - BACK
                        and until >= asof
                        and self.calendar.teaching_days(first, due) >= self.join_days
                    ):
                        yield Due(duty.id, first.isoformat(), first, due, due, window.role or duty.role)
                    first += DAY * window.every

    def _next_every(self, case: Case, duty: Duty, window: Window, today: date) -> Iterator[date]:
        for start, until in self._held(case, duty.id, window, today):
            for term in self.calendar.terms:
                first = max(start, term.first)
                if first <= today:
                    first += DAY * window.every * ((today - first).days // window.every + 1)
                if today < first <= min(term.last, until):
                    yield first

    def _held(self, case: Case, duty: str, window: Window, today: date) -> Iterator[tuple[date, date]]:
        """The intervals in which the record is open and the window's condition holds."""
        for span in _spans(case, self.subject[duty]):
            first, last = max(span.since, self.started.get(duty, date.min)), span.until or date.max
            if window.only:
                for held in case.spans:
                    if held.kind == _SPAN[window.only]:
                        yield max(first, held.since), min(last, held.until or date.max)
            elif window.unless:
                start = self._start(case, duty, window, min(today, last))
                if start is not None:
                    yield start, last
            else:
                yield first, last

    def _standing(self, case: Case, duty: Duty, window: Window, today: date, acts: Sequence[Act]) -> Iterator[Due]:
        first = case.obligations.get(f"{duty.id}/#1")
        if first is not None and first.status in _DONE and sum(span.kind == "open" for span in case.spans) == 1:
            return
        done = [on for on, _ in acts]
        filed = sorted(mark.on for mark in case.marks.values() if mark.kind == "filed")
        number = 0
        for span in case.spans:
            if span.kind != "open":
                continue
            start = max(span.since, self.started.get(duty.id, date.min))
            if window.after == "filed":
                after = [day for day in filed if day >= span.since]
                if not after:
                    continue
                start = max(start, after[0])
            while start <= min(today, span.until or today) and not _standing_already(case, duty, start, done):
                number += 1
                due, closes = self._dates(start, window, filed)
                if span.until is None:
                    yield Due(duty.id, f"#{number}", start, due, closes, window.role or duty.role)
                if closes is None or closes >= today or any(start <= day <= closes for day in done):
                    break
                start = closes + DAY

    def _dates(self, start: date, window: Window, filed: Sequence[date]) -> tuple[date | None, date | None]:
        """When a standing window is due and closes; filing makes it due sooner, where the duty says so."""
        due = self._add(start, window.within)
        closes = self._close(start, due, window)
        if window.sooner is not None:
            sooner = [self._add(day, window.sooner[1]) for day in filed if day >= start]
            if sooner and sooner[0] is not None and (due is None or sooner[0] < due):
                return sooner[0], sooner[0] if window.closes is None else closes
        return due, closes

    def _on(self, case: Case, whose: str, today: date, acts: Acts) -> Iterator[Due]:
        by_kind = defaultdict(list)
        found = triggers(case, self.calendar, self.policy.thresholds)
        if whose == FORMER and self.policy.retention is not None:
            found += retention_triggers(case, self.policy.retention.years, self.begun, today, self.calendar)
        for trigger in found:
            if trigger.on <= today:
                by_kind[trigger.kind].append(trigger)
        asked = self._asked[whose]
        for _, duty, window, kind in sorted(one for name in by_kind for one in asked.get(name, ())):
            for trigger in by_kind[kind]:
                held = case.obligations.get(f"{duty.id}/{trigger.id}")
                done = held is not None and held.status in _SETTLED and not duty.standing
                if trigger.to and not self._answers(trigger.to, window.role or duty.role):
                    continue
                if not done and (kind != "joined" or not self._opens_with_term(duty, trigger.on)):
                    yield from self._answering(case, duty, window, trigger, today, acts.get(duty.id, ()))

    def _answers(self, to: str, role: str) -> bool:
        """Whether referrals to this specialist are that seat's to answer."""
        specialist = self.policy.specialists.get(to)
        return specialist is not None and specialist.role == role

    def _answering(
        self, case: Case, duty: Duty, window: Window, trigger: Trigger, today: date, acts: Sequence[Act]
    ) -> Iterator[Due]:
        """The window that a trigger opens; a missed one of a standing duty opens its successor at once."""
        standing = duty.standing
        first, name, number = trigger.on, trigger.id, 1
        while first <= today:
            due = self._add(first, window.within)
            closes = self._close(first, due, window)
            # As old as its last day: a window of a year is judged however seldom it is looked at.
            if not standing and (closes or first) < today - BACK:
                return
            start = self._start(case, duty.id, window, min(today, closes or today))
            if start is None or trigger.on < start:
                return
            yield Due(duty.id, name, first, due, closes, window.role or duty.role, trigger.id)
            if not standing or closes is None or any(first <= day <= closes for day, _ in acts):
                return
            number += 1
            first, name = closes + DAY, f"{trigger.id}#{number}"

    def _opens_with_term(self, duty: Duty, joined: date) -> bool:
        """Whether who joined on that day gets this term's opening window anyway, so that joining asks for no other."""
        known = self._opened.get((duty.id, joined))
        if known is None:
            term = self.calendar.term_on(joined)
            known = self._opened[duty.id, joined] = term is None or any(
                slot.due.window == f"{term.id}:{slot.window.each}" and self._joins(joined, slot.opens, slot.last)
                for slot in self._of_duty.get(duty.id, ())
            )
        return known

    def _close(self, start: date, due: date | None, window: Window) -> date | None:
        """The last day of a standing or triggered window: the due day, unless the duty gives grace."""
        return self._add(start, window.closes) if isinstance(window.closes, Length) else due

    def _add(self, day: date, length: Length | None) -> date | None:
        if length is None:
            return day
        if length.unit == "days":
            return day + DAY * length.count
        return self.calendar.add_teaching_days(day, length.count) if length.count else day


def _whose(case: Case) -> str:
    """Which duties may be asked of the record: of a child without an open case those of every pupil are.

    Of one whose case is closed those about what becomes of it are, too.
    """
    if case.subject != "child" or case.open:
        return case.subject
    return FORMER if case.stage == "closed" else "pupil"


def _spans(case: Case, subject: str) -> list[Span]:
    """The intervals in which the record is one that duties about ``subject`` are about."""
    found = [span for span in case.spans if span.kind == ("open" if subject == "child" else "roll")]
    if not found and subject == "pupil":
        return [span for span in case.spans if span.kind == "open"]
    return found or ([] if subject == "child" else [_ALWAYS])


_SUBJECTS_OF = {
    "child": ("child", "pupil"),
    "pupil": ("pupil",),
    FORMER: ("pupil", FORMER),
    "class": ("class",),
    "school": ("school",),
    "gathering": (),
}
_DONE = frozenset(("met", "met_late"))
_SETTLED = frozenset(("met", "met_late", "missed"))
_ALWAYS = Span("always", date.min)
_SPAN = {"key_child": "key", "boarder": "boarder"}


def _opening(due: Due, opens: date) -> Due:
    return Due(due.duty, due.window, opens, due.due, due.closes, due.role, due.trigger)


def _standing_already(case: Case, duty: Duty, start: date, done: list[date]) -> bool:
    """Whether what the duty asks for was there before ``start``; a pairing counts only while it lasts."""
    if any(spec.kind == "pairing" for spec in duty.discharged_by):
        return any(p.since < start and (p.until is None or p.until >= start) for p in case.pairings)
    return any(day < start for day in done)
