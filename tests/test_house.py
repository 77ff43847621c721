"""The rules of the house hold in `src/casework`, and each check bites when its rule is broken."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tools import house

pytestmark = pytest.mark.unmeasured

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src"
MODULES = sorted(SRC.rglob("*.py"))


def found(source, module="casework.model.case"):
    """Return the offences in a source text, as if it stood in `module`."""
    return list(house.offences(source, module))


class TestLibrary:
    @pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SRC).as_posix())
    def test_source_keeps_the_rules_of_the_house(self, path):
        """Every source file of the library keeps the rules of the house."""
        offences = found(path.read_text(encoding="utf-8"), house.module_name(path, SRC))

        assert [] == offences

    def test_no_modules_import_one_another_in_a_circle(self):
        """What a module stands on does not stand on it, not even for a type or within a function."""
        files = [path for path in MODULES if path.name != "__init__.py"]
        sources = {house.module_name(path, SRC): path.read_text(encoding="utf-8") for path in files}

        assert () == house.circle(sources)

    def test_a_circle_is_found(self):
        """Three that import one another are named, the fourth is not."""
        sources = {"a": "from b import x", "b": "def f():\n    import c", "c": "import a", "d": "import a"}

        assert {"a", "b", "c"} == set(house.circle(sources))

    def test_importing_casework_loads_no_heavy_package(self):
        """Importing casework with all its names loads neither SQLAlchemy nor anything of an extra."""
        heavy = {"sqlalchemy", "alembic", "hypothesis", "pytest", "cyclopts", "rich"}
        code = "import sys; from casework import *; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
        loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

        assert set() == heavy & set(loaded.split())


class TestProject:
    def test_no_file_names_a_registry_or_a_path_of_one_machine(self):
        """No file of the project means something on one machine only."""
        offences = {}
        for path in house.files_of_the_project(ROOT):
            text = path.read_bytes().decode("utf-8", errors="replace")
            if path != Path(__file__) and (lines := list(house.addresses(text))):
                offences[path.relative_to(ROOT).as_posix()] = lines

        assert {} == offences

    def test_files_of_the_project_are_found(self):
        """The walk over the project finds its files and leaves out what was made from them."""
        files = {path.relative_to(ROOT).as_posix() for path in house.files_of_the_project(ROOT)}

        assert {"pyproject.toml", "Makefile", "src/casework/__init__.py", "constraints/dev.txt"} <= files
        assert not [name for name in files if "__pycache__" in name or name.startswith((".venv", ".git/"))]

    def test_change_notes_are_named_by_kind(self):
        """Every change note says its kind in its name, so that a release can sort it."""
        notes = [path.name for path in (ROOT / "changelog.d").iterdir() if path.name != "README.md"]

        assert [] == [name for name in notes if not re.fullmatch(r"[\w-]+\.(breaking|deprecation|change)\.md", name)]


class TestConstraints:
    @pytest.mark.parametrize("name", ["demo", "test", "oldest", "dev", "lock"])
    def test_every_requirement_is_pinned_and_hashed(self, name):
        """Every requirement is pinned to one release, holds hashes, and names no address."""
        text = (ROOT / "constraints" / f"{name}.txt").read_text(encoding="utf-8")
        requirements = [block for block in re.split(r"\n(?=\w)", text) if block]
        loose = [block for block in requirements if not re.match(r"[\w.-]+==\S+( ; .+)? \\\n +--hash=sha256:", block)]

        assert [] == loose
        assert "://" not in text
        assert "index-url" not in text

    @pytest.mark.parametrize("name", ["demo", "test", "oldest", "dev"])
    def test_every_dependency_of_the_core_is_in_the_set(self, name):
        """A dependency added to pyproject.toml is pinned too (`make constraints`)."""
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        wanted = {re.split(r"[<>=\[ ]", line)[0].lower() for line in project["dependencies"]}
        pinned = set(re.findall(r"(?m)^([\w.-]+)==", (ROOT / "constraints" / f"{name}.txt").read_text("utf-8")))

        assert set() == wanted - pinned

    def test_sets_agree(self):
        """What is tested and shown is what was checked: the smaller sets take their releases from dev.txt."""
        pins = {
            name: set(re.findall(r"(?m)^\S+==\S+", (ROOT / "constraints" / f"{name}.txt").read_text(encoding="utf-8")))
            for name in ["demo", "test", "dev"]
        }

        assert set() == (pins["demo"] | pins["test"]) - pins["dev"]


class TestThirdPartyImports:
    @pytest.mark.parametrize(
        ("source", "module"),
        [
            ("import sqlalchemy", "casework.engine.desk"),
            ("from sqlalchemy.orm import Session", "casework.integrations.flask"),
            ("def f():\n    import sqlalchemy as sa", "casework.rules.builtin"),
            ("from importlib import import_module\nimport_module('sqlalchemy')", "casework.engine.desk"),
            ("from alembic import command", "casework.web"),
            ("from transitions import Machine", "casework.workflows.case"),
            ("def f():\n    from hypothesis import strategies", "casework.simulate.world"),
            ("import pytest", "casework.simulate.world"),
            ("from cryptography.fernet import Fernet", "casework.model.case"),
            ("from rich.table import Table", "casework.interchange.summary"),
            ("import sqlalchemy", "casework.storefront"),
        ],
    )
    def test_import_outside_its_room_is_found(self, source, module):
        """A third-party package imported outside its room is found, inside a function too."""
        (offence,) = found(source, module)

        assert "it lives in casework." in offence

    @pytest.mark.parametrize(
        ("source", "module"),
        [
            ("import sqlalchemy", "casework.store"),
            ("import sqlalchemy as sa", "casework.store.sql"),
            ("from transitions import Machine", "casework.workflows.machine"),
            ("def f():\n    from hypothesis import strategies", "casework.testing.strategies"),
            ("import pytest", "casework.pytest_plugin"),
            ("from attrs import frozen\nimport structlog", "casework.model.case"),
        ],
    )
    def test_import_in_its_room_passes(self, source, module):
        """A third-party package in its own room, and those of every room, pass."""
        assert [] == found(source, module)

    @pytest.mark.parametrize("name", sorted(house.UNPACKED))
    def test_unpackers_are_found(self, name):
        """A module that runs what it reads is found."""
        assert [f"1: {name} runs what it reads; write a codec"] == found(f"import {name}")

    @pytest.mark.parametrize(
        "source",
        [
            "from sqlalchemy.ext.asyncio import AsyncSession",
            "import sqlalchemy.ext.asyncio",
            "from sqlalchemy.ext import asyncio",
            "try:\n    import sqlalchemy.ext.asyncio\nexcept ImportError:\n    raise",
            "class Door:\n    import sqlalchemy.ext.asyncio",
        ],
    )
    def test_asyncio_at_the_top_is_found(self, source):
        """SQLAlchemy's asyncio, loaded with the module, is found."""
        (offence,) = found(source, "casework.store.sql")

        assert "sqlalchemy.ext.asyncio is loaded with the module" in offence

    @pytest.mark.parametrize(
        "source",
        [
            "def door():\n    from sqlalchemy.ext.asyncio import AsyncSession",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from sqlalchemy.ext.asyncio import AsyncSession",
        ],
    )
    def test_asyncio_loaded_late_passes(self, source):
        """SQLAlchemy's asyncio, imported in a function or for the type checker, passes."""
        assert [] == found(source, "casework.store.sql")


