"""Whether one duty is at least as strict as another; what cannot be proved counts as looser."""

from collections.abc import Iterator

from casework.policy.values import Duty, Length, Window


def looser(new: Duty, old: Duty) -> Iterator[str]:
    """Yield each way in which ``new`` is not at least as strict as ``old``, as text for a person."""
    if new.subject != old.subject:
        yield f"it is about a {new.subject}, not a {old.subject}"
    if new.role != old.role:
        yield f"{new.role} owes it, not {old.role}"
    if new.contact and not old.contact:
        yield "it is excused while the carer is implicated, which it was not"
    if missing := [name for name in old.record if name not in new.record]:
        yield f"its record leaves out {', '.join(missing)}"
    if missing := [id_ for id_ in old.exclusive_with if id_ not in new.exclusive_with]:
        yield f"it no longer excludes {', '.join(missing)}"
    yield from _easier_acts(new, old)
    yield from _later_windows(new, old)


def _easier_acts(new: Duty, old: Duty) -> Iterator[str]:
    for act in new.discharged_by:
        if not any(act.kind == other.kind and other.met in {"", act.met} for other in old.discharged_by):
            yield f"{act} discharges it, which did not before"


def _later_windows(new: Duty, old: Duty) -> Iterator[str]:
    for window in old.windows:
        for name in window.on or (window.each or window.after or f"every {window.every} days",):
            if not any(_covers(other, window, name) for other in new.windows):
                yield f"no window for '{name}' is as early for the same children"


def _covers(new: Window, old: Window, trigger: str) -> bool:
    same = (new.each, new.after, bool(new.every), new.role) == (old.each, old.after, bool(old.every), old.role)
    return (
        same
        and (not old.on or trigger in new.on)
        and new.every <= old.every
        and new.only in {"", old.only}
        and new.unless in {"", old.unless}
        and _as_early(new.within, old.within)
        and (not old.due or new.due == old.due)
        and _as_early(new.closes or new.within, old.closes or old.within)
        and (old.sooner is None or _sooner(new, old.sooner))
    )


def _sooner(new: Window, old: tuple[str, Length]) -> bool:
    return new.sooner is not None and new.sooner[0] == old[0] and _as_early(new.sooner[1], old[1])


def _as_early(new: Length | str | None, old: Length | str | None) -> bool:
    """Tell whether a window that ends by ``new`` ends by ``old`` at the latest; None ends on the window's own last day.

    So many calendar days are never later than as many teaching days, while the reverse may be.
    """
    if isinstance(new, Length) and isinstance(old, Length):
        return new.count <= old.count and new.unit in {"days", old.unit}
    return new is None or new == old
