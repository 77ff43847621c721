"""What casework logs: only what is on the list, only to who listens, and the page says all of it."""

import ast
import logging
from pathlib import Path

import pytest
import structlog

from casework import log

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src"
LEVELS = {"info", "warning"}


def calls():
    """Yield every log call of the library: where it stands, the level, the event, the keys; None for what varies."""
    for path in sorted(SRC.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                of, level = node.func.value, node.func.attr
                if isinstance(of, ast.Name) and of.id == "log" and level in {*LEVELS, "debug", "error", "exception"}:
                    event = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
                    yield f"{path.name}:{node.lineno}", level, event, [keyword.arg for keyword in node.keywords]


class TestCalls:
    def test_every_call_is_on_the_list(self):
        """Every log call in the library names an event of the list, at its level, with its keys."""
        odd = [
            call
            for call in calls()
            if call[2] not in log.EVENTS
            or (call[1], tuple(call[3])) != (log.EVENTS[call[2]].level, log.EVENTS[call[2]].keys)
        ]

        assert [] == odd

    def test_every_event_of_the_list_is_logged(self):
        """The list holds no event and no key that nobody logs."""
        found = list(calls())

        assert set(log.EVENTS) == {event for _, _, event, _ in found}
        assert set(log.KEYS) == {key for _, _, _, keys in found for key in keys} | {"dropped"}

    def test_nothing_else_logs(self):
        """No module has a logger of its own: only `casework.log` knows how to log."""
        odd = [
            path.name
            for path in sorted(SRC.rglob("*.py"))
            if path != SRC / "casework" / "log.py"
            and ("getLogger" in (text := path.read_text()) or "structlog" in text)
        ]

        assert [] == odd

    def test_no_key_is_a_field_of_a_log_record(self):
        """No key would overwrite what logging itself says of a line."""
        record = logging.LogRecord("casework", logging.INFO, "", 1, "", (), None)

        assert set() == set(log.KEYS) & {*vars(record), "message", "asctime"}


class TestValues:
    @pytest.mark.parametrize(
        "value",
        [
            "he was afraid of his uncle",
            "two\nlines",
            "tab\tbed",
            "ideographic\u3000space",
            "x" * 65,
            b"bytes",
            None,
            {"child": "s-17"},
            ValueError("a note"),
        ],
    )
    def test_what_is_no_id_is_left_out(self, value):
        """What reads like text, or is none, is left out of the line, and the line says that something was."""
        assert {"school": "qinghe", "dropped": 1} == log.allowed(
            "attendance_left", {"school": "qinghe", "child": value}
        )

    @pytest.mark.parametrize(
        ("event", "facts"),
        [
            ("notified", {"role": "Class Teacher"}),
            ("notified", {"step": -1}),
            ("notified", {"step": True}),
            ("notified", {"step": 1 << 60}),
            ("rule_failed", {"error": "no such key: 'he said …'"}),
            ("rule_failed", {"words": "s-17"}),
            ("somebody_spoke", {"child": "s-17"}),
        ],
    )
    def test_what_is_not_on_the_list_is_left_out(self, event, facts):
        """A value of another kind, a key and an event that are not on the list say nothing."""
        assert {"dropped": 1} == log.allowed(event, facts)

    def test_ids_in_any_script_pass(self):
        """A host's ids may be written in any script."""
        facts = {"school": "清河", "child": "@3-2", "by": "t.li", "command": "Record"}

        assert facts == log.allowed("command", facts)

    def test_a_slip_never_stops_what_is_logged(self, caplog):
        """An event that nobody listed is logged as unlisted, without what it would have said."""
        caplog.set_level(logging.INFO, "casework")
        log.info("he was afraid", child="s-17")
        log.warning("he was afraid")

        assert ["unlisted", "unlisted"] == caplog.messages
        assert 1 == caplog.records[0].dropped
        assert not hasattr(caplog.records[0], "child")


class TestListening:
    def test_silent_by_default(self):
        """The library brings a handler that says nothing, and sets no level."""
        assert [logging.NullHandler] == [type(handler) for handler in log.LOGGER.handlers]
        assert logging.NOTSET == log.LOGGER.level

    def test_stdlib_hears_it(self, caplog):
        """A host that uses logging gets the event as the message and the facts as attributes."""
        caplog.set_level(logging.INFO, "casework")
        log.info("command", school="qinghe", child="s-17", command="File", by="t.li")

        (record,) = caplog.records
        assert ("command", "INFO", "s-17", "t.li") == (record.msg, record.levelname, record.child, record.by)

    def test_structlog_is_left_as_it_was(self, caplog):
        """Logging configures nothing of the host's structlog, and takes nothing from its configuration."""
        before = structlog.get_config()
        caplog.set_level(logging.INFO, "casework")
        structlog.contextvars.bind_contextvars(note="he was afraid")
        try:
            log.info("sweep", due=1, settled=1, written=0, broken=0)
        finally:
            structlog.contextvars.clear_contextvars()

        assert not structlog.is_configured()
        assert before == structlog.get_config()
        assert not hasattr(caplog.records[0], "note")


class TestPage:
    def test_page_names_every_event_with_its_fields(self):
        """docs/logs.md lists every event with its level and keys, and every key with its kind, in these words."""
        rows = [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in (ROOT / "docs" / "logs.md").read_text(encoding="utf-8").splitlines()
            if line.startswith("| `")
        ]
        events = [
            [f"`{name}`", e.level, e.says, ", ".join(f"`{key}`" for key in e.keys)] for name, e in log.EVENTS.items()
        ]
        keys = [[f"`{name}`", kind, says] for name, (kind, says) in log.KEYS.items()]

        assert events + keys == rows
