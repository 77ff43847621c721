import gc
import json
import subprocess
import sys

import pytest

import casework.cli
from casework.cli import main, run
from casework.cli.answer import Answer
from casework.cli.commands import GROUPS
from casework.cli.exits import INTERRUPTED
from tests.cli.schools import said


class TestMain:
    def test_help_and_version_are_told(self):
        """Help lists the commands by group, the version is the library's."""
        assert 0 == said("--help").code
        assert 0 == said().code
        assert "stand-down" in said("--help").out
        assert f"casework {casework.__version__}\n" == said("--version").out

    def test_missing_extra_is_explained(self, monkeypatch, capsys):
        """Without cyclopts the program says how to install it."""
        monkeypatch.delitem(sys.modules, "casework.cli.run")
        monkeypatch.setitem(sys.modules, "cyclopts", None)

        assert 2 == main(["today"])
        assert "pip install 'casework[cli]'" in capsys.readouterr().err

    def test_other_missing_module_is_no_missing_extra(self, monkeypatch):
        """A module of our own that is missing is not blamed on the extra."""
        monkeypatch.setitem(sys.modules, "casework.cli.run", None)

        with pytest.raises(ModuleNotFoundError):
            main(["today"])

    def test_module_runs_as_a_program(self):
        """`python -m casework.cli` is the same program."""
        argv = [sys.executable, "-m", "casework.cli", "diagram", "emergency", "--json"]
        ended = subprocess.run(argv, capture_output=True, text=True, check=True)

        assert json.loads(ended.stdout)["mermaid"].startswith("stateDiagram-v2")

    def test_arguments_default_to_those_of_the_program(self, monkeypatch, capsys):
        """As an entry point the program reads its own arguments."""
        monkeypatch.setattr(sys, "argv", ["casework", "diagram"])

        assert 0 == main()
        assert capsys.readouterr().out.startswith("stateDiagram-v2")

    def test_reader_that_goes_away_is_no_error(self):
        """A pipe that is closed early ends the program without a word."""
        argv = [sys.executable, "-m", "casework.cli", "policy", "show", "school", "--json"]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as ended:
            ended.stdout.close()
            said_last = ended.stderr.read()

        assert "" == said_last


class TestErrors:
    @pytest.mark.parametrize(
        ("argv", "told"),
        [
            (["tody"], "did you mean today?"),
            (["Lin said she is sad"], "no such command; see `casework --help`"),
            (["diagram", "Lin"], "WHICH cannot be read: it takes case, emergency, referral, programme;"),
            (["diagram", "case", "Lin", "is"], "more words than it takes"),
            (["diagram", "--linn"], "--linn is no option"),
            (["show"], "CHILD is missing"),
            (["show", "p-1", "--as"], "--as is missing"),
            (["show", "p-1", "--as", "a", "--as", "b"], "more than once"),
            (["record", "p-1", "visit", "--reached", "--on", "Lin"], "write it as 2026-09-14"),
            (["record", "p-1", "visit", "--reached", "--minutes", "Lin"], "no whole number"),
            (["record", "p-1", "visit", "--reached=Lin"], "cannot be read"),
        ],
    )
    def test_wrong_line_is_refused_without_repeating_it(self, argv, told):
        """What cannot be read is refused with the option that is meant, never with the words that were typed."""
        found = said(*argv)

        assert 2 == found.code
        assert told.lower() in found.err.lower()
        assert "Lin " not in found.err.replace("--linn", "")
        assert "" == found.out

    def test_refusal_is_json_for_machines(self):
        """With --json also a refusal is JSON, and the message stands on standard error as well."""
        found = said("show", "p-1", "--dir", "nowhere", "--as", "t.li", "--json")

        assert {"error", "exit", "message"} == set(found.json)
        assert 3 == found.code == found.json["exit"]
        assert found.json["message"] in found.err

    def test_shared_options_may_stand_first(self, school):
        """Shared options are understood before the command as well as after it."""
        before = said("--as", "t.li", "--json", "today")
        after = said("today", "--as=t.li", "--json")

        assert 0 == before.code
        assert before == after

    @pytest.fixture
    def broken(self, monkeypatch):
        """Let the next command raise this."""

        def raises(error):
            def carry_out(argv):
                raise error

            monkeypatch.setattr(run, "carry_out", carry_out)

        return raises

    def test_mistake_of_ours_shows_no_traceback(self, broken):
        """A mistake in casework is named by its kind; --debug shows where it is."""
        broken(RuntimeError("Lin said so"))

        assert (70, "") == (said("today").code, said("today").out)
        assert "Traceback" not in said("today").err
        assert "Lin" not in said("today").err
        assert "Traceback" in said("today", "--debug").err

    def test_interrupt_ends_quietly(self, broken):
        """An interrupt from the keyboard ends with the code that shells expect."""
        broken(KeyboardInterrupt())

        assert 130 == said("today").code

    def test_nothing_to_print_is_fine(self, monkeypatch):
        """A command that prints by itself answers nothing more."""
        monkeypatch.setattr(run, "carry_out", lambda argv: (None, False))

        assert (0, "") == (said("today").code, said("today").out)

    def test_answer_decides_the_code(self, monkeypatch):
        """A command may end with a code of its own."""
        monkeypatch.setattr(run, "carry_out", lambda argv: (Answer({}, code=6), True))

        assert (6, "{}\n") == (said("today").code, said("today").out)


