"""What rules answer, and what of it is new. A rule that raises never undoes anything: it is quarantined and visible."""

from collections.abc import Iterable, Iterator
from typing import get_args

from attrs import evolve as changed

from casework.engine.context import Context
from casework.engine.evidence import implicated_by
from casework.engine.work import Work
from casework.errors import RuleRefused
from casework.model import events as ev
from casework.model.calendar import DAY
from casework.model.case import STAGES, Case, Flag
from casework.model.decisions import Decision, Escalate, Look, Move, Refer, Require
from casework.model.decisions import Flag as FlagDecision
from casework.model.ids import short_id
from casework.model.reason import Reason
from casework.policy.values import Policy
from casework.rules.builtin import BUILTIN_RULES, EMERGENCY_RULES
from casework.rules.declare import Rule
from casework.rules.now import NO_FACTS, Now
from casework.workflows import CASE_TABLE

_DECISIONS = get_args(Decision)
_OURS = frozenset(rule.key for rule in BUILTIN_RULES)


class Answers:
    """The rules of one settling: which failed, when to look again, which of them added something last."""

    def __init__(self, context: Context, without: frozenset[str] = frozenset()) -> None:
        self.context = context
        self.without = without
        self.failed: set[str] = set()
        self.busy: list[str] = []
        self.said: set[str] = set()
        self._heard: Case | None = None
        self._given: tuple[Case, Case] | None = None
        settings = context.settings
        self.now = Now(context.at, settings.calendar, settings.policy.thresholds, today=context.today)

    def listen(self, case: Case) -> None:
        """Note which rules have said something that stands in the record, or failed there."""
        if case is not self._heard:
            self._heard = case
            self.said = {o.rule for o in case.obligations.values()}
            self.said.update([flag.rule for flag in case.flags.values()], case.failures)
            self.said.discard("")

    def _shown(self, case: Case, rule: Rule) -> Case:
        """The record as rules are given it: one that tries to change it raises, and is set aside like any other bug."""
        if rule.key in _OURS:
            return case
        if self._given is None or self._given[0] is not case:
            self._given = case, case.for_reading()
        return self._given[1]

    def only(self, rules: Iterable[Rule], work: Work) -> None:
        """Let these rules answer, and carry out what they decide at once."""
        case = work.draft.case
        self.listen(case)
        if case.subject == "child":
            for rule in rules:
                if rule.matches(case):
                    self.carry_out(rule, work)
                    case = work.draft.case

    def set_aside(self, work: Work) -> None:
        """Quarantine the rules that are left out: told once, and not again while it lasts."""
        for key in sorted(self.without):
            self.failed.add(key)
            if work.draft.get("failures").get(key) != _UNSETTLED:
                work.happen(f"rule:{key}", (ev.RuleFailed(key, _UNSETTLED),))

    def carry_out(self, rule: Rule, work: Work) -> list[Move]:
        """Let one rule answer and carry it out; moves are handed back, since the workflow chooses among them."""
        case = work.draft.case
        decisions = self._ask(rule, case, work)
        if decisions is None or (not decisions and rule.key not in self.said):
            return []
        cause = f"rule:{rule.key}"
        events: list[ev.Event] = []
        if rule.key in case.failures and rule.key not in self.failed:
            events.append(ev.RuleReleased(rule.key))
        if rule.mode == "observe":
            decisions = [_observed(decision) for decision in decisions if not isinstance(decision, Look)]
        events += _differences(rule, decisions, case, self.context)
        if work.happen(cause, events):
            self.busy.append(rule.key)
        return [decision for decision in decisions if isinstance(decision, Move)]

    def _ask(self, rule: Rule, case: Case, work: Work) -> list[Decision] | None:
        """What the rule decides, or None when it raised or answered nonsense."""
        context = self.context
        settings = context.settings
        now = self.now
        facts = {need: context.facts[need] for need in rule.needs if need in context.facts} if rule.needs else NO_FACTS
        now.ask(rule.lookback, facts)
        found: list[Decision] | None = None
        try:
            found = [_checked(decision, settings.policy) for decision in rule(self._shown(case, rule), now)]
        except (Exception, SystemExit) as error:
            if settings.raise_errors:
                raise
            self.failed.add(rule.key)
            name = type(error).__name__[:LONGEST_NAME]
            if case.failures.get(rule.key) != name:
                work.happen(f"rule:{rule.key}", (ev.RuleFailed(rule.key, name),))
        if rule.looks == "daily" or rule.needs:
            now.look(settings.calendar.midnight(context.today + DAY))
        for decision in found or ():
            if isinstance(decision, Look):
                now.look(decision.at)
        return found


