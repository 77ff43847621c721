"""``casework deliver`` and the part [delivery] of casework.toml."""

import base64

import pytest

from tests.sinks.listeners import http, listening, smtp

SECRET = "whsec_" + base64.b64encode(bytes(32)).decode()
LATER = ("--now", "2026-09-11T08:00")


@pytest.fixture
def write(school):
    """Write the part [delivery] of the school's file."""

    def written(text):
        path = school / "casework.toml"
        before = path.read_text(encoding="utf-8").partition("\n[delivery]")[0]
        path.write_text(f"{before}\n[delivery]\n{text}\n", encoding="utf-8")

    return written


def mail(port, *people):
    """The way by mail, with addresses."""
    addresses = "\n".join(f'"{person}" = "{person}@school.example"' for person in people)
    return (
        f'[delivery.mail]\nhost = "127.0.0.1"\nport = {port}\nsender = "a@school.example"\nsecurity = "none"\n'
        f"timeout = 2\n[delivery.addresses]\n{addresses}"
    )


class TestDeliver:
    def test_notices_go_by_mail(self, ok, cw, write):
        """What waits is sent once; whom nobody can write to stands on the list of those who look after it."""
        ok("raise", "p-002", "missing", "--as", "t.wu")
        with listening(smtp) as server:
            write(mail(server.port, "t.li"))
            first, again = cw("deliver", "--json"), ok("deliver")

        assert "t.li@school.example" in [address for address, _ in server.got]
        assert (6, 0) == (first.code, again["tried"])
        assert first.json["dead"] == len(first.json["letters"]) > 0
        dead = ok("deliver", "--dead", "--as", "t.shen")["dead_letters"]
        assert {"no_address"} == {letter["why"] for letter in dead}
        assert dead[0]["letter"] in cw("deliver", "--dead", "--as", "t.shen").out

    def test_the_list_of_the_day_and_the_doctor_say_what_did_not_arrive(self, ok, cw, write):
        """For the seats that look after it, and for whoever runs the doctor; others are not bothered."""
        ok("raise", "p-002", "missing", "--as", "t.wu")
        with listening(smtp) as server:
            write(mail(server.port))
            cw("deliver")
        heads, other = cw("today", "--as", "t.shen").out, cw("today", "--as", "t.wu").out

        assert "did not arrive" in heads
        assert "did not arrive" not in other
        assert "letters did not arrive" in cw("doctor").out

    def test_a_letter_is_tried_again(self, ok, cw, write):
        """After the address was written down."""
        ok("raise", "p-002", "missing", "--as", "t.wu")
        with listening(smtp) as server:
            write(mail(server.port))
            cw("deliver")
            dead = ok("deliver", "--dead", "--as", "t.shen")["dead_letters"]
            (mine,) = [letter["letter"] for letter in dead if letter["person"] == "t.li"]
            assert 1 == ok("deliver", "--again", mine, "--as", "t.shen")["sinks"]
            write(mail(server.port, "t.li"))
            assert 1 == ok("deliver")["delivered"]

        assert mine.encode() in server.got[0][1]
        assert 3 == cw("deliver", "--again", mine, "--as", "t.shen").code

    def test_a_letter_whose_person_was_told_otherwise(self, ok, cw, write):
        """It stands on the list no more."""
        with listening(smtp) as server:
            write(mail(server.port))
            cw("deliver")
        for letter in ok("deliver", "--dead", "--as", "t.shen")["dead_letters"]:
            assert "is off the list" in cw("deliver", "--told", letter["letter"], "--as", "t.shen").out

        assert [] == ok("deliver", "--dead", "--as", "t.shen")["dead_letters"]

    def test_notices_go_by_webhook(self, ok, school, write):
        """Signed with the secrets of a file, the new one first."""
        (school / "hook.secret").write_text(f"{SECRET}\n{SECRET}\n", encoding="utf-8")
        with listening(http) as server:
            hook = f'url = "http://127.0.0.1:{server.port}/x"\nsecrets_file = "hook.secret"\nplain_http = true'
            write(
                f'digest = 07:30:00\nquiet = ["20:00", "07:00"]\nper_week = 3\nlog = true\n[delivery.webhook]\n{hook}'
            )
            ok("deliver")
        _, headers, _ = server.got[0]

        assert 2 == len(headers["webhook-signature"].split())

    def test_a_log_is_a_way_to_try_it(self, cw, write):
        """Nothing waits after that; the doctor does not take it for a way that reaches somebody."""
        write("log = true")
        assert "delivered" in cw("deliver").out
        assert "no letter waited" in cw("deliver").out

        assert not cw("doctor", "--json").json["delivers"]

    def test_nobody_sends(self, cw, ok, write):
        """The doctor says that notices of emergencies wait, where a way is written down."""
        ok("raise", "p-002", "missing", "--as", "t.wu")
        assert "nobody sends them" not in cw("doctor", *LATER).out
        write(mail(25, "t.li"))

        assert "nobody sends them" in cw("doctor", *LATER).out

    def test_who_asks(self, cw, write):
        """The list is asked for by a person, and one thing at a time."""
        write("log = true")

        assert (2, 2) == (cw("deliver", "--dead").code, cw("deliver", "--dead", "--again", "x", "--as", "t.li").code)
        assert "every letter arrived" in cw("deliver", "--dead", "--as", "t.shen").out


