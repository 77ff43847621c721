"""Diagrams say what the tables say, and the page of the documentation shows them."""

from functools import partial

import pytest
from attrs import evolve

from casework.model.case import STATES
from casework.workflows import CASE, EMERGENCY, REFERRAL, Overlay, Step, Workflow, mermaid
from tools import diagrams


def too_heavy(_):
    """Refuse always."""
    return "too_heavy"


LETTER = Workflow(
    name="letter",
    states=("draft", "sent", "answered"),
    initial="draft",
    final=frozenset({"answered"}),
    steps=(
        Step("send", ("draft",), "sent", guards=(too_heavy, partial(too_heavy))),
        Step("fly", ("draft",), "sent", by="rule"),
        Step("answer", ("sent",), "answered"),
    ),
    overlays=(Overlay("late", ("sent",), begins="a week passed", ends="it came"),),
    lifted={too_heavy: "a page is taken out"},
)


def arrows(text):
    """Return the drawn arrows as (source, target, text)."""
    lines = [line.strip().partition(" : ") for line in text.splitlines() if " --> " in line]
    return [(*arrow.split(" --> "), said) for arrow, _, said in lines]


class TestMermaid:
    def test_diagram_shows_steps_guards_rules_overlays_and_ends(self):
        """A diagram is drawn from the table alone, one line per pair of states."""
        expected = """\
stateDiagram-v2
    [*] --> draft
    draft --> sent : send [unless too_heavy or partial], fly (rule)
    sent --> answered : answer
    answered --> [*]
    sent --> late : a week passed
    late --> sent : it came
    note right of late : derived and never stored, returns to the state before
    %% too_heavy holds until a page is taken out
"""

        assert expected == mermaid(LETTER)

    def test_empty_state_is_where_the_diagram_begins(self):
        """What does not exist yet is Mermaid's starting point."""
        assert "    [*] --> identified : identify" == mermaid(CASE).splitlines()[1]

    @pytest.mark.parametrize("workflow", [CASE, EMERGENCY, REFERRAL], ids=lambda workflow: workflow.name)
    def test_every_step_is_drawn_from_each_of_its_states(self, workflow):
        """No step is left out of the diagram."""
        drawn = arrows(mermaid(workflow))
        missing = [
            (step.name, source)
            for step in workflow.steps
            for source in step.sources
            if not any((source or "[*]", step.target) == (a, b) and step.name in said for a, b, said in drawn)
        ]

        assert [] == missing

    def test_escalated_is_drawn_from_and_back_to_every_open_state(self):
        """The case's diagram shows escalated, entered from every open state, returning to the state before."""
        drawn = arrows(mermaid(CASE))
        entered = [a for a, b, _ in drawn if b == "escalated"]

        assert ["identified", "filed", "paired", "monitored"] == entered
        assert entered == [b for a, b, _ in drawn if a == "escalated"]

    def test_states_shown_are_those_of_the_model(self):
        """Stored stages and overlays together are the states that a case can show."""
        assert set(STATES) == {*CASE.states, *(overlay.name for overlay in CASE.overlays)} - {""}


class TestPage:
    def test_page_shows_the_tables(self):
        """The diagrams of the documentation are those of the tables."""
        page = diagrams.PAGE.read_text(encoding="utf-8")

        assert diagrams.drawn(page) == page, "a table changed; run `python tools/diagrams.py`"
        assert ["case", "emergency", "referral", "programme"] == diagrams.named(page)

    def test_page_is_written_again_when_a_table_changed(self, tmp_path, monkeypatch, capsys):
        """The tool mends an old block, leaves the rest of the page, and finds nothing more to do."""
        page = tmp_path / "page.md"
        page.write_text("above\n\n<!-- diagram: case -->\n```mermaid\nold\n```\n\nbelow\n", encoding="utf-8")
        monkeypatch.setattr(diagrams, "PAGE", page)
        codes = [diagrams.main(), diagrams.main()]

        assert [1, 0] == codes
        assert f"above\n\n<!-- diagram: case -->\n```mermaid\n{mermaid(CASE)}```\n\nbelow\n" == page.read_text("utf-8")
        assert "page.md: written again\npage.md: as the tables have it\n" == capsys.readouterr().out

    def test_guard_is_called_by_its_code(self):
        """Each guard of the library is named for the code with which it refuses, so the diagram shows codes."""
        unguarded = evolve(CASE, steps=tuple(evolve(step, guards=()) for step in CASE.steps))

        assert {"not_filed", "emergency_not_stood_down"} == {g.__name__ for step in CASE.steps for g in step.guards}
        assert "unless" not in mermaid(unguarded)
