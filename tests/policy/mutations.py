"""Mutations of the shipped packs, by seed: what happens to a file in a school's hands, and what an attacker does."""

import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from random import Random

from casework.policy import shipped_packs

Mutator = Callable[[Random, str], str | bytes]

KEY = re.compile(r"\b([a-z_]+)(?= = )")
TEXT = re.compile(r'"([^"\n]*)"')
NUMBER = re.compile(r"\b\d+\b(?= (?:td|days|min|h)\b)|(?<== )\d+\b")
LENGTH = re.compile(r"(?<=\d )(td|days|min|h)\b")


def mutations(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Yield ``count`` mutated packs, each with a name that says what was done to which; the same for the same seed."""
    rng = Random(seed)  # noqa: S311 - a drawing that can be repeated
    packs = {name: (files("casework.policy") / "packs" / f"{name}.toml").read_text("utf-8") for name in shipped_packs()}
    mutators = list(MUTATORS)
    for k in range(count):
        mutator = mutators[k % len(mutators)]
        name = rng.choice(sorted(packs))
        made = mutator(rng, packs[name])
        yield f"{k}: {mutator.__name__} in {name}", made if isinstance(made, bytes) else made.encode()


def _put(match: re.Match[str], new: str) -> str:
    return match.string[: match.start()] + new + match.string[match.end() :]


def _any(rng: Random, pattern: re.Pattern[str], text: str) -> re.Match[str]:
    return rng.choice(list(pattern.finditer(text)))


def misspell_key(rng: Random, text: str) -> str:
    """A letter of a key is left out."""
    key = _any(rng, KEY, text)
    return _put(key, key[0][:-1])


def misspell_word(rng: Random, text: str) -> str:
    """Two letters of a quoted word change places."""
    word = _any(rng, re.compile(r'"\w{4,}"'), text)
    at = rng.randrange(1, len(word[0]) - 2)
    return _put(word, word[0][:at] + word[0][at + 1] + word[0][at] + word[0][at + 2 :])


def swap_values(rng: Random, text: str) -> str:
    """Two quoted values change places."""
    one, other = sorted(rng.sample(list(TEXT.finditer(text)), 2), key=lambda match: match.start())
    return text[: one.start()] + other[0] + text[one.end() : other.start()] + one[0] + text[other.end() :]


def unquote(rng: Random, text: str) -> str:
    """A text loses its quotes."""
    value = _any(rng, TEXT, text)
    return _put(value, value[1])


def change_type(rng: Random, text: str) -> str:
    """A text becomes something else."""
    return _put(_any(rng, TEXT, text), rng.choice(["true", "17", "1.5", "[]", "{}", "2026-09-01", "nan", "[[[]]]"]))


def change_number(rng: Random, text: str) -> str:
    """A number becomes another: nothing, one more, far too much."""
    number = _any(rng, NUMBER, text)
    return _put(
        number, rng.choice(["0", str(int(number[0]) + 1), str(int(number[0]) * 1000), f"-{number[0]}", "9" * 60])
    )


def change_unit(rng: Random, text: str) -> str:
    """A unit is mistyped, or is another one."""
    return _put(_any(rng, LENGTH, text), rng.choice(["dt", "TD", "day", "days", "weeks", "h", "", "td td"]))


def drop_line(rng: Random, text: str) -> str:
    """A line is lost."""
    lines = text.splitlines(keepends=True)
    del lines[rng.randrange(len(lines))]
    return "".join(lines)


def repeat_line(rng: Random, text: str) -> str:
    """A line stands twice."""
    lines = text.splitlines(keepends=True)
    at = rng.randrange(len(lines))
    return "".join([*lines[:at], lines[at], *lines[at:]])


def repeat_duty(rng: Random, text: str) -> str:
    """A duty stands twice, the second time below the first."""
    duties = text.split("[[duty]]")
    at = rng.randrange(1, len(duties))
    return "[[duty]]".join([*duties[: at + 1], *duties[at:]])


def drop_duty(rng: Random, text: str) -> str:
    """A duty is lost, which is nobody's mistake."""
    duties = text.split("[[duty]]")
    del duties[rng.randrange(1, len(duties))]
    return "[[duty]]".join(duties)


def cut(rng: Random, text: str) -> bytes:
    """The file ends in the middle."""
    data = text.encode()
    return data[: rng.randrange(len(data))]


def insert_byte(rng: Random, text: str) -> bytes:
    """A byte has slipped in."""
    data = text.encode()
    at = rng.randrange(len(data))
    return data[:at] + rng.choice([b"\0", b"\xff", b'"', b"[", b"}", b"=", b"\r", b"\x1b", b"'''"]) + data[at:]


def other_encoding(rng: Random, text: str) -> bytes:
    """The file was saved by an editor that means well."""
    text = text.replace("A ", "一所学校 A ", 1)
    how = rng.choice(["utf-16", "gb18030", "utf-8-sig", "utf-8"])
    return text.replace("\n", rng.choice(["\n", "\r\n"])).encode(how)


def long_key(rng: Random, text: str) -> str:
    """A key of forty thousand dots (reliability.md, T22), bare or quoted."""
    return ".".join([rng.choice(["a", '""', "'b'"])] * 40_000) + " = 1\n" + text


def deep_value(rng: Random, text: str) -> str:
    """Brackets within brackets, as many as the file may hold."""
    return f"deep = {rng.choice('[{') * rng.choice([20, 100_000])}\n{text}"


def long_digits(rng: Random, text: str) -> str:
    """A number of more digits than Python turns into one."""
    return _put(_any(rng, re.compile(r"(?<== )\d+"), text), "9" * rng.choice([200, 5000]))


def too_large(rng: Random, text: str) -> str:
    """The file grows beyond any pack."""
    return text + "# more\n" * rng.choice([40_000, 60_000])


def many_keys(rng: Random, text: str) -> str:
    """Thousands of keys that nobody knows; now and then as many as the file may hold."""
    return "".join(f"{rng.choice('abc')}{k} = {k}\n" for k in range(rng.choice([1_500, 1_500, 15_000]))) + text


def mix_window(rng: Random, text: str) -> str:
    """A window is given a second start, or a key that says nothing in it."""
    more = rng.choice(
        ['every = "9 days", ', 'on = ["concern"], ', 'within = "5 td", ', 'only = "key_child", ', "x = 1, "]
    )
    window = _any(rng, re.compile(r"(?<=\n  \{ )"), text)
    return _put(window, more)


def harmless(rng: Random, text: str) -> str:
    """Comments, spaces and another order of keys change nothing."""
    lines = [f"{line}  # {rng.randrange(9)}" if line.endswith('"') else line for line in text.splitlines()]
    return "\n".join(lines).replace(" = ", "  =\t").replace("\n\n", "\n\n\n") + "\n"


MUTATORS: tuple[Mutator, ...] = (
    misspell_key,
    misspell_word,
    swap_values,
    unquote,
    change_type,
    change_number,
    change_unit,
    drop_line,
    repeat_line,
    repeat_duty,
    drop_duty,
    cut,
    insert_byte,
    other_encoding,
    long_key,
    deep_value,
    long_digits,
    too_large,
    many_keys,
    mix_window,
    harmless,
)
