"""Emergencies that are not over, as a list of the day begins with them and as the doctor counts them."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from attrs import frozen
from rich.console import RenderableType

from casework.cli.render import heading, line, local, table
from casework.model.emergency import Emergency

if TYPE_CHECKING:
    from casework import Case


@frozen
class Unfinished:
    """An emergency of a child that is live, or stood down and not reviewed yet."""

    child: str
    emergency: Emergency

    def facts(self) -> Mapping[str, object]:
        """What JSON says of it: ids and codes."""
        e = self.emergency
        return {
            "child": self.child,
            "emergency": e.id,
            "kind": e.kind,
            "state": e.state,
            "live": e.live,
            "raised_at": e.raised_at.isoformat(),
            "raised_by": e.raised_by,
        }


def unfinished(cases: "Iterable[Case]") -> list[Unfinished]:
    """Those of the records given, live ones first, in the order of raising."""
    found = [Unfinished(case.child, e) for case in cases for e in case.emergencies.values() if e.state != "reviewed"]
    return sorted(found, key=lambda one: (not one.emergency.live, one.emergency.raised_at, one.emergency.id))


def counted(found: Iterable[Unfinished]) -> str:
    """How many are live, and how many wait to be reviewed."""
    live = [one.emergency.live for one in found]
    waiting = len(live) - sum(live)
    return f"{sum(live) or 'none'} live" + (f", {waiting} stood down and not reviewed" if waiting else "")


def listed(found: list[Unfinished], zone: ZoneInfo) -> list[RenderableType]:
    """What a list of the day begins with; nothing where nothing happened."""
    if not found:
        return []
    rows = [
        (one.child, e.id, e.kind, e.state.replace("_", " "), local(e.raised_at, zone), e.raised_by)
        for one in found
        for e in (one.emergency,)
    ]
    title = f"emergencies: {counted(found)}"
    return [
        line(title, style="bold red") if found[0].emergency.live else heading(title),
        table(["child", "emergency", "kind", "state", "raised", "by"], rows),
    ]
