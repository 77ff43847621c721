"""Events of rules: what they remark, and that they failed; part of the stored format as `casework.model.events`."""

from attrs import frozen

from casework.model.reason import Reason


@frozen
class FlagRaised:
    """A rule's remark began to stand."""

    rule: str
    code: str
    because: Reason | None = None
    about: tuple[str, ...] = ()


@frozen
class FlagLowered:
    """A rule's remark no longer stands."""

    key: str


@frozen
class RuleFailed:
    """A rule raised for this record and is quarantined; ``error`` is the exception's type, never its text."""

    rule: str
    error: str


@frozen
class RuleReleased:
    """A quarantined rule ran again without raising."""

    rule: str
