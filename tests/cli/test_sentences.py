import pytest

from casework.cli import sentences
from casework.engine.decide import ENGINE_CODES
from casework.errors import StepRefused
from casework.workflows import CASE_TABLE, EMERGENCY_TABLE, REFERRAL_TABLE

TABLES = [CASE_TABLE, EMERGENCY_TABLE, REFERRAL_TABLE]


def codes(table):
    """Every (step, code) with which the workflow can refuse a person or a rule, in any state and for any guard."""
    for name in table.names:
        for state in table.workflow.states:
            ways = table.ways.get((state, name), ())
            if not ways:
                yield name, f"not_from_{table.workflow.label(state)}"
            for way, _ in ways:
                yield name, f"only_by_{way.by}"
                yield from ((name, guard.__name__) for guard in way.guards)


class TestSentences:
    @pytest.mark.parametrize("table", TABLES, ids=lambda table: table.workflow.name)
    def test_every_code_of_the_workflows_is_said_in_words(self, table):
        """Whatever a workflow can refuse, a person reads a sentence, and never a code."""
        bare = {(step, code) for step, code in codes(table) if sentences.sentence(step, code) == code}

        assert set() == bare

    @pytest.mark.parametrize("table", TABLES, ids=lambda table: table.workflow.name)
    def test_every_sentence_is_in_use(self, table):
        """No sentence speaks of a step or a code that there is not."""
        there = {pair for each in TABLES for pair in codes(each)}
        said = {(step, code) for step, reads in sentences.WHY_OF.items() for code in reads}

        assert set() == said - there
        assert set() == set(sentences.WHY) - {code for _, code in there}

    def test_codes_of_the_engine_are_said_in_words(self):
        """Why the engine excused or superseded an obligation reads in words; a school's own reason as it was given."""
        assert set(ENGINE_CODES) == set(sentences.NO_LONGER_OWED)
        assert "moved_away" == sentences.settled("moved_away")

    def test_refusal_says_the_command_and_the_mend(self):
        """A refusal names the command as it is typed; what the engine says in words stays as it is."""
        stood_down = StepRefused("stand_down", "reviewed", "not_from_reviewed")
        key = StepRefused("designate key child", "paired", "the child is a key child already")

        assert sentences.refusal(stood_down).startswith("stand-down is refused: the emergency is reviewed and done")
        assert "key is refused: the child is a key child already" == sentences.refusal(key)
