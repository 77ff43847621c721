"""The desk: a transaction's lifetime. It alone touches both the engine and a store."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack

from attrs import evolve as changed

from casework import log
from casework.engine.actions import permitted
from casework.engine.apply import Applying, apply_settings
from casework.engine.asked import asked
from casework.engine.casework import Casework, check_pair
from casework.engine.checks import check_key, check_public, check_request, check_rows
from casework.engine.context import Context
from casework.engine.enrol import enrol, look_around, records_of_classes
from casework.engine.erasing import erase_again, erase_merged, refuse_to_implicated, with_receipt
from casework.engine.letters_desk import LettersDesk
from casework.engine.lists import Explained, Line, emergency_steps, explain, lines, owed_of, whose
from casework.engine.opening import with_facts
from casework.engine.outcome import CaseRef, Outcome
from casework.engine.port import SCHOOL, Change, Store
from casework.engine.referral_lists import ReferralLine, referral_lines
from casework.engine.roster import changed_facts
from casework.engine.run import Ran, run, run_urgent
from casework.engine.sealing import sealed
from casework.engine.seeing import PAGE, Asked, named_as
from casework.engine.shown import outline
from casework.engine.sweep import CHUNK, Sweep, Swept, sweep_chunk
from casework.engine.texts import readable
from casework.engine.transaction import transaction
from casework.engine.world_faults import with_faults_of_worlds
from casework.errors import CommandRefused, NotFound, WrongType, check_kind
from casework.model import events as ev
from casework.model.case import Case
from casework.model.commands import ChangeFacts, Close, Command, Identify, Record, Reopen, is_urgent
from casework.model.erasure_commands import Erase
from casework.model.ids import short_id
from casework.model.merge_commands import MERGE_COMMANDS, UnmergeFrom
from casework.model.people import Principal, Sealed
from casework.model.roll import RollRow, StaffRow
from casework.workflows import CASE_TABLE, NextStep


class Desk(LettersDesk):
    """One principal's work on one school in one transaction: `Desk(casework, store, school=…, principal=…)`.

    At the Engine door every call is a transaction of its own; at the others everything commits with the host, or not at
    all. What is handed out is what the principal may see.
    """

    def __init__(self, casework: Casework, store: Store, *, school: str, principal: Principal) -> None:
        check_pair(casework, store)
        if not isinstance(principal, Principal):
            msg = "principal= takes a Principal; an id given as text is nobody's word for who acts"
            raise WrongType(msg)
        casework.school(school)
        self._casework = casework
        self._store = store
        self._school = school
        self._principal = principal
        self._worlds = {}

    @transaction(writing=True)
    def do(self, case: CaseRef, command: Command, *, key: str = "") -> Outcome:
        """Carry out a command. ``key`` is an idempotency key: the same principal's same key is carried out once.

        Asked again, the same says again what it did; something else under the same key is refused (`KeyReused`). Raises
        `StepRefused`, `CommandRefused`, `NotFound`, `SettingsChanged` (never for emergencies); nothing is stored then.
        """
        check_public(command)
        child = self._child(case)
        with named_as(case, child):
            return self._do_all([(child, command)], key)[0]

    @transaction(writing=True)
    def do_together(self, commands: Sequence[tuple[CaseRef, Command]], *, key: str = "") -> tuple[Outcome, ...]:
        """Carry out several commands in one transaction, or none of them; ``key`` stands for all of them."""
        check_request(commands)
        named = [(self._child(case), command) for case, command in commands]
        with ExitStack() as names:
            for (case, _), (child, _) in zip(commands, named, strict=True):
                names.enter_context(named_as(case, child))
            return self._do_all(named, key)

    def occasion(self, cases: Sequence[CaseRef], command: Record, *, key: str = "") -> str:
        """What the records of one household visit share; the same again under the same key."""
        named = sorted(str(case) for case in cases)
        once = (self._principal.id, key) if key else (self._casework.clock().isoformat(),)
        return short_id("occasion", *named, command.kind, command.on, *once)

    @transaction(writing=False)
    def preview(self, case: CaseRef, command: Command) -> Outcome:
        """What the command would do, without doing it; refused as it would be."""
        check_public(command)
        child = self._child(case)
        context = self._context(urgent=is_urgent(command), writing=False)
        record = self._record(child)
        with named_as(case, child):
            self._check(command, record)
        ran = self._run(sealed(command, _nothing_sealed), record, with_facts(context, self._store, [record]))
        return self._told(ran.case, ran.events, ran.failed_rules, record, command, preview=True)

    @transaction(writing=False)
    def case(self, case: CaseRef) -> Case:
        """The case as the principal may see it. Raises `NotFound`."""
        child = self._child(case)
        with named_as(case, child):
            return self._hand(self._readable("read_case", child))

    @transaction(writing=False)
    def cases(self, *, open_only: bool = True) -> list[Case]:
        """The cases that the principal may see, by child, without what they may not read of each.

        With ``open_only=False`` closed ones too, and records of children who have no case.
        """
        children = self._listed(open_only=open_only)
        found: list[Case] = []
        for start in range(0, len(children), PAGE):
            records = self._store.load(self._school, children[start : start + PAGE])
            for child in sorted(records):
                view = self._view(records[child])
                listed = self._known(records[child]) and self._rights().may("list_child", view)
                if listed and (view.open or not open_only):
                    whole = self._rights().may("read_case", view)
                    found.append(self._hand(records[child]) if whole else outline(view))
        return found

    def states(self) -> dict[str, int]:
        """State → how many cases, of those that the principal may see."""
        return dict(sorted(Counter(case.state for case in self.cases(open_only=False) if case.stage).items()))

    def may(self, action: str, reason: str = "work") -> bool:
        """Tell whether the access matrix allows an action about the school as a whole, or in lists of all children."""
        return self._rights().may_here(action, reason)

    def check(self, action: str, reason: str = "work") -> None:
        """Raise `NotAllowed` where `may` says no: for faces that ask a store themselves."""
        self._allow_here(action, reason)

    @property
    def classes(self) -> frozenset[str]:
        """The classes that the principal teaches."""
        return self._rights().classes

    @transaction(writing=False)
    def history(self, case: CaseRef) -> list[ev.Entry]:
        """The record's history, oldest first, as the principal may read it."""
        child = self._child(case)
        with named_as(case, child):
            record = self._readable("read_history", child)
        found = self._shown(record, self._view(record)).entries(self._entries(record))
        if not found:
            raise NotFound("case", child)
        return found

    @transaction(writing=True)
    def open(self, case: CaseRef, sealed: Sealed, reason: str) -> str:
        """What sealed text says. The reading is recorded in the same transaction, or refused. Raises `NotFound`."""
        check_kind(sealed, Sealed, "open()", "the Sealed value that stands in a case")
        check_kind(reason, str, "reason=", "why the text is read, in a few words")
        if not reason:
            msg = "reason= says why the text is read; it stands in the audit"
            raise CommandRefused(msg)
        try:
            record = self._record(self._child(case))
        except NotFound:  # the same word as for a text that is not theirs to read
            raise NotFound("text", sealed.ref) from None
        view, since = self._view(record), self._since(record)
        may = readable(view, self._entries(record), self._rights(), sealed.ref, since)
        if self._principal == Principal.system() or not may:
            raise NotFound("text", sealed.ref)
        return self._store.unseal(
            self._school, record.child, sealed, reader=self._principal.id, reason=reason, at=self._casework.clock()
        )

    def next_steps(self, case: CaseRef) -> tuple[NextStep, ...]:
        """Each step of the case's workflow, allowed or why not."""
        found = self.case(case)
        return permitted(CASE_TABLE.next_steps(found.stage, found), self._rights(), found)

    def emergency_steps(self, case: CaseRef) -> Mapping[str, tuple[NextStep, ...]]:
        """By emergency, each step of its workflow, allowed or why not."""
        found = self.case(case)
        return {id_: permitted(steps, self._rights(), found) for id_, steps in emergency_steps(found).items()}

    @transaction(writing=False)
    def explain(self, case: CaseRef) -> Explained:
        """Why the case stands where it stands: steps, obligations, and what every rule says now."""
        child = self._child(case)
        with named_as(case, child):
            record = self._readable("read_case", child)
        view = self._view(record)
        context = self._context(urgent=True, writing=False)
        return explain(self._shown(record, view).case(view), with_facts(context, self._store, [view]))

    @transaction(writing=False)
    def today(self, person: str = "") -> list[Line]:
        """Open obligations that fall to a person (the principal, if none is named), by household and urgency."""
        check_kind(person, str, "today()", "the id of a person")
        self._may_see_list_of(person)
        context = self._context(urgent=True, writing=False)
        mine = whose(person or self._principal.id, context)
        hidden = self._store.implicated(self._school, self._principal.id)
        owed = self._store.owed(self._school, mine, hidden=hidden)
        for record in self._store.load(self._school, hidden).values() if hidden else ():
            owed += owed_of(self._view(record), mine)
        return lines(owed, context.settings.policy, context.today)

    @transaction(writing=False)
    def emergencies(self) -> list[Case]:
        """The records with an emergency that is not reviewed yet, as the principal may see them."""
        live = set(self._store.live(self._school))
        if (reach := self._rights().reach()) is not None:
            live &= set(self._store.within(self._school, reach))
        records = self._store.load(self._school, sorted(live))
        views = [self._hand(records[child]) for child in sorted(records)]
        return [view for view in views if any(e.state != "reviewed" for e in view.emergencies.values())]

    @transaction(writing=False)
    def referrals(self, person: str = "") -> list[ReferralLine]:
        """Open referrals that concern a person (the principal, if none is named), urgent ones first."""
        check_kind(person, str, "referrals()", "the id of a person")
        self._may_see_list_of(person)
        context = self._context(urgent=True, writing=False)
        hidden = self._store.implicated(self._school, self._principal.id)
        records = self._store.load(self._school, [*self._store.referred(self._school), *hidden])
        views = [self._view(records[child]) for child in sorted(records)]
        return referral_lines(views, whose(person or self._principal.id, context), context.settings.policy)

    def sweep_chunk(self, limit: int = CHUNK) -> Swept:
        """Look at one chunk of what is due in this school, alarms first, inside the host's transaction.

        Only for `Principal.system`: what a sweep does says something of every record, also of those that the principal
        may not know all of. Raises `CommandRefused` for everybody else.
        """
        if self._principal != Principal.system():
            msg = "a sweep speaks of every record, so it is nobody's own; give a desk of Principal.system()"
            raise CommandRefused(msg)
        report = Swept()
        now = self._casework.clock()
        for alarms in (True, False):
            sweep_chunk(Sweep(self._casework, self._store, now, self._school, limit, alarms, report=report))
        return report

    def apply(self, *, dry_run: bool = False) -> Applying:
        """Let the school run on the application's settings from now on; ``dry_run`` only says what would change."""
        now, who = self._casework.clock(), self._principal.id
        self._allow_here("apply_settings")
        return self._whole(
            lambda: apply_settings(self._casework, self._store, self._school, now, who, self._view, dry_run=dry_run),
            writing=not dry_run,
        )

    @transaction(writing=True)
    def update_roll(self, pupils: Sequence[RollRow], staff: Sequence[StaffRow]) -> tuple[Outcome, ...]:
        """Write rows of the roll and of the staff; facts that changed for open cases become part of their history.

        What came of that is handed out for the children whom the principal may list.
        """
        check_rows(pupils, staff)
        self._allow_here("import_roll")
        context = self._context()
        before = self._store.roll(self._school) if context.settings.keeps_classes else {}
        self._store.save_roll(self._school, pupils, staff)
        enrol(context, self._store, pupils)
        rows = {row.pupil: row for row in pupils}
        records = self._store.load(self._school, list(rows))
        news = [(record, news) for child, record in records.items() if (news := changed_facts(rows[child], record))]
        looking = with_facts(context, self._store, [record for record, _ in news])
        found = [self._run(command, record, looking) for record, command in news]
        self._save(*(ran.change for ran in found))
        for record, _ in news:
            self._said(record.child, "ChangeFacts")
        left = [before[row.pupil].class_ for row in pupils if row.pupil in before]
        self._settle_around(context, [*left, *(row.class_ for row in pupils), *(ran.case.class_ for ran in found)])
        said = zip(found, news, strict=True)
        may = self._rights().may
        return tuple(
            self._outcome(ran, record, command)
            for ran, (record, command) in said
            if may("list_child", self._view(record)) or may("list_child", ran.case)
        )

    # ----------------------------------------------------------------------------------------------------------

    def _do_all(self, commands: Sequence[tuple[str, Command]], key: str) -> tuple[Outcome, ...]:
        """What came of each command, or had come of it when it was asked for under this key."""
        check_key(key)
        context = self._context(urgent=any(is_urgent(command) for _, command in commands))
        for child, _ in commands:
            erase_again(self._casework, self._store, self._school, child, context.at)
        # Whatever is asked of a record that was merged is asked of the one that took it up.
        records = {child: self._addressed(child, command) for child, command in commands}
        request = [(records[child].child, self._sealed(records[child].child, command)) for child, command in commands]
        said = asked(request) if key else ""
        before = {child: self._repeated(child, key, said) for child, _ in request}
        fresh = {record.child: record for record in records.values()}
        found, told = [], set[str]()
        for child, command in request:
            entry = before[child]
            if entry is not None:
                again = self._again(child, command, entry, nothing=child in told)
                found.append(again)
                told |= {child} if again.events else set()
                continue
            record = fresh.pop(child, None) or self._addressed(child, command)
            ran = self._do(record, command, request, context, *(("", "") if child in told else (key, said)))
            told |= {child} if ran.change is not None and ran.change.entry is not None else set()
            found.append(self._outcome(ran, record, command))
        return tuple(found)

    def _addressed(self, child: str, command: Command) -> Case:
        return self._raw(child) if isinstance(command, UnmergeFrom) else self._record(child)

    def _do(
        self, record: Case, command: Command, request: Sequence[Asked], context: Context, key: str, said: str
    ) -> Ran:
        self._check(command, record, request)
        command = with_receipt(command, self._store, record)
        ran = self._run(command, record, with_facts(context, self._store, [record]), key)
        self._save(changed(ran.change, asked=said) if ran.change and said else ran.change)
        if isinstance(command, Erase):
            erase_merged(self._store, ran.case, command.because, context)
        self._said(record.child, type(command).__name__)
        if isinstance(command, (Identify, ChangeFacts, Close, Reopen, *MERGE_COMMANDS)):
            self._settle_around(context, [record.class_, ran.case.class_])
        return ran

    def _sealed(self, child: str, command: Command) -> Command:
        return sealed(command, lambda kind, text: self._store.seal(self._school, child, kind, text))

    def _repeated(self, child: str, key: str, said: str) -> ev.Entry | None:
        return self._store.repeated(self._school, child, self._principal.id, key, said) if key else None

    def _again(self, child: str, command: Command, entry: ev.Entry, *, nothing: bool) -> Outcome:
        """What the command did when it was asked for first; ``nothing`` where another command has said that already."""
        record = self._record(child)
        self._check(command, record)
        known = self._world(record).entries if record.implicates(self._principal.id) else (entry,)
        events = next((e.events for e in known if (e.actor, e.idem) == (entry.actor, entry.idem)), ())
        if nothing or f"command:{type(command).__name__}" not in {cause for cause, _ in events}:
            events = ()
        failed = tuple(event.rule for _, event in events if isinstance(event, ev.RuleFailed))
        view = self._view(record)
        return self._told(view, events, failed, record, command, repeated=True)

    def _settle_around(self, context: Context, classes: Iterable[str]) -> None:
        """Look at the records that a new case concerns: the school's where it watches the roll (D41), and classes'."""
        if not context.emergencies_only:
            watching = [SCHOOL] if context.settings.plan.watches_scope else []
            look_around(context, self._store, [*watching, *records_of_classes(context, classes)])

    def _save(self, *changes: Change | None) -> None:
        found = [change for change in changes if change is not None]
        if found:
            self._store.save(self._school, found)

    def _said(self, child: str, command: str) -> None:
        log.info("command", school=self._school, child=child, command=command, by=self._principal.id)

    def _run(self, command: Command, record: Case, looking: Context, key: str = "") -> Ran:
        refuse_to_implicated(command, record, self._principal.id)
        view = self._view(record)
        running = run_urgent if is_urgent(command) else run
        whole = view is record and not getattr(command, "hidden", None)
        ran = running(command, record, looking, view=None if whole else view, idem=key)
        change = with_faults_of_worlds(ran.change, self._store, looking, self._casework.worlds)
        return ran if change is ran.change else changed(ran, change=change)

    def _outcome(self, ran: Ran, record: Case, command: Command) -> Outcome:
        return self._told(ran.case, ran.events, ran.failed_rules, record, command)


def _nothing_sealed(kind: str, text: str) -> Sealed:  # noqa: ARG001 - a preview keeps no text
    return Sealed("0" * 32)
