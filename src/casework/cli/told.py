"""What a command did, as the principal may know it."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType

from casework.cli.answer import Answer, fields
from casework.cli.render import line, warning
from casework.model import events as ev

if TYPE_CHECKING:
    from casework import Outcome


def events(found: Iterable[ev.Caused]) -> list[dict[str, object]]:
    """Events with their causes, as JSON knows them."""
    return [{"cause": cause, "event": type(event).__name__, **fields(event)} for cause, event in found]


def data(outcome: "Outcome") -> dict[str, object]:
    """One outcome as JSON knows it."""
    case = outcome.case
    return {
        "child": case.child,
        "case": str(case.id),
        "state": case.state,
        "stage": case.stage,
        "activity": outcome.activity,
        "emergency": outcome.emergency,
        "referral": outcome.referral,
        "missing": list(outcome.missing),
        "failed_rules": list(outcome.failed_rules),
        "repeated": outcome.repeated,
        "events": events(outcome.events),
    }


def shown(outcome: "Outcome", done: str) -> list[RenderableType]:
    """One outcome for people."""
    case = outcome.case
    if outcome.repeated:
        return [line(f"{case.child}: done before under this key; nothing was done again")]
    found: list[RenderableType] = [line(f"{case.child}: {done}; the case is {case.state or 'not open'}")]
    if outcome.activity:
        found.append(line(f"  activity {outcome.activity}"))
    if outcome.emergency:
        found.append(line(f"  emergency {outcome.emergency}", style="bold red"))
    if outcome.referral:
        found.append(line(f"  referral {outcome.referral}"))
    settled = [e for _, e in outcome.events if isinstance(e, ev.ObligationSettled | ev.ObligationJudged)]
    found += [line(f"  {e.key}: {e.status.replace('_', ' ')}") for e in settled]
    opened = [f"{e.duty}/{e.window}" for _, e in outcome.events if isinstance(e, ev.ObligationOpened)]
    if opened:
        found.append(line(f"  now required: {', '.join(opened)}"))
    if outcome.missing:
        found.append(line(f"  a full record would also say: {', '.join(outcome.missing)} (casework correct …)"))
    if outcome.failed_rules:
        found.append(warning(f"  rules that raised, and are set aside: {', '.join(outcome.failed_rules)}"))
    return found


def told(outcomes: "Sequence[Outcome]", done: str) -> Answer:
    """The answer for one child, or for several."""
    many = [data(outcome) for outcome in outcomes]
    lines = [row for outcome in outcomes for row in shown(outcome, done)]
    return Answer(many[0] if len(many) == 1 else {"children": many}, lines)