_UNSETTLED = "RulesDidNotSettle"
LONGEST_NAME = 48
_FIRST = frozenset(rule.key for rule in EMERGENCY_RULES)


def answer(work: Work, answers: Answers) -> bool:
    """Let every rule answer once; tell whether anything new came of it."""
    answers.busy = []
    before = len(work.events)
    moves: list[tuple[Move, str]] = []
    asked = set()
    answers.listen(work.draft.case)
    case = work.draft.case
    for rule in work.context.settings.asked[case.subject]:
        if rule.matches(case):
            asked.add(rule.key)
            if rule.key not in answers.without:
                moves += [(move, rule.key) for move in answers.carry_out(rule, work)]
                case = work.draft.case
    _move(work, moves, answers)
    if answers.said - asked:
        _withdraw(work, asked)
    return len(work.events) > before


def _move(work: Work, moves: list[tuple[Move, str]], answers: Answers) -> None:
    """Of the moves that rules want the workflow takes one, by its own ranking; the others may ask again."""
    if not moves:
        return
    case = work.draft.case
    step = CASE_TABLE.best_move(case.stage, [move.to for move, _ in moves], case)
    if step is None:
        return
    target = CASE_TABLE.fire(case.stage, step, case, by="rule")
    move, key = next((move, key) for move, key in moves if move.to == target)
    if work.happen(f"rule:{key}", (ev.StageChanged(target, work.context.today, move.because.code),)):
        answers.busy.append(key)


def _withdraw(work: Work, asked: set[str]) -> None:
    """What a rule that does not look at this record any more had said no longer stands."""
    case = work.draft.case
    keep = asked | _FIRST
    for flag in sorted(case.flags.values(), key=lambda flag: flag.key):
        if flag.rule not in keep:
            work.happen(f"rule:{flag.rule}", (ev.FlagLowered(flag.key),))
    for held in sorted(case.obligations.values(), key=lambda o: o.key):
        if held.rule and held.rule not in keep and held.status == "open":
            work.happen(f"rule:{held.rule}", (ev.ObligationSettled(held.key, "superseded", "not_required"),))
    for key in sorted(case.failures):
        if key not in keep:
            work.happen(f"rule:{key}", (ev.RuleReleased(key),))


def _checked(decision: object, policy: Policy) -> Decision:
    if not isinstance(decision, _DECISIONS):
        msg = f"a rule yields decisions, not {type(decision).__name__}"
        raise RuleRefused(msg)
    if isinstance(decision, Move) and decision.to not in STAGES:
        msg = f"a rule cannot move a case to {decision.to!r}; use one of {', '.join(STAGES)}"
        raise RuleRefused(msg)
    if isinstance(decision, Require) and policy.duty(decision.duty) is None:
        msg = f"the policy has no duty {decision.duty}, so nothing could meet it; add it to a pack"
        raise RuleRefused(msg)
    return decision  # type: ignore[no-any-return]  # isinstance over a union's arguments


def _observed(decision: Decision) -> FlagDecision:
    """What an observing rule would have decided, as a flag that does nothing."""
    about = getattr(decision, "about", ())
    return FlagDecision("observed", about=about, because=Reason("observed", decision=type(decision).__name__))


def _differences(rule: Rule, decisions: list[Decision], case: Case, context: Context) -> Iterator[ev.Event]:
    """The events that make the record say what the rule says, and nothing that it says already."""
    yield from _requirements(rule, [d for d in decisions if isinstance(d, Require)], case, context)
    for decision in _merged(decisions, case):
        yield from _once(rule, decision, case, context)
    flags = [Flag(rule.key, d.code, d.because, d.about) for d in decisions if isinstance(d, FlagDecision)]
    wanted = {flag.key: flag for flag in flags}
    for key, flag in wanted.items():
        if case.flags.get(key) != flag:
            yield ev.FlagRaised(flag.rule, flag.code, flag.because, flag.about)
    for held in case.flags.values():
        if held.rule == rule.key and held.key not in wanted:
            yield ev.FlagLowered(held.key)


