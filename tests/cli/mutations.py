"""Command lines spoilt by design and by chance, each with what must come of it; deterministic for a seed.

``mutations(seed, count)`` yields `Mutation`s: lines for a school as `tests.cli.schools.make_school` makes it.
``expected`` is ``same`` (it is done, and says what the line it came from says), ``same-kind`` (it is done),
``refused`` (an exit code from 1 to 5, a message with the mend, nothing stored), or ``either``.
"""

from collections.abc import Callable, Iterator
from random import Random

from attrs import frozen

LINES = (
    ("today", "t.li", "--as", "t.li"),
    ("show", "p-002", "--as", "t.li"),
    ("explain", "p-004", "--as", "t.wu"),
    ("identify", "p-001", "--away", "both", "--class", "c1", "--as", "t.li"),
    ("file", "p-010", "--carer-name", "A", "--carer-relation", "aunt", "--carer-phone", "1", "--as", "t.li"),
    ("pair", "p-010", "t.li", "--member", "t.wu", "--on", "2026-09-09", "--as", "t.lu"),
    (
        "record",
        "p-002",
        "visit",
        "--reached",
        "--met",
        "carer",
        "--minutes",
        "30",
        "--on",
        "2026-09-09",
        "--as",
        "t.li",
    ),
    ("record", "p-004", "call", "--not-reached", "--detail", "line=dead", "--note", "n", "--as", "t.wu"),
    ("concern", "p-002", "homesick:low", "--note", "n", "--as", "t.li"),
    ("raise", "p-010", "missing", "--implicates", "t.wu", "--note", "n", "--as", "t.li"),
    ("respond", "p-032", "--as", "t.fang"),
    ("call-outside", "p-032", "--agency", "police", "--reference", "7", "--at", "2026-09-10T15:00", "--as", "t.fang"),
    (
        "stand-down",
        "p-032",
        "--because",
        "found",
        "--seen-by",
        "t.li",
        "--seen-at",
        "2026-09-10T16:00",
        "--as",
        "t.fang",
    ),
    ("close", "p-002", "--because", "moved_away", "--on", "2026-09-10", "--as", "t.lu"),
    ("summary", "--term", "2026-autumn", "--as", "t.shen"),
    ("apply", "--dry-run", "--as", "t.shen"),
)
"""Lines that are done as they stand."""

TAKES_TEXT = {"--note", "--carer-name", "--carer-phone"}
CODED = ("--because", "--agency", "--carer-relation", "--away", "--term")


@frozen
class Mutation:
    """A spoilt line, and what must come of it."""

    name: str
    argv: tuple[str, ...]
    origin: tuple[str, ...]
    expected: str


Kind = Callable[[Random, tuple[str, ...]], tuple[list[str], str]]


def _options(line: tuple[str, ...]) -> list[int]:
    return [k for k, word in enumerate(line) if word.startswith("--")]


def _valued(line: tuple[str, ...]) -> list[int]:
    """Places of options that are followed by a value."""
    return [k for k in _options(line) if k + 1 < len(line) and not line[k + 1].startswith("--")]


def _changed(line: tuple[str, ...], k: int, *words: str, taken: int = 1) -> list[str]:
    return [*line[:k], *words, *line[k + taken :]]


def command_misspelt(rng, line):
    """A letter of the command is missing."""
    k = rng.randrange(len(line[0]))
    return _changed(line, 0, line[0][:k] + line[0][k + 1 :] or "x"), "refused"


def child_missing(rng, line):
    """The first word after the command is gone."""
    return [line[0], *line[2:]], "either" if line[0] == "today" else "refused"


def child_unknown(rng, line):
    """Another child, of whom nobody has heard."""
    if not line[1].startswith("p-"):
        return [*line, "nobody"], "refused"
    return _changed(line, 1, "p-777"), "same-kind" if line[0] == "raise" else "refused"


def child_impossible(rng, line):
    """An id that cannot be one."""
    wrong = rng.choice(["", "x" * 65, "p-\n002", "p-\x1b[31m", "p-\u202e200"])
    return _changed(line, 1, wrong), "either" if not line[1].startswith("p-") else "refused"


def nobody_acts(rng, line):
    """Who acts is not said."""
    k = line.index("--as")
    return [*line[:k], *line[k + 2 :]], "refused"


def somebody_impossible_acts(rng, line):
    """Who acts cannot be anybody."""
    return _changed(line, line.index("--as") + 1, rng.choice(["", "system", "x" * 65, "t\nli"])), "refused"


def option_misspelt(rng, line):
    """A letter of an option is doubled."""
    k = rng.choice(_options(line))
    place = rng.randrange(2, len(line[k]))
    return _changed(line, k, line[k][:place] + line[k][place - 1 : place] + line[k][place:]), "refused-unless-same"


def value_missing(rng, line):
    """The last option has lost its value."""
    return list(line[:-1]), "refused"


def option_twice(rng, line):
    """An option that is said once is said twice."""
    k = line.index("--as")
    return [*line, line[k], line[k + 1]], "refused"


def one_word_more(rng, line):
    """A text without quotes falls into words."""
    return [*line, "and", "more"], "refused"


def unknown_option(rng, line):
    """An option that no command has."""
    return [*line, rng.choice(["--force", "--yes", "-x", "--as-t.li"])], "refused"


