"""TOML text to plain values and the line of each, held to limits before the parser sees it (reliability.md, T22)."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import NamedTuple, NoReturn

from attrs import define, field, frozen

from casework.errors import PolicyRefused, Problem

MOST_BYTES = 256 * 1024
MOST_DOTS = 8
MOST_DEPTH = 16
LONGEST_WORD = 128

Key = tuple[str | int, ...]
"""The way to a value: names of tables and keys, and indices of arrays."""

_TOKEN = re.compile(
    r'''
      (?P<string>"""(?:[^\\]|\\[\s\S])*?"""(?:"{0,2})|\'\'\'[\s\S]*?\'\'\'(?:'{0,2})|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')
    | (?P<skip>\#[^\n]*|[ \t\r]+)
    | (?P<newline>\n)
    | (?P<mark>[\[\]{}=,.])
    | (?P<word>[^\s\[\]{}=,."'\#]+)
    | (?P<stray>[\s\S])
    ''',
    re.VERBOSE,
)
_AT = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


@frozen
class Document:
    """What a TOML text says: ``values`` as tomllib reads them, ``lines`` the line (from 1) of each key and element."""

    values: Mapping[str, object]
    lines: Mapping[Key, int]


def read_toml(data: bytes, origin: str) -> Document:
    """Read the bytes of a pack; raises `PolicyRefused` with place and mend for whatever is no TOML we would parse."""
    text = _decoded(data, origin)
    tokens = list(_tokens(text))
    _check_limits(tokens, origin)
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        said = str(error)
        at = _AT.search(said)
        line = text.count("\n") + 1 if at is None or at[1] is None else int(at[1])
        what = f"this is not TOML: {_AT.sub('', said)[:120]}"
        _refuse(f"{origin}:{line}", what, "mend that line; texts stand in quotes, lists in [ ]", error)
    return Document(values, _Walk(tokens).lines())


def _decoded(data: bytes, origin: str) -> str:
    if len(data) > MOST_BYTES:
        _refuse(origin, f"the file is larger than {MOST_BYTES // 1024} KiB", "divide it into several packs")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = f"{origin}:{data.count(10, 0, error.start) + 1}"
        _refuse(place, f"byte {error.start + 1} of the file is not UTF-8", "save the file as UTF-8", error)
    if "\0" in text:
        place = f"{origin}:{text.count(chr(10), 0, text.index(chr(0))) + 1}"
        _refuse(place, "there is a NUL character", "save the file as plain text in UTF-8")
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _refuse(place: str, what: str, mend: str, cause: Exception | None = None) -> NoReturn:
    raise PolicyRefused([Problem(place, what, mend)]) from cause


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        kind, found = match.lastgroup or "stray", match[0]
        if kind != "skip":
            yield _Token(kind, found, line)
            if kind in {"newline", "string"}:
                line += found.count("\n")


def _check_limits(tokens: list[_Token], origin: str) -> None:
    dots = depth = 0
    for kind, text, line in tokens:
        if kind == "word" and len(text) > LONGEST_WORD:
            what, mend = f"a word of {len(text)} characters", f"keep words within {LONGEST_WORD} characters"
            _refuse(f"{origin}:{line}", what, mend)
        if kind in {"mark", "newline"}:
            dots = dots + 1 if text == "." else 0
            depth += (text in {"[", "{"}) - (text in {"]", "}"})
        if dots > MOST_DOTS:
            what, mend = f"a key of more than {MOST_DOTS} dots", "no key of a pack needs more than two"
            _refuse(f"{origin}:{line}", what, mend)
        if depth > MOST_DEPTH:
            what, mend = f"brackets nested more than {MOST_DEPTH} deep", "no value of a pack needs more than three"
            _refuse(f"{origin}:{line}", what, mend)


@define
class _Walk:
    """A second reading of text that tomllib has accepted, for the lines that it does not tell."""

    tokens: list[_Token]
    at: int = 0
    found: dict[Key, int] = field(factory=dict)
    last: dict[Key, int] = field(factory=dict)

    def lines(self) -> dict[Key, int]:
        table: Key = ()
        while (token := self._peek()) is not None:
            if token.kind == "newline":
                self.at += 1
            elif token.text == "[":
                table = self._header(token)
            else:
                self._pair(table)
        return self.found

    def _peek(self) -> _Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _next_is(self, *texts: str) -> bool:
        token = self._peek()
        return token is not None and token.kind != "string" and token.text in texts

    def _header(self, first: _Token) -> Key:
        self.at += 1
        many = self._next_is("[")
        self.at += many
        path: Key = ()
        names = self._names()
        for k, name in enumerate(names, 1):
            path = (*path, name)
            self.found.setdefault(path, first.line)
            if many and k == len(names):
                self.last[path] = self.last.get(path, -1) + 1
            if path in self.last:
                path = (*path, self.last[path])
            self.found.setdefault(path, first.line)
        self.at += 1 + many
        return path

    def _names(self) -> list[str]:
        names = []
        while not self._next_is("=", "]"):
            token = self.tokens[self.at]
            if token.kind != "mark":
                quoted = token.kind == "string"
                names.append(tomllib.loads(f"name = {token.text}")["name"] if quoted else token.text)
            self.at += 1
        return names

    def _pair(self, table: Key) -> None:
        line = self.tokens[self.at].line
        path = table
        for name in self._names():
            path = (*path, name)
            self.found.setdefault(path, line)
        self.at += 1
        self._value(path)

    def _value(self, path: Key) -> None:
        self.found.setdefault(path, self.tokens[self.at].line)
        if self._next_is("["):
            self._members(path, "]")
        elif self._next_is("{"):
            self._members(path, "}")
        else:
            while (token := self._peek()) is not None and token.kind != "newline" and not self._next_is(",", "]", "}"):
                self.at += 1

    def _members(self, path: Key, end: str) -> None:
        self.at += 1
        k = 0
        while not self._next_is(end):
            if self._next_is(",") or self.tokens[self.at].kind == "newline":
                self.at += 1
            elif end == "}":
                self._pair(path)
            else:
                self._value((*path, k))
                k += 1
        self.at += 1
