"""Moves of a child: transfers between schools, and a child that was entered twice."""

from datetime import date, datetime

from attrs import field, frozen

from casework.model.people import Sealed

OUT, IN, INTO, OF = "out", "in", "into", "of"
"""Kinds of moves: offered to another school; come from one; merged into another record; took another one up."""


@frozen
class Package:
    """A package that was handed out or taken up: the digest of its bytes, 64 hex digits, and when."""

    digest: str
    at: datetime


@frozen
class Hidden:
    """What stood in a record and has left it, by id, and the people who may not know of it."""

    id: str
    implicated: tuple[str, ...]


@frozen
class Move:
    """One move of a child, as its record holds it.

    Transfers, by the package's id: ``kind`` is out (``state`` offered, confirmed or withdrawn) or in (accepted or
    refused); ``peer`` is the other school, ``key`` its public transfer key, ``child`` the child's id there.
    ``packages`` are those handed out, or taken up; ``chased`` is the local day on which somebody was last told that the
    receipt is late; ``texts`` and ``restricted`` hold what came along to be read.

    Merges, by an id that both records share: ``kind`` is into (this record is merged into that of ``child``) or of;
    ``state`` is merged or unmerged, and ``hides`` what left this record again and must stay hidden.
    """

    id: str
    kind: str
    state: str
    on: date
    by: str
    because: str = ""
    peer: str = ""
    key: str = ""
    child: str = ""
    packages: tuple[Package, ...] = ()
    chased: date | None = None
    ended_on: date | None = None
    texts: tuple[Sealed, ...] = field(default=(), repr=False)
    restricted: tuple[Sealed, ...] = field(default=(), repr=False)
    hides: tuple[Hidden, ...] = ()


@frozen
class Peer:
    """Another school: its name, and its public transfer key as `desk.transfer_address()` gives it there.

    The key comes by another way than the packages: by telephone, on paper, from the district.
    """

    school: str
    key: str


@frozen
class Message:
    """A message between two schools, open: what stores pack and unpack.

    ``kind`` is package, receipt, refusal or withdrawal, ``id`` the transfer's; ``sender`` and ``receiver`` are the
    schools; ``digest`` is that of the packed bytes.
    """

    kind: str
    id: str
    sender: Peer
    receiver: Peer
    text: str = field(repr=False)
    digest: str = ""
