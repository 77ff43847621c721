"""What is typed into a text stays sealed: no command shows it, however it ends, but the one that reads it by name."""

import inspect
from typing import get_args

import pytest

from casework.cli.cards import Card
from casework.cli.commands import GROUPS
from casework.cli.daily import Words
from casework.cli.options import Text
from tests.cli.schools import done, said
from tests.system.canaries import MARK, seen

pytestmark = pytest.mark.unmeasured

AS = ("--as", "t.li")
HEAD = ("--as", "t.lu")
OF_THE_HEAD = frozenset(("hold", "programme", "review"))
"""Commands that are not a class teacher's."""


def acting(words):
    """Who gives this command."""
    return HEAD if words[0] in OF_THE_HEAD else AS


DAY = "2026-09-10"
ENTERED = (
    ("file", "p-010", "--carer-name", "{}", "--carer-relation", "aunt", "--carer-phone", "{}"),
    ("card", "p-010", "--carer-name", "{}", "--carer-relation", "aunt", "--carer-phone", "{}"),
    ("record", "p-010", "talk", "--reached", "--note", "{}", "--words", "{}"),
    ("correct", "p-002", "{activity}", "--because", "typo", "--note", "{}", "--words", "{}"),
    ("concern", "p-010", "homesick", "--note", "{}"),
    ("gather", "symposium", "--present", "p-010", "--note", "{}"),
    ("examine", "p-010", "--height", "131.5", "--note", "{}"),
    ("refer", "p-010", "psychology", "--because", "grief", "--urgent", "--note", "{}"),
    ("accept", "p-010"),
    ("session", "p-010", "--note", "{}"),
    ("plan", "p-010", "--review", "2026-10-10", "--note", "{}"),
    ("raise", "p-010", "injury", "--note", "{}"),
    ("ack", "p-010"),
    ("stand-down", "p-010", "--because", "found", "--seen-by", "t.li", "--seen-at", f"{DAY}T16:00"),
    ("review", "p-010", "--lessons", "{}"),
    ("hold", "p-010", "--because", "court_case", "--note", "{}"),
    ("programme", "review", "--note", "{}", "--now", "2027-01-20T16:00"),
    ("programme", "summarise", "--note", "{}", "--now", "2027-01-20T16:00"),
)
"""A line for every text that can be typed; ``{}`` stands for one."""

LOOKED = (
    ("today",),
    ("today", "t.li"),
    ("show", "p-010"),
    ("show", "p-002"),
    ("explain", "p-010"),
    ("gathering",),
    ("programme",),
    ("summary", "--term", "2026-autumn"),
    ("doctor",),
    ("verify",),
    ("sweep",),
    ("apply", "--dry-run"),
    ("policy", "show", "town-primary"),
    ("statistics",),
    ("summary", "--district"),
    ("export", "out"),
    ("export", "named", "--named", "--reason", "to_look"),
)
REFUSED = (
    ("file", "p-010", "{}", "--carer-name", "{}"),
    ("file", "p-010", "--carer-name", "{}", "--carer-relation", "{}", "--carer-phone", "{}"),
    ("record", "{}", "talk", "--reached"),
    ("record", "p-010", "{}", "--reached"),
    ("record", "p-010", "talk", "{}", "--reached"),
    ("record", "p-010", "talk", "--reached", "--mood", "{}"),
    ("record", "p-010", "talk", "--reached", "--detail", "home={}"),
    ("record", "p-010", "talk", "--reached", "--detail", "{}"),
    ("record", "p-010", "talk", "--reached", "--minutes", "{}"),
    ("record", "p-010", "talk", "--reached", "--on", "{}"),
    ("record", "p-010", "talk", "--reached", "--note", "{}", "--note", "{}"),
    ("record", "p-010", "talk", "--reached", "--nota", "{}"),
    ("record", "p-010", "talk", "--reached", "--with", "{}", "--words", "{}"),
    ("correct", "p-002", "{}", "--because", "typo"),
    ("correct", "p-002", "{activity}", "--because", "{}"),
    ("concern", "p-010", "{}"),
    ("concern", "p-010", "homesick:{}"),
    ("excuse", "p-010", "{}", "--because", "{}"),
    ("excuse", "p-010", "{}", "--because", "ill"),
    ("read", "p-010", "{}", "--reason", "curious"),
    ("show", "{}"),
    ("raise", "p-010", "{}"),
    ("ack", "p-010", "{}"),
    ("refer", "p-010", "{}", "--because", "grief"),
    ("session", "p-010", "{}"),
    ("screen", "p-010", "{}", "3"),
    ("programme", "reopen", "--because", "{}", "--now", "2027-01-20T16:00"),
    ("programme", "{}"),
    ("summary", "--term", "{}"),
    ("identify", "{}", "--away", "both"),
    ("identify", "{}"),
    ("export", "out", "--named", "--reason", "{}"),
    ("hold", "p-010", "--because", "{}"),
    ("hold", "p-010", "--release", "{}", "--because", "settled"),
    ("retain", "p-010", "{}", "--because", "over"),
    ("retain", "p-010", "keep", "--until", "{}", "--because", "over"),
    ("consent", "p-010", "given", "--purpose", "{}"),
    ("consent", "p-010", "{}", "--purpose", "photographs"),
    ("{}",),
)
"""Lines in which a text stands where something else is taken."""


