"""``show`` and ``explain``: one child, as whoever asks may see it."""

from typing import TYPE_CHECKING

from rich.console import RenderableType

from casework.cli.answer import Answer, fields
from casework.cli.cases import Child
from casework.cli.exits import Unknown
from casework.cli.opening import opened, person_of
from casework.cli.options import BY, Somebody
from casework.cli.programme import explain_place
from casework.cli.referrals_shown import shown as referrals_shown
from casework.cli.render import heading, line, local, pairs, table, until
from casework.cli.sentences import command, sentence, settled
from casework.cli.told import events
from casework.errors import NotFound
from casework.model.case import CLASS_MARK

if TYPE_CHECKING:
    from casework import Case, Desk
    from casework.cli.office import Office
    from casework.model.obligation import Obligation
    from casework.workflows import NextStep


def show(child: Child, *, by: Somebody = BY) -> Answer:
    """One child: state, people, obligations, what was done, emergencies, what can be done next. Notes stay sealed."""
    person = person_of(by)
    with opened(by) as office:
        desk = office.desk(person)
        id_ = office.child(child)
        case = _case(office, desk, id_)
        steps, alarms, asked = desk.next_steps(id_), desk.emergency_steps(id_), desk.referral_steps(id_)
        history = desk.history(id_)
        zone = office.calendar.zone
    facts = {
        "id": str(case.id),
        "state": case.state,
        "lead": case.lead,
        "key_child": case.key_child,
        **fields(case),
        "next_steps": [_step(step) for step in steps],
        "emergency_steps": {id_: [_step(step) for step in found] for id_, found in alarms.items()},
        "referral_steps": {id_: [_step(step) for step in found] for id_, found in asked.items()},
        "history": [
            {"seq": e.seq, "at": e.at.isoformat(), "actor": e.actor, "events": events(e.events)} for e in history
        ],
    }
    shown: list[RenderableType] = [heading(f"{case.child}: {case.state or 'no case'}")]
    if case.stage:
        shown.append(_facts(case))
    else:
        shown.append(line(f"no case was begun: casework identify {case.child} --away both, if the parents are away"))
    if case.obligations:
        rows = [
            (o.key, o.opens, until(o.due), "" if o.closes == o.due else until(o.closes), o.role, _status(o))
            for o in sorted(case.obligations.values(), key=lambda o: (o.opens, o.key))
        ]
        shown.append(table(["obligation", "opens", "due", "closes", "owed by", "status"], rows))
    if case.activity_log:
        acts = [
            (
                a.id,
                a.kind,
                a.on,
                a.by,
                "reached" if a.reached else "not reached",
                a.voided,
            )
            for a in sorted(case.activity_log.values(), key=lambda a: (a.on, a.entered_at, a.id))
        ]
        shown.append(table(["activity", "kind", "on", "by", "result", "voided"], acts))
    if case.concern_log:
        worries = [
            (x.id, x.kind, x.severity, x.on, x.by, x.voided)
            for x in sorted(case.concern_log.values(), key=lambda x: (x.on, x.entered_at, x.id))
        ]
        shown.append(table(["concern", "kind", "severity", "on", "by", "voided"], worries))
    for e in sorted(case.emergencies.values(), key=lambda e: (e.raised_at, e.id)):
        words = (
            f"emergency {e.id}: {e.kind},",
            f"{e.state.replace('_', ' ')},",
            f"raised {local(e.raised_at, zone)} by {e.raised_by}",
        )
        shown.append(line(*words, style="bold red" if e.live else ""))
        can = ", ".join(command(step.name) for step in alarms[e.id] if step.allowed)
        shown += [line(f"  next: {can}")] if can else []
    shown += referrals_shown(case, asked)
    shown.append(line(f"next: {', '.join(command(step.name) for step in steps if step.allowed)}"))
    return Answer(facts, shown)


def _case(office: "Office", desk: "Desk", child: str) -> "Case":
    """The child's case. Raises `NotFound`, or `Unknown` where the child is on the roll and nothing is recorded."""
    try:
        return desk.case(child)
    except NotFound:
        if not (office.has(child) and office.lists(desk, child)):
            raise
    raise Unknown(
        f"{child} is on the roll and nothing is recorded of the child yet; a case begins with "
        f"casework identify {child} --away both"
    )


def _status(obligation: "Obligation") -> str:
    status = obligation.status.replace("_", " ")
    return f"{status}: {settled(obligation.because)}" if obligation.because else status


def _facts(case: "Case") -> RenderableType:
    rows = [
        ("parents away", case.away),
        ("definition", case.definition),
        ("class", case.class_),
        ("household", case.household),
        ("boards", "yes" if case.boarder else ""),
        ("lead helper", case.lead),
        ("key child", "yes" if case.key_child else ""),
        ("contact card", ", ".join(case.card.contacts()) if case.card else ""),
        ("held", ", ".join(f"{hold.id} ({hold.because})" for hold in case.holds.values() if hold.stands)),
        ("consent", ", ".join(f"{p} {case.consent(p)}" for p in sorted({one.purpose for one in case.consents}))),
        ("flags", ", ".join(sorted(flag.code for flag in case.flags.values()))),
        ("rules set aside", ", ".join(sorted(case.failures))),
    ]
    return pairs(row for row in rows if row[1])


def explain(child: Child, *, by: Somebody = BY) -> Answer:
    """Why a case stands where it stands: which steps are open and why not, and what every rule says now.

    In place of a child, ``@`` stands for the school, ``@3-1`` for a class.
    """
    if child.startswith(CLASS_MARK):
        return explain_place(child, by)
    person = person_of(by)
    with opened(by) as office:
        id_ = office.child(child)
        said = office.desk(person).explain(id_)
    shown: list[RenderableType] = [
        heading(f"{id_}: {said.state or 'no case'}"),
        table(
            ["step", "now", "why not"],
            [(command(s.name), "may be taken" if s.allowed else "", sentence(s.name, s.why)) for s in said.steps],
        ),
        table(["rule", "says now"], [(rule, "; ".join(decisions) or "nothing") for rule, decisions in said.rules]),
    ]
    still = [o for o in said.obligations if o.status == "open"]
    if still:
        rows = [(o.key, until(o.due), o.role, o.trigger or o.rule) for o in still]
        shown.append(table(["open obligation", "due", "owed by", "asked for by"], rows))
    if said.failures:
        shown.append(table(["rule set aside", "it raised"], said.failures))
    return Answer({"child": id_, **fields(said), "steps": [_step(step) for step in said.steps]}, shown)


def _step(step: "NextStep") -> dict[str, object]:
    """A step as JSON knows it: the code why it is refused, and the sentence."""
    return {**fields(step), "says": sentence(step.name, step.why)}