class TestClock:
    @pytest.mark.parametrize(
        "source",
        [
            "from datetime import datetime\nnow = datetime.now(tz)",
            "import datetime\nnow = datetime.datetime.now(datetime.UTC)",
            "import datetime as dt\nnow = dt.datetime.utcnow()",
            "from datetime import datetime as D\nnow = D.today()",
            "from datetime import date\ntoday = date.today()",
            "import time\nnow = time.time()",
            "from time import time_ns as t\nnow = t()",
            "from datetime import datetime\ndef f(now=datetime.now):\n    pass",
            "def f():\n    from datetime import date\n    return date.today()",
        ],
    )
    def test_ambient_clock_is_found(self, source):
        """The machine's clock is found under every name, called or passed on."""
        (offence,) = found(source)

        assert "take the instant from casework.clock" in offence

    def test_clock_may_read_the_clock(self):
        """casework.clock is the one place that reads the machine's clock."""
        assert [] == found("from datetime import datetime\nnow = datetime.now(tz)", "casework.clock")

    def test_other_dates_and_other_nows_pass(self):
        """Dates that were given, and a `now` that is the engine's, pass."""
        assert [] == found("from datetime import date\nday = date.fromisoformat(text)\nnow.today\nself.time.time()")


class TestStatements:
    @pytest.mark.parametrize(
        ("source", "said"),
        [
            ("assert case", "1: assert vanishes under -O"),
            ("x = 1\neval('1')", "2: eval has no place here"),
            ("exec('x = 1')", "1: exec has no place here"),
            ("breakpoint()", "1: breakpoint has no place here"),
            ("print('x')", "1: print is for casework.cli"),
            ("run = eval", "1: eval has no place here"),
        ],
    )
    def test_banned_statement_is_found(self, source, said):
        """A check that vanishes, text that is run and a stray print are found, with their line."""
        (offence,) = found(source)

        assert offence.startswith(said)

    def test_command_line_prints(self):
        """The command line may print."""
        assert [] == found("print('x')", "casework.cli.show")

    @pytest.mark.parametrize(
        "source",
        [
            "import structlog\nstructlog.configure()",
            "import logging\nlogging.basicConfig()",
            "from threading import Thread\nThread(target=sweep)",
            "import threading as t\nt.Timer(1, sweep)",
            "import atexit\natexit.register(flush)",
        ],
    )
    def test_what_is_the_hosts_is_found(self, source):
        """What a guest leaves to its host is found."""
        (offence,) = found(source)

        assert " is the host's; " in offence

    def test_file_of_401_lines_is_found_and_of_400_passes(self):
        """A file may have 400 lines and not one more."""
        assert [] == found("x = 1\n" * 400)
        assert ["401: 401 lines are more than 400; divide the file"] == found("x = 1\n" * 401)


class TestAddresses:
    @pytest.mark.parametrize(
        "line",
        [
            "--index-url https://" + "py" + "pi.org/simple",
            "https://files.python" + "hosted.org/packages/x.whl",
            "registry = 'https://registry.npm" + "js.org/'",
            "path = '/home/somebody/casework'",
            "see /" + "root/notes.txt",
            "/Users/somebody/casework/case.db",
        ],
    )
    def test_address_is_found(self, line):
        """A registry's host or a path of one machine is found, with its line."""
        (offence,) = house.addresses(f"first\n{line}\n")

        assert offence.startswith("2: ")

    @pytest.mark.parametrize("line", ["docs/home/page.md", "https://example.org/" + "work/1", "the root/leaf ratio"])
    def test_ordinary_text_passes(self, line):
        """A relative path or a page on the web passes."""
        assert [] == list(house.addresses(line))


class TestPromises:
    def test_every_test_that_security_names_is_there(self):
        """SECURITY.md names a test for each promise, and each of them exists."""
        named = set(re.findall(r"tests/[\w/]+\.(?:py|toml)", (ROOT / "SECURITY.md").read_text(encoding="utf-8")))

        assert len(named) > 10
        assert [] == [name for name in sorted(named) if not (ROOT / name).is_file()]
