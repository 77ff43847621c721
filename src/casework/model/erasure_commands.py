"""Commands about erasure: what people ask."""

from attrs import field, frozen


@frozen
class RequestErasure:
    """Ask that a child's texts be destroyed, with the reason, a code such as guardian_asked (PIPL arts. 31, 47)."""

    because: str


@frozen
class DeclineErasure:
    """The texts stay, with the reason; or the request is taken back by who made it."""

    because: str


@frozen
class Erase:
    """Destroy a child's texts and the key to them, as somebody else has asked; nobody can bring them back.

    ``receipt`` is the store's: what stands for the key that is destroyed.
    """

    because: str
    receipt: str = field(default="", repr=False)
