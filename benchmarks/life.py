"""The life of one case in 27 durable operations, without notes: what W2 counts."""

from datetime import UTC, date, datetime, timedelta

from casework import Calendar, Casework, Contact, ContactCard, Desk, ManualClock, Principal, School, Term, load_policy
from casework.engine.port import Store

OPERATIONS = 27
SCHOOL = "qinghe"
START = datetime(2026, 9, 1, 1, tzinfo=UTC)
AUTUMN = Term(
    "2026-autumn",
    date(2026, 9, 1),
    date(2027, 1, 20),
    holidays=[(date(2026, 10, 1), date(2026, 10, 7))],
    makeup=[date(2026, 10, 10)],
)
KINDS = ("visit", "call", "talk", "carer_talk", "call", "talk")


def open_desk(store: Store) -> tuple[Desk, ManualClock]:
    """A desk on a school of the town-primary policy, with a clock to move."""
    clock = ManualClock(START)
    school = School(SCHOOL, policy=load_policy("town-primary"), calendar=Calendar([AUTUMN], tz="Asia/Shanghai"))
    head = Principal("t.li", roles=["principal"])
    return Desk(Casework(school, clock=clock), store, school=SCHOOL, principal=head), clock


def live(desk: Desk, clock: ManualClock, child: str) -> None:
    """27 operations: opened, filed, paired, 18 activities over the term, an emergency in five steps, closed."""
    clock.set(START)
    desk.identify(child, away="both", class_="3A", household=f"h-{child}")
    desk.file(child, ContactCard(carer=Contact("", "grandmother", person=f"c-{child}")))
    desk.pair(child, lead="t.li")
    for k in range(18):
        clock.advance(days=6)
        desk.record(child, KINDS[k % len(KINDS)], reached=bool(k % 5), met=["carer"] if k % 2 else ["child"])
    emergency = desk.raise_emergency(child, "missing").emergency
    desk.acknowledge(child, emergency)
    desk.respond(child, emergency)
    clock.advance(hours=1)
    desk.stand_down(child, emergency, "found_safe", safe_seen_by="t.li", safe_seen_at=clock() - timedelta(minutes=5))
    desk.review(child, emergency)
    clock.advance(days=10)
    desk.close(child, "parents_returned")
