from datetime import UTC, date, datetime

import pytest

from casework import Case
from casework.cli.pairing import helpers_of, spread
from casework.model.activity import Concern
from casework.model.roll import StaffRow
from tests.cli.schools import CANARY, PHONE, dump, small_roster


def case(child, household="", implicated=()):
    """A case as a value, with somebody implicated or nobody."""
    concern = Concern("c", "x", date(2026, 9, 1), "t.x", datetime(2026, 9, 1, tzinfo=UTC), implicated=tuple(implicated))
    return Case("q", child, stage="filed", household=household, concern_log={"c": concern} if implicated else {})


class TestSpread:
    def test_helpers_are_those_who_teach(self):
        """Teachers help; who holds another seat does not."""
        staff = {p: StaffRow(p, (role,)) for p, role in (("t.b", "teacher"), ("t.a", "teacher"), ("t.c", "principal"))}

        assert ("t.a", "t.b") == helpers_of(staff)

    def test_children_are_spread_evenly(self):
        """Nobody gets two children more than another."""
        found = spread([case(f"p-{k}") for k in range(7)], ["t.a", "t.b", "t.c"], {})
        counts = sorted(list(found.values()).count(helper) for helper in ("t.a", "t.b", "t.c"))

        assert [2, 2, 3] == counts

    def test_load_counts(self):
        """Who has children already gets fewer."""
        assert {"p-1": "t.b", "p-2": "t.b"} == spread([case("p-1"), case("p-2")], ["t.a", "t.b"], {"t.a": 2})

    def test_siblings_stay_together(self):
        """Children of one household have one helper."""
        found = spread([case("p-1", "h"), case("p-2"), case("p-3", "h")], ["t.a", "t.b"], {})

        assert found["p-1"] == found["p-3"] != found["p-2"]

    def test_nobody_who_is_implicated_helps(self):
        """A helper whom something about one sibling implicates gets neither; who has nobody left is left out."""
        found = spread(
            [case("p-1", "h", ["t.a"]), case("p-2", "h"), case("p-3", "", ["t.a", "t.b"])], ["t.a", "t.b"], {}
        )

        assert {"p-1": "t.b", "p-2": "t.b"} == found


class TestFile:
    def test_card_is_sealed(self, ok, cw, school):
        """What stands on a card is sealed: it shows in no output and nowhere in the database."""
        shown = cw("show", "p-002", "--as", "t.li", "--json")

        assert {"sealed"} == set(shown.json["card"]["carer"]["name"])
        assert CANARY not in shown.out + cw("show", "p-002", "--as", "t.li").out
        assert CANARY.encode() not in (school / "casework.db").read_bytes()
        assert PHONE.encode() not in (school / "casework.db").read_bytes()

    def test_sealed_text_is_opened_with_a_reason(self, ok, cw):
        """One text is opened for a reason, and a reason has to be given."""
        ref = ok("show", "p-002", "--as", "t.li")["card"]["carer"]["phone"]["sealed"]

        assert PHONE == ok("read", "p-002", ref, "--reason", "call grandmother", "--as", "t.li")["text"]
        assert 2 == cw("read", "p-002", ref, "--reason", " ", "--as", "t.li").code
        assert 3 == cw("read", "p-002", "0" * 32, "--reason", "look", "--as", "t.li").code

    def test_cards_come_from_the_roster(self, ok, cw, roster):
        """Every open case without a file gets one, with the guardians of the roster on its card."""
        found = ok("file", "--from-roster", str(roster), "--as", "t.shen")

        assert (["p-010", "p-032"], []) == (found["filed"], found["without_carer"])
        assert {"carer", "parents"} == set(ok("show", "p-010", "--as", "t.li")["card"])
        assert "0 files opened" in cw("file", "--from-roster", str(roster), "--as", "t.shen").out

    def test_pupil_whom_the_roster_does_not_hold(self, cw, tmp_path):
        """A child whose guardians nobody named is filed without a card, and named."""
        some = small_roster(tmp_path / "some", ("p-001", "p-003"))
        found = cw("file", "p-010", "--from-roster", str(some), "--as", "t.li")

        assert 0 == found.code
        assert "without a carer on the card: p-010" in found.out

    def test_card_from_a_file(self, ok, school):
        """A card may be given as a file, so that it stands in no shell's history."""
        (school / "card.toml").write_text(
            '[carer]\nname = "A"\nrelation = "aunt"\n\n[[parent]]\nname = "B"\nrelation = "father"\nphone = "1"\n',
            encoding="utf-8",
        )
        ok("file", "p-010", "--card", "card.toml", "--as", "t.li")
        found = ok("show", "p-010", "--as", "t.li")

        assert ("aunt", "father", "filed") == (
            found["card"]["carer"]["relation"],
            found["card"]["parents"][0]["relation"],
            found["state"],
        )

    def test_card_is_written_anew(self, ok):
        """A new card replaces the one before."""
        ok("card", "p-002", "--carer-name", "C", "--carer-relation", "aunt", "--carer-person", "x-1", "--as", "t.li")
        carer = ok("show", "p-002", "--as", "t.li")["card"]["carer"]

        assert ("aunt", "x-1") == (carer["relation"], carer["person"])

    @pytest.mark.parametrize(
        ("argv", "code", "told"),
        [
            (["file"], 2, "name the child"),
            (["file", "p-010", "--carer-phone", "1"], 2, "a carer has a name and a relation"),
            (["file", "p-010", "--carer-name", "A", "--carer-relation", "Her aunt"], 2, "a relation is a code"),
            (["file", "p-010", "--carer-name", "A", "--carer-relation", "aunt", "--card", "c"], 2, "not by both"),
            (["file", "p-010", "--card", "nowhere.toml"], 3, "--card cannot be read"),
            (["file", "p-010", "--card", "casework.db"], 2, "this is not TOML"),
            (["file", "p-010", "--card", "casework.toml"], 2, "holds one [carer]"),
            (["file", "p-010", "--card", "bad.toml"], 2, "has name and relation"),
            (["file", "--from-roster", "nowhere"], 3, "no such roster"),
            (
                ["file", "--from-roster", "r", "--carer-name", "A", "--carer-relation", "aunt"],
                2,
                "leave the other options",
            ),
            (["card", "p-010"], 2, "what stands on the card"),
            (["card", "p-001", "--carer-name", "A", "--carer-relation", "aunt"], 1, "no case yet"),
        ],
    )
    def test_refusals_say_the_mend(self, cw, school, argv, code, told):
        """What is missing or wrong with a card is named, and nothing is stored."""
        (school / "bad.toml").write_text('[carer]\nname = "Lin"\n', encoding="utf-8")
        before = dump(school)
        found = cw(*argv, "--as", "t.li")

        assert code == found.code
        assert told in found.err
        assert "Lin" not in found.err
        assert before == dump(school)


