"""Reasons: a code and coded facts, translated for people, safe in logs and in history."""

import re
from collections.abc import Mapping
from datetime import date

from attrs import field, frozen

Fact = str | int | bool | date

CODE = re.compile(r"[a-z][a-z0-9_]{0,47}")
_SLIP = re.compile(r"[a-z0-9_-]{1,48}")
_FACT = re.compile(r"[A-Za-z0-9_.:/#-]{0,64}")


def check_code(code: str, what: str) -> str:
    """Return ``code`` if it is a code such as ``family_quarrel``; raise ValueError for free text."""
    if not isinstance(code, str) or not CODE.fullmatch(code):
        # What may be a note typed in the wrong place is not repeated; a code with a slip in it is.
        said = f" {code!r}" if isinstance(code, str) and _SLIP.fullmatch(code) else ""
        msg = (
            f"{what}{said} is no code; use lower-case letters, digits and '_' such as 'family_quarrel', "
            "and put free text into note="
        )
        raise ValueError(msg)
    return code


def is_word(text: str) -> bool:
    """Tell whether ``text`` is a coded word, as facts are: no spaces, nothing that reads like a sentence."""
    return _FACT.fullmatch(text) is not None


@frozen(init=False)
class Reason:
    """Why something was decided: ``Reason("family_quarrels", count=2)``.

    ``code`` is lower case with underscores; facts are ints, dates, booleans or coded words, never free text, since
    reasons stand in the history and in logs.
    """

    code: str
    facts: Mapping[str, Fact] = field(factory=dict)

    def __init__(self, code: str, **facts: Fact) -> None:
        check_code(code, "reason")
        for name, value in facts.items():
            if not (_FACT.fullmatch(value) if isinstance(value, str) else isinstance(value, int | date)):
                msg = f"fact {name} of reason {code} is free text; give a code, a number or a date"
                raise ValueError(msg)
        self.__attrs_init__(code, facts)

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value}" for name, value in sorted(self.facts.items()))
        return f"{self.code}({facts})" if facts else self.code
