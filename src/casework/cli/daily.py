"""A teacher's day: what is due, what was done, what has to be set right."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from attrs import evolve
from cyclopts import Parameter
from rich.console import RenderableType

from casework.cli.answer import Answer, plain
from casework.cli.cases import Because, Child, On, done
from casework.cli.delivering import WATCHING, dead_facts, dead_listed
from casework.cli.emergencies_shown import listed as emergencies_listed
from casework.cli.emergencies_shown import unfinished
from casework.cli.exits import DONE, LEFT, Unknown, WrongUsage
from casework.cli.opening import opened, person_of
from casework.cli.options import (
    BY,
    DOING,
    Flag,
    Many,
    MaybeNumber,
    Note,
    Somebody,
    Text,
    Worries,
    Writer,
    details,
    typed,
)
from casework.cli.people import meant, note_slips, stranger
from casework.cli.printing import remark
from casework.cli.recording import check_reads, doubts, problems, refused, together
from casework.cli.referrals_shown import listed
from casework.cli.render import heading, line, short, table, until, warning
from casework.cli.told import told
from casework.model import commands as c

if TYPE_CHECKING:
    from casework import Line, Outcome

LONGEST_TITLE = 50
"""Characters of a duty's title in a list of the day."""

Words = Annotated[
    Many,
    Parameter(allow_leading_hyphen=True, help="the child's own words, sealed; with siblings CHILD=WORDS, one for each"),
]
Met = Annotated[Many, Parameter(help="who was met: child, carer, parent; repeat")]
Mood = Annotated[str, Parameter(help="good, even, low, very_low")]
Minutes = Annotated[MaybeNumber, Parameter(help="how long it took")]
DetailPairs = Annotated[Many, Parameter(help="a coded fact, as in home_safety=good; repeat")]
Reached = Annotated[bool, Parameter(negative="--not-reached", help="somebody was reached, or it was an attempt")]


def today(
    person: Annotated[str, Parameter(help="whose list; yours if nobody is named")] = "", *, by: Somebody = BY
) -> Answer:
    """What is due: child, duty, deadline, by household, most urgent first. Emergencies that are not over come first."""
    me = person_of(by)
    with opened(by) as office:
        desk = office.desk(me)
        found, asked = desk.today(person), desk.referrals(person)
        alarms = unfinished(desk.emergencies())
        dead = desk.dead_letters() if office.roles(me) & WATCHING else []
        day, zone = office.today, office.calendar.zone
        if person and not found and not asked and (wrong := stranger(office, person)):
            raise Unknown(f"{wrong}; nothing is due of anybody of that id")
    facts = {
        "person": person or me,
        "today": day.isoformat(),
        "emergencies": [alarm.facts() for alarm in alarms],
        "lines": plain(found),
        "referrals": plain(asked),
    }
    if dead:
        facts["dead_letters"] = dead_facts(dead)
    due = _list(found, f"{person or me}, {day}")
    return Answer(facts, (*emergencies_listed(alarms, zone), *dead_listed(dead, zone), *due, *listed(asked)))


def _list(lines: "Sequence[Line]", title: str) -> list[RenderableType]:
    if not lines:
        return [line(f"{title}: nothing is due")]
    rows = []
    before = None
    for item in lines:
        home = item.household or item.child
        rows.append(
            (
                "" if home == before else home,
                item.child or "the school",
                item.duty,
                short(item.title, LONGEST_TITLE),
                until(item.deadline),
                "overdue" if item.overdue else "",
            )
        )
        before = home
    late = sum(item.overdue for item in lines)
    return [
        heading(f"{title}: {len(lines)} due, {late} overdue"),
        table(["household", "child", "duty", "what", "until", "now"], rows),
    ]