class TestPair:
    @pytest.mark.parametrize(
        ("argv", "told"),
        [
            (["p-010", "t.lii"], "did you mean t.li?"),
            (["p-010", "p-004"], "p-004 is a pupil, not a member of staff"),
            (["p-010", "T.LI"], "did you mean t.li?"),
            (["p-010", "t.li", "--member", "somebody"], "nobody on the staff of qinghe has the id somebody; give"),
            (["--balance", "--helper", "t.li", "--helper", "t.wuu"], "did you mean t.wu?"),
            (["--balance", "--helper", "p-010"], "p-010 is a pupil"),
        ],
    )
    def test_only_staff_helps(self, cw, school, argv, told):
        """Nobody is paired with somebody whom the school does not know, or with a pupil; it says who may be meant."""
        before = dump(school)
        found = cw("pair", *argv, "--as", "t.lu")

        assert 3 == found.code
        assert told in found.err
        assert before == dump(school)

    def test_holder_of_a_seat_may_help(self, ok, school):
        """Whoever casework.toml names is known as well as the staff of the roster."""
        path = school / "casework.toml"
        text = path.read_text(encoding="utf-8").replace('leading_group = "t.lu"', 'leading_group = "visitor"')
        path.write_text(text, encoding="utf-8")

        assert "visitor" == ok("pair", "p-010", "visitor", "--as", "t.shen")["events"][0]["lead"]

    def test_balance_pairs_who_has_nobody(self, ok, cw):
        """Every open case without a lead gets one, evenly; a second time nobody is left."""
        found = ok("pair", "--balance", "--as", "t.shen")

        assert (["p-010", "p-032"], []) == (sorted(found["paired"]), found["not_paired"])
        assert "every open case has a lead helper" in cw("pair", "--balance", "--as", "t.shen").out

    def test_named_helpers(self, ok):
        """The helpers may be named."""
        found = ok("pair", "--balance", "--helper", "t.ma", "--helper", "t.gao", "--as", "t.shen")

        assert {"t.ma", "t.gao"} == set(found["paired"].values())

    def test_who_is_implicated_is_passed_over(self, ok, cw):
        """A child whose only named helper is implicated stays unpaired, and is named to whoever may know."""
        ok("concern", "p-010", "bruises:high", "--implicates", "t.ma", "--as", "t.li")

        assert ["p-010"] == ok("pair", "--balance", "--helper", "t.ma", "--as", "t.shen")["not_paired"]
        assert "pair these by hand: p-010" in cw("pair", "--balance", "--helper", "t.ma", "--as", "t.shen").out

    def test_members_and_the_end(self, ok):
        """A helping group has members, and ends with a reason."""
        ok("pair", "p-002", "t.wu", "--member", "t.li", "--as", "t.lu")
        ok("unpair", "p-002", "--because", "moved_class", "--as", "t.lu")
        found = ok("show", "p-002", "--as", "t.li")["pairings"]

        assert ("t.wu", ["t.li"], "moved_class") == (found[-1]["lead"], found[-1]["members"], found[-1]["because"])

    @pytest.mark.parametrize(
        "argv",
        [["pair"], ["pair", "p-010"], ["pair", "p-010", "t.li", "--helper", "t.wu"], ["pair", "p-010", "--balance"]],
    )
    def test_half_a_command_is_refused(self, cw, argv):
        """A child and a lead, or --balance: nothing in between."""
        assert 2 == cw(*argv, "--as", "t.lu").code

    def test_no_teacher_is_known(self, cw, school):
        """In a school that began without a roster the helpers have to be named."""
        path = school / "casework.toml"
        path.write_text(path.read_text(encoding="utf-8").replace('"qinghe"', '"another"'), encoding="utf-8")
        begun = cw("identify", "p-010", "--away", "both", "--as", "t.lu")
        found = cw("pair", "--balance", "--as", "t.lu")

        assert (0, 2) == (begun.code, found.code)
        assert "name helpers" in found.err


