"""What the sinks send, what they make of answers, and what they refuse to be set up with."""

import base64
import json
import logging
import ssl
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from attrs import evolve
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from standardwebhooks.webhooks import Webhook as Oracle
from standardwebhooks.webhooks import WebhookVerificationError

from casework import Letter
from casework.clock import system_clock
from casework.engine.outgoing import Outgoing
from casework.errors import Undeliverable, WrongValue
from casework.sinks import Mail, Webhook, log_letter
from tests.sinks.listeners import http, listening, smtp

AT = datetime(2026, 9, 14, 5, 40, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER = "whsec_" + base64.b64encode(bytes(range(1, 33))).decode()
ROW = Outgoing("c/e1/raised/0/t.li", "emergency", "lead", "t.li", "s-17", AT, {"emergency": "e1", "kind": "missing"})
URGENT = Letter("abc123", "qinghe", "t.li", urgent=True, at=AT, notices=(ROW,))
DIGEST = Letter(
    "def456",
    "qinghe",
    "t.li",
    urgent=False,
    at=AT,
    notices=tuple(evolve(ROW, key=child, topic="referral", child=child) for child in ("s-17", "s-17", "@3-1", "")),
)
ADDRESSES = {"t.li": "li@school.example"}


def mail(server, **how):
    """A sink to the mail server of the test."""
    return Mail(
        "127.0.0.1",
        "casework@school.example",
        **{"addresses": ADDRESSES, "port": server.port, "security": "none", "timeout": 0.2} | how,
    )


def hook(receiver, secrets=SECRET, path="/notices", **how):
    """A sink to the receiver of the test."""
    return Webhook(f"http://127.0.0.1:{receiver.port}{path}", secrets, plain_http=True, **{"timeout": 0.2} | how)


def refusal(sink, letter=URGENT):
    """Code and permanence of what the sink raises."""
    with pytest.raises(Undeliverable) as caught:
        sink(letter)
    return caught.value.code, caught.value.permanent


class TestMail:
    def test_the_message_says_little(self, mail_server):
        """Where to, that it is urgent, the child's id, and an id that stays; not even the kind of the emergency."""
        mail(mail_server)(URGENT)
        ((address, data),) = mail_server.got
        message = message_from_bytes(data, policy=policy.default)

        assert "li@school.example" == address == message["To"]
        assert "<abc123@school.example>" == message["Message-ID"]
        assert "casework: urgent, look now" == message["Subject"]
        assert AT == message["Date"].datetime
        assert "- child s-17" in message.get_content()
        assert "missing" not in data.decode()

    def test_a_digest_names_each_child_once(self, mail_server):
        """And the class and the school where it is about those."""
        mail(mail_server, addresses={"t.li": "li@school.example"}.get)(DIGEST)
        text = mail_server.got[0][1].decode()

        assert ["- child s-17", "- class 3-1", "- the school"] == [
            line for line in text.splitlines() if line.startswith("- ")
        ]
        assert "casework: something to look at" in text

    def test_nobody_is_asked_for_the_name_of_this_machine(self, mail_server, monkeypatch):
        """Saying hello takes no look-up."""
        monkeypatch.setattr("socket.getfqdn", lambda *_: pytest.fail("looked up"))
        mail(mail_server)(URGENT)

        assert 1 == len(mail_server.got)

    @pytest.mark.parametrize(
        ("said", "code", "permanent"),
        [
            ("550 no such user", "550", True),
            ("451 later", "451", False),
            ("hang", "SMTPServerDisconnected", False),
            ("cut", "SMTPServerDisconnected", False),
            ("cut after", "SMTPServerDisconnected", False),
        ],
    )
    def test_what_is_made_of_answers(self, mail_server, said, code, permanent):
        """A refusal for good cannot be delivered; all else is tried again; what the server wrote is not kept."""
        mail_server.script = [said]

        assert (code, permanent) == refusal(mail(mail_server))

    def test_a_server_that_is_not_there(self, mail_server):
        """The kind of error is kept."""
        mail_server.stop()

        assert ("ConnectionRefusedError", False) == refusal(mail(mail_server))
        mail_server.start()

    @pytest.mark.parametrize("address", ["li", "a@b, c@d", "<li@x>", "li@x\r\nBcc: a@b", "lì@x", "@x"])
    def test_what_is_no_plain_address(self, mail_server, address):
        """Nothing else gets into a header; it is a person's to mend."""
        assert ("no_plain_address", True) == refusal(mail(mail_server, addresses={"t.li": address}))

    @pytest.mark.parametrize("addresses", [{}, {"t.li": ""}, lambda _: None])
    def test_a_person_without_an_address(self, mail_server, addresses):
        """Cannot be reached."""
        assert ("no_address", True) == refusal(mail(mail_server, addresses=addresses))

    def test_a_server_that_offers_no_tls(self, mail_server):
        """Nothing is sent in the clear unless that is asked for by name."""
        assert ("SMTPNotSupportedError", False) == refusal(mail(mail_server, security="starttls"))
        assert ("SSLError", False) == refusal(mail(mail_server, security="tls", context=ssl.create_default_context()))
        assert [] == mail_server.got

    @pytest.mark.parametrize("security", ["tls", "starttls"])
    def test_with_tls_and_a_password(self, contexts, security):
        """The default: nothing is said in the clear; a password that is refused is tried again later."""
        server, trusting = contexts
        with listening(smtp, **{"secure" if security == "tls" else "starttls": server}) as secure:
            secure.script = ["take", "535 no"]
            sink = mail(
                secure,
                security=security,
                context=trusting,
                user="u",
                password="p",  # noqa: S106
                timeout=2,
            )
            sink(URGENT)

            assert ("535", False) == refusal(sink)
            assert 1 == len(secure.got)

    @pytest.mark.parametrize("security", ["tls", "starttls"])
    def test_a_server_that_nobody_vouches_for(self, contexts, security):
        """Its certificate is looked at."""
        server, _ = contexts
        with listening(smtp, **{"secure" if security == "tls" else "starttls": server}) as secure:
            assert ("SSLCertVerificationError", False) == refusal(mail(secure, security=security, timeout=2))

    @pytest.mark.parametrize(
        ("how", "says"),
        [
            ({"security": "ssl"}, "use one of starttls, tls, none"),
            ({"timeout": 0}, "seconds above zero"),
            ({"sender": "school"}, "one plain address"),
            ({"security": "none", "user": "u"}, "not sent in the clear"),
        ],
    )
    def test_settings_that_cannot_be(self, how, says):
        """They are refused at once, in words."""
        with pytest.raises(WrongValue, match=says):
            Mail(**{"host": "mail.example", "sender": "a@school.example", "addresses": {}} | how)

    def test_nothing_secret_is_shown(self):
        """Neither the password nor an address."""
        shown = repr(Mail("mail.example", "a@school.example", ADDRESSES, user="u", password="canary"))  # noqa: S106

        assert not [word for word in ("canary", "li@") if word in shown]


class TestWebhook:
    @pytest.mark.parametrize("letter", [URGENT, DIGEST])
    def test_others_can_check_and_read_it(self, receiver, letter):
        """The package of Standard Webhooks verifies it, that of CloudEvents reads it."""
        hook(receiver)(letter)
        ((path, headers, body),) = receiver.got
        Oracle(SECRET).verify(body, headers)
        event = from_http_event(HTTPMessage(headers, body))
        data = event.get_data()

        assert ("/notices", letter.id, letter.id) == (path, headers["webhook-id"], event.get_id())
        assert ("1.0", f"casework.{letter.topic}", "/casework/qinghe", AT) == (
            event.get_specversion(),
            event.get_type(),
            event.get_source(),
            event.get_time(),
        )
        assert [(n.child, n.topic) for n in letter.notices] == [(n["child"], n["topic"]) for n in data["notices"]]
        assert ("t.li", letter.urgent) == (data["person"], data["urgent"])

    def test_while_secrets_are_rotated_both_fit(self, receiver):
        """Signed with each; one that is not known fits nothing."""
        hook(receiver, [OTHER, SECRET])(URGENT)
        ((_, headers, body),) = receiver.got
        for secret in (SECRET, OTHER):
            Oracle(secret).verify(body, headers)

        with pytest.raises(WebhookVerificationError):
            Oracle(SECRET).verify(body + b" ", headers)

    def test_the_time_is_that_of_the_attempt(self, receiver):
        """The body stays, the time and so the signature do not."""
        hook(receiver, clock=lambda: AT)(URGENT)
        hook(receiver)(URGENT)
        (_, first, body), (_, second, again) = receiver.got

        assert body == again
        assert str(int(AT.timestamp())) == first["webhook-timestamp"]
        assert abs(int(second["webhook-timestamp"]) - system_clock().timestamp()) < 60
        assert first["webhook-signature"] != second["webhook-signature"]

    @pytest.mark.parametrize(
        ("said", "code", "permanent"),
        [
            ("500", "500", False),
            ("400", "400", False),
            ("410", "410", True),
            ("302", "302", False),
            ("hang", "TimeoutError", False),
            ("cut", "RemoteDisconnected", False),
            ("cut after", "RemoteDisconnected", False),
        ],
    )
    def test_what_is_made_of_answers(self, receiver, said, code, permanent):
        """Only 2xx is delivered; a redirect is not followed; 410 says for good."""
        receiver.script = [said]

        assert (code, permanent) == refusal(hook(receiver, path="/notices?school=1"))
        assert not receiver.got or said == "cut after"

    def test_over_https(self, contexts):
        """To a server that the machine trusts, and to no other."""
        server, trusting = contexts
        with listening(http, secure=server) as secure:
            url = f"https://127.0.0.1:{secure.port}"
            Webhook(url, SECRET, timeout=2, context=trusting)(URGENT)

            assert ("SSLCertVerificationError", False) == refusal(Webhook(url, SECRET, timeout=2))
            assert ["/"] == [path for path, _, _ in secure.got]

    def test_a_certificate_that_does_not_fit(self, receiver):
        """Https to who speaks none fails, and sends nothing."""
        sink = Webhook(f"https://127.0.0.1:{receiver.port}/", SECRET, timeout=0.2)

        assert not refusal(sink)[1]
        assert [] == receiver.got

    @pytest.mark.parametrize(
        ("url", "secret"),
        [
            ("http://school.example/", SECRET),
            ("ftp://school.example/", SECRET),
            ("https:///x", SECRET),
            ("https://u:p@school.example/", SECRET),
            ("https://school.example/#x", SECRET),
            ("https://school.example/a b", SECRET),
            ("https://school.example/", ()),
            ("https://school.example/", "whsec_"),
            ("https://school.example/", "whsec_short"),
            ("https://school.example/", SECRET.removeprefix("whsec_")),
            ("https://school.example/", "whsec_no base64 at all, but long enough!"),
        ],
    )
    def test_settings_that_cannot_be(self, url, secret):
        """Plain http, passwords in the address, and what is no secret are refused, and none of it is said again."""
        with pytest.raises(WrongValue) as caught:
            Webhook(url, secret)

        assert "school.example" not in str(caught.value)

    def test_a_time_out_has_to_be(self):
        """Nothing waits for ever."""
        with pytest.raises(WrongValue, match="above zero"):
            Webhook("https://school.example/", SECRET, timeout=0)

    def test_nothing_secret_is_shown(self):
        """The secret is not."""
        assert SECRET[6:] not in repr(Webhook("https://school.example/", SECRET))


class TestLog:
    def test_a_line_of_ids(self, caplog):
        """It never fails, and says that it reaches nobody."""
        with caplog.at_level(logging.INFO, "casework"):
            log_letter(DIGEST)

        assert not log_letter.reaches
        assert ("letter", "def456", "t.li", "digest", 4) == (
            caplog.records[0].getMessage(),
            caplog.records[0].letter,
            caplog.records[0].person,
            caplog.records[0].topic,
            caplog.records[0].notices,
        )


class TestCanaries:
    def test_a_body_is_json_of_codes(self):
        """Every value of a payload is a code, an id, an instant or a number."""
        from casework.sinks.webhook import envelope  # noqa: PLC0415

        event = json.loads(envelope(URGENT))
        values = [value for value in (*event.values(), *event["data"].values()) if isinstance(value, str)]

        assert all(" " not in value for value in values)