def typed_texts():
    """Yield each option of each command that takes text to be sealed."""
    for _, commands in GROUPS:
        for command in commands:
            for parameter in inspect.signature(command.load()).parameters.values():
                kind = parameter.annotation
                if kind == Words or (
                    get_args(kind)[:1] == get_args(Text)[:1] and set(get_args(Text)) <= set(get_args(kind))
                ):
                    yield command.name, f"--{parameter.name}"
                elif Card in get_args(kind):
                    yield from ((command.name, f"--{name}") for name in ("carer-name", "carer-phone"))


def lines(wanted, ids):
    """The lines with a text of its own at each place."""
    for number, words in enumerate(wanted):
        yield tuple(
            word.replace("{activity}", ids["activity"]).replace("{}", f"{MARK}{number}.{place} er fürchtet sich")
            for place, word in enumerate(words)
        )


class TestTypedTexts:
    def test_every_option_for_text_is_typed(self):
        """The lines of this module hold every option of every command that takes text to be sealed."""
        options = {
            (words[0], words[place - 1]) for words in ENTERED for place, word in enumerate(words) if word == "{}"
        }

        assert set(typed_texts()) == options

    def test_no_command_shows_a_text(self, school, ids, tmp_path):
        """What is entered, looked at, exported and refused shows none of it, to whom it is not read by name."""
        shown = {}

        def look(*words):
            found = said(*words)
            if leaked := seen(found.out + found.err):
                shown[" ".join(words)[:60]] = leaked
            return found

        for words in lines(ENTERED, ids):
            assert 0 == look(*words, *acting(words), "--json", "--debug").code
        for who, how in (("t.wu", ()), ("t.lu", ()), ("nobody", ("--json", "--debug"))):
            for words in LOOKED:
                by = () if words[0] in {"doctor", "verify", "sweep", "policy"} else ("--as", who)
                look(*words, *by, *how)
        for words in lines(REFUSED, ids):
            look(*words, *acting(words), "--json", "--debug")
        assert {} == {
            path.name: hit for path in school.rglob("*") if path.is_file() and (hit := seen(path.read_bytes()))
        }
        found = look("simulate", "--children", "4", "--helpers", "2", "--seed", "1", "--json")

        assert 0 == found.code
        assert "made up" not in found.out
        assert {} == shown

    def test_files_of_the_school_hold_none(self, school, ids):
        """The folder of the school holds no text, in no file: neither database nor journal nor settings."""
        for words in lines(ENTERED[:5], ids):
            done(*words, *acting(words))

        assert {} == {
            path.name: found for path in school.rglob("*") if path.is_file() and (found := seen(path.read_bytes()))
        }

    def test_text_is_read_by_name(self, school, ids):
        """A text that was typed is there: who opens it by its reference, with a reason, reads it."""
        (words,) = lines(ENTERED[4:5], ids)
        done(*words, *AS)
        (concern,) = done("show", "p-010", *AS)["concern_log"].values()

        found = said("read", "p-010", concern["note"]["sealed"], "--reason", "to see", *AS).out

        assert words[-1] in found
        assert seen(found)