def _merged(decisions: list[Decision], case: Case) -> list[Escalate | Refer]:
    """One decision for each kind of emergency and each specialist, with all the evidence that the rule gave.

    Evidence that implicates other people goes into another emergency: each of them may know of what does not implicate
    them, and nobody can tell that something joined it (domain.md, 8).
    """
    found: dict[object, Escalate | Refer] = {}
    for decision in decisions:
        if isinstance(decision, Escalate):
            people = implicated_by(case, decision.about, decision.implicated)
            new = changed(decision, implicated=people)
            before = found.get((decision.kind, people))
            found[decision.kind, people] = changed(before, about=(*before.about, *new.about)) if before else new
        elif isinstance(decision, Refer):
            key = (Refer, decision.to, implicated_by(case, decision.about, ()))
            other = found.get(key)
            if isinstance(other, Refer):
                urgent = other.urgent or decision.urgent
                decision = changed(other, about=(*other.about, *decision.about), urgent=urgent)  # noqa: PLW2901
            found[key] = decision
    return list(found.values())


def _requirements(rule: Rule, wanted: list[Require], case: Case, context: Context) -> Iterator[ev.Event]:
    required = set()
    for decision in wanted:
        event, key = _require(rule, decision, case, context)
        if event is not None and key not in required:
            yield event
        required.add(key)
    for obligation in case.obligations.values():
        if obligation.rule == rule.key and obligation.status == "open" and obligation.key not in required:
            yield ev.ObligationSettled(obligation.key, "superseded", "not_required")


def _require(rule: Rule, decision: Require, case: Case, context: Context) -> tuple[ev.Event | None, str]:
    duty = context.settings.policy.duty(decision.duty)
    role = decision.role or (duty.role if duty else "lead")
    window = f"{rule.key}:{short_id(rule.key, *decision.about)}"
    key = f"{decision.duty}/{window}"
    held = case.obligations.get(key)
    closes = decision.closes or decision.due
    if held is None:
        return ev.ObligationOpened(decision.duty, window, context.today, decision.due, closes, role, rule=rule.key), key
    if held.status == "superseded" and context.today <= closes:
        return ev.ObligationJudged(key, "open"), key
    if held.status == "open" and (held.due, held.closes, held.role) != (decision.due, closes, role):
        return ev.ObligationRedated(key, held.opens, decision.due, closes, role), key
    return None, key


def _once(
    rule: Rule, decision: Escalate | Refer, case: Case, context: Context
) -> list[ev.EmergencyRaised | ev.EvidenceJoined | ev.ReferralRequested]:
    """New evidence joins what is open, or begins anew; evidence that was answered once stays answered."""
    if isinstance(decision, Escalate):
        earlier = [e for e in case.emergencies.values() if e.rule == rule.key and e.kind == decision.kind]
        implicated = decision.implicated
        open_ = [e.id for e in earlier if e.live and e.implicated == implicated]
    else:
        referrals = [r for r in case.referrals.values() if r.rule == rule.key and r.to == decision.to]
        implicated = implicated_by(case, decision.about, ())
        open_ = [r.id for r in referrals if r.open and r.implicated == implicated]
        earlier = referrals  # type: ignore[assignment]  # both hold evidence
    new = set(decision.about) - {id_ for found in earlier for id_ in found.about}
    urgent = isinstance(decision, Refer) and decision.urgent
    if not new:
        calm = [id_ for id_ in open_ if urgent and not case.referrals[id_].urgent]
        return [ev.EvidenceJoined(calm[-1], (), urgent=True)] if calm else []
    if open_:
        return [ev.EvidenceJoined(open_[-1], tuple(sorted(new)), urgent=urgent)]
    target = decision.kind if isinstance(decision, Escalate) else decision.to
    id_ = short_id(rule.key, case.child, target, *decision.about, taken={*case.emergencies, *case.referrals})
    if isinstance(decision, Refer):
        return [
            ev.ReferralRequested(
                id_,
                decision.to,
                context.today,
                decision.about,
                "system",
                rule.key,
                decision.because,
                decision.urgent,
                implicated,
            )
        ]
    return [
        ev.EmergencyRaised(
            id_,
            decision.kind,
            context.at,
            "system",
            decision.observed,
            decision.about,
            rule.key,
            decision.because,
            implicated,
        )
    ]
