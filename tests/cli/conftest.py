"""A school in a folder, copied for each test from one that was made once."""

import pytest

from tests.cli.schools import NOW, copied, done, make_school, said


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A school made once; the folder, and the ids of what happened in it."""
    folder = tmp_path_factory.mktemp("template")
    return folder, make_school(folder)


@pytest.fixture
def ids(template):
    """The ids of the activity and the emergency of the school."""
    return template[1]


@pytest.fixture
def school(template, tmp_path, monkeypatch):
    """A school of its own for this test, on its tenth day; it is the current folder."""
    folder = copied(template[0] / "school", tmp_path / "school")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CASEWORK_NOW", NOW)
    monkeypatch.delenv("COLUMNS", raising=False)
    return folder


@pytest.fixture
def roster(template):
    """The roster from which the school was made."""
    return template[0] / "roster"


@pytest.fixture
def cw(school):
    """Run a command in the school's folder; it returns what was said."""
    return said


@pytest.fixture
def ok(school):
    """Run a command that has to succeed; it returns its JSON."""
    return done