def wrong_day(rng, line):
    """A day that is none."""
    wrong = rng.choice(["2026-02-30", "yesterday", "10/09/2026", "2026-9-9", "20260231", "", "99999-01-01"])
    k = line.index("--on") if "--on" in line else None
    return (_changed(line, k + 1, wrong) if k else [*line, "--on", wrong]), "refused"


def day_to_come(rng, line):
    """A day that has not come yet."""
    k = line.index("--on") if "--on" in line else None
    return (_changed(line, k + 1, "2026-09-11") if k else [*line, "--on", "2026-09-11"]), "refused"


def wrong_present(rng, line):
    """An instant that is none, for the present."""
    return [*line, "--now", rng.choice(["now", "2026-13-01T00:00", "24:00", "0001-01-01T00:00+14:00"])], "refused"


def elsewhere(rng, line):
    """A folder in which there is no school."""
    return [*line, "--dir", rng.choice(["nowhere", "../..", "casework.db", "a\nb"])], "refused"


def wrong_code(rng, line):
    """Free text where a code belongs."""
    here = [k for k in _valued(line) if line[k] in CODED]
    if not here:
        return [*line[:2], "A Text, with: capitals", *line[3:]] if line[0] in {"record", "concern", "raise"} else [
            *line,
            "--because",
            "Because she said so",
        ], "refused"
    return _changed(line, rng.choice(here) + 1, rng.choice(["She said so", "x" * 49, "1st", ""])), "refused"


def wrong_number(rng, line):
    """A number that is none, or impossible."""
    wrong = rng.choice(["many", "-5", "1441", "9" * 30, "1e3", "٣"])
    k = line.index("--minutes") if "--minutes" in line else None
    return (_changed(line, k + 1, wrong) if k else [*line, "--minutes", wrong]), "refused"


def half_a_character(rng, line):
    """A byte that is no UTF-8, or a NUL, within a word."""
    k = rng.randrange(1, len(line))
    return _changed(line, k, line[k] + rng.choice(["\udcff", "\0"])), "refused"


def text_with_tricks(rng, line):
    """Markup, controls, formulas and SQL in a free text stay text."""
    here = [k for k in _valued(line) if line[k] in TAKES_TEXT]
    trick = rng.choice(
        ["[bold]x[/bold]", "=1+1", "'; DROP TABLE casework_cases; --", "\x1b[2J", "%s%n", "../../etc/passwd"]
    )
    if not here:
        return [*line, "--note", trick], "either"
    return _changed(line, rng.choice(here) + 1, trick), "same-kind"


def sql_in_a_word(rng, line):
    """SQL in the place of an id."""
    k = line.index("--as") + 1
    return _changed(line, k, "t.li' OR '1'='1"), "either"


def option_glued(rng, line):
    """An option and its value in one word mean the same."""
    k = rng.choice(_valued(line))
    return _changed(line, k, f"{line[k]}={line[k + 1]}", taken=2), "same"


def options_first(rng, line):
    """Who acts may stand before the command."""
    k = line.index("--as")
    return ["--as", line[k + 1], *line[:k], *line[k + 2 :]], "same"


def options_in_another_order(rng, line):
    """The order of options plays no part."""
    first = min(_options(line))
    groups = []
    for word in line[first:]:
        if word.startswith("--"):
            groups.append([word])
        else:
            groups[-1].append(word)
    rng.shuffle(groups)
    return [*line[:first], *(word for group in groups for word in group)], "same"


def child_in_capitals(rng, line):
    """An id in capitals is the same id."""
    return (_changed(line, 1, line[1].upper()) if line[1].startswith("p-") else list(line)), "same"


def words_swapped(rng, line):
    """Two words have changed places."""
    j, k = sorted(rng.sample(range(1, len(line)), 2))
    words = list(line)
    words[j], words[k] = words[k], words[j]
    return words, "either"


def word_dropped(rng, line):
    """A word is gone."""
    k = rng.randrange(len(line))
    return [*line[:k], *line[k + 1 :]], "either"


def letters_by_chance(rng, line):
    """A word has become another."""
    k = rng.randrange(1, len(line))
    word = "".join(rng.choice("abcxyz-.:= /\\'\"é学\u0301") for _ in range(rng.randrange(1, 90)))
    return _changed(line, k, word), "either"


KINDS: tuple[Kind, ...] = (
    command_misspelt,
    option_glued,
    child_missing,
    child_unknown,
    child_impossible,
    nobody_acts,
    options_first,
    somebody_impossible_acts,
    option_misspelt,
    value_missing,
    option_twice,
    options_in_another_order,
    one_word_more,
    unknown_option,
    wrong_day,
    day_to_come,
    wrong_present,
    child_in_capitals,
    elsewhere,
    wrong_code,
    wrong_number,
    half_a_character,
    text_with_tricks,
    sql_in_a_word,
    words_swapped,
    word_dropped,
    letters_by_chance,
)


def mutations(seed: int, count: int) -> Iterator[Mutation]:
    """``count`` mutations: every kind in turn, each on a line drawn from ``seed``."""
    for k in range(count):
        kind = KINDS[k % len(KINDS)]
        rng = Random(f"{seed}/{k}")  # noqa: S311 - tests must come out the same again
        line = LINES[(k // len(KINDS) + 5 * k) % len(LINES)]
        argv, expected = kind(rng, line)
        if expected == "refused-unless-same":
            expected = "same" if tuple(argv) == line else "refused"
        yield Mutation(f"{k:03d}-{kind.__name__}", tuple(argv), line, expected)