class TestCase:
    def test_key_child_begins_and_ends(self, ok):
        """A key child is designated with a reason, and is none any more with another."""
        ok("key", "p-002", "--because", "orphan", "--as", "t.lu")
        began = ok("show", "p-002", "--as", "t.lu")["key_child"]
        ok("key", "p-002", "--because", "better", "--end", "--as", "t.lu")

        assert (True, False) == (began, ok("show", "p-002", "--as", "t.lu")["key_child"])

    def test_facts_change(self, ok, cw):
        """A parent left, the class changed, the child boards no longer."""
        ok("facts", "p-010", "--away", "both", "--class", "c2", "--household", "h-1", "--boarder", "--as", "t.li")
        gone = cw("show", "p-010", "--as", "t.li")
        ok("facts", "p-010", "--no-boarder", "--as", "t.zhang")
        found = ok("show", "p-010", "--as", "t.zhang")

        assert ("both", "c2", "h-1", False) == tuple(found[k] for k in ("away", "class", "household", "boarder"))
        assert 3 == gone.code
        assert 2 == cw("facts", "p-010", "--as", "t.zhang").code

    def test_obligation_is_excused(self, ok, cw):
        """An open obligation is excused with the reason."""
        key = "D10/2026-autumn:OPEN"
        ok("excuse", "p-010", key, "--because", "in_hospital", "--as", "t.lu")

        assert "excused" == ok("show", "p-010", "--as", "t.lu")["obligations"][key]["status"]
        assert 1 == cw("excuse", "p-010", key, "--because", "in_hospital", "--as", "t.lu").code
        assert 3 == cw("excuse", "p-010", "D10/x", "--because", "in_hospital", "--as", "t.lu").code

    def test_case_is_closed_and_opened_again(self, ok, cw):
        """A case is closed with a reason, and opened again with its memory."""
        ok("close", "p-002", "--because", "moved_away", "--as", "t.lu")
        closed = ok("show", "p-002", "--as", "t.lu")
        ok("reopen", "p-002", "--because", "came_back", "--as", "t.lu")

        assert ("closed", "filed") == (closed["state"], ok("show", "p-002", "--as", "t.lu")["state"])
        assert 1 == cw("reopen", "p-002", "--because", "came_back", "--as", "t.lu").code

    def test_case_is_named_by_its_public_id_too(self, ok, cw):
        """The public id of a case stands for its child."""
        id_ = ok("show", "p-002", "--as", "t.li")["id"]

        assert "p-002" == ok("show", id_, "--as", "t.li")["child"]
        assert 3 == cw("show", "6f2cf0f5-0c3d-5d0e-9a57-1a7f2d0a4c11", "--as", "t.li").code

    def test_key_carries_a_command_out_once(self, ok, cw):
        """A command that is repeated with its key does nothing more."""
        argv = ("record", "p-002", "call", "--reached", "--key", "k-1", "--as", "t.li")
        first, second = ok(*argv), ok(*argv)

        assert (False, True) == (first["repeated"], second["repeated"])
        assert "nothing was done again" in cw(*argv).out

    @pytest.mark.parametrize(
        ("person", "told"),
        [
            ("t.nobody", "nobody on the staff of qinghe has the id t.nobody; the command goes on"),
            ("t.lii", "did you mean t.li?"),
            ("p-010", "p-010 is a pupil, not a member of staff; the command goes on"),
        ],
    )
    def test_somebody_unknown_who_acts_is_remarked(self, cw, person, told):
        """A report by nobody of the staff, or a pupil by a slip, is taken, with a remark beside the answer."""
        found = cw("concern", "p-002", "homesick", "--as", person)

        assert 0 == found.code
        assert told in found.err
        assert told not in found.out

    def test_rehearsal_has_its_own_present(self, cw):
        """--now takes another instant for the present, also with an offset."""
        assert 0 == cw("today", "--as", "t.li", "--now", "2026-09-10T08:00:00+00:00").code
        assert 2 == cw("today", "--as", "t.li", "--now", "0001-01-01T00:00:00+14:00").code
