"""Referrals and screenings as people read them: in a list of the day, and in what is said of one child."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType

from casework.cli.render import heading, line, table

if TYPE_CHECKING:
    from casework import Case
    from casework.engine.referral_lists import ReferralLine
    from casework.workflows import NextStep


def listed(lines: "Sequence[ReferralLine]") -> list[RenderableType]:
    """Open referrals as part of a list of the day."""
    if not lines:
        return []
    rows = [
        (
            item.child,
            item.to,
            item.referral,
            item.state.replace("_", " "),
            item.on,
            item.with_,
            (item.consent or "none yet").replace("_", " "),
            item.next_on or "",
            "urgent" if item.urgent else "",
        )
        for item in lines
    ]
    columns = ["child", "to", "referral", "", "since", "with", "consent", "next", ""]
    return [heading(f"{len(lines)} open referrals"), table(columns, rows)]


def shown(case: "Case", steps: "Mapping[str, tuple[NextStep, ...]]") -> list[RenderableType]:
    """A child's referrals and screenings, as part of what ``show`` says."""
    found: list[RenderableType] = []
    for r in sorted(case.referrals.values(), key=lambda r: (r.on, r.id)):
        words = [f"referral {r.id}: {r.to},", f"{r.state.replace('_', ' ')},", f"requested {r.on} by {r.by}"]
        words += [f"with {r.answered_by or r.provider}"] if r.answered_by or r.provider else []
        words += [f"({r.outcome or r.ended_because})"] if r.outcome or r.ended_because else []
        found.append(line(*words, style="bold" if r.urgent and r.open else ""))
        said = r.consent().replace("_", " ") or "none yet"
        if r.open or r.sessions:
            found.append(line(f"  consent {said}; {len(r.sessions)} sessions"))
        can = ", ".join(step.name for step in steps[r.id] if step.allowed)
        found += [line(f"  next: {can}")] if can and r.open else []
    if case.screening_log:
        rows = [
            (s.id, s.instrument, s.score, s.on, s.by, f"voided: {s.voided}" if s.voided else "")
            for s in sorted(case.screening_log.values(), key=lambda s: (s.on, s.entered_at, s.id))
        ]
        found.append(table(["screening", "instrument", "score", "on", "by", ""], rows))
    return found
