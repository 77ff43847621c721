"""A policy as rows for people."""

from casework.policy.values import Policy, Window

_ENDS = {"TERM": "end of term", "MONTH": "end of month"}


def describe(policy: Policy) -> list[dict[str, str]]:
    """One row for each window of each duty, in the order of their numbers.

    Keys: duty, title, subject, role, when, due, closes, discharged_by, source; all values are texts.
    """
    return [
        {
            "duty": duty.id,
            "title": duty.title,
            "subject": duty.subject,
            "role": window.role or duty.role,
            "when": _when(window),
            "due": _due(window),
            "closes": str(window.closes or "when due"),
            "discharged_by": ", ".join(map(str, duty.discharged_by)),
            "source": ", ".join(duty.source),
        }
        for duty in policy.duties
        for window in duty.windows
    ]


def _when(window: Window) -> str:
    if window.every:
        text = f"every {window.every} days"
    elif window.on:
        text = f"on {', '.join(window.on)}"
    else:
        text = f"each {window.each}" if window.each else f"after {window.after}"
    only = f"; only {window.only}" if window.only else ""
    return f"{text}{only}{f'; unless {window.unless}' if window.unless else ''}"


def _due(window: Window) -> str:
    if window.due:
        return window.due
    if window.each:
        return _ENDS.get(window.each, f"end of {window.each}")
    sooner = f", or {window.sooner[1]} after {window.sooner[0]} if sooner" if window.sooner else ""
    return f"{window.within or f'{window.every} days'}{sooner}"
