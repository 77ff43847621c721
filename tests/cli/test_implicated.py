"""The suspect is not told: what somebody implicated sees is what they would see if nothing implicated them."""

import re

import pytest

from tests.cli.schools import copied, done, said

pytestmark = pytest.mark.unmeasured

CHILDREN = ("p-004", "p-010", "p-001", "p-998")
"""A child of t.wu's own, one of somebody else's, one with no case, one not even on the roll."""

WU = ("--as", "t.wu")
COMMANDS = (
    ("show", "{child}"),
    ("explain", "{child}"),
    ("today",),
    ("today", "t.li"),
    ("summary", "--term", "2026-autumn"),
    ("ack", "{child}"),
    ("respond", "{child}"),
    ("review", "{child}"),
    ("call-outside", "{child}", "--agency", "police", "--reference", "1"),
    ("stand-down", "{child}", "--because", "found", "--seen-by", "t.li", "--seen-at", "2026-09-10T15:00"),
    ("record", "{child}", "visit", "--reached"),
    ("concern", "{child}", "homesick"),
    ("raise", "{child}", "missing"),
    ("pair", "{child}", "t.ma"),
    ("pair", "--balance"),
    ("file", "{child}"),
    ("close", "{child}", "--because", "moved_away"),
    ("identify", "{child}", "--away", "both"),
    ("identify", "--from-roll"),
    ("facts", "{child}", "--away", "one"),
    ("key", "{child}", "--because", "orphan"),
    ("excuse", "{child}", "D10/2026-autumn:OPEN", "--because", "ill"),
    ("read", "{child}", "0" * 32, "--reason", "x"),
    ("apply", "--dry-run"),
)


@pytest.fixture(scope="module")
def worlds(template, tmp_path_factory):
    """Two copies of the school: in one of them t.wu is implicated in something, for children of every kind."""
    folder = tmp_path_factory.mktemp("worlds")
    plain, hidden = (copied(template[0] / "school", folder / name) for name in ("plain", "hidden"))
    at = ("--dir", str(hidden), "--now", "2026-09-10T15:30", "--as", "t.fang")
    done("raise", "p-004", "abuse", "--implicates", "t.wu", *at)
    done("concern", "p-010", "bruises:danger", "--implicates", "t.wu", *at)
    done("raise", "p-001", "abuse", "--implicates", "t.wu", *at)
    done("raise", "p-998", "abuse", "--implicates", "t.wu", *at)
    return plain, hidden


def told(world, target, argv, now, as_json):
    """What a command says in a copy of one world, without what differs between any two runs."""
    folder = copied(world, target)
    found = said(*argv, "--dir", str(folder), "--now", now, *WU, *(["--json"] if as_json else []))
    return found.code, found.out, re.sub(str(folder), "", found.err)


class TestImplicated:
    @pytest.mark.parametrize(
        ("argv", "child"),
        [(argv, child) for argv in COMMANDS for child in CHILDREN[: 4 if "{child}" in argv else 1]],
        ids=lambda value: value if isinstance(value, str) else value[0],
    )
    def test_no_command_tells(self, worlds, tmp_path, argv, child):
        """Every command ends with the same code and the same words, whether or not something implicates them."""
        plain, hidden = worlds
        line = [word.format(child=child) for word in argv]

        assert told(plain, tmp_path / "a", line, "2026-09-10T16:00", as_json=True) == (
            told(hidden, tmp_path / "b", line, "2026-09-10T16:00", as_json=True)
        )

    @pytest.mark.parametrize("argv", [("show", "p-004"), ("explain", "p-010"), ("today",), ("summary",)])
    def test_no_table_tells(self, worlds, tmp_path, argv):
        """The same holds for what people read."""
        plain, hidden = worlds

        assert told(plain, tmp_path / "a", argv, "2026-09-10T16:00", as_json=False) == (
            told(hidden, tmp_path / "b", argv, "2026-09-10T16:00", as_json=False)
        )

    def test_others_are_told(self, worlds, tmp_path):
        """Somebody who is not implicated sees the emergency: the two worlds do differ."""
        _, hidden = worlds
        found = done("show", "p-004", "--dir", str(hidden), "--now", "2026-09-10T16:00", "--as", "t.li")

        assert "escalated" == found["state"]

    @pytest.mark.parametrize("argv", [("show", "p-004"), ("show", "p-010"), ("today",), ("summary",), ("ack", "p-001")])
    def test_late_sweep_tells_nothing(self, worlds, tmp_path, argv):
        """Also when the sweep comes days late, and has climbed the ladder to its top."""
        said_in = []
        for world in worlds:
            folder = copied(world, tmp_path / world.name)
            done("sweep", "--dir", str(folder), "--now", "2026-09-14T16:00")
            found = said(*argv, "--dir", str(folder), "--now", "2026-09-14T17:00", *WU, "--json")
            said_in.append((found.code, found.out, found.err.replace(str(folder), "")))

        assert said_in[0] == said_in[1]