def record(  # noqa: PLR0913 - what a record may say; three are required
    child: Child,
    kind: Annotated[str, Parameter(help="visit, call, letter, talk, carer_talk, parent_talk, census, absence …")],
    *,
    reached: Reached,
    with_: Annotated[Many, Parameter(name="--with", help="a sibling met on the same visit; repeat")] = (),
    on: On = None,
    who: Annotated[str, Parameter(name="--by", help="who did it, if not you")] = "",
    met: Met = (),
    mood: Mood = "",
    minutes: Minutes = None,
    detail: DetailPairs = (),
    note: Note = None,
    words: Words = (),
    concern: Annotated[Many, Parameter(help="KIND or KIND:SEVERITY (low, medium, high, danger); repeat")] = (),
    implicates: Annotated[
        Many, Parameter(help="a person whom the concerns implicate, who will not be told; repeat")
    ] = (),
    inferred: Annotated[Flag, Parameter(help="the concerns were concluded, not seen")] = False,
    by: Writer = DOING,
) -> Answer:
    """Enter what was done, or tried. Child, kind and reached are enough; the rest may be completed later."""
    person = person_of(by)
    command = c.Record(
        kind,
        reached,
        on,
        who,
        met,
        mood,
        minutes,
        details(detail),
        "",
        typed(note),
        None,
        Worries(concern, implicates, inferred).drafts(),
    )
    with opened(by, begins=bool(concern)) as office:
        children = [office.child(id_) for id_ in (child, *with_)]
        if len(set(children)) != len(children):
            raise WrongUsage("each child of a household stands once; leave out the one that is named twice")
        typed_as = dict(zip((child, *with_), children, strict=True))
        said = _words(words, typed_as)
        desk = office.desk(person)
        wrong = [*problems(office, kind, met), *together(desk, children)]
        # What worries somebody is never lost for a slip of the pen beside it: it is stored, and the slip is told.
        if wrong and not concern:
            raise refused(wrong)
        note_slips(office, (who, *implicates))
        if len(children) == 1:
            one = evolve(command, words=said.get(children[0]))
            outcomes: Sequence[Outcome] = [desk.do(children[0], one, key=by.key)]
        else:
            outcomes = desk.record_together(children, command, words=said, key=by.key)
        for doubt in doubts(office, desk, outcomes, on):
            remark(doubt)
    answer = told(outcomes, f"{kind} recorded")
    slips = [warning(f"stored, for the concern in it; set it right with casework correct: {text}") for text in wrong]
    return Answer(answer.data, (*answer.shown, *slips), LEFT if wrong else DONE)


def _words(given: Sequence[str], children: Mapping[str, str]) -> dict[UUID | str, str]:
    """Whose words are whose; ``children`` maps ids as they were typed to ids as they are stored."""
    found: dict[UUID | str, str] = {}
    for text in given:
        name, sign, said = text.partition("=")
        if len(children) == 1 and name not in children:
            (child,) = children.values()
            said = typed(text) or ""
        elif sign and name in children:
            child = children[name]
        else:
            raise WrongUsage("with several children say whose words they are: --words CHILD=WORDS, one for each child")
        if child in found:
            raise WrongUsage("each child's words are given once")
        found[child] = said
    return found


def concern(
    child: Child,
    kind: Annotated[str, Parameter(help="KIND or KIND:SEVERITY (low, medium, high, danger)")],
    *,
    implicates: Annotated[Many, Parameter(help="a person who is implicated, and will not be told; repeat")] = (),
    inferred: Annotated[Flag, Parameter(help="concluded, not seen")] = False,
    note: Note = None,
    on: On = None,
    by: Writer = DOING,
) -> Answer:
    """Note a concern by itself. Danger that was seen is an emergency at once."""
    (draft,) = Worries((kind,), implicates, inferred).drafts()
    person = person_of(by)
    with opened(by, begins=True) as office:
        id_, doubt = meant(office, child)
        command = c.NoteConcern(evolve(draft, note=typed(note)), on)
        answer = told([office.desk(person).do(id_, command, key=by.key)], "concern noted")
        note_slips(office, implicates)
    remark(doubt and f"{doubt}; the concern was noted all the same")
    return answer


def correct(  # noqa: PLR0913 - what may read differently
    child: Child,
    activity: Annotated[str, Parameter(help="the activity's id, as `casework show` gives it")],
    *,
    because: Because,
    kind: Annotated[str | None, Parameter(help="it was this kind")] = None,
    reached: Annotated[bool | None, Parameter(negative="--not-reached", help="whether somebody was reached")] = None,
    on: On = None,
    who: Annotated[str | None, Parameter(name="--by", help="who did it")] = None,
    met: Met = (),
    mood: Annotated[str | None, Parameter(help="good, even, low, very_low")] = None,
    minutes: Minutes = None,
    detail: DetailPairs = (),
    note: Note = None,
    words: Annotated[Text, Parameter(help="the child's own words, sealed; - reads standard input")] = None,
    by: Writer = DOING,
) -> Answer:
    """Correct an activity: what is given reads differently, the original stays, obligations are judged again."""
    command = c.Correct(
        activity,
        because,
        kind,
        on,
        who,
        reached,
        met or None,
        mood,
        minutes,
        details(detail) or None,
        typed(note),
        typed(words),
    )
    return done(by, child, command, "corrected", lambda office: check_reads(office, kind, met))


def void(
    child: Child,
    item: Annotated[str, Parameter(help="the id of an activity or a concern")],
    *,
    because: Because,
    by: Writer = DOING,
) -> Answer:
    """Declare that an activity or a concern never happened, or not with this child. The original stays."""
    return done(by, child, c.Void(item, because), "voided")
