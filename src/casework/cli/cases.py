"""What the school does with a case: file, card, pair, unpair, key child, excuse, close, reopen."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from casework.cli.answer import Answer
from casework.cli.cards import NO_CARD, CardOptions
from casework.cli.exits import WrongUsage
from casework.cli.opening import opened, person_of
from casework.cli.options import BY, DOING, Day, Doing, Flag, Many, Somebody, Writer
from casework.cli.pairing import balance
from casework.cli.people import check_staff
from casework.cli.render import heading, line, warning
from casework.cli.told import data as outcome_data
from casework.cli.told import told
from casework.model import commands as c
from casework.model.people import ContactCard, Sealed
from casework.model.roll import id_key

if TYPE_CHECKING:
    from casework import Desk
    from casework.cli.office import Office

Child = Annotated[str, Parameter(help="the child's id, or the public id of the case")]
Because = Annotated[str, Parameter(help="the reason as a code, such as moved_away")]
On = Annotated[Day, Parameter(help="the day, if not today: 2026-09-14")]


def _nothing_to_check(office: "Office") -> None:
    """Most commands are checked by the engine alone."""


def done(
    by: Doing, child: str, command: c.Command, what: str, check: "Callable[[Office], None]" = _nothing_to_check
) -> Answer:
    """Carry out one command on one child, unless ``check`` refuses it."""
    person = person_of(by)
    with opened(by) as office:
        check(office)
        return told([office.desk(person).do(office.child(child), command, key=by.key)], what)


def file(
    child: Annotated[
        str, Parameter(help="the child's id; leave it out with --from-roster for every child not filed yet")
    ] = "",
    *,
    from_roster: Annotated[str, Parameter(help="take the contact card from the guardians in this roster")] = "",
    on: On = None,
    card: CardOptions = NO_CARD,
    by: Writer = DOING,
) -> Answer:
    """Open the child's file (D2), with the contact card (D3) if it is known."""
    if not from_roster:
        if not child:
            raise WrongUsage("name the child, or say --from-roster ROSTER for every child that has no file yet")
        return done(by, child, c.File(card.read(), on), "filed")
    if card.read() is not None:
        raise WrongUsage("--from-roster brings the cards; leave the other options of the card out")
    person = person_of(by)
    cards = _cards_from(from_roster)
    with opened(by) as office:
        desk = office.desk(person)
        chosen = [office.child(child)] if child else _not_filed(desk)
        commands: list[tuple[str, c.Command]] = [(id_, c.File(cards.get(id_key(id_)), on)) for id_ in chosen]
        outcomes = desk.do_together(commands, key=by.key) if commands else ()
    without = [id_ for id_ in chosen if (found := cards.get(id_key(id_))) is None or found.carer is None]
    shown = [
        heading(f"{len(outcomes)} files opened"),
        line("a roster does not say who lives with a child: verify the cards"),
    ]
    if without:
        shown.append(warning(f"without a carer on the card: {', '.join(without)}"))
    facts = {
        "filed": [outcome.case.child for outcome in outcomes],
        "without_carer": without,
        "outcomes": [outcome_data(outcome) for outcome in outcomes],
    }
    return Answer(facts, shown)


def _cards_from(path: str) -> dict[str, ContactCard]:
    from casework.cli.roster import cards_of, read  # noqa: PLC0415 - the other commands need no reader of rosters

    return cards_of(read(path))


def _not_filed(desk: "Desk") -> list[str]:
    """Children with an open case and no file, as the principal may know them."""
    return [case.child for case in desk.cases() if not any(mark.kind == "filed" for mark in case.marks.values())]


def card(child: Child, *, on: On = None, card: CardOptions = NO_CARD, by: Writer = DOING) -> Answer:
    """Write the contact card anew (D3)."""
    new = card.read()
    if new is None:
        raise WrongUsage("say what stands on the card: --card FILE, or --carer-name NAME --carer-relation grandmother")
    return done(by, child, c.RecordCard(new, on), "card written")


