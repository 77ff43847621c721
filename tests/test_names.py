import ast
import sys
from pathlib import Path

import pytest

import casework


class TestNames:
    def test_public_names_are_those_that_are_declared(self):
        """What a type checker sees, what `import *` takes and what is loaded when it is asked for are the same."""
        tree = ast.parse(Path(casework.__file__).read_text(encoding="utf-8"))
        declared = {
            alias.name: node.module
            for block in tree.body
            if isinstance(block, ast.If)
            for node in block.body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }

        assert declared == casework._HOMES
        assert sorted(declared) == sorted(casework.__all__)

    @pytest.mark.parametrize("name", casework.__all__)
    def test_name_is_loaded_when_it_is_asked_for(self, name, monkeypatch):
        """Each public name is the one of the module in which it lives, and is looked for only once."""
        monkeypatch.delitem(vars(casework), name, raising=False)
        found = getattr(casework, name)

        assert getattr(sys.modules[casework._HOMES[name]], name) is found
        assert vars(casework)[name] is found

    def test_rooms_are_there_without_an_import_of_their_own(self):
        """`casework.errors` and the other rooms of the core can be named after `import casework` alone."""
        assert [f"casework.{name}" for name in casework._ROOMS] == [
            getattr(casework, name).__name__ for name in casework._ROOMS
        ]

    def test_name_that_is_not_there_is_refused(self):
        """A mistyped name is an AttributeError that says so, and every name can be listed."""
        with pytest.raises(AttributeError, match="'casework' has no attribute 'Dest'"):
            _ = casework.Dest

        assert set(casework.__all__) <= set(dir(casework))
