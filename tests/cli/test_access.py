import json

import pytest

from casework.policy.access import default_access
from tests.cli.schools import CANARY, said


class TestMatrix:
    def test_a_list_of_cells(self, tmp_path, monkeypatch):
        """As JSON it is a list of cells with their five words and whether they are allowed; it needs no school."""
        monkeypatch.chdir(tmp_path)
        found = said("access", "matrix", "--json")
        cells = json.loads(found.out)

        assert 0 == found.code
        assert len(cells) >= 1000
        assert {"role", "relation", "action", "state", "reason", "allowed"} == set(cells[0])
        assert {"class_teacher"} <= {cell["role"] for cell in cells}
        assert {"read_psychology"} <= {cell["action"] for cell in cells}
        assert dict(default_access().cells()) == {
            (c["role"], c["relation"], c["action"], c["state"], c["reason"]): c["allowed"] for c in cells
        }
        assert [] == list(tmp_path.iterdir())

    def test_part_of_it(self, tmp_path, monkeypatch):
        """One role or one action, as a table for people; a word that is none is refused with those there are."""
        monkeypatch.chdir(tmp_path)
        cells = json.loads(
            said("access", "matrix", "--role", "class_teacher", "--action", "read_psychology", "--json").out
        )
        shown = said("access", "matrix", "--action", "read_psychology").out
        wrong = said("access", "matrix", "--role", "teacher")

        assert cells
        assert [] == [cell for cell in cells if cell["allowed"]]
        assert "psychologist" in shown
        assert (2, True) == (wrong.code, "class_teacher" in wrong.err)

    def test_a_table_of_ones_own(self, tmp_path, monkeypatch):
        """It is read from a file, or refused with line and mend."""
        monkeypatch.chdir(tmp_path)
        row = 'roles = ["office"]\nrelations = ["school"]\nactions = ["read_case"]\nstates = ["any"]\n'
        (tmp_path / "own.toml").write_text(f"format = 1\n[[allow]]\n{row}")
        (tmp_path / "bad.toml").write_text(f"format = 1\n[[allow]]\n{row.replace('office', 'porter')}")
        cells = json.loads(said("access", "matrix", "--table", "own.toml", "--json").out)
        bad = said("access", "matrix", "--table", "bad.toml")

        assert {("office", "read_case")} == {(c["role"], c["action"]) for c in cells if c["allowed"]}
        assert bad.code
        assert "bad.toml:2: roles holds 'porter', which is unknown" in bad.err


class TestGlass:
    def test_broken_listed_and_judged(self, cw, ok):
        """Who may not know of the child reads it for an hour; the safeguarding lead finds it and judges it."""
        before = cw("show", "p-002", "--as", "t.ma")
        ok("break-glass", "p-002", "--because", "found_alone", "--as", "t.ma")
        during = cw("show", "p-002", "--as", "t.ma")
        (found,) = ok("glasses", "--as", "t.fang")["glasses"]
        own = cw("judge-glass", "p-002", found["glass"], "justified", "--as", "t.ma")
        judged = cw("judge-glass", "p-002", found["glass"], "justified", "--as", "t.fang")
        after = cw("show", "p-002", "--as", "t.ma", "--now", "2026-09-10T17:01")

        assert (3, 0, 3) == (before.code, during.code, after.code)
        assert CANARY not in during.out
        assert ("p-002", "t.ma", "found_alone") == (found["child"], found["by"], found["because"])
        assert own.code
        assert 0 == judged.code
        assert [] == ok("glasses", "--as", "t.fang")["glasses"]
        assert "nothing waits to be judged" in cw("glasses", "--as", "t.fang").out

    def test_a_list_for_those_who_judge(self, cw):
        """Others are told whom to ask."""
        found = cw("glasses", "--as", "t.ma")

        assert (1, True) == (found.code, "safeguarding_lead" in found.err)


class TestAudit:
    def test_who_read_what(self, cw, ok):
        """About a child for a guardian, about a reader after a breach; with what kind of text, and why."""
        note = ok("show", "p-002", "--as", "t.li")["activity_log"]
        ref = next(act["note"]["sealed"] for act in note.values() if act["note"])
        ok("read", "p-002", ref, "--reason", "before the visit", "--as", "t.li")
        shown = cw("audit", "p-002", "--reason", "request", "--as", "t.fang")
        (found,) = ok(
            "audit", "--reader", "t.li", "--since", "2026-09-01T00:00", "--reason", "breach", "--as", "t.shen"
        )["readings"]

        assert ("p-002", "t.li", "note", "before the visit") == tuple(
            found[k] for k in ("child", "reader", "kind", "reason")
        )
        assert "before the visit" in shown.out
        assert CANARY not in shown.out
        assert [] == ok("audit", "p-010", "--reason", "request", "--as", "t.fang")["readings"]

    @pytest.mark.parametrize(
        ("argv", "person", "code", "told"),
        [
            (["--reason", "request"], "t.fang", 2, "say about whom"),
            (["p-002", "--reason", "curious"], "t.fang", 2, "request"),
            (["p-002", "--reason", "request"], "t.li", 1, "safeguarding_lead"),
            (["p-002"], "t.fang", 2, "--reason"),
        ],
    )
    def test_refusals_say_the_mend(self, cw, argv, person, code, told):
        """Who may not, or does not say why, is told what to say."""
        found = cw("audit", *argv, "--as", person)

        assert code == found.code
        assert told in found.err


class TestWhatWasFoundWrong:
    def test_a_slip_in_the_part_about_delivery_stops_no_alarm(self, cw, ok, school):
        """The alarm is stored; whoever delivers is told the line and what to do."""
        with (school / "casework.toml").open("a", encoding="utf-8") as file:
            file.write('\n[delivery.mail]\nhost = "localhost"\nsender = "a@b.example"\nport = "25"\n')

        assert ok("raise", "p-010", "missing", "--as", "t.li")["emergency"]
        found = cw("deliver")
        assert found.code
        assert "delivery.mail.port" in found.err

    def test_a_child_that_may_not_be_seen_reads_like_one_that_is_not_there(self, cw):
        """On the roll or not, with a case or without."""
        said_of = [cw("show", child, "--as", "t.ma").err.replace(child, "?") for child in ("p-002", "p-001", "p-999")]

        assert 1 == len(set(said_of))

    def test_a_hand_over_of_nobody_is_remarked(self, cw):
        """Nothing in a name that nobody has proves nothing."""
        found = cw("hand-over", "t.maa", "--because", "left", "--to", "t.wu", "--as", "t.shen")

        assert 0 == found.code
        assert "nobody on the staff of qinghe has the id t.maa" in found.err

    def test_an_export_is_not_written_over(self, cw, ok, school):
        """A second one into the same folder is refused before anything leaves."""
        ok("export", "out", "--as", "t.shen")
        found = cw("export", "out", "--named", "--reason", "court_order", "--as", "t.shen")

        assert (2, True) == (found.code, "none is written over" in found.err)
