"""Commands about children and staff who move; `casework.model.commands` takes them up."""

from datetime import date

from attrs import field, frozen

from casework.model.move import Message, Peer
from casework.model.parcel import Parcel
from casework.model.people import ContactCard, Sealed


@frozen
class HandOver:
    """All of the child's care that stands in the name of ``person`` passes to ``to``, for the reason ``because``.

    ``interim``: until somebody is named for good.
    """

    person: str
    to: str
    because: str
    interim: bool = False
    on: date | None = None


@frozen
class OfferTransfer:
    """Hand the child's case to another school: the package ``digest`` of the transfer ``id`` was made."""

    id: str
    to: Peer
    because: str
    digest: str


@frozen
class ReceiveTransfer:
    """Take a child over. Of the parcel's texts nothing is readable any more: they come sealed beside it.

    ``notes`` are those of concerns, emergencies and referrals, by id.
    """

    letter: Message
    parcel: Parcel = field(repr=False)
    card: ContactCard | None
    notes: tuple[tuple[str, Sealed], ...] = field(repr=False)
    texts: tuple[Sealed, ...] = field(repr=False)
    restricted: tuple[Sealed, ...] = field(repr=False)


@frozen
class AnswerTransfer:
    """Say once and for all what comes of a transfer: ``accepted`` for the child of that id here, or ``refused``."""

    letter: Message
    state: str
    child: str = ""
    because: str = ""


@frozen
class EndTransfer:
    """The other school's answer to a transfer came: its receipt names the packages that it has, or it refused."""

    id: str
    state: str
    digests: tuple[str, ...] = ()


MoveCommand = HandOver | OfferTransfer | ReceiveTransfer | AnswerTransfer | EndTransfer
MOVE_COMMANDS = (HandOver, OfferTransfer, ReceiveTransfer, AnswerTransfer, EndTransfer)
