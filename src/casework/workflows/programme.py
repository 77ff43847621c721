"""The programme of a school's term: planned when the calendar knows the term, running from its first day.

People review and summarise it. A step that comes too early is refused with the day from which it may be taken.
"""

from datetime import date

from attrs import frozen

from casework.model.programme import PROGRAMME_STATES
from casework.workflows.spec import Step, Workflow, staying


@frozen
class Standing:
    """A programme at a day: the term's first day, the first day of its CLOSE, its last day."""

    state: str
    today: date
    first: date
    close: date
    last: date


def term_not_begun(standing: Standing) -> str | None:
    """Refuse before the first day of the term."""
    return "term_not_begun" if standing.today < standing.first else None


def before_close(standing: Standing) -> str | None:
    """Refuse before the CLOSE of the term: there is too little to look back on."""
    return "before_close" if standing.today < standing.close else None


def term_not_over(standing: Standing) -> str | None:
    """Refuse before the last day of the term: its figures are not final."""
    return "term_not_over" if standing.today < standing.last else None


PROGRAMME: Workflow[Standing] = Workflow(
    name="programme",
    states=PROGRAMME_STATES,
    initial="planned",
    final=frozenset({"summarised"}),
    steps=(
        Step("begin", ("planned",), "running", by="rule", guards=(term_not_begun,)),
        Step("review", ("planned", "running"), "reviewed", guards=(before_close,)),
        *staying("review", "reviewed"),
        Step("summarise", ("reviewed",), "summarised", guards=(term_not_over,)),
        Step("reopen", ("summarised",), "reviewed"),
    ),
    reopens=frozenset({"reopen"}),
    lifted={
        term_not_begun: "the first day of the term comes",
        before_close: "the CLOSE of the term begins",
        term_not_over: "the last day of the term comes",
    },
)

MENDS = {
    "term_not_begun": "wait for the first day of the term, {first}",
    "before_close": "wait for the CLOSE of the term, from {close} on",
    "term_not_over": "wait for the last day of the term, {last}",
    "not_from_planned": "it runs from {first} on, is then reviewed, and summarised after that",
    "not_from_running": "review it first: `casework programme review`",
    "not_from_reviewed": "it is reviewed: summarise it, with `casework programme summarise`",
    "not_from_summarised": "it is summarised; reopen it first, with `casework programme reopen --because CODE`",
}


def mend_of(why: str, standing: Standing) -> str:
    """What to do about a step that was refused for this reason."""
    text = MENDS.get(why, "time takes this step, on the first day of the term")
    return text.format(first=standing.first, close=standing.close, last=standing.last)
