"""The desk: a transaction's lifetime. It alone touches both the engine and a store."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from attrs import evolve as changed

from casework import log
from casework.engine.apply import Applying, apply_settings
from casework.engine.asked import asked
from casework.engine.casework import Casework, check_pair
from casework.engine.checks import MAX_ID, check_key, check_public, check_request, check_rows
from casework.engine.context import Context
from casework.engine.enrol import enrol, look_around, records_of_classes
from casework.engine.lists import Explained, Line, emergency_steps, explain, lines, owed_of, whose
from casework.engine.merge_desk import MergeDesk
from casework.engine.opening import open_school, with_facts
from casework.engine.outcome import CaseRef, Outcome
from casework.engine.port import SCHOOL, Change, Store, sealed_refs
from casework.engine.referral_lists import ReferralLine, referral_lines
from casework.engine.roster import changed_facts
from casework.engine.run import Ran, run, run_urgent
from casework.engine.sealing import sealed
from casework.engine.sweep import CHUNK, Sweep, Swept, sweep_chunk
from casework.engine.texts import refs_of, restricted
from casework.engine.transaction import T, transaction
from casework.engine.view import handed, seen_by, visible_entries
from casework.engine.world_faults import with_faults_of_worlds
from casework.engine.worlds import World, applied_at, world_of
from casework.errors import CommandRefused, NotFound, WrongType, check_kind
from casework.model import events as ev
from casework.model.case import CLASS_MARK, Case
from casework.model.commands import ChangeFacts, Close, Command, Identify, Record, Reopen, is_urgent
from casework.model.ids import short_id
from casework.model.merge_commands import MERGE_COMMANDS, UnmergeFrom
from casework.model.people import Principal, Sealed
from casework.model.roll import RollRow, StaffRow
from casework.workflows import CASE_TABLE, NextStep


class Desk(MergeDesk):
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
        self._worlds: dict[str, tuple[tuple[object, ...], World]] = {}

    @transaction(writing=True)
    def do(self, case: CaseRef, command: Command, *, key: str = "") -> Outcome:
        """Carry out a command. ``key`` is an idempotency key: the same principal's same key is carried out once.

        Asked again, the same says again what it did; something else under the same key is refused (`KeyReused`). Raises
        `StepRefused`, `CommandRefused`, `NotFound`, `SettingsChanged` (never for emergencies); nothing is stored then.
        """
        check_public(command)
        return self._do_all([(self._child(case), command)], key)[0]

    @transaction(writing=True)
    def do_together(self, commands: Sequence[tuple[CaseRef, Command]], *, key: str = "") -> tuple[Outcome, ...]:
        """Carry out several commands in one transaction, or none of them; ``key`` stands for all of them."""
        check_request(commands)
        return self._do_all([(self._child(case), command) for case, command in commands], key)

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
        ran = self._run(sealed(command, _nothing_sealed), record, with_facts(context, self._store, [record]))
        return self._outcome(ran)

    @transaction(writing=False)
    def case(self, case: CaseRef) -> Case:
        """The case as the principal may see it. Raises `NotFound`."""
        child = self._child(case)
        record = self._record(child)
        if not record.version or not self._known(record):
            raise NotFound("case", child)
        return handed(self._view(record))

    @transaction(writing=False)
    def history(self, case: CaseRef) -> list[ev.Entry]:
        """The record's history, oldest first, as the principal may read it."""
        child = self._child(case)
        record = self._record(child)
        if record.implicates(self._principal.id):
            found = list(self._world(record).entries)
        else:
            found = self._store.entries(self._school, record.child)
        if not found:
            raise NotFound("case", child)
        return found

    @transaction(writing=True)
    def open(self, case: CaseRef, sealed: Sealed, reason: str) -> str:
        """What sealed text says. The reading is recorded in the same transaction, or refused. Raises `NotFound`."""
        child = self._child(case)
        record = self._record(child)
        check_kind(sealed, Sealed, "open()", "the Sealed value that stands in a case")
        check_kind(reason, str, "reason=", "why the text is read, in a few words")
        if not reason:
            msg = "reason= says why the text is read; it stands in the audit"
            raise CommandRefused(msg)
        if self._principal == Principal.system() or sealed.ref not in self._readable(record):
            raise NotFound("text", sealed.ref)
        return self._store.unseal(
            self._school, record.child, sealed, reader=self._principal.id, reason=reason, at=self._casework.clock()
        )

    def next_steps(self, case: CaseRef) -> tuple[NextStep, ...]:
        """Each step of the case's workflow, allowed or why not."""
        found = self.case(case)
        return CASE_TABLE.next_steps(found.stage, found)

    def emergency_steps(self, case: CaseRef) -> Mapping[str, tuple[NextStep, ...]]:
        """By emergency, each step of its workflow, allowed or why not."""
        return emergency_steps(self.case(case))

    @transaction(writing=False)
    def explain(self, case: CaseRef) -> Explained:
        """Why the case stands where it stands: steps, obligations, and what every rule says now."""
        child = self._child(case)
        record = self._view(self._record(child))
        context = self._context(urgent=True, writing=False)
        return explain(record, with_facts(context, self._store, [record]))

    @transaction(writing=False)
    def today(self, person: str = "") -> list[Line]:
        """Open obligations that fall to a person (the principal, if none is named), by household and urgency."""
        check_kind(person, str, "today()", "the id of a person")
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
        records = self._store.load(self._school, self._store.live(self._school))
        views = [handed(self._view(records[child])) for child in sorted(records)]
        return [view for view in views if any(e.state != "reviewed" for e in view.emergencies.values())]

    @transaction(writing=False)
    def referrals(self, person: str = "") -> list[ReferralLine]:
        """Open referrals that concern a person (the principal, if none is named), urgent ones first."""
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
        return self._whole(
            lambda: apply_settings(self._casework, self._store, self._school, now, who, self._view, dry_run=dry_run),
            writing=not dry_run,
        )

    @transaction(writing=True)
    def update_roll(self, pupils: Sequence[RollRow], staff: Sequence[StaffRow]) -> tuple[Outcome, ...]:
        """Write rows of the roll and of the staff; facts that changed for open cases become part of their history."""
        check_rows(pupils, staff)
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
        return tuple(self._outcome(ran) for ran in found)

    # ----------------------------------------------------------------------------------------------------------

    def _whole(self, call: Callable[[], T], *, writing: bool) -> T:
        """What the call returns, in one transaction."""

        def anew() -> T:
            # What was found within a transaction that failed is not kept.
            if writing:
                self._worlds.clear()
            return call()

        return self._store.transact(anew, writing=writing)

    def _context(self, *, urgent: bool = False, writing: bool = True) -> Context:
        at = self._casework.clock()
        return open_school(
            self._casework, self._store, self._school, at, self._principal.id, urgent=urgent, writing=writing
        )

    def _child(self, case: CaseRef) -> str:
        if isinstance(case, UUID):
            found = self._store.child_of(self._school, case)
            if found is None or not self._known(self._record(found)):
                raise NotFound("case", case)
            return found
        if not isinstance(case, str):
            msg = f"a case is named by its UUID or the child's id, not by {type(case).__name__}; give outcome.case.id"
            raise WrongType(msg)
        if not case.strip() or len(case) > MAX_ID or case.startswith(CLASS_MARK):
            raise NotFound("child", case[:64])
        return case

    def _readable(self, record: Case) -> set[str]:
        """The sealed texts that the principal may open: of the record as it stands, and of what was corrected since."""
        implicated = record.implicates(self._principal.id)
        entries = self._world(record).entries if implicated else self._store.entries(self._school, record.child)
        told = {ref for entry in entries for _, event in entry.events for ref in sealed_refs(event)}
        known = told | refs_of(seen_by(record, self._principal.id))
        school, at = self._casework.school(self._school), self._casework.clock()

        def holds(role: str) -> bool:
            return self._principal.id in school.directory.holders(role, self._school, at)

        return known - restricted(record, self._principal, school.policy.specialists, holds)

    def _known(self, record: Case) -> bool:
        """Whether the principal may know that there is a record at all."""
        return not record.implicates(self._principal.id) or bool(self._world(record).entries)

    def _record(self, child: str) -> Case:
        """The record, or that of the child into whose it was merged."""
        found = self._store.load(self._school, [child]).get(child) or Case(self._school, child)
        return self._record(found.merged_into) if found.merged_into else found

    def _do_all(self, commands: Sequence[tuple[str, Command]], key: str) -> tuple[Outcome, ...]:
        """What came of each command, or had come of it when it was asked for under this key."""
        check_key(key)
        context = self._context(urgent=any(is_urgent(command) for _, command in commands))
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
            ran = self._do(record, command, context, *(("", "") if child in told else (key, said)))
            told |= {child} if ran.change is not None and ran.change.entry is not None else set()
            found.append(self._outcome(ran))
        return tuple(found)

    def _addressed(self, child: str, command: Command) -> Case:
        return self._raw(child) if isinstance(command, UnmergeFrom) else self._record(child)

    def _do(self, record: Case, command: Command, context: Context, key: str = "", said: str = "") -> Ran:
        ran = self._run(command, record, with_facts(context, self._store, [record]), key)
        self._save(changed(ran.change, asked=said) if ran.change and said else ran.change)
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
        known = self._world(record).entries if record.implicates(self._principal.id) else (entry,)
        events = next((e.events for e in known if (e.actor, e.idem) == (entry.actor, entry.idem)), ())
        if nothing or f"command:{type(command).__name__}" not in {cause for cause, _ in events}:
            events = ()
        failed = tuple(event.rule for _, event in events if isinstance(event, ev.RuleFailed))
        return Outcome(handed(self._view(record)), events, failed, repeated=True)

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
        view = self._view(record)
        running = run_urgent if is_urgent(command) else run
        whole = view is record and not getattr(command, "hidden", None)
        ran = running(command, record, looking, view=None if whole else view, idem=key)
        change = with_faults_of_worlds(ran.change, self._store, looking, self._casework.worlds)
        return ran if change is ran.change else changed(ran, change=change)

    def _outcome(self, ran: Ran) -> Outcome:
        return Outcome(handed(ran.case), ran.events, ran.failed_rules)

    def _view(self, record: Case) -> Case:
        """The record as the principal may see it."""
        return self._world(record).case if record.implicates(self._principal.id) else record

    def _world(self, record: Case) -> World:
        """The record and its history as somebody implicated may know them; kept as long as nothing changes."""
        context = self._context(urgent=True, writing=False)
        asked = (record, record.wake_at, context.at, context.emergencies_only)
        kept = self._worlds.get(record.child)
        if kept is None or kept[0] != asked:
            looking = with_facts(context, self._store, [record])
            applied = applied_at(self._store.entries(self._school, SCHOOL))
            entries = self._store.entries(self._school, record.child)
            kept = self._worlds[record.child] = asked, self._lived(record, entries, looking, applied)
        return kept[1]

    def _lived(self, record: Case, entries: Sequence[ev.Entry], context: Context, applied: datetime) -> World:
        """The world found anew; where that fails the stored one without what is hidden, since no report may be lost."""
        try:
            return world_of(record, entries, context, applied, self._casework.worlds)
        except Exception as error:
            if context.settings.raise_errors:
                raise
            log.warning("world_failed", school=self._school, child=record.child, error=type(error).__name__)
            person = self._principal.id
            return World(seen_by(record, person), tuple(visible_entries(record, entries, person)))


def _nothing_sealed(kind: str, text: str) -> Sealed:  # noqa: ARG001 - a preview keeps no text
    return Sealed("0" * 32)