@pytest.mark.unmeasured
class TestStart:
    def test_every_command_of_the_list_is_there(self):
        """Each command that the list names is there and says what it does; its help lists its options."""
        silent = [command.name for _, commands in GROUPS for command in commands if not command.load().__doc__]

        assert [] == silent
        assert "--from-roll" in said("identify", "--help").out
        assert "--from-roll" in said("--help", "identify").out
        assert "PACKS" in said("policy", "show", "--help").out

    @pytest.fixture
    def loaded_by(self):
        """Run commands in a program of their own: the exit codes, and which of these modules were loaded for them."""

        def run_all(lines, modules):
            program = (
                "import sys\n"
                "from casework.cli import main\n"
                f"codes = [main(line) for line in {lines!r}]\n"
                f"print(codes, [name for name in {modules!r} if name in sys.modules], file=sys.stderr)\n"
            )
            ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
            return ended.stderr.splitlines()[-1]

        return run_all

    def test_help_and_wrong_lines_load_neither_engine_nor_database(self, loaded_by):
        """What is answered without a school's folder is answered at once: nothing heavy is loaded for it."""
        lines = [
            ["--help"],
            ["tody"],
            ["diagram", "x"],
            ["record", "p-1", "visit"],
            ["today", "--no"],
            ["today"],
            ["raise"],
        ]
        heavy = ["sqlalchemy", "alembic", "cryptography", "transitions", "casework.engine", "casework.store"]

        assert f"{[0, 2, 2, 2, 2, 2, 2]} []" == loaded_by(lines, heavy)

    def test_day_of_a_teacher_loads_no_migrations_and_no_simulator(self, loaded_by, school):
        """A command on the records loads what it needs, not what others need."""
        others = ["alembic", "sqlalchemy.orm", "casework.simulate", "casework.interchange", "hypothesis"]

        assert "[0] []" == loaded_by([["today", "--as", "t.li"]], others)

    def test_program_leaves_the_interpreter_as_it_was(self):
        """Whoever calls the program from their own finds the collection of garbage as often as before."""
        before = gc.get_threshold()
        said("diagram")

        assert before == gc.get_threshold()

    def test_interrupt_while_it_loads_ends_quietly(self, monkeypatch, capsys):
        """An interrupt before the program is loaded ends it with the code that shells expect, and no traceback."""

        class Interrupting:
            def find_spec(self, name, path=None, target=None):
                if name == "casework.cli.run":
                    raise KeyboardInterrupt

        monkeypatch.delitem(sys.modules, "casework.cli.run")
        monkeypatch.setattr(sys, "meta_path", [Interrupting(), *sys.meta_path])

        assert INTERRUPTED == main(["today"])
        assert "" == capsys.readouterr().err
