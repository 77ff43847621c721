"""Letters by a signed webhook: Standard Webhooks 1.0 around a CloudEvents 1.0 envelope in JSON (structured mode).

The body holds codes and ids only. Whoever receives it checks the signature, then the time, then whether it has seen the
id before.
"""

import base64
import binascii
import hmac
import json
import ssl
from collections.abc import Iterable
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import quote, urlsplit

from attrs import field, frozen

from casework.clock import Clock, system_clock
from casework.engine.post import Letter
from casework.errors import Undeliverable, WrongValue

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret."""
GONE = 410
"""The answer by which a receiver says that it wants no more."""
CONTENT = "application/cloudevents+json; charset=utf-8"


def _secrets(given: str | Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


@frozen
class Webhook:
    """Posts letters to a URL: `Webhook("https://school.example/casework", "whsec_…")`.

    ``secrets`` is one, or while they are rotated several, the new one first: the letter is signed with each. No
    redirect is followed and no proxy is used; https, or http where ``plain_http`` asks for it by name. ``timeout`` in
    seconds bounds the connection and each answer. Raises `WrongValue`.
    """

    url: str
    secrets: tuple[str, ...] = field(repr=False, converter=_secrets)
    timeout: float = 10.0
    plain_http: bool = False
    clock: Clock = field(default=system_clock, repr=False)
    context: ssl.SSLContext | None = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        parts = urlsplit(self.url)
        wanted = {"https", "http"} if self.plain_http else {"https"}
        if parts.scheme not in wanted or not parts.hostname or not (self.url.isascii() and self.url.isprintable()):
            raise WrongValue("a webhook takes an https:// address; plain http:// only with plain_http=True")
        if parts.username is not None or parts.fragment or " " in self.url:
            raise WrongValue("the address of a webhook takes no user, no password, no space and no #fragment")
        if not self.secrets or None in map(key_of, self.secrets):
            raise WrongValue(f"a webhook's secret is {PREFIX} and the base64 of {SHORTEST} to {LONGEST} random bytes")
        if not self.timeout > 0:
            raise WrongValue("timeout= of a webhook takes seconds above zero")

    def __call__(self, letter: Letter) -> None:
        """Post the letter. Raises `Undeliverable` for any answer but 2xx."""
        body = envelope(letter)
        now = int(self.clock().timestamp())
        headers = {
            "content-type": CONTENT,
            "user-agent": "casework",
            "webhook-id": letter.id,
            "webhook-timestamp": str(now),
            "webhook-signature": " ".join(signature(secret, letter.id, now, body) for secret in self.secrets),
        }
        status = self._post(body, headers)
        if not 200 <= status < 300:  # noqa: PLR2004 - what HTTP calls a success
            raise Undeliverable(str(status), permanent=status == GONE)

    def _post(self, body: bytes, headers: dict[str, str]) -> int:
        parts = urlsplit(self.url)
        if parts.scheme == "https":
            context = self.context or ssl.create_default_context()
            connection: HTTPConnection = HTTPSConnection(
                parts.hostname or "", parts.port, timeout=self.timeout, context=context
            )
        else:
            connection = HTTPConnection(parts.hostname or "", parts.port, timeout=self.timeout)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request("POST", path, body, headers)
            return connection.getresponse().status
        except (OSError, HTTPException) as error:
            raise Undeliverable(type(error).__name__) from None
        finally:
            connection.close()


def key_of(secret: str) -> bytes | None:
    """The bytes of a secret; None for one that is none."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if secret.startswith(PREFIX) and SHORTEST <= len(key) <= LONGEST else None


def signature(secret: str, id_: str, timestamp: int, body: bytes) -> str:
    """The signature of Standard Webhooks, version 1: HMAC-SHA256 over id, time and body."""
    said = f"{id_}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key_of(secret) or b"", said, sha256)).decode()


def envelope(letter: Letter) -> bytes:
    """The letter as a CloudEvent in JSON, the same at every attempt."""
    event = {
        "specversion": "1.0",
        "id": letter.id,
        "source": f"/casework/{quote(letter.school, safe='')}",
        "type": f"casework.{letter.topic}",
        "time": letter.at.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": {
            "school": letter.school,
            "person": letter.person,
            "urgent": letter.urgent,
            "notices": [
                {
                    "key": notice.key,
                    "topic": notice.topic,
                    "role": notice.role,
                    "child": notice.child,
                    "at": notice.at.isoformat().replace("+00:00", "Z"),
                    "facts": dict(sorted(notice.facts.items())),
                }
                for notice in letter.notices
            ],
        },
    }
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
