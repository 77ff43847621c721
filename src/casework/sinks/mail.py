"""Letters by e-mail (RFC 5321, RFC 5322), with the letter's id as Message-ID.

The text says that there is something to look at, and of which child by its id: no name, no note, no phone, no kind.
"""

import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TypeAlias

from attrs import field, frozen

from casework.engine.post import Letter
from casework.errors import Undeliverable, WrongValue
from casework.model.case import CLASS_MARK

SECURITY = ("starttls", "tls", "none")
FOREVER = 500
"""The first answer of SMTP that says that trying again is of no use."""
PORTS = {"starttls": 587, "tls": 465, "none": 25}

Addresses: TypeAlias = "Mapping[str, str] | Callable[[str], str | None]"
"""Where a person is written to: a table, or a callable from the person's id to an address or None."""


@frozen
class Mail:
    """Sends letters through an SMTP server: `Mail("mail.example", "casework@school.example", addresses)`.

    ``security`` is starttls (refused where the server does not offer it), tls, or none by name. ``timeout`` in seconds
    bounds the connection and each answer. A person without an address, and one whom the server refuses for good, cannot
    be reached; anything else is tried again. Raises `WrongValue`.
    """

    host: str
    sender: str
    addresses: Addresses = field(repr=False)
    port: int = 0
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 10.0
    context: ssl.SSLContext | None = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.security not in SECURITY:
            raise WrongValue(f"security={self.security!r} of a mail sink; use one of {', '.join(SECURITY)}")
        if not self.timeout > 0:
            raise WrongValue("timeout= of a mail sink takes seconds above zero")
        if not _plain(self.sender):
            raise WrongValue("sender= of a mail sink takes one plain address, such as casework@school.example")
        if self.user and self.security == "none":
            raise WrongValue("a password is not sent in the clear; give security='starttls' or 'tls'")

    def __call__(self, letter: Letter) -> None:
        """Send the letter. Raises `Undeliverable`."""
        address = self.addresses.get(letter.person) if isinstance(self.addresses, Mapping) else None
        if callable(self.addresses):
            address = self.addresses(letter.person)
        if not address:
            raise Undeliverable("no_address", permanent=True)
        if not _plain(address):
            raise Undeliverable("no_plain_address", permanent=True)
        message = written(letter, self.sender, address)
        with _told(), self._connected() as server:
            server.send_message(message)

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        context = None if self.security == "none" else self.context or ssl.create_default_context()
        with self._server(context) as server:
            if self.security == "starttls":
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password)
            yield server

    def _server(self, context: ssl.SSLContext | None) -> smtplib.SMTP:
        name = _domain(self.sender)  # said to the server; else the name of this machine is looked up
        port = self.port or PORTS[self.security]
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, port, local_hostname=name, timeout=self.timeout, context=context)
        return smtplib.SMTP(self.host, port, local_hostname=name, timeout=self.timeout)


def written(letter: Letter, sender: str, address: str) -> EmailMessage:
    """The message, the same at every attempt: ids alone."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = address
    message["Subject"] = "casework: urgent, look now" if letter.urgent else "casework: something to look at"
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = f"<{letter.id}@{_domain(sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    children = list(dict.fromkeys(notice.child for notice in letter.notices))
    lines = ["There is something to look at:", "", *(f"- {_named(child)}" for child in children)]
    message.set_content("\n".join([*lines, "", f"School: {letter.school}. Sign in to read it.", ""]))
    return message


def _named(child: str) -> str:
    """What a record is about, by id."""
    if not child:
        return "the school"
    return f"class {child.removeprefix(CLASS_MARK)}" if child.startswith(CLASS_MARK) else f"child {child}"


def _plain(address: str) -> bool:
    """One address that can stand in a header as it is."""
    local, _, domain = address.rpartition("@")
    return bool(local and domain) and address.isascii() and address.isprintable() and not set(address) & set(" ,;<>\"'")


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


@contextmanager
def _told() -> Iterator[None]:
    """The server's errors as codes; what it wrote, and the address, are not said again."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as refused:
        code = next(iter(refused.recipients.values()))[0]
        raise Undeliverable(str(code), permanent=code >= FOREVER) from None
    except smtplib.SMTPDataError as refused:
        raise Undeliverable(str(refused.smtp_code), permanent=refused.smtp_code >= FOREVER) from None
    except smtplib.SMTPResponseException as refused:
        # Of a password or a sender, which another attempt finds mended.
        raise Undeliverable(str(refused.smtp_code)) from None
    except (OSError, smtplib.SMTPException) as error:
        raise Undeliverable(type(error).__name__) from None
