import pytest

from casework.cli import unstored
from tests.cli.schools import dump


class TestReferral:
    def test_from_request_to_outcome(self, ok, cw):
        """Referred, accepted, consented, held, planned, completed; show and today tell of it; the note is sealed."""
        made = ok("refer", "p-002", "psychology", "--because", "grief", "--note", "since March", "--as", "t.li")
        id_ = made["referral"]
        mine = ok("today", "--as", "t.li")["referrals"]
        ok("accept", "p-002", "--as", "t.fang")
        ok("consent", "p-002", "given", "--guardian", "parent1", "--how", "by_phone", "--as", "t.li")
        ok("session", "p-002", id_, "--next", "2026-09-17", "--note", "sleeps badly", "--as", "t.fang")
        ok("plan", "p-002", "--review", "2026-10-12", "--as", "t.fang")
        during = cw("show", "p-002", "--as", "t.fang")
        ok("complete", "p-002", "--outcome", "recovered", "--as", "t.fang")
        found = ok("show", "p-002", "--as", "t.fang")["referrals"][id_]
        teacher = ok("show", "p-002", "--as", "t.li")["referrals"][id_]

        assert [] == teacher["sessions"] == teacher["plans"]
        assert [(id_, "requested")] == [(line["referral"], line["state"]) for line in mine]
        assert "consent given; 1 sessions" in during.out
        assert "next: session, plan, consent, complete" in during.out
        assert ("completed", "recovered", "t.fang") == (found["state"], found["outcome"], found["answered_by"])
        assert 3 == cw("revoke", "p-002", "--because", "moved_away", "--as", "t.li").code
        note = found["sessions"][0]["note"]["sealed"]
        assert "sleeps badly" == ok("read", "p-002", note, "--reason", "my own", "--as", "t.fang")["text"]
        assert 3 == cw("read", "p-002", note, "--reason", "curious", "--as", "t.wu").code

    def test_today_for_people(self, cw, ok):
        """The list of the day shows open referrals below what is due."""
        ok("refer", "p-002", "psychology", "--because", "grief", "--urgent", "--as", "t.wu")
        found = cw("today", "--as", "t.wu")

        assert "1 open referrals" in found.out
        assert "urgent" in found.out
        assert "open referrals" not in cw("today", "--as", "t.shen").out

    def test_declining_and_revoking(self, ok, cw):
        """A referral is declined or taken back; where a child has several the id has to be said."""
        one, two = (
            ok("refer", "p-002", to, "--because", "grief", "--as", "t.li")["referral"]
            for to in ("doctor", "psychology")
        )
        several = cw("decline", "p-002", "--because", "no_need", "--as", "t.fang")
        ok("decline", "p-002", one, "--because", "no_need", "--as", "t.fang")
        ok("revoke", "p-002", "--because", "moved_away", "--as", "t.li")
        found = ok("show", "p-002", "--as", "t.li")["referrals"]

        assert 2 == several.code
        assert all(id_ in several.err for id_ in (one, two))
        assert ["declined", "revoked"] == [found[id_]["state"] for id_ in (one, two)]
        assert "(no_need)" in cw("show", "p-002", "--as", "t.li").out

    def test_screening(self, ok, cw):
        """A screening is entered and shown; a positive answer on self-harm is an emergency at once."""
        calm = ok("screen", "p-002", "phq_a", "12", "--self-harm", "0", "--by", "t.qin", "--as", "t.li")
        alarm = ok("screen", "p-004", "phq_a", "5", "--self-harm", "1", "--as", "t.wu")

        assert calm["referral"]
        assert not calm["emergency"]
        assert alarm["emergency"]
        assert "phq_a" in cw("show", "p-002", "--as", "t.li").out

    @pytest.mark.parametrize(
        ("argv", "code", "told"),
        [
            (["refer", "p-002", "psychology"], 2, "--because"),
            (["refer", "p-002", "Dr. Qin", "--because", "grief"], 1, "is no code"),
            (["accept", "p-002"], 3, "no open referral of p-002"),
            (["accept", "p-002", "nothing"], 1, "answer referral is not yours to do here; ask"),
            (["plan", "p-002", "nothing"], 2, "--review"),
            (["screen", "p-002", "phq_a", "28"], 1, "runs from 0 to 27"),
            (["screen", "p-002", "sdq", "28"], 1, "use one of sdq_parent"),
        ],
    )
    def test_refusals_say_the_mend(self, cw, school, argv, code, told):
        """What cannot be is refused with what to say, and nothing is stored."""
        before = dump(school)
        found = cw(*argv, "--as", "t.li")

        assert code == found.code
        assert told in found.err
        assert before == dump(school)

    def test_a_grandmother_is_no_guardian(self, ok, cw):
        """The carer's word is refused, with who has to be asked."""
        ok("refer", "p-002", "psychology", "--because", "grief", "--as", "t.li")
        found = cw("consent", "p-002", "given", "--guardian", "carer", "--how", "in_person", "--as", "t.li")

        assert 1 == found.code
        assert "ask the guardian, usually a parent" in found.err

    @pytest.mark.parametrize(
        ("argv", "urgent"),
        [
            (["refer", "p-002", "psychology", "--because", "grief", "--urgent"], True),
            (["refer", "p-002", "psychology", "--because", "grief"], False),
            (["screen", "p-002", "phq_a", "5", "--self-harm", "1"], True),
            (["screen", "p-002", "phq_a", "5"], False),
        ],
    )
    def test_what_cannot_wait_and_was_not_stored(self, cw, school, argv, urgent):
        """Where nothing can be stored, what could not wait says so, with whom to telephone at once."""
        (school / "casework.db").unlink()
        found = cw(*argv, "--as", "t.li")

        assert 3 == found.code
        assert urgent == (unstored.SAYS[unstored.Alarm.NOT_STORED] in found.err)