def pair(
    child: Annotated[str, Parameter(help="the child's id; leave it out with --balance")] = "",
    lead: Annotated[str, Parameter(help="the lead helper's id")] = "",
    *,
    member: Annotated[Many, Parameter(help="another member of the helping group; repeat")] = (),
    balance_: Annotated[
        Flag, Parameter(name="--balance", help="spread the children without a helper over the helpers")
    ] = False,
    helper: Annotated[Many, Parameter(help="with --balance: a helper; repeat (default: all teachers)")] = (),
    on: On = None,
    by: Writer = DOING,
) -> Answer:
    """Give a child a helping group (D8), or spread all unpaired children evenly."""
    if balance_:
        if child or lead or member:
            raise WrongUsage("--balance chooses children and leads; leave CHILD, LEAD and --member out")
        person = person_of(by)
        with opened(by) as office:
            check_staff(office, helper)
            return balance(office, person, helper, on, by.key)
    if not child or not lead or helper:
        raise WrongUsage("say CHILD and LEAD, as in `casework pair p-001 t.li`, or --balance [--helper t.li …]")
    return done(
        by,
        child,
        c.Pair(lead, member, on),
        f"paired, {lead} leads",
        lambda office: check_staff(office, (lead, *member)),
    )


def unpair(child: Child, *, because: Because, on: On = None, by: Writer = DOING) -> Answer:
    """End the pairing; the gap is recorded."""
    return done(by, child, c.Unpair(because, on), "pairing ended")


def key(
    child: Child,
    *,
    because: Because,
    end: Annotated[Flag, Parameter(help="no longer")] = False,
    on: On = None,
    by: Writer = DOING,
) -> Answer:
    """Make the child a key child (D7), or end it."""
    command = c.EndKey(because, on) if end else c.DesignateKey(because, on)
    return done(by, child, command, "no longer a key child" if end else "a key child")


def facts(
    child: Child,
    *,
    away: Annotated[str | None, Parameter(help="parents away: none, one, both")] = None,
    class_: Annotated[str | None, Parameter(name="--class", help="the class")] = None,
    household: Annotated[str | None, Parameter(help="an id that siblings share")] = None,
    boarder: Annotated[bool | None, Parameter(negative="--no-boarder", help="the child boards, or does not")] = None,
    on: On = None,
    by: Writer = DOING,
) -> Answer:
    """Enter changed facts: a parent left or came back, class, household, boarding."""
    if (away, class_, household, boarder) == (None, None, None, None):
        raise WrongUsage("say what changed: --away, --class, --household, --boarder or --no-boarder")
    return done(by, child, c.ChangeFacts(away, class_, household, boarder, on), "facts changed")


def excuse(
    child: Child,
    obligation: Annotated[str, Parameter(help="as in D10/2026-autumn:MID")],
    *,
    because: Because,
    by: Writer = DOING,
) -> Answer:
    """Excuse one open obligation, with the reason."""
    return done(by, child, c.Excuse(obligation, because), "excused")


def close(child: Child, *, because: Because, on: On = None, by: Writer = DOING) -> Answer:
    """Close the case: only a person does that; its open obligations are excused with the reason."""
    return done(by, child, c.Close(because, on), "closed")


def reopen(child: Child, *, because: Because, on: On = None, by: Writer = DOING) -> Answer:
    """Open a closed case again, with its memory."""
    return done(by, child, c.Reopen(because, on), "opened again")


def read_text(
    child: Child,
    text: Annotated[str, Parameter(help="the reference of the sealed text, as `casework show --json` gives it")],
    *,
    reason: Annotated[str, Parameter(help="why it is read; written down together with who and when")],
    by: Somebody = BY,
) -> Answer:
    """Open one sealed text. The reading is recorded in the same transaction."""
    person = person_of(by)
    if not reason.strip():
        raise WrongUsage("--reason says why the text is read; it is kept beside your id")
    with opened(by) as office:
        id_ = office.child(child)
        says = office.desk(person).open(id_, Sealed(text), reason)
    return Answer({"child": id_, "text": says}, (line(says),))
