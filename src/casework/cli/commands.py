"""The list of commands: name, where its function lies, and what the list says of it.

The list is told without loading anything else, so that `casework --help` and a mistyped command answer at once.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from attrs import frozen

Function = Callable[..., Any]


@frozen
class Listed:
    """A command of the list; ``where`` is its function as ``module:function`` of this package."""

    name: str
    where: str
    says: str

    def load(self) -> Function:
        """The function that carries the command out."""
        module, _, function = self.where.partition(":")
        found: Function = getattr(import_module(f"casework.cli.{module}"), function)
        return found


GROUPS: tuple[tuple[str, tuple[Listed, ...]], ...] = (
    (
        "A school begins",
        (
            Listed("init", "starting:init", "Begin: write casework.toml, make the database and the key ring."),
            Listed("import", "roster:import_", "Import a roster: all of it, or nothing."),
            Listed("identify", "identifying:identify", "Bring a child into scope: a case and its duties begin."),
        ),
    ),
    (
        "The case",
        (
            Listed("file", "cases:file", "Open the child's file (D2), with the contact card (D3)."),
            Listed("card", "cases:card", "Write the contact card anew (D3)."),
            Listed("pair", "cases:pair", "Give a child a helping group (D8), or spread all children evenly."),
            Listed("unpair", "cases:unpair", "End the pairing; the gap is recorded."),
            Listed("key", "cases:key", "Make the child a key child (D7), or end it."),
            Listed("facts", "cases:facts", "Enter changed facts: a parent left or came back, class, boarding."),
            Listed("hold", "protecting:hold", "Place a legal hold on a record, or release one."),
            Listed("retain", "protecting:retain", "Keep a closed case whose retention has ended, or have it erased."),
            Listed("excuse", "cases:excuse", "Excuse one open obligation, with the reason."),
            Listed("close", "cases:close", "Close the case, with the reason; only a person does that."),
            Listed("reopen", "cases:reopen", "Open a closed case again, with its memory."),
        ),
    ),
    (
        "Children and staff who move",
        (
            Listed("transfer", "transferring:transfer", "A child goes to another school: offer, receive, confirm."),
            Listed("merge", "moving:merge", "A child was entered twice: one record takes the other up."),
            Listed("unmerge", "moving:unmerge", "They were two children after all: take the records apart."),
            Listed("hand-over", "moving:hand_over", "Staff leave: hand on all that stands in their name."),
        ),
    ),
    (
        "A teacher's day",
        (
            Listed("today", "daily:today", "What is due: child, duty, deadline, most urgent first."),
            Listed("record", "daily:record", "Enter what was done, or tried: a visit, a call, a talk."),
            Listed("concern", "daily:concern", "Note a concern. Danger that was seen is an emergency at once."),
            Listed("correct", "daily:correct", "Correct an activity; the original stays."),
            Listed("void", "daily:void", "Declare that an activity or a concern never happened."),
            Listed("show", "look:show", "One child: what is owed, what was done, what can be done next."),
            Listed("read", "cases:read_text", "Open one sealed text; the reading is recorded."),
            Listed("explain", "look:explain", "Why a case stands where it stands, and what every rule says."),
        ),
    ),
    (
        "The school together",
        (
            Listed("gather", "gatherings:gather", "Enter a gathering with its attendance: it counts for all present."),
            Listed("attendance", "gatherings:attendance", "Set a gathering right, or void it; the original stays."),
            Listed("gathering", "gatherings:gathering", "The gatherings of the term, or one with its attendance."),
            Listed("examine", "programme:examine", "Enter a physical examination (D29), of any pupil."),
            Listed("sign", "programme:sign", "Enter who signed the letter of responsibility (D24)."),
            Listed("mechanism", "programme:mechanism", "Adopt a version of the emergency mechanism (D23)."),
            Listed("test-tree", "programme:call_tree", "Enter a test of the contact tree (D23)."),
            Listed("programme", "programme:programme", "The term's programme: review it, summarise it."),
        ),
    ),
    (
        "Danger",
        (
            Listed("raise", "alarm:raise_", "Raise an emergency, for any child; the ladder is told at once."),
            Listed("ack", "alarm:ack", "I have heard: the climb stops until the next limit."),
            Listed("respond", "alarm:respond", "I am on the way, or with the child."),
            Listed("call-outside", "alarm:call_outside", "Write down a call to police, civil affairs or education."),
            Listed("stand-down", "alarm:stand_down", "The child is safe: who saw the child, and when."),
            Listed("review", "alarm:review", "Go through the emergency afterwards; then it is done."),
        ),
    ),
    (
        "Referrals",
        (
            Listed("refer", "referring:refer", "Ask a specialist to look in (D26)."),
            Listed("accept", "referring:accept", "Take the child on."),
            Listed("decline", "referring:decline", "Say no, with the reason."),
            Listed(
                "consent", "referring:consent", "Enter what the guardian said of consent, to a referral or a purpose."
            ),
            Listed("session", "referring:session", "Enter a session; the first one begins the work."),
            Listed("plan", "referring:plan", "Make a plan (D27), or go through it and make it anew."),
            Listed("complete", "referring:complete", "The work is done, with its outcome."),
            Listed("revoke", "referring:revoke", "Take the referral back, with the reason."),
            Listed("screen", "referring:screen", "Enter a pupil's answers to a named screening instrument."),
        ),
    ),
    (
        "The school's account and upkeep",
        (
            Listed("summary", "summary:summary", "The school's account of a term, as a page."),
            Listed("audit", "access:audit", "Who read which sealed text about whom, when and why."),
            Listed("break-glass", "access:break_glass", "Read one case that is not yours, for an hour; it is told."),
            Listed("glasses", "access:glasses", "Broken glass that nobody has judged yet."),
            Listed("judge-glass", "access:judge_glass", "Judge whether the glass was rightly broken."),
            Listed("export", "exporting:export", "A term's tables as CSV or xlsx, under pseudonyms."),
            Listed("statistics", "exporting:statistics", "Counts that may leave the school; small ones are hidden."),
            Listed("sweep", "keeping:sweep", "Look at every record whose time has come, alarms first."),
            Listed("deliver", "delivering:deliver", "Send the notices that wait; what did not arrive, once more."),
            Listed("apply", "keeping:apply", "Let the school run on casework.toml as it stands now."),
            Listed("doctor", "checking:doctor", "Is all well? What needs attention, and what to do about it."),
            Listed("migrate", "migrating:migrate", "Bring the database to this release of casework, after a copy."),
            Listed("erase", "erasing:erase", "Destroy a child's texts for good: one asks, another approves."),
            Listed("keys", "keys:keys", "The key ring: what is under which key, and new keys for old."),
            Listed("verify", "checking:verify", "Check that the store holds what casework wrote."),
        ),
    ),
    (
        "To look at and try",
        (
            Listed("diagram", "lookup:diagram", "A workflow as a state diagram in Mermaid."),
            Listed("simulate", "simulation:simulate_", "A term of a made-up school, without a database."),
            Listed("demo", "demo:demo", "A school's term from roster to report, in a fresh folder demo/."),
            Listed("access", "access:matrix", "Who may do what: `casework access matrix --role class_teacher`."),
            Listed("policy", "lookup:policy_show", "What a policy asks for: `casework policy show town-primary`."),
        ),
    ),
)

WITHIN = {"policy": "show", "access": "matrix"}
"""Commands whose function stands behind a second word."""


def names() -> list[str]:
    """The names of all commands, in the order of the groups."""
    return [command.name for _, commands in GROUPS for command in commands]