class TestFile:
    def test_without_a_way(self, cw):
        """It says what to write."""
        found = cw("deliver")

        assert 2 == found.code
        assert "[delivery.mail]" in found.err

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("digets = 7", "no key that casework knows"),
            ('digest = "7 o\'clock"', 'write digest = "07:00"'),
            ('digest = "07:00+08:00"', 'write digest = "07:00"'),
            ('digest = "22:00"', "give another hour"),
            ('quiet = ["21:00"]', 'write quiet = ["21:00", "07:00"]'),
            ('quiet = "at night"', 'write quiet = ["21:00", "07:00"]'),
            ("per_week = 9", "1 to 7 digests"),
            ('per_week = "5"', "write per_week = 5"),
            ('log = "yes"', "write log = true"),
            ('mail = "x"', "write [delivery.mail]"),
            ('[delivery.mail]\nhost = "x"', "has no sender"),
            ('[delivery.mail]\nhost = 1\nsender = "a@b"', "is no text"),
            ('[delivery.mail]\nhost = "x"\nsender = "a@b"\npasword = "x"', "no key that casework knows"),
            ('[delivery.webhook]\nurl = "https://x.example"', "has no secrets_file"),
            ("addresses = 1", "write [delivery.addresses]"),
            ("[delivery.addresses]\nt.li = 'li@x.example'", "an id with dots stands in quotes"),
            ('[delivery.addresses]\n"t.li" = "li"', "is no address"),
        ],
    )
    def test_what_cannot_be_read(self, cw, write, text, says):
        """Line, what is wrong, and how to mend it."""
        write(text)
        found = cw("deliver")

        assert 2 == found.code
        assert says in found.err

    def test_a_delivery_that_is_no_table(self, cw, school):
        """It says what to write."""
        path = school / "casework.toml"
        path.write_text("delivery = 1\n" + path.read_text(encoding="utf-8"), encoding="utf-8")

        assert "write [delivery]" in cw("deliver").err

    @pytest.mark.parametrize(
        ("text", "code", "says"),
        [
            ('[delivery.mail]\nhost = "x"\nsender = "a@b.example"\nsecurity = "ssl"', 2, "use one of starttls"),
            ('[delivery.mail]\nhost = "x"\nsender = "a@b.example"\npassword_file = "none"', 3, "cannot be read"),
            ('[delivery.webhook]\nurl = "https://x.example/"\nsecrets_file = "empty"', 3, "is empty"),
            ('[delivery.webhook]\nurl = "http://x.example/"\nsecrets_file = "secret"', 2, "plain_http=True"),
        ],
    )
    def test_what_cannot_be_used(self, cw, school, write, text, code, says):
        """A way that cannot be, or a file of secrets that is not there."""
        (school / "empty").write_text("", encoding="utf-8")
        (school / "secret").write_text(SECRET, encoding="utf-8")
        write(text)
        found = cw("deliver")

        assert code == found.code
        assert says in found.err
